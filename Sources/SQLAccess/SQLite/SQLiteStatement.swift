import GRDBSQLite

/// A prepared statement. SQLite takes $1…$n as parameter names, so that its own tokenizer finds them: outside of
/// quotes and comments, a repeated one once.
final class SQLiteStatement {
  private let sql: String
  private let handle: OpaquePointer
  private let statement: OpaquePointer
  /// For each parameter of the statement the position of its argument.
  private let argumentOfParameter: [Int]
  private let argumentCount: Int

  /// Copied by SQLite.
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  /// From here on a value is not copied, but held in place while the statement runs.
  private static let largeBytes = 4_096

  init(_ sql: String, _ handle: OpaquePointer) throws {
    var prepared: OpaquePointer?
    var hasTail = false
    let code = sql.withCString { text in
      var tail: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, &tail)
      while let next = tail, next.pointee != 0 {
        if !Self.isBlank(next.pointee) { hasTail = true }
        tail = next + 1
      }
      return code
    }
    guard code == SQLITE_OK else { throw SQLiteConnection.error(handle, code, sql: sql, whileRunning: false) }
    guard let prepared, !hasTail else {
      sqlite3_finalize(prepared)
      throw SQLError(.other, prepared == nil ? "the statement is empty" : "one statement at a time, please", sql: sql)
    }
    do {
      argumentOfParameter = try Self.arguments(of: prepared, sql)
    } catch {
      sqlite3_finalize(prepared)
      throw error
    }
    argumentCount = (argumentOfParameter.max() ?? -1) + 1
    statement = prepared
    self.sql = sql
    self.handle = handle
  }

  deinit { sqlite3_finalize(statement) }

  private static func isBlank(_ character: CChar) -> Bool {
    character == 0x20 || (9...13).contains(character) || character == 0x3B
  }

  private static func arguments(of statement: OpaquePointer, _ sql: String) throws -> [Int] {
    let count = sqlite3_bind_parameter_count(statement)
    guard count > 0 else { return [] }
    return try (1...count).map { parameter in
      guard let name = sqlite3_bind_parameter_name(statement, parameter), name.pointee == UInt8(ascii: "$"),
        let number = Int(String(cString: name + 1)), number >= 1
      else { throw SQLError(.other, "parameters are written $1, $2, …", sql: sql) }
      return number - 1
    }
  }

  /// Binds, steps to the end, and resets, also on error.
  func run(_ arguments: [SQLValue], wantsRows: Bool) throws -> [SQLRow] {
    guard arguments.count == argumentCount else {
      throw SQLError(.other, "the statement has \(argumentCount) parameters, given were \(arguments.count)", sql: sql)
    }
    defer {
      sqlite3_reset(statement)
      // Large values must not be remembered: they are not SQLite's.
      if argumentCount > 0 { sqlite3_clear_bindings(statement) }
    }
    return try bind(arguments, from: 0, wantsRows)
  }

  /// Binds the parameters from `first` on; a large value is pinned while all that follows runs.
  private func bind(_ arguments: [SQLValue], from first: Int, _ wantsRows: Bool) throws -> [SQLRow] {
    for parameter in first..<argumentOfParameter.count {
      let index = Int32(parameter + 1)
      switch arguments[argumentOfParameter[parameter]].storable {
      case .null: try check(sqlite3_bind_null(statement, index))
      case .integer(let value): try check(sqlite3_bind_int64(statement, index, value))
      case .real(let value): try check(sqlite3_bind_double(statement, index, value))
      case .text(var text):
        if text.utf8.count >= Self.largeBytes {
          return try text.withUTF8 { bytes in
            try check(
              bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text64(statement, index, $0.baseAddress, UInt64($0.count), nil, UInt8(SQLITE_UTF8))
              })
            return try bind(arguments, from: parameter + 1, wantsRows)
          }
        }
        try check(sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), Self.transient))
      case .blob(let bytes):
        if bytes.count >= Self.largeBytes {
          return try bytes.withUnsafeBytes { bytes in
            try check(sqlite3_bind_blob64(statement, index, bytes.baseAddress, UInt64(bytes.count), nil))
            return try bind(arguments, from: parameter + 1, wantsRows)
          }
        }
        // A null pointer would be NULL, an empty blob has none.
        let code = bytes.withUnsafeBytes {
          $0.isEmpty
            ? sqlite3_bind_zeroblob(statement, index, 0)
            : sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), Self.transient)
        }
        try check(code)
      }
    }
    return try step(wantsRows)
  }

  private func step(_ wantsRows: Bool) throws -> [SQLRow] {
    var rows: [SQLRow] = []
    while true {
      let code = sqlite3_step(statement)
      switch code {
      case SQLITE_ROW: if wantsRows { rows.append(row()) }
      case SQLITE_DONE: return rows
      default: throw SQLiteConnection.error(handle, code, sql: sql, whileRunning: true)
      }
    }
  }

  private func row() -> SQLRow {
    // Asked for each row: the statement is prepared anew by itself when the schema has changed.
    let count = sqlite3_data_count(statement)
    return SQLRow(values: (0..<count).map(value))
  }

  private func value(_ column: Int32) -> SQLValue {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
    case SQLITE_TEXT:
      let text = sqlite3_column_text(statement, column)
      let count = Int(sqlite3_column_bytes(statement, column))
      return .text(String(decoding: UnsafeBufferPointer(start: text, count: text == nil ? 0 : count), as: UTF8.self))
    case SQLITE_BLOB:
      let blob = sqlite3_column_blob(statement, column)
      let count = Int(sqlite3_column_bytes(statement, column))
      return .blob(Array(UnsafeRawBufferPointer(start: blob, count: blob == nil ? 0 : count)))
    default: return .null
    }
  }

  private func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw SQLiteConnection.error(handle, code, sql: sql, whileRunning: true) }
  }
}
