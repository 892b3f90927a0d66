import Foundation
import Synchronization

/// PostgreSQL through libpq, which blocks: each connection has a thread of its own and takes closures from one queue.
final class PostgresEngine: Engine {
  let dialect = Dialect.postgres
  private let queue = WorkQueue()

  init(_ url: String, _ options: DatabaseOptions) {
    for index in 1...options.connections {
      queue.start(PostgresConnection(url, options), name: "postgres \(index)")
    }
  }

  deinit { queue.stop {} }

  func run<T: Sendable>(
    _ access: Access, _ body: @escaping @Sendable (Transaction) throws -> T
  ) async -> Outcome<T> {
    await withCheckedContinuation { continuation in
      let isTaken = queue.add { connection in
        continuation.resume(
          returning: Transaction.attempt(
            on: connection, body,
            begin: { try connection.begin(access) },
            commit: { try connection.commit() },
            rollback: { connection.rollback() }))
      }
      if !isTaken { continuation.resume(returning: .failure(SQLError.closed, retry: false)) }
    }
  }

  func close() async {
    await withCheckedContinuation { continuation in queue.stop { continuation.resume() } }
  }
}

/// First in, first out, for a fixed number of threads.
private final class WorkQueue: Sendable {
  typealias Work = @Sendable (PostgresConnection) -> Void

  private struct State {
    var waiting: ArraySlice<Work> = []
    var isStopped = false
    var threads = 0
    /// Called when the last thread has ended.
    var whenEnded: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())
  private let available = DispatchSemaphore(value: 0)

  func start(_ connection: PostgresConnection, name: String) {
    state.withLock { $0.threads += 1 }
    let thread = Thread { [self] in
      // A name given before the start is lost.
      Thread.current.name = name
      while let work = next() { work(connection) }
      connection.disconnect()
      ended()
    }
    thread.start()
  }

  /// False when stopped.
  func add(_ work: @escaping Work) -> Bool {
    let isTaken = state.withLock { state in
      if !state.isStopped { state.waiting.append(work) }
      return !state.isStopped
    }
    if isTaken { available.signal() }
    return isTaken
  }

  /// Lets the threads do what waits, then end.
  func stop(_ whenEnded: @escaping @Sendable () -> Void) {
    let (threads, isFirst) = state.withLock { state in
      defer { state.isStopped = true }
      if state.threads > 0 { state.whenEnded.append(whenEnded) }
      return (state.threads, !state.isStopped)
    }
    if threads == 0 { whenEnded() }
    if isFirst { for _ in 0..<threads { available.signal() } }
  }

  /// Blocks for the next piece; nil when there is none and none will come.
  private func next() -> Work? {
    available.wait()
    return state.withLock { $0.waiting.popFirst() }
  }

  private func ended() {
    let whenEnded = state.withLock { state in
      state.threads -= 1
      return state.threads == 0 ? state.whenEnded : []
    }
    for call in whenEnded { call() }
  }
}
