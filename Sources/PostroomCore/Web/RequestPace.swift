internal import Glibc
internal import Synchronization

/// How often somebody may do something: so many times a minute each. Memory is bounded; when too many are watched, all
/// begin anew.
package final class RequestPace: Sendable {
  private struct Count { var minute: Int64; var number: Int }

  private let perMinute: Int
  private let counts = Mutex<[String: Count]>([:])
  private static let mostKeys = 10_000

  package init(perMinute: Int) { self.perMinute = perMinute }

  /// Counts one more. False when it is one too many.
  package func allows(_ key: String, now: Instant) -> Bool {
    let minute = now / 60_000
    return counts.withLock { counts in
      if counts.count >= Self.mostKeys, counts[key] == nil {
        counts = counts.filter { $0.value.minute == minute }
        if counts.count >= Self.mostKeys { counts.removeAll() }
      }
      var count = counts[key] ?? Count(minute: minute, number: 0)
      if count.minute != minute { count = Count(minute: minute, number: 0) }
      count.number = min(count.number + 1, perMinute + 1)
      counts[key] = count
      return count.number <= perMinute
    }
  }

  /// Whom an address stands for: of IPv6 the first 64 bits, for everybody has 2^64 addresses behind them.
  static func key(ofPeer address: String) -> String {
    var bytes = in6_addr()
    guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
    return withUnsafeBytes(of: bytes) { CanonicalText.hex(Array($0.prefix(8))) }
  }
}
