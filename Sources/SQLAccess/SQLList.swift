/// Lists as one argument, written in JSON: with a place for each value the text would be another statement for each
/// length.
extension SQLValue {
  /// For ``Dialect/numbers(in:)``.
  package static func list(_ numbers: [Int64]) -> SQLValue {
    .text("[" + numbers.map { "\($0)" }.joined(separator: ",") + "]")
  }

  /// For ``Dialect/texts(in:)``.
  package static func list(_ texts: [String]) -> SQLValue {
    .text("[" + texts.map(jsonString).joined(separator: ",") + "]")
  }

  /// RFC 8259 §7. U+0000 becomes U+FFFD, as in every text.
  private static func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\0": result += "\u{FFFD}"
      case _ where scalar.value < 0x20:
        result += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Dialect {
  /// The numbers of a list, to stand behind `IN`.
  /// - Parameter parameter: the place of a ``SQLValue/list(_:)``, `$1`.
  package func numbers(in parameter: String) -> String {
    self == .sqlite
      ? "(SELECT value FROM json_each(\(parameter)))"
      : "(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(\(parameter) AS json)))"
  }

  /// The texts of a list, to stand behind `IN`.
  /// - Parameter parameter: the place of a ``SQLValue/list(_:)``, `$1`.
  package func texts(in parameter: String) -> String {
    self == .sqlite
      ? "(SELECT value FROM json_each(\(parameter)))"
      : "(SELECT value FROM json_array_elements_text(CAST(\(parameter) AS json)))"
  }
}
