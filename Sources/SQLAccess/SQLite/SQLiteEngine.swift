import CSQLite
import Dispatch
import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// SQLite in WAL mode: GRDB's pool keeps one writer and several readers on queues of their own; statements go straight
/// to the sqlite3 handle, so that large values are bound without a copy and results are read once.
final class SQLiteEngine: Engine {
  let dialect = Dialect.sqlite
  private let pool: any DatabaseWriter
  /// By the address of the sqlite3 handle: GRDB decides when a connection is opened. Emptied before any is closed.
  private let connections = Mutex<[Int: SQLiteConnection]?>([:])

  /// Outlives the writer, whose hook points at it.
  private let log: WriteAheadLog

  private static let settings: Void = csqlite_count_no_memory()

  private init(_ path: String, _ options: DatabaseOptions) throws {
    Self.settings
    log = WriteAheadLog(busyMilliseconds: options.busyMilliseconds)
    pool = try Self.makePool(path, options, log)
  }

  deinit {
    // Statements are finalised before GRDB closes their connections.
    connections.withLock { $0 = nil }
  }

  static func open(_ path: String, _ options: DatabaseOptions) async throws -> SQLiteEngine {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "SQLAccess.open").async {
        continuation.resume(with: Result { try SQLiteEngine(path, options) })
      }
    }
  }

  private static func makePool(
    _ path: String, _ options: DatabaseOptions, _ log: WriteAheadLog
  ) throws -> any DatabaseWriter {
    do {
      let configuration = configuration(options)
      if path == ":memory:" {
        let queue = try DatabaseQueue(configuration: configuration)
        try queue.writeWithoutTransaction { try removeHooks($0) }
        return queue
      }
      // The file holds customers' data; -wal and -shm take over its mode.
      let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if descriptor >= 0 { Foundation.close(descriptor) }
      let pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { try setUpWriter($0, options, log) }
      return pool
    } catch {
      let cause = SQLiteConnection.translate(error)
      throw SQLError(
        cause.kind == .other ? .connection : cause.kind, "cannot open the database \(path): \(cause.message)",
        engineCode: cause.engineCode)
    }
  }

  private static func configuration(_ options: DatabaseOptions) -> Configuration {
    var configuration = Configuration()
    configuration.label = "SQLAccess"
    configuration.foreignKeysEnabled = true
    configuration.maximumReaderCount = options.connections
    configuration.persistentReadOnlyConnections = true
    configuration.busyMode = .timeout(Double(options.busyMilliseconds) / 1000)
    configuration.prepareDatabase { database in
      // In KiB. A reader's cache is its own and comes on top, so it is small.
      let cache = database.configuration.readonly ? 2_048 : 16_384
      // Takes effect when the file is made. Mails are blobs of tens of kilobytes: fewer pages, fewer writes.
      if !database.configuration.readonly { try database.execute(sql: "PRAGMA page_size = 8192") }
      try database.execute(sql: "PRAGMA cache_size = -\(cache); PRAGMA temp_store = MEMORY")
    }
    return configuration
  }

  private static func setUpWriter(
    _ database: GRDB.Database, _ options: DatabaseOptions, _ log: WriteAheadLog
  ) throws {
    // GRDB sets NORMAL together with WAL.
    try database.execute(
      sql: """
        PRAGMA synchronous = \(options.durability == .full ? "FULL" : "NORMAL");
        PRAGMA journal_size_limit = \(WriteAheadLog.keptBytes)
        """)
    try removeHooks(database)
    log.keepShort(database.sqliteConnection)
  }

  /// GRDB's observers are told of commits by hooks that expect every statement to be GRDB's. There are no observers.
  private static func removeHooks(_ database: GRDB.Database) throws {
    sqlite3_commit_hook(database.sqliteConnection, nil, nil)
    sqlite3_rollback_hook(database.sqliteConnection, nil, nil)
  }

  // The continuations below, and not GRDB's async methods: those refuse to run in a cancelled task.

  func run<T: Sendable>(
    _ access: Access, _ body: @escaping @Sendable (Transaction) throws -> T
  ) async -> Outcome<T> {
    await withCheckedContinuation { continuation in
      switch access {
      case .read:
        pool.asyncRead { result in
          do {
            continuation.resume(returning: self.read(try result.get(), body))
          } catch {
            let error = SQLiteConnection.translate(error)
            continuation.resume(returning: .failure(error, retry: error.kind == .busy))
          }
        }
      case .write:
        pool.asyncWriteWithoutTransaction { continuation.resume(returning: self.write($0, body)) }
      }
    }
  }

  /// BEGIN and COMMIT are GRDB's here.
  private func read<T: Sendable>(
    _ database: GRDB.Database, _ body: (Transaction) throws -> T
  ) -> Outcome<T> {
    guard let connection = connection(of: database) else { return .failure(SQLError.closed, retry: false) }
    return Transaction.attempt(on: connection, body, begin: {}, commit: {}, rollback: {})
  }

  private func write<T: Sendable>(
    _ database: GRDB.Database, _ body: (Transaction) throws -> T
  ) -> Outcome<T> {
    guard let connection = connection(of: database) else { return .failure(SQLError.closed, retry: false) }
    return Transaction.attempt(
      on: connection, body,
      begin: { try connection.begin() },
      commit: { try connection.commit() },
      rollback: { connection.rollback() })
  }

  private func connection(of database: GRDB.Database) -> SQLiteConnection? {
    guard let handle = database.sqliteConnection else { return nil }
    let key = Int(bitPattern: handle)
    let connection = SQLiteConnection(handle)
    return connections.withLock { known in
      guard known != nil else { return nil }
      if let connection = known?[key] { return connection }
      known?[key] = connection
      return connection
    }
  }

  func close() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      pool.asyncBarrierWriteWithoutTransaction { _ in
        // Nobody reads or writes now; a connection with open statements would refuse to close.
        self.connections.withLock { $0 = nil }
        continuation.resume()
      }
    }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      DispatchQueue(label: "SQLAccess.close").async {
        try? self.pool.close()
        continuation.resume()
      }
    }
  }
}
