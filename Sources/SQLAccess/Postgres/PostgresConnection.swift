import CPostgres

/// One libpq connection with its prepared statements, made anew when it was lost. Used on its own thread only.
final class PostgresConnection: Connection, @unchecked Sendable {
  let dialect = Dialect.postgres
  private let url: String
  private let options: DatabaseOptions
  private var handle: OpaquePointer?
  private var statements: [String: [Prepared]] = [:]
  private var statementCount = 0

  /// A statement prepared for one combination of argument types.
  private struct Prepared {
    let name: String
    let types: [Oid]
  }

  /// Statement texts come from the program, so they are few; texts made at run time must not pile up.
  private static let cacheLimit = 500

  init(_ url: String, _ options: DatabaseOptions) {
    self.url = url
    self.options = options
  }

  deinit { disconnect() }

  func disconnect() {
    if let handle { PQfinish(handle) }
    handle = nil
    forgetStatements()
  }

  var isInTransaction: Bool {
    guard let handle, PQstatus(handle) == CONNECTION_OK else { return false }
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  // MARK: Transactions

  func begin(_ access: Access) throws {
    let sql =
      access == .read
      ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    if handle != nil {
      do { return try command(sql) } catch let error as SQLError where error.kind == .connection {
        // Cut while it was idle: nothing is lost, so it is not worth a pause.
        disconnect()
      }
    }
    try connect()
    try command(sql)
  }

  func commit() throws {
    do {
      try command("COMMIT")
    } catch let error as SQLError where error.kind == .connection {
      throw SQLError(
        .connection,
        "the connection was lost while COMMIT was under way; it is unknown whether it holds: \(error.message)",
        engineCode: error.engineCode)
    }
  }

  func rollback() {
    guard isInTransaction, (try? command("ROLLBACK")) != nil else { return disconnect() }
  }

  // MARK: Connecting

  private func connect() throws {
    disconnect()
    // What stands before dbname can be overridden by the URL, what stands after it cannot.
    let parameters = [
      ("application_name", options.applicationName), ("connect_timeout", "10"), ("keepalives_idle", "30"),
      ("tcp_user_timeout", "30000"), ("dbname", url), ("client_encoding", "UTF8"),
    ]
    let handle = Self.withCStrings(parameters.map { $0.0 }) { keywords in
      Self.withCStrings(parameters.map { $0.1 }) { PQconnectdbParams(keywords, $0, 1) }
    }
    self.handle = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      let text = String(cString: PQerrorMessage(handle))
      disconnect()
      throw SQLError(.connection, "cannot connect to PostgreSQL: \(Self.oneLine(text))")
    }
    // Notices would be printed on the standard error.
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
    try command("SET timezone = 'UTC'")
    try command("SET bytea_output = 'hex'")
    try command("SET lock_timeout = \(options.busyMilliseconds)")
    if options.durability == .normal { try command("SET synchronous_commit = off") }
  }

  private static func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
  ) -> R {
    let bytes = strings.flatMap { Array($0.utf8CString) }
    return bytes.withUnsafeBufferPointer { buffer in
      var pointers: [UnsafePointer<CChar>?] = []
      var offset = 0
      for string in strings {
        pointers.append(buffer.baseAddress.map { $0 + offset })
        offset += string.utf8.count + 1
      }
      return body(pointers + [nil])
    }
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  // MARK: Statements

  private func command(_ sql: String) throws {
    let result = PQexec(handle, sql)
    defer { PQclear(result) }
    try check(result, sql)
  }

  func run(_ sql: String, _ arguments: [SQLValue], wantsRows: Bool) throws -> (changed: Int, rows: [SQLRow]) {
    guard handle != nil else { throw SQLError(.connection, "the connection to PostgreSQL was lost", sql: sql) }
    let parameters = PostgresParameters(arguments)
    let name = try prepare(sql, parameters.types)
    let result = parameters.withPointers { PQexecPrepared(handle, name, $0, $1, $2, $3, 0) }
    defer { PQclear(result) }
    try check(result, sql)
    return (PostgresResult.changedRows(result), wantsRows ? PostgresResult.rows(result) : [])
  }

  private func prepare(_ sql: String, _ types: [Oid]) throws -> String {
    // A null has no type of its own and fits a statement made for any.
    let known = statements[sql]?.first { prepared in
      prepared.types.count == types.count && zip(prepared.types, types).allSatisfy { $0 == $1 || $1 == 0 }
    }
    if let known { return known.name }
    if statementCount >= Self.cacheLimit {
      forgetStatements()
      try command("DEALLOCATE ALL")
    }
    let name = "s\(statementCount)"
    let result = PQprepare(handle, name, sql, Int32(types.count), types)
    defer { PQclear(result) }
    try check(result, sql)
    statementCount += 1
    statements[sql, default: []].append(Prepared(name: name, types: types))
    return name
  }

  private func forgetStatements() {
    statements = [:]
    statementCount = 0
  }

  private func check(_ result: OpaquePointer?, _ sql: String) throws {
    let status = PQresultStatus(result)
    if status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return }
    let error = failure(result, sql)
    if error.engineCode == "0A000", error.kind == .serialization { throw stalePlan(error) }
    throw error
  }

  private func failure(_ result: OpaquePointer?, _ sql: String) -> SQLError {
    guard PQstatus(handle) == CONNECTION_OK, let result else {
      return SQLError(.connection, "the connection to PostgreSQL was lost: \(Self.oneLine(text(handle)))", sql: sql)
    }
    return PostgresResult.error(result, sql)
  }

  private func text(_ handle: OpaquePointer?) -> String { String(cString: PQerrorMessage(handle)) }

  /// The columns of a prepared statement were changed by DDL: all are prepared anew in the next attempt.
  private func stalePlan(_ error: SQLError) -> SQLError {
    // The transaction has failed and takes no DEALLOCATE; a new connection starts with no statements.
    disconnect()
    return SQLError(
      .serialization, "a table was changed while its statement was prepared", sql: error.sql,
      engineCode: error.engineCode)
  }
}
