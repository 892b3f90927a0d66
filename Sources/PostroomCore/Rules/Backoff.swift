/// How long to wait before the next try: doubling from `first` to `limit`, each shortened at random by up to a third so
/// that many that failed together do not come back together.
package struct Backoff: Sendable, Equatable {
  package var first: Seconds
  package var limit: Seconds

  package init(first: Seconds, limit: Seconds) {
    self.first = first
    self.limit = limit
  }

  /// Milliseconds before try number `attempt` + 1; `attempt` counts from 1. `chance` is in 0 ..< 1.
  package func milliseconds(after attempt: Int64, chance: Double = .random(in: 0..<1)) -> Int64 {
    let doublings = min(max(attempt - 1, 0), 30)
    let full = min(Double(first) * Double(Int64(1) << doublings), Double(limit))
    return Int64(full * 1000 * (1 - chance / 3))
  }
}
