import Foundation
import PostroomCore
import Testing

@Suite("Promised times")
struct WorkCalendarTests {
  private static let hour: Seconds = 3600
  private let clock = WallClock()

  private func office(
    holidays: Set<CivilDate> = [], workdays: Set<CivilDate> = [], saturday: WorkCalendar.Hours? = nil
  ) -> WorkCalendar {
    var weekdays = WorkCalendar.standard(zone: clock.zone).weekdays
    weekdays[6] = saturday
    return WorkCalendar(zone: clock.zone, weekdays: weekdays, holidays: holidays, workdays: workdays)
  }

  private func promise(_ calendar: WorkCalendar, _ arrival: String, _ hours: Int64) -> String {
    let clock = WallClock(calendar.zone)
    return clock.text(calendar.deadline(after: clock.instant(arrival), estimate: hours * Self.hour))
  }

  @Test(
    "in a common week, Monday to Friday 09:00–18:00",
    arguments: [
      // In opening hours: the same time on the next working day, at a quarter of an hour.
      ("2026-11-24 10:15", 24, "Wed 2026-11-25 10:15"),
      ("2026-11-24 10:07", 24, "Wed 2026-11-25 10:15"),
      ("2026-11-24 10:15:01", 24, "Wed 2026-11-25 10:30"),
      ("2026-11-24 09:00", 24, "Wed 2026-11-25 09:00"),
      ("2026-11-24 17:59:59", 24, "Wed 2026-11-25 18:00"),
      // At night: counted from the next opening.
      ("2026-11-24 03:00", 24, "Wed 2026-11-25 09:00"),
      ("2026-11-24 08:59:59", 24, "Wed 2026-11-25 09:00"),
      ("2026-11-24 18:00", 24, "Thu 2026-11-26 09:00"),
      ("2026-11-24 23:30", 24, "Thu 2026-11-26 09:00"),
      // Over the weekend.
      ("2026-11-27 15:00", 24, "Mon 2026-11-30 15:00"),
      ("2026-11-27 19:30", 24, "Tue 2026-12-01 09:00"),
      ("2026-11-28 10:00", 24, "Tue 2026-12-01 09:00"),
      ("2026-11-29 23:59", 24, "Tue 2026-12-01 09:00"),
      ("2026-11-30 00:00", 24, "Tue 2026-12-01 09:00"),
      // 48 h are two working days.
      ("2026-11-24 11:00", 48, "Thu 2026-11-26 11:00"),
      ("2026-11-26 11:00", 48, "Mon 2026-11-30 11:00"),
      ("2026-11-27 11:00", 48, "Tue 2026-12-01 11:00"),
      ("2026-11-28 11:00", 48, "Wed 2026-12-02 09:00"),
      // Less than a day stays on the day, or waits for the next opening.
      ("2026-11-24 10:00", 2, "Tue 2026-11-24 12:00"),
      ("2026-11-24 08:00", 1, "Tue 2026-11-24 10:00"),
      ("2026-11-24 17:30", 2, "Wed 2026-11-25 09:00"),
      ("2026-11-27 17:30", 8, "Mon 2026-11-30 09:00"),
      ("2026-11-26 17:30", 36, "Mon 2026-11-30 09:00"),
      ("2026-11-24 10:00", 0, "Tue 2026-11-24 10:00"),
      ("2026-11-24 10:00", -5, "Tue 2026-11-24 10:00"),
    ] as [(String, Int64, String)])
  func commonWeek(arrival: String, hours: Int64, expected: String) {
    #expect(promise(office(), arrival, hours) == expected)
  }

  @Test(
    "over the National Day holidays of 2026 with their make-up workdays",
    arguments: [
      ("2026-09-30 15:00", 24, "Thu 2026-10-08 15:00"),
      ("2026-09-30 15:00", 48, "Fri 2026-10-09 15:00"),
      ("2026-09-30 15:00", 72, "Sat 2026-10-10 15:00"),
      ("2026-09-30 20:00", 48, "Sat 2026-10-10 09:00"),
      ("2026-10-03 12:00", 48, "Sat 2026-10-10 09:00"),
      ("2026-10-09 17:00", 24, "Sat 2026-10-10 17:00"),
      ("2026-10-10 17:00", 24, "Mon 2026-10-12 17:00"),
      // The Sunday before the holidays is worked, the Saturday before it is not.
      ("2026-09-18 16:00", 24, "Sun 2026-09-20 16:00"),
      ("2026-09-20 10:00", 24, "Mon 2026-09-21 10:00"),
    ] as [(String, Int64, String)])
  func nationalDay(arrival: String, hours: Int64, expected: String) throws {
    let week = (1...7).compactMap { CivilDate(year: 2026, month: 10, day: $0) }
    let calendar = office(holidays: Set(week), workdays: dates("2026-09-20", "2026-10-10"))
    #expect(promise(calendar, arrival, hours) == expected)
  }

  @Test("a make-up workday has the hours of a common day, and a holiday wins over it")
  func makeUpHours() throws {
    let saturday = try #require(CivilDate("2026-10-10"))
    let common = WorkCalendar.Hours(opens: 9 * 3600, closes: 18 * 3600)
    #expect(office(workdays: [saturday]).hours(on: saturday) == common)
    let half = WorkCalendar.Hours(opens: 9 * 3600, closes: 12 * 3600)
    #expect(office(workdays: [saturday], saturday: half).hours(on: saturday) == half)
    #expect(office(holidays: [saturday], workdays: [saturday]).hours(on: saturday) == nil)
  }

