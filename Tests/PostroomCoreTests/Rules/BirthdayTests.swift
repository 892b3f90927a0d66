import PostroomCore
import Testing

@Suite("Birthdays as lists have them")
struct BirthdayTests {
  @Test(
    "a day is read in every usual form",
    arguments: [
      ("1990-05-01", "1990-05-01"), ("1990/5/1", "1990-05-01"), ("1990.5.1", "1990-05-01"), ("19900501", "1990-05-01"),
      ("1990年5月1日", "1990-05-01"), ("1990年 5月 1日", "1990-05-01"), ("05-01", "05-01"), ("5/1", "05-01"),
      ("5月1日", "05-01"), ("5月1号", "05-01"), ("02-29", "02-29"), ("2000-02-29", "2000-02-29"),
      ("1990-05-01 00:00:00", "1990-05-01"), ("1990/5/1 0:00", "1990-05-01"), ("1990-05-01T00:00:00Z", "1990-05-01"),
      ("１９９０－０５－０１", "1990-05-01"),
    ])
  func reads(text: String, expected: String) {
    #expect(Birthday(text)?.description == expected)
  }

  @Test(
    "what is no day, or could be two, is refused",
    arguments: [
      "", "1990", "13-01", "02-30", "1991-02-29", "5/1/1990", "01/05/90", "1990-05", "90-05-01", "32994", "1890-01-01",
      "May 1", "1990-5-", "--", "5-1-", "00:00", "1990:05:01", "+5-1", "0000-01-01", "99999999", "1990年",
      String(repeating: "1-", count: 1000),
    ])
  func refuses(text: String) {
    #expect(Birthday(text) == nil)
  }
}
