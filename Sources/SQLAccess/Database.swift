/// How a ``Database`` is opened. The defaults suit one service process.
package struct DatabaseOptions: Sendable {
  /// What survives when the power fails right after a commit.
  package enum Durability: Sendable {
    /// Every commit.
    case full
    /// All but perhaps the last commits; never a damaged database.
    case normal
  }

  package var durability: Durability
  /// How long one attempt waits for another's lock.
  package var busyTimeout: Duration
  /// SQLite: readers beside the one writer. PostgreSQL: connections, each with a thread of its own.
  package var connections: Int
  /// How often a closure is run again after a lock, a serialization failure or a lost connection.
  package var retries: Int
  /// The name that PostgreSQL shows in pg_stat_activity.
  package var applicationName: String

  /// Options with the defaults of every parameter not given.
  package init(
    durability: Durability = .full, busyTimeout: Duration = .seconds(5), connections: Int = 4, retries: Int = 5,
    applicationName: String = "SQLAccess"
  ) {
    self.durability = durability
    self.busyTimeout = busyTimeout
    self.connections = max(1, connections)
    self.retries = max(0, retries)
    self.applicationName = applicationName
  }

  var busyMilliseconds: Int32 {
    let (seconds, attoseconds) = busyTimeout.components
    let bounded = min(max(seconds, 0), 86_400)
    return Int32(bounded * 1000 + (attoseconds > 0 ? attoseconds / 1_000_000_000_000_000 : 0))
  }
}

/// An engine: hands a connection to a closure on a thread that may block.
protocol Engine: Sendable {
  var dialect: Dialect { get }

  func run<T: Sendable>(
    _ access: Access, _ body: @escaping @Sendable (Transaction) throws -> T
  ) async -> Outcome<T>

  func close() async
}

enum Access: Sendable { case read, write }

/// What one attempt at a closure came to.
enum Outcome<T: Sendable>: Sendable {
  case success(T)
  /// Nothing of it was kept; `retry` says whether another attempt may succeed.
  case failure(any Error, retry: Bool)
}

/// A database on SQLite or PostgreSQL, with one SQL text for both.
///
/// Statements are written with $1…$n, in any order, also repeated. Each closure is one transaction and may run more
/// than once, so that it has no effect but through its ``Transaction``. Closures run on the database's own threads, and
/// to their end: a cancelled task can still record what it did.
///
/// *Isolation.* `read` sees one snapshot. `write` on SQLite is alone. On PostgreSQL it is READ COMMITTED: each statement
/// sees what was committed when it began, so `INSERT … ON CONFLICT … RETURNING`, `SET n = n + 1` and claims with
/// ``Dialect/skipLocked`` are right without retries; a value that is read, judged and written back needs
/// ``Dialect/forUpdate`` on the read or ``Transaction/lock(_:)`` before it.
package final class Database: Sendable {
  private let engine: any Engine
  private let retries: Int

  /// The engine, for the places where one SQL text cannot serve both.
  package var dialect: Dialect { engine.dialect }

  private init(_ engine: any Engine, retries: Int) {
    self.engine = engine
    self.retries = retries
  }

  /// Opens `sqlite:PATH` (created when missing, readable by its user only), `sqlite::memory:` or a PostgreSQL URL
  /// (`postgres://…`, `postgresql://…` as libpq has it). Throws ``SQLError`` when it cannot be reached.
  package static func open(_ url: String, options: DatabaseOptions = .init()) async throws -> Database {
    if url.hasPrefix("sqlite:") {
      let path = String(url.dropFirst("sqlite:".count))
      return Database(
        try await SQLiteEngine.open(path.hasPrefix("//") ? String(path.dropFirst(2)) : path, options),
        retries: options.retries)
    }
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      throw SQLError(.connection, "a database is named sqlite:PATH or postgres://USER@HOST/NAME")
    }
    let database = Database(PostgresEngine(url, options), retries: options.retries)
    do {
      _ = try await database.read { try $0.row("SELECT 1") }
    } catch {
      await database.close()
      throw error
    }
    return database
  }

  /// Runs `body` on a read-only snapshot; a statement that writes throws kind `.readOnly`.
  package func read<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
    try await run(.read, body)
  }

  /// Runs `body` and commits, or rolls all of it back when it throws. Lock, serialization and connection errors run it
  /// again, with growing pauses, up to ``DatabaseOptions/retries`` times. When the connection is lost while COMMIT is
  /// under way nobody knows whether it holds: that is thrown as kind `.connection`, and not tried again.
  @discardableResult
  package func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
    try await run(.write, body)
  }

  /// Waits for the closures that run, then closes. What comes later throws kind `.connection`.
  package func close() async { await engine.close() }

  private func run<T: Sendable>(
    _ access: Access, _ body: @escaping @Sendable (Transaction) throws -> T
  ) async throws -> T {
    var attempt = 0
    while true {
      switch await engine.run(access, body) {
      case .success(let value): return value
      case .failure(let error, let retry):
        guard retry, attempt < retries else { throw error }
        // 10 ms … 1 s, half of it by chance, so that two that met do not meet again.
        let pause = min(10 << min(attempt, 10), 1000)
        guard (try? await Task.sleep(for: .milliseconds(Int.random(in: pause / 2...pause)))) != nil else { throw error }
        attempt += 1
      }
    }
  }
}

extension Transaction {
  /// Runs the closure between `begin` and `commit` of a connection; the one place where an attempt is judged.
  static func attempt<T: Sendable>(
    on connection: any Connection, _ body: (Transaction) throws -> T,
    begin: () throws -> Void, commit: () throws -> Void, rollback: () -> Void
  ) -> Outcome<T> {
    do {
      try begin()
    } catch {
      return .failure(error, retry: (error as? SQLError)?.isTransient ?? false)
    }
    let transaction = Transaction(connection)
    let value: T
    do {
      defer { transaction.end() }
      value = try body(transaction)
      // A closure that swallowed an error must not be taken for done.
      if let failure = transaction.failure { throw failure }
    } catch {
      rollback()
      let reason = transaction.failure ?? error as? SQLError
      return .failure(error, retry: reason?.isTransient ?? false)
    }
    do {
      try commit()
      return .success(value)
    } catch {
      rollback()
      let kind = (error as? SQLError)?.kind
      return .failure(error, retry: kind == .busy || kind == .serialization)
    }
  }
}
