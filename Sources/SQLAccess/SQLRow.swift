/// One row of a result, read by position from 0.
///
/// Every accessor throws ``SQLError`` of kind `.type` when the column is absent or holds another kind of value.
package struct SQLRow: Sendable, Equatable {
  /// The columns in the order of the statement.
  package let values: [SQLValue]

  /// A row of these columns.
  package init(values: [SQLValue]) { self.values = values }

  /// An integer.
  package func int(_ column: Int) throws -> Int64 {
    guard case .integer(let value) = try value(column) else { throw mismatch(column, "an integer") }
    return value
  }

  /// An integer; nil for null.
  package func optionalInt(_ column: Int) throws -> Int64? { try isNull(column) ? nil : int(column) }

  /// A double; an integer is widened (engines differ in whether a sum or a quotient without fraction is an integer).
  package func real(_ column: Int) throws -> Double {
    switch try value(column) {
    case .real(let value): return value
    case .integer(let value): return Double(value)
    default: throw mismatch(column, "a real")
    }
  }

  /// A double; nil for null.
  package func optionalReal(_ column: Int) throws -> Double? { try isNull(column) ? nil : real(column) }

  /// A text.
  package func text(_ column: Int) throws -> String {
    guard case .text(let value) = try value(column) else { throw mismatch(column, "a text") }
    return value
  }

  /// A text; nil for null.
  package func optionalText(_ column: Int) throws -> String? { try isNull(column) ? nil : text(column) }

  /// A blob.
  package func blob(_ column: Int) throws -> [UInt8] {
    guard case .blob(let value) = try value(column) else { throw mismatch(column, "a blob") }
    return value
  }

  /// A blob; nil for null.
  package func optionalBlob(_ column: Int) throws -> [UInt8]? { try isNull(column) ? nil : blob(column) }

  /// An integer other than 0.
  package func bool(_ column: Int) throws -> Bool { try int(column) != 0 }

  /// Whether the column holds null.
  package func isNull(_ column: Int) throws -> Bool { try value(column) == .null }

  private func value(_ column: Int) throws -> SQLValue {
    guard values.indices.contains(column) else {
      throw SQLError(.type, "the row has \(values.count) columns; column \(column) was asked for")
    }
    return values[column]
  }

  private func mismatch(_ column: Int, _ wanted: String) -> SQLError {
    SQLError(.type, "column \(column) holds \(values[column].kindName) where \(wanted) was expected")
  }
}
