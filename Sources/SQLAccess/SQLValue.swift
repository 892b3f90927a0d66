import Glibc

/// One value that goes into or comes out of a statement; the same five kinds on every engine.
package enum SQLValue: Sendable, Equatable {
  case null
  case integer(Int64)
  /// A double. NaN is stored as null (SQLite has no NaN).
  case real(Double)
  /// Text. U+0000 is stored as U+FFFD: PostgreSQL cannot hold it, and both engines shall hold the same.
  case text(String)
  case blob([UInt8])

  /// An integer.
  package static func int(_ value: Int) -> SQLValue { .integer(Int64(value)) }

  /// An integer, or null.
  package static func optional(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .null }

  /// A text, or null.
  package static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }

  /// A blob, or null.
  package static func optional(_ value: [UInt8]?) -> SQLValue { value.map(SQLValue.blob) ?? .null }

  /// 1 or 0: a boolean column is an integer column on every engine.
  package static func bool(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  package init(nilLiteral: ()) { self = .null }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .text(value) }
}

extension SQLValue {
  /// The kind's name in error sentences; never the value.
  var kindName: String {
    switch self {
    case .null: "null"
    case .integer: "an integer"
    case .real: "a real"
    case .text: "a text"
    case .blob: "a blob"
    }
  }

  /// What both engines can store: no NaN, no U+0000 in a text.
  var storable: SQLValue {
    switch self {
    case .real(let number) where number.isNaN: .null
    case .text(let text) where text.containsNUL:
      .text(String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 })))
    default: self
    }
  }
}

extension String {
  fileprivate var containsNUL: Bool {
    utf8.withContiguousStorageIfAvailable { bytes in
      bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
    } ?? utf8.contains(0)
  }
}
