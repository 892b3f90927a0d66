import PostroomCore
import Testing

@Suite("Telephone numbers as people write them")
struct PhoneNumberTests {
  @Test(
    "a mobile number of mainland China is read in every form",
    arguments: [
      "13800000001", "138 0000 0001", "138-0000-0001", "+8613800000001", "+86 138 0000 0001", "008613800000001",
      "0086-138-0000-0001", "8613800000001", "86 138 0000 0001", "(+86)13800000001", "+86（138）00000001", "１３８０００００００１",
      "＋８６１３８０００００００１", "'13800000001", "\"13800000001\"", "tel:+8613800000001", "\u{202D}138 0000 0001\u{202C}",
      "\u{FEFF}13800000001", "138\u{A0}0000\u{3000}0001", "138–0000—0001", "13800000001.0", "\t13800000001\r\n",
      "138.0000.0001", "１３８－００００－０００１",
    ])
  func chinese(text: String) throws {
    let number = try PhoneNumber(text)
    #expect(number.e164 == "+8613800000001")
    #expect(number.country == "CN")
    #expect(number.masked == "138****0001")
  }

  @Test(
    "a number of another country is read with its code",
    arguments: [
      ("+852 9123 4567", "+85291234567", "HK", "+85291****67"),
      ("0044 20 7946 0000", "+442079460000", "GB", "+4420****0000"),
      ("+44 (0)20 7946 0000", "+442079460000", "GB", "+4420****0000"),
      ("+1 (415) 555-0100", "+14155550100", nil, "+141****0100"),
      ("+49 151 23456789", "+4915123456789", "DE", "+4915****6789"),
      ("+886 912 345 678", "+886912345678", "TW", "+88691****5678"),
      ("+886 0912-345-678", "+886912345678", "TW", "+88691****5678"),
      ("0082 010 1234 5678", "+821012345678", "KR", "+8210****5678"),
      ("+86 013800000001", "+8613800000001", "CN", "138****0001"),
      ("+39 06 1234 5678", "+390612345678", "IT", "+3906****5678"),
      ("00 65 8123 4567", "+6581234567", "SG", "+6581****67"),
      ("+7 912 345-67-89", "+79123456789", nil, "+791****6789"),
    ] as [(String, String, String?, String)])
  func foreign(text: String, e164: String, country: String?, masked: String) throws {
    let number = try PhoneNumber(text)
    #expect(number.e164 == e164)
    #expect(number.country == country)
    #expect(number.masked == masked)
    #expect(try PhoneNumber(number.e164) == number)
  }

  @Test(
    "what is no number is refused with the reason",
    arguments: [
      ("", .empty), ("   ", .empty), ("-", .empty), ("+", .empty), ("tel:", .empty), ("12345", .tooShort),
      ("12800000001", .notAssigned),
      ("10000000000", .notAssigned), ("1380000000", .noCountry), ("138000000011", .noCountry),
      ("010-88886666", .noCountry),
      ("4155550100", .noCountry), ("44 20 7946 0000", .noCountry), ("+86 10 8888 6666", .notMobile),
      ("+8612800000001", .notMobile),
      ("+86138000000011", .notMobile), ("+1 415 555 010", .tooShort), ("+1 415 555 01000", .tooLong),
      ("+999 1234 5678", .unknownCountry),
      ("+0 1234 5678", .unknownCountry), ("1.38E+10", .shortenedBySpreadsheet), ("1.38e10", .shortenedBySpreadsheet),
      ("13800000001/13800000002", .severalNumbers), ("13800000001、13800000002", .severalNumbers),
      ("13800000001；13800000002", .severalNumbers), ("13800000001转8", .strangeCharacters), ("李雷", .strangeCharacters),
      ("1380000000l", .strangeCharacters), ("١٣٨٠٠٠٠٠٠٠١", .strangeCharacters), ("138****0001", .strangeCharacters),
      ("+86+13800000001", .strangeCharacters), ("+1234567890123456", .tooLong),
      (String(repeating: "1", count: 1_000_000), .tooLong),
      (String(repeating: "1", count: 200), .noCountry), ("+", .empty), ("(0)", .tooShort), ("+(0)", .empty),
      ("()", .empty), ("00", .empty),
    ] as [(String, PhoneNumberProblem)])
  func refused(text: String, problem: PhoneNumberProblem) {
    #expect(throws: problem) { try PhoneNumber(text) }
  }

  @Test("a number never prints in full")
  func masked() throws {
    let number = try PhoneNumber("13812345678")
    var dumped = ""
    dump([number], to: &dumped)
    for text in ["\(number)", String(reflecting: number), "\([number])", dumped] { #expect(!text.contains("1234")) }
  }

  @Test("every reason has its own sentence in both languages")
  func words() {
    #expect(Set(PhoneNumberProblem.allCases.map(\.words.english)).count == PhoneNumberProblem.allCases.count)
    #expect(Set(PhoneNumberProblem.allCases.map(\.words.chinese)).count == PhoneNumberProblem.allCases.count)
  }
}
