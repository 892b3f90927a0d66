import Synchronization

/// A folder that answers FETCH, UID FETCH and NOOP as RFC 3501 wants, and can change between commands.
final class FakeFolder: Sendable {
  struct State {
    var uids: [UInt32]
    /// Runs after each command; for folders that change while they are listed.
    var afterCommand: @Sendable (inout [UInt32], Int) -> Void = { _, _ in }
    var count = 0
  }

  private let state: Mutex<State>

  init(_ uids: [UInt32], afterCommand: @escaping @Sendable (inout [UInt32], Int) -> Void = { _, _ in }) {
    state = Mutex(State(uids: uids, afterCommand: afterCommand))
  }

  var uids: [UInt32] { state.withLock { $0.uids } }

  func answer(_ command: String) -> FakeServer.Reaction? {
    state.withLock { state in
      let uids = state.uids
      defer {
        state.count += 1
        state.afterCommand(&state.uids, state.count)
      }
      if command.hasPrefix("SELECT") {
        return .answer("* \(uids.count) EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n")
      }
      if command == "NOOP" { return .answer("* \(uids.count) EXISTS\r\n") }
      let words = command.split(separator: " ")
      guard let set = words.drop(while: { $0 != "FETCH" }).dropFirst().first else { return nil }
      let isUID = words[0] == "UID"
      return .answer(
        uids.enumerated().filter { index, uid in
          Self.contains(String(set), isUID ? uid : UInt32(index + 1), last: isUID ? uids.last : UInt32(uids.count))
        }.map { "* \($0 + 1) FETCH (UID \($1) RFC822.SIZE \($1 % 1000))\r\n" }.joined())
    }
  }

  /// `n:*` means the last message even when its number is below n.
  private static func contains(_ set: String, _ number: UInt32, last: UInt32?) -> Bool {
    let ends = set.split(separator: ":").map { $0 == "*" ? (last ?? 0) : UInt32($0) ?? 0 }
    guard let first = ends.first, let second = ends.last else { return false }
    return (min(first, second)...max(first, second)).contains(number)
  }
}
