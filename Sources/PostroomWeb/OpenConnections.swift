internal import HummingbirdCore
internal import Synchronization

/// How many connections are open. At the limit, further ones wait until one is closed.
final class OpenConnections: AvailableConnectionsDelegate {
  private let limit: Int
  private let count = Atomic(0)

  init(limit: Int) { self.limit = limit }

  /// Whether whoever has been answered should make room. A gateway opens as many connections as it has receipts to tell
  /// of, and keeps them; those for which there is no room would wait until the others have been idle for long.
  var areMany: Bool { count.load(ordering: .relaxed) > limit * 3 / 4 }

  func connectionOpened() { count.add(1, ordering: .relaxed) }
  func connectionClosed() { count.subtract(1, ordering: .relaxed) }
  func isAcceptingNewConnections() -> Bool { count.load(ordering: .relaxed) < limit }
}
