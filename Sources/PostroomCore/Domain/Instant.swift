import Foundation

/// A moment as the database stores it: milliseconds since 1970-01-01T00:00:00Z.
package typealias Instant = Int64

/// A length of time in seconds.
package typealias Seconds = Int64

extension Instant {
  /// The clock of this machine. Only the outermost callers read it; everything below receives `now`.
  package static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// This moment moved by `seconds`; saturates instead of overflowing, since dates come from mail.
  package func adding(_ seconds: Seconds) -> Instant {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    let (sum, overflowed) = addingReportingOverflow(product)
    return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
  }

  /// ISO 8601 in UTC to the second, as logs and `--json` show it: `2026-11-23T03:45:00Z`.
  package var iso8601: String {
    let moment = CivilTime(secondsSinceEpoch: self / 1000)
    return moment.date.description + "T" + moment.clock + "Z"
  }
}
