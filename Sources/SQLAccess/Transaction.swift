/// What an engine's connection does for the transaction that holds it.
protocol Connection: AnyObject {
  var dialect: Dialect { get }

  /// Runs one statement; `wantsRows` false means that result rows need not be decoded.
  func run(_ sql: String, _ arguments: [SQLValue], wantsRows: Bool) throws -> (changed: Int, rows: [SQLRow])

  /// Whether BEGIN still holds: an engine ends a transaction by itself when the disk is full or the line is cut.
  var isInTransaction: Bool { get }
}

/// An open transaction, handed to the closure of ``Database/read(_:)`` or ``Database/write(_:)``. Valid inside it only.
///
/// A statement that failed leaves the transaction failed on every engine (as PostgreSQL has it): what follows throws,
/// and the whole is rolled back. A statement that may fail stands inside a ``savepoint(_:)``.
package final class Transaction {
  /// The engine, for the places where one SQL text cannot serve both.
  package let dialect: Dialect

  private let connection: any Connection
  private var depth = 0
  private var isOver = false
  /// The error after which nothing of this transaction can be kept.
  private(set) var failure: SQLError?

  init(_ connection: any Connection) {
    self.connection = connection
    dialect = connection.dialect
  }

  /// Runs one statement with $1…$n; the number of rows inserted, changed or deleted.
  @discardableResult
  package func execute(_ sql: String, _ arguments: [SQLValue] = []) throws -> Int {
    try run(sql, arguments, wantsRows: false).changed
  }

  /// Runs one statement with $1…$n; all rows of its result (SELECT, or RETURNING).
  package func rows(_ sql: String, _ arguments: [SQLValue] = []) throws -> [SQLRow] {
    try run(sql, arguments, wantsRows: true).rows
  }

  /// As ``rows(_:_:)``, but the first row only.
  package func row(_ sql: String, _ arguments: [SQLValue] = []) throws -> SQLRow? {
    try rows(sql, arguments).first
  }

  /// Runs `body`; when it throws, all it did is rolled back, and the transaction goes on. Can be nested.
  package func savepoint<T>(_ body: () throws -> T) throws -> T {
    depth += 1
    let name = "s\(depth)"
    defer { depth -= 1 }
    try execute("SAVEPOINT \(name)")
    do {
      let result = try body()
      // Swallowed by the body, but the engine has already given the work up.
      if let failure { throw failure }
      try execute("RELEASE SAVEPOINT \(name)")
      return result
    } catch {
      try rollBack(to: name)
      throw error
    }
  }

  /// Waits until no other transaction holds the lock of this name, and holds it to the end. For read–decide–write
  /// steps ("the least loaded owner") that no unique index guards. SQLite needs none: it has one writer.
  package func lock(_ name: String) throws {
    guard dialect == .postgres else { return }
    try execute("SELECT pg_advisory_xact_lock($1)", [.integer(Int64(bitPattern: fingerprint(of: [name])))])
  }

  /// Ends its validity; a transaction kept beyond its closure refuses every statement.
  func end() { isOver = true }

  private func run(_ sql: String, _ arguments: [SQLValue], wantsRows: Bool) throws -> (changed: Int, rows: [SQLRow]) {
    if isOver { throw SQLError(.other, "a transaction was used after its closure had ended", sql: sql) }
    if let failure {
      throw SQLError(
        failure.kind, "a statement before this one failed outside a savepoint: \(failure.message)", sql: failure.sql,
        engineCode: failure.engineCode)
    }
    do {
      return try connection.run(sql, arguments, wantsRows: wantsRows)
    } catch let error as SQLError {
      failure = error
      throw error
    }
  }

  private func rollBack(to name: String) throws {
    // Without its BEGIN the transaction cannot go on: the error that ended it stays.
    guard connection.isInTransaction else { return }
    let reason = failure
    failure = nil
    do {
      try execute("ROLLBACK TO SAVEPOINT \(name)")
      try execute("RELEASE SAVEPOINT \(name)")
    } catch let error as SQLError {
      failure = reason ?? error
    }
  }
}

/// FNV-1a, 64 bits, over the parts and the gaps between them: stable over processes and versions.
func fingerprint(of parts: [String]) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for part in parts {
    for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ 0xFF) &* 0x100_0000_01b3
  }
  return hash
}
