import Foundation
import PostroomCore
import Testing

/// What holds for every calendar, on random ones with a fixed seed.
@Suite("Promised times, whatever the calendar")
struct WorkCalendarPropertyTests {
  @Test("not before the arrival, in opening hours, at a quarter of an hour", arguments: 0..<8 as Range<UInt64>)
  func keepable(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let calendar = Self.calendar(&random)
      for _ in 0..<5 {
        let arrival = Self.arrival(&random)
        let estimate = Seconds.random(in: 60...(5 * 86_400), using: &random)
        let deadline = calendar.deadline(after: arrival, estimate: estimate)
        let note: Comment =
          "\(calendar.zone.identifier) \(calendar.weekdays) \(arrival.iso8601) + \(estimate) → \(deadline.iso8601)"
        #expect(deadline >= arrival, note)
        // The moment of closing is the latest that can be promised.
        let isAtClosing = !calendar.isOpen(at: deadline) && calendar.isOpen(at: deadline - 1000)
        #expect(calendar.isOpen(at: deadline) || isAtClosing, note)
        #expect(calendar.localTime(deadline).secondOfDay % 900 == 0 || isAtClosing, note)
      }
    }
  }

  @Test("a later mail or a longer estimate is never promised an earlier answer", arguments: 100..<108 as Range<UInt64>)
  func monotone(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let calendar = Self.calendar(&random)
      let estimate = Seconds.random(in: 60...(5 * 86_400), using: &random)
      var arrival = Self.arrival(&random)
      var last = calendar.deadline(after: arrival, estimate: estimate)
      for _ in 0..<12 {
        arrival += Int64.random(in: 1...(20 * 3_600_000), using: &random)
        let next = calendar.deadline(after: arrival, estimate: estimate)
        #expect(next >= last, "\(calendar.zone.identifier) \(calendar.weekdays) \(arrival.iso8601) + \(estimate)")
        last = next
        let longer = estimate + Seconds.random(in: 0...86_400, using: &random)
        #expect(calendar.deadline(after: arrival, estimate: longer) >= next)
      }
    }
  }

  @Test("wall-clock time is what Foundation's calendar says, there and back", arguments: [1, 2, 3] as [UInt64])
  func wallClock(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for zone in Self.zones {
      let calendar = WorkCalendar.standard(zone: zone)
      let clock = WallClock(zone)
      for _ in 0..<40 {
        let instant = Self.arrival(&random) / 1000 * 1000
        let local = calendar.localTime(instant)
        #expect("\(local.date) \(local.hourAndMinute)" == clock.text(instant).dropFirst(4).prefix(16))
        #expect(calendar.localTime(calendar.instant(local)) == local)
      }
    }
  }

  private static let zones = [
    "Asia/Shanghai", "UTC", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Australia/Sydney",
    "Australia/Lord_Howe", "America/St_Johns",
  ].compactMap { TimeZone(identifier: $0) }

  /// In 2026 and 2027, to the millisecond.
  private static func arrival(_ random: inout SeededGenerator) -> Instant {
    Int64.random(in: 1_767_225_600_000...1_830_297_599_999, using: &random)
  }

  /// At least one weekday is worked. No hours before 04:00, where clocks are set: a time that does not exist cannot lie
  /// in opening hours.
  private static func calendar(_ random: inout SeededGenerator) -> WorkCalendar {
    var weekdays: [Int: WorkCalendar.Hours] = [:]
    let step = [300, 900, 3600].randomElement(using: &random) ?? 900
    for day in 1...7 where weekdays.isEmpty || Bool.random(using: &random) {
      let opens = Int.random(in: 4 * 3600 / step..<20 * 3600 / step, using: &random) * step
      let closes = Int.random(in: (opens + 3600) / step...86_400 / step, using: &random) * step
      weekdays[day] = .init(opens: opens, closes: closes)
    }
    let first = 20_454
    let day = { (random: inout SeededGenerator) in
      CivilDate(daysSinceEpoch: Int.random(in: first..<(first + 760), using: &random))
    }
    var holidays: Set<CivilDate> = []
    for _ in 0..<Int.random(in: 0..<6, using: &random) {
      let start = day(&random)
      for offset in 0..<Int.random(in: 1..<10, using: &random) { holidays.insert(start.adding(days: offset)) }
    }
    var workdays: Set<CivilDate> = []
    for _ in 0..<Int.random(in: 0..<20, using: &random) { workdays.insert(day(&random)) }
    let zone = zones.randomElement(using: &random) ?? .gmt
    return WorkCalendar(zone: zone, weekdays: weekdays, holidays: holidays, workdays: workdays)
  }
}
