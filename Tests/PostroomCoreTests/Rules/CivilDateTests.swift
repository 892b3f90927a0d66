import Foundation
import PostroomCore
import Testing

@Suite("Days and clock times")
struct CivilDateTests {
  @Test(
    "only days that exist", arguments: ["2028-02-29", "2000-02-29", "2026-12-31", "0001-01-01", "9999-12-31"])
  func existing(text: String) {
    #expect(CivilDate(text)?.description == text)
  }

  @Test(
    "anything else is no day",
    arguments: [
      "2027-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "0000-01-01", "2026-1-1",
      "2026-1-001", "+026-01-01", "2026-+1-01", "2026-01--1", "2026/01/01", "20260101", "2026-01-01T00:00",
      " 2026-01-01",
      "", "-", "---------", "２０２６-01-01", "ÿÿ-1",
    ])
  func refused(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test("a whole cycle of 400 years agrees with Foundation's calendar, to the weekday")
  func foundation() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    // The Gregorian calendar began in 1582; from 1600 both count alike.
    for days in stride(from: -135_140, to: 12_000 + 146_097, by: 13) {
      let date = CivilDate(daysSinceEpoch: days)
      let parts = calendar.dateComponents(
        [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(days) * 86_400))
      #expect([date.year, date.month, date.day] == [parts.year, parts.month, parts.day])
      #expect(date.weekday % 7 + 1 == parts.weekday)
      #expect(date.daysSinceEpoch == days)
    }
  }

  @Test("days are in order and can be counted")
  func order() throws {
    let leap = try #require(CivilDate("2028-02-28"))
    #expect(leap.adding(days: 1).description == "2028-02-29")
    #expect(leap.adding(days: 2).description == "2028-03-01")
    #expect(leap.adding(days: -59).description == "2027-12-31")
    #expect(leap < leap.adding(days: 1) && leap.adding(days: -59) < leap)
  }

  @Test("clock times are written with two digits and seconds before 1970 count down")
  func clock() {
    let evening = CivilTime(secondsSinceEpoch: -1)
    #expect(evening.date.description == "1969-12-31")
    #expect(evening.clock == "23:59:59")
    #expect(evening.secondsSinceEpoch == -1)
    #expect(CivilTime(secondsSinceEpoch: 3661).clock == "01:01:01")
    #expect(CivilTime(secondsSinceEpoch: .max).date.description == "9999-12-31")
    #expect(CivilTime(secondsSinceEpoch: .min).date.description == "0001-01-01")
  }

  @Test("moments are written in UTC and saturate")
  func instants() {
    #expect((1_795_405_500_000 as Instant).iso8601 == "2026-11-23T03:45:00Z")
    #expect((1_795_405_500_999 as Instant).iso8601 == "2026-11-23T03:45:00Z")
    #expect((0 as Instant).adding(90) == 90_000)
    #expect((0 as Instant).adding(-90) == -90_000)
    #expect((Instant.max).adding(1) == .max)
    #expect((Instant.min).adding(-1) == .min)
    #expect((0 as Instant).adding(.max) == .max)
    #expect((0 as Instant).adding(.min) == .min)
    #expect(!Instant.max.iso8601.isEmpty && !Instant.min.iso8601.isEmpty)
  }
}