  @Test(
    "on a half Saturday",
    arguments: [
      ("2026-11-27 11:00", "Sat 2026-11-28 11:00"),
      ("2026-11-27 11:50", "Sat 2026-11-28 12:00"),
      ("2026-11-27 15:00", "Mon 2026-11-30 09:00"),
      ("2026-11-28 11:30", "Mon 2026-11-30 11:30"),
      ("2026-11-28 13:00", "Tue 2026-12-01 09:00"),
    ])
  func halfDay(arrival: String, expected: String) {
    #expect(promise(office(saturday: .init(opens: 9 * 3600, closes: 12 * 3600)), arrival, 24) == expected)
  }

  @Test("over the end of the year and the leap day")
  func turns() {
    #expect(promise(office(holidays: dates("2027-01-01")), "2026-12-31 16:00", 24) == "Mon 2027-01-04 16:00")
    #expect(promise(office(), "2027-12-31 16:00", 24) == "Mon 2028-01-03 16:00")
    #expect(promise(office(), "2028-02-28 15:00", 24) == "Tue 2028-02-29 15:00")
    #expect(promise(office(), "2028-02-29 15:00", 24) == "Wed 2028-03-01 15:00")
  }

  @Test("a promise is not rounded past the closing time")
  func oddClosingTime() {
    let hours = WorkCalendar.Hours(opens: 9 * 3600 + 600, closes: 17 * 3600 + 50 * 60)
    let calendar = WorkCalendar(
      zone: clock.zone, weekdays: Dictionary(uniqueKeysWithValues: (1...5).map { ($0, hours) }))
    #expect(promise(calendar, "2026-11-24 17:47", 24) == "Wed 2026-11-25 17:50")
    #expect(promise(calendar, "2026-11-24 20:00", 24) == "Thu 2026-11-26 09:15")
  }

  @Test("a desk that never closes promises the time of day itself")
  func roundTheClock() {
    let all = WorkCalendar.Hours(opens: 0, closes: 86_400)
    let calendar = WorkCalendar(zone: clock.zone, weekdays: Dictionary(uniqueKeysWithValues: (1...7).map { ($0, all) }))
    #expect(promise(calendar, "2026-11-28 02:10", 24) == "Sun 2026-11-29 02:15")
    #expect(promise(calendar, "2026-12-31 23:50", 1) == "Fri 2027-01-01 01:00")
  }

  @Test("summer time moves the clock, not the promise")
  func summerTime() {
    let berlin = WorkCalendar.standard(zone: WallClock("Europe/Berlin").zone)
    #expect(promise(berlin, "2027-03-26 15:00", 24) == "Mon 2027-03-29 15:00")
    #expect(promise(berlin, "2026-10-23 15:00", 24) == "Mon 2026-10-26 15:00")
    let arrival = WallClock("Europe/Berlin").instant("2027-03-26 15:00")
    #expect(berlin.deadline(after: arrival, estimate: 24 * 3600) - arrival == 71 * 3_600_000)
    let newYork = WorkCalendar.standard(zone: WallClock("America/New_York").zone)
    #expect(promise(newYork, "2026-10-30 15:00", 24) == "Mon 2026-11-02 15:00")
    let howe = WorkCalendar.standard(zone: WallClock("Australia/Lord_Howe").zone)
    #expect(promise(howe, "2026-10-02 15:00", 24) == "Mon 2026-10-05 15:00")
    let kathmandu = WorkCalendar.standard(zone: WallClock("Asia/Kathmandu").zone)
    #expect(promise(kathmandu, "2026-11-24 10:07", 24) == "Wed 2026-11-25 10:15")
  }

  @Test("a clock time that summer time skips is an hour later, one that comes twice is the first")
  func skippedTime() throws {
    let calendar = WorkCalendar.standard(zone: WallClock("Europe/Berlin").zone)
    let spring = try #require(CivilDate("2027-03-28"))
    let skipped = calendar.instant(CivilTime(date: spring, secondOfDay: 9000))
    #expect(skipped.iso8601 == "2027-03-28T01:30:00Z")
    #expect(calendar.localTime(skipped).clock == "03:30:00")
    let autumn = try #require(CivilDate("2026-10-25"))
    #expect(calendar.instant(CivilTime(date: autumn, secondOfDay: 9000)).iso8601 == "2026-10-25T00:30:00Z")
  }

  @Test("a calendar that never opens counts plain hours")
  func allClosed() {
    let calendar = WorkCalendar(zone: clock.zone, weekdays: [:])
    #expect(!calendar.isOpen(at: clock.instant("2026-11-24 10:00")))
    #expect(promise(calendar, "2026-11-24 10:07", 48) == "Thu 2026-11-26 10:15")
  }

  @Test("opening hours include the first second and not the closing one")
  func openingHours() {
    let calendar = office()
    #expect(!calendar.isOpen(at: clock.instant("2026-11-24 08:59:59")))
    #expect(calendar.isOpen(at: clock.instant("2026-11-24 09:00")))
    #expect(calendar.isOpen(at: clock.instant("2026-11-24 17:59:59")))
    #expect(!calendar.isOpen(at: clock.instant("2026-11-24 18:00")))
    #expect(!calendar.isOpen(at: clock.instant("2026-11-28 10:00")))
  }

  @Test(
    "hostile arrival dates and estimates are answered, not trapped on",
    arguments: [Int64.min, -62_135_596_800_000, -1, 0, 253_402_300_799_000, .max])
  func hostileDates(arrival: Int64) {
    for estimate in [Seconds.min, 0, 86_400, .max] {
      let deadline = office().deadline(after: arrival, estimate: estimate)
      #expect((-62_200_000_000_000...253_500_000_000_000).contains(deadline))
    }
  }
}
