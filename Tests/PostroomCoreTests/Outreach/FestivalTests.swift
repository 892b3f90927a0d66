import Testing

@testable import PostroomCore

@Suite("Festivals")
struct FestivalTests {
  /// As the calendars of those years print them; the rest of a year's lunar feasts follows from these.
  private static let table: [(year: Int, spring: String, lantern: String, dragonBoat: String, midAutumn: String)] = [
    (2024, "02-10", "02-24", "06-10", "09-17"), (2025, "01-29", "02-12", "05-31", "10-06"),
    (2026, "02-17", "03-03", "06-19", "09-25"), (2027, "02-06", "02-20", "06-09", "09-15"),
    (2028, "01-26", "02-09", "05-28", "10-03"), (2029, "02-13", "02-27", "06-16", "09-22"),
    (2030, "02-03", "02-17", "06-05", "09-12"), (2031, "01-23", "02-06", "06-24", "10-01"),
    (2032, "02-11", "02-25", "06-12", "09-19"), (2033, "01-31", "02-14", "06-01", "09-08"),
    (2034, "02-19", "03-05", "06-20", "09-27"), (2035, "02-08", "02-22", "06-10", "09-16"),
  ]

  @Test("the days of the Chinese calendar, 2024 to 2035", arguments: table)
  func lunar(year: Int, spring: String, lantern: String, dragonBoat: String, midAutumn: String) {
    func day(_ festival: Festival) -> String? { festival.date(in: year).map { "\($0)" } }
    #expect(day(.springFestival) == "\(year)-\(spring)")
    #expect(day(.lantern) == "\(year)-\(lantern)")
    #expect(day(.dragonBoat) == "\(year)-\(dragonBoat)")
    #expect(day(.midAutumn) == "\(year)-\(midAutumn)")
  }

  @Test("every festival has a day in each year of this century")
  func complete() {
    for year in stride(from: 2024, through: 2099, by: 5) {
      for festival in Festival.allCases { #expect(festival.date(in: year)?.year == year, "\(festival) \(year)") }
    }
  }

  @Test("the next one is today's, this year's or next year's")
  func next() throws {
    let eve = try #require(CivilDate("2026-12-25"))
    #expect(Festival.christmas.next(from: eve) == eve)
    #expect(Festival.christmas.next(from: eve.adding(days: 1))?.description == "2027-12-25")
    #expect(Festival.springFestival.next(from: eve)?.description == "2027-02-06")
  }

  @Test("occasions are known by key and by Chinese name; Qingming is none, in a sentence")
  func occasions() throws {
    #expect(try Occasion("birthday") == .birthday)
    #expect(try Occasion("Mid-Autumn") == .festival(.midAutumn))
    #expect(try Occasion("中秋节") == .festival(.midAutumn))
    #expect(try Occasion("春节") == .festival(.springFestival))
    #expect { try Occasion("清明") } throws: { "\($0)".contains("mourning") }
    #expect { try Occasion("lanten") } throws: { "\($0)".contains("did you mean lantern?") }
    #expect { try Occasion("halloween") } throws: { "\($0)".contains("known are birthday, new-year") }
  }
}
