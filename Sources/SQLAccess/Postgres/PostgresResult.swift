import CPostgres

/// Reads libpq results (text format) into the five kinds of values.
enum PostgresResult {
  /// Rows inserted, changed or deleted; 0 for statements that only read.
  static func changedRows(_ result: OpaquePointer?) -> Int {
    let status = String(cString: PQcmdStatus(result))
    guard ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: status.hasPrefix) else { return 0 }
    return Int(String(cString: PQcmdTuples(result))) ?? 0
  }

  static func rows(_ result: OpaquePointer?) -> [SQLRow] {
    let columns = 0..<PQnfields(result)
    let types = columns.map { PQftype(result, $0) }
    return (0..<PQntuples(result)).map { row in
      SQLRow(values: columns.map { value(result, row, $0, types[Int($0)]) })
    }
  }

  private static func value(_ result: OpaquePointer?, _ row: Int32, _ column: Int32, _ type: Oid) -> SQLValue {
    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
    let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
    switch type {
    case PostgresType.bool: return .bool(bytes.first == UInt8(ascii: "t"))
    case PostgresType.bytea: return .blob(blob(hex: bytes))
    default: break
    }
    let text = String(decoding: bytes, as: UTF8.self)
    switch type {
    case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.oid:
      return Int64(text).map(SQLValue.integer) ?? .text(text)
    case PostgresType.float8, PostgresType.float4: return Double(text).map(SQLValue.real) ?? .text(text)
    // sum() over 64-bit integers is a numeric.
    case PostgresType.numeric:
      return Int64(text).map(SQLValue.integer) ?? Double(text).map(SQLValue.real) ?? .text(text)
    default: return .text(text)
    }
  }

  /// `\x` and two digits for each octet, as `bytea_output = 'hex'` has it.
  private static func blob(hex: UnsafeRawBufferPointer) -> [UInt8] {
    let count = max(0, hex.count - 2) / 2
    return [UInt8](unsafeUninitializedCapacity: count) { octets, initialized in
      for index in 0..<count {
        octets[index] = digit(hex[2 + 2 * index]) << 4 | digit(hex[3 + 2 * index])
      }
      initialized = count
    }
  }

  /// The value of a digit 0–9, a–f.
  private static func digit(_ character: UInt8) -> UInt8 {
    character >= UInt8(ascii: "a") ? character &- UInt8(ascii: "a") &+ 10 : character &- UInt8(ascii: "0")
  }

  // MARK: Errors

  static func error(_ result: OpaquePointer, _ sql: String) -> SQLError {
    let state = field(result, "C") ?? ""
    let message = field(result, "M") ?? "PostgreSQL gave no reason"
    return SQLError(
      kind(state, message), state.hasPrefix("22") ? withoutValues(state) : message, sql: sql, engineCode: state)
  }

  /// A field of the error report (PG_DIAG_SQLSTATE is 'C', PG_DIAG_MESSAGE_PRIMARY 'M'). DETAIL quotes values and is
  /// never read.
  private static func field(_ result: OpaquePointer, _ code: Character) -> String? {
    PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
  }

  private static func kind(_ state: String, _ message: String) -> SQLError.Kind {
    switch state {
    case "23505", "23P01": return .unique
    case "23503", "23001": return .foreignKey
    case "23514": return .check
    case "23502": return .notNull
    case "40001", "40P01": return .serialization
    // Raised when DDL changed the columns of a prepared statement.
    case "0A000" where message.hasPrefix("cached plan"): return .serialization
    case "55P03": return .busy
    case "53100": return .diskFull
    case "25006": return .readOnly
    case "42804", "42P18": return .type
    case "57P01", "57P02", "57P03", "53300": return .connection
    case "XX001", "XX002": return .corrupt
    default: return state.hasPrefix("08") ? .connection : state.hasPrefix("22") ? .type : .other
    }
  }

  /// Messages of class 22 (data exception) quote the value.
  private static func withoutValues(_ state: String) -> String {
    switch state {
    case "22003": "a number is out of its type's range"
    case "22012": "division by zero"
    default: "a value has not the form that its type wants"
    }
  }
}
