/// Why the database refused or failed. It never holds argument values: they may be customers' data.
package struct SQLError: Error, Sendable, CustomStringConvertible {
  /// What a caller can decide by; the same on every engine.
  package enum Kind: Sendable, Equatable {
    /// A unique index or primary key has this value already.
    case unique
    /// A referenced row is missing, or a row is still referenced.
    case foreignKey
    case check
    case notNull
    /// Another process or transaction held a lock too long; worth another try.
    case busy
    /// The transaction lost against a concurrent one (serialization failure, deadlock); worth another try.
    case serialization
    /// No room; the database works on as soon as there is some.
    case diskFull
    case readOnly
    /// The database is not reachable, was not opened, or is closed.
    case connection
    /// The file or a page of it is damaged, or is no database.
    case corrupt
    /// A value is of another kind, or does not fit its column.
    case type
    case other
  }

  package let kind: Kind
  /// A sentence for the log or the operator.
  package let message: String
  /// The statement that failed, with its $1…$n.
  package let sql: String?
  /// SQLite's extended result code or PostgreSQL's SQLSTATE; nil when the error is not the engine's.
  package let engineCode: String?

  /// An error with its sentence, and the statement and engine's code where there are any.
  package init(_ kind: Kind, _ message: String, sql: String? = nil, engineCode: String? = nil) {
    self.kind = kind
    self.message = message
    self.sql = sql
    self.engineCode = engineCode
  }

  package var description: String {
    message + (engineCode.map { " (code \($0))" } ?? "") + (sql.map { ", in: \($0)" } ?? "")
  }

  /// Whether the same closure may succeed a moment later.
  var isTransient: Bool { kind == .busy || kind == .serialization || kind == .connection }

  static let closed = SQLError(.connection, "the database is closed")
}
