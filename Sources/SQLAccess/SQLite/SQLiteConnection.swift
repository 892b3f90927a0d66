import Foundation
import GRDB
import GRDBSQLite

/// One sqlite3 handle with its prepared statements. Used on its queue only, or while nothing runs (`close`).
final class SQLiteConnection: Connection, @unchecked Sendable {
  let dialect = Dialect.sqlite
  private let handle: OpaquePointer
  private var statements: [StatementText: SQLiteStatement] = [:]

  /// Statement texts come from the program, so they are few; texts made at run time must not pile up.
  private static let cacheLimit = 500

  init(_ handle: OpaquePointer) { self.handle = handle }

  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  func begin() throws { _ = try run("BEGIN IMMEDIATE", [], wantsRows: false) }

  func commit() throws { _ = try run("COMMIT", [], wantsRows: false) }

  func rollback() {
    // SQLite may have rolled back by itself.
    guard isInTransaction else { return }
    _ = try? run("ROLLBACK", [], wantsRows: false)
  }

  func run(_ sql: String, _ arguments: [SQLValue], wantsRows: Bool) throws -> (changed: Int, rows: [SQLRow]) {
    let statement = try statement(sql)
    let before = sqlite3_total_changes64(handle)
    let rows = try statement.run(arguments, wantsRows: wantsRows)
    // The change counter keeps its value over statements that change nothing.
    let changed = sqlite3_total_changes64(handle) == before ? 0 : Int(sqlite3_changes64(handle))
    return (changed, rows)
  }

  private func statement(_ sql: String) throws -> SQLiteStatement {
    let text = StatementText(sql: sql)
    if let statement = statements[text] { return statement }
    let statement = try SQLiteStatement(sql, handle)
    if statements.count >= Self.cacheLimit { statements.removeAll() }
    statements[text] = statement
    return statement
  }
}

/// Of a text only the length and the end are hashed, as most of a statement's text takes longer to hash than a short
/// statement to run; compared it is whole.
private struct StatementText: Hashable {
  let sql: String

  func hash(into hasher: inout Hasher) {
    hasher.combine(sql.utf8.suffix(4).reduce(sql.utf8.count) { $0 << 8 | Int($1) })
  }
}

// MARK: - Errors

extension SQLiteConnection {
  /// What the handle says about its last call.
  static func error(_ handle: OpaquePointer, _ code: Int32, sql: String?, whileRunning: Bool) -> SQLError {
    let text = String(cString: sqlite3_errmsg(handle))
    let isNoSpace = code & 0xFF == SQLITE_IOERR && sqlite3_system_errno(handle) == ENOSPC
    return SQLError(
      isNoSpace ? .diskFull : kind(code), whileRunning ? withoutValues(text, code) : text, sql: sql,
      engineCode: String(code))
  }

  /// What GRDB threw when it opened a connection or began a read.
  static func translate(_ error: any Error) -> SQLError {
    guard let error = error as? DatabaseError else { return error as? SQLError ?? SQLError(.other, "\(error)") }
    let code = error.extendedResultCode.rawValue
    if code == SQLITE_MISUSE { return .closed }
    return SQLError(kind(code), error.message ?? String(cString: sqlite3_errstr(code)), engineCode: String(code))
  }

  private static func kind(_ code: Int32) -> SQLError.Kind {
    switch code {
    // UNIQUE, PRIMARYKEY, ROWID
    case 2067, 1555, 2579: .unique
    case 787: .foreignKey
    case 275: .check
    case 1299: .notNull
    // DATATYPE: a STRICT table
    case 3091: .type
    default:
      switch code & 0xFF {
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_FULL: .diskFull
      case SQLITE_READONLY: .readOnly
      case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
      case SQLITE_CANTOPEN: .connection
      case SQLITE_MISMATCH: .type
      default: .other
      }
    }
  }

  /// Messages that arise while a statement runs can quote its values (a search expression, a JSON path).
  private static func withoutValues(_ text: String, _ code: Int32) -> String {
    guard code & 0xFF == SQLITE_ERROR else { return text }
    if text.hasPrefix("no such column") { return "no such column" }
    return String(text.prefix { $0 != "\"" && $0 != "'" })
  }
}
