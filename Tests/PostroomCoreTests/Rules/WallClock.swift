import Foundation
import PostroomCore

/// Reads and writes wall-clock times with Foundation's calendar, so that tests do not check the product's date
/// arithmetic against itself.
struct WallClock {
  let zone: TimeZone
  private let calendar: Calendar

  init(_ zone: TimeZone) {
    self.zone = zone
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    self.calendar = calendar
  }

  init(_ identifier: String = "Asia/Shanghai") { self.init(TimeZone(identifier: identifier) ?? .gmt) }

  /// From `2026-11-27 15:00` or `2026-11-27 15:00:30`. What is no time becomes 1970.
  func instant(_ text: String) -> Instant {
    let numbers = text.split { "- :".contains($0) }.compactMap { Int($0) }
    guard numbers.count >= 5 else { return 0 }
    let parts = DateComponents(
      year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
      second: numbers.count > 5 ? numbers[5] : 0)
    return Instant((calendar.date(from: parts)?.timeIntervalSince1970 ?? 0) * 1000)
  }

  /// `Fri 2026-11-27 15:00`, with seconds only when there are some.
  func text(_ instant: Instant) -> String {
    let date = Date(timeIntervalSince1970: Double(instant) / 1000)
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
    let two = { (number: Int?) in (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
    let weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][(parts.weekday ?? 1) - 1]
    let seconds = parts.second == 0 ? "" : ":" + two(parts.second)
    return "\(weekday) \(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) \(two(parts.hour)):\(two(parts.minute))"
      + seconds
  }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

func dates(_ texts: String...) -> Set<CivilDate> { Set(texts.compactMap { CivilDate($0) }) }
