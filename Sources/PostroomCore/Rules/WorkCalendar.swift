package import Foundation

/// When a team works: hours of each weekday in one time zone, days off by decree, and days of rest worked instead
/// (调休). All of it in the zone's wall-clock time.
package struct WorkCalendar: Sendable {
  /// Opening hours of one day, in seconds since midnight.
  package struct Hours: Sendable, Equatable {
    package var opens: Int
    package var closes: Int
    package init(opens: Int, closes: Int) {
      self.opens = opens
      self.closes = closes
    }
  }

  package let zone: TimeZone
  /// Hours by ISO weekday, 1 = Monday. A weekday that is absent is a day of rest.
  package let weekdays: [Int: Hours]
  package let holidays: Set<CivilDate>
  /// Days that are worked although their weekday rests, with the hours of a common working day.
  package let workdays: Set<CivilDate>
  private let commonHours: Hours

  package init(zone: TimeZone, weekdays: [Int: Hours], holidays: Set<CivilDate> = [], workdays: Set<CivilDate> = []) {
    self.zone = zone
    self.weekdays = weekdays
    self.holidays = holidays
    self.workdays = workdays
    commonHours = weekdays.min { $0.key < $1.key }?.value ?? Hours(opens: 9 * 3600, closes: 18 * 3600)
  }

  /// Monday to Friday, 09:00–18:00.
  package static func standard(zone: TimeZone) -> WorkCalendar {
    let hours = Hours(opens: 9 * 3600, closes: 18 * 3600)
    return WorkCalendar(zone: zone, weekdays: Dictionary(uniqueKeysWithValues: (1...5).map { ($0, hours) }))
  }

  /// The hours of that day, or nil when nobody works.
  package func hours(on date: CivilDate) -> Hours? {
    if holidays.contains(date) { return nil }
    if workdays.contains(date) { return weekdays[date.weekday] ?? commonHours }
    return weekdays[date.weekday]
  }

  package func isOpen(at instant: Instant) -> Bool {
    let local = localTime(instant)
    guard let hours = hours(on: local.date) else { return false }
    return hours.opens <= local.secondOfDay && local.secondOfDay < hours.closes
  }

  /// The moment `estimate` after `start`, as customers understand "24 hours on working days": days of rest do not
  /// count, nights do, and it falls into opening hours. From Friday 15:00, 24 h is Monday 15:00; from Saturday it is
  /// Tuesday at opening time. Rounded up to the quarter of an hour, since it is told to people, but not past the closing
  /// time. A calendar that never opens counts plain hours.
  package func deadline(after start: Instant, estimate: Seconds) -> Instant {
    var time = nextOpening(from: localTime(start))
    var left = Int(min(max(estimate, 0), 366 * 86_400))
    while left > 0 {
      let step = min(left, 86_400)
      var next = CivilTime(secondsSinceEpoch: time.secondsSinceEpoch + Int64(step))
      // A step that ends on another day counts only days that are worked.
      if next.date != time.date, hours(on: time.date) != nil {
        while hours(on: next.date) == nil, let following = laterDay(next) { next = following }
      }
      time = next
      left -= step
    }
    let settled = nextOpening(from: time)
    let quarter = (settled.secondsSinceEpoch + 899) / 900 * 900
    let closes = Int64(hours(on: settled.date)?.closes ?? 86_400)
    let latest = settled.secondsSinceEpoch - Int64(settled.secondOfDay) + closes
    return instant(CivilTime(secondsSinceEpoch: min(quarter, latest)))
  }

  /// `time` itself when it lies in opening hours, else the next opening. Gives `time` back when the calendar never
  /// opens within a year.
  private func nextOpening(from time: CivilTime) -> CivilTime {
    if let hours = hours(on: time.date) {
      if time.secondOfDay < hours.opens { return CivilTime(date: time.date, secondOfDay: hours.opens) }
      if time.secondOfDay < hours.closes { return time }
    }
    for offset in 1...366 {
      let date = time.date.adding(days: offset)
      if let hours = hours(on: date) { return CivilTime(date: date, secondOfDay: hours.opens) }
    }
    return time
  }

  /// `moment` itself when it lies in opening hours, else the next opening.
  package func opening(from moment: Instant) -> Instant {
    let local = localTime(moment)
    let open = nextOpening(from: local)
    return open == local ? moment : instant(open)
  }

  private func laterDay(_ time: CivilTime) -> CivilTime? {
    guard time.date.year < 9998 else { return nil }
    return CivilTime(date: time.date.adding(days: 1), secondOfDay: time.secondOfDay)
  }

  /// Wall-clock time of the zone.
  package func localTime(_ instant: Instant) -> CivilTime {
    CivilTime(secondsSinceEpoch: instant / 1000 + Int64(offset(at: instant)))
  }

  /// Seconds east of UTC at that moment.
  package func offset(at instant: Instant) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant) / 1000))
  }

  /// The moment of a wall-clock time. A time that summer time skips becomes the one an hour later, one that occurs
  /// twice its first.
  package func instant(_ local: CivilTime) -> Instant {
    let asUTC = local.secondsSinceEpoch
    let first = asUTC - Int64(offset(at: (asUTC - 86_400) * 1000))
    if localTime(first * 1000) == local { return first * 1000 }
    let second = asUTC - Int64(offset(at: first * 1000))
    return (localTime(second * 1000) == local ? second : first) * 1000
  }
}
