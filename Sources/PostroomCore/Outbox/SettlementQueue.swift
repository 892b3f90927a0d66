import Synchronization

/// What has ended and is not written down yet, and the dispatcher's sleep until there is some.
final class SettlementQueue: Sendable {
  private struct State {
    var settlements: [Settlement] = []
    /// How many are being written down now.
    var taken = 0
    var hasNews = false
    var sleeper: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.settlements.count } }
  /// With those that are being written down now.
  var unwritten: Int { state.withLock { $0.settlements.count + $0.taken } }

  func append(_ settlement: Settlement) { wake { $0.settlements.append(settlement) } }

  /// There is something to look at beside what was appended.
  func wake() { wake { _ in } }

  private func wake(_ change: (inout State) -> Void) {
    let sleeper = state.withLock { state in
      change(&state)
      state.hasNews = true
      return state.sleeper.take()
    }
    sleeper?.resume()
  }

  /// To be followed by ``written()`` or ``putBack(_:)``.
  func takeAll() -> [Settlement] {
    state.withLock { state in
      var taken: [Settlement] = []
      swap(&taken, &state.settlements)
      state.taken = taken.count
      state.hasNews = false
      return taken
    }
  }

  func written() { state.withLock { $0.taken = 0 } }

  /// They could not be written down.
  func putBack(_ settlements: [Settlement]) {
    state.withLock { state in
      state.settlements = settlements + state.settlements
      state.taken = 0
    }
  }

  /// Returns when there is news since it last returned or all was taken, or after the time given. For one caller.
  func news(within milliseconds: Int64) async {
    if !state.withLock({ $0.hasNews }) {
      let timer = Task {
        if (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil { wake() }
      }
      await withCheckedContinuation { continuation in
        let hasNews = state.withLock { state in
          if !state.hasNews { state.sleeper = continuation }
          return state.hasNews
        }
        if hasNews { continuation.resume() }
      }
      timer.cancel()
    }
    state.withLock { $0.hasNews = false }
  }
}
