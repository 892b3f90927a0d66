import Synchronization

/// How many bytes of requests are in memory.
final class OpenBodies: Sendable {
  private let limit: Int
  private let bytes = Atomic(0)

  init(limit: Int) { self.limit = limit }

  /// For one request.
  func room() -> Room { Room(self) }

  final class Room: Sendable {
    private let bodies: OpenBodies
    private let bytes = Atomic(0)

    fileprivate init(_ bodies: OpenBodies) { self.bodies = bodies }

    /// False when there is no room for so many more.
    func take(_ count: Int) -> Bool {
      guard bodies.bytes.add(count, ordering: .relaxed).newValue <= bodies.limit else {
        bodies.bytes.subtract(count, ordering: .relaxed)
        return false
      }
      bytes.add(count, ordering: .relaxed)
      return true
    }

    func giveBack() { bodies.bytes.subtract(bytes.exchange(0, ordering: .relaxed), ordering: .relaxed) }
  }
}
