/// Lists as one argument, written in JSON: with a place for each value the text would be another statement for each
/// length.
extension SQLValue {
  /// For ``Dialect/numbers(in:)``.
  package static func list(_ numbers: [Int64]) -> SQLValue {
    .text("[" + numbers.map { "\($0)" }.joined(separator: ",") + "]")
  }

  /// For ``Dialect/texts(in:)``.
  package static func list(_ texts: [String]) -> SQLValue {
    var json = [UInt8(ascii: "[")]
    for text in texts {
      if json.count > 1 { json.append(UInt8(ascii: ",")) }
      appendString(text, to: &json)
    }
    json.append(UInt8(ascii: "]"))
    return .text(String(decoding: json, as: UTF8.self))
  }

  /// RFC 8259 §7. U+0000 becomes U+FFFD, as in every text. A byte of ASCII is never a part of another character.
  private static func appendString(_ text: String, to json: inout [UInt8]) {
    json.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
      case 0: json += "\u{FFFD}".utf8
      case ..<0x20: json += ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8
      default: json.append(byte)
      }
    }
    json.append(UInt8(ascii: "\""))
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
