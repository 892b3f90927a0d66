internal import Foundation

/// The encodings that signatures are computed over. All work on UTF-8 bytes: Swift's `Character` would join an `&` with a
/// combining mark behind it, and its `<` and `==` compare canonical equivalents, neither of which any vendor does.
enum CanonicalText {
  /// RFC 3986 §2.3: everything but letters, digits and `-._~` becomes `%XX`. A path keeps its slashes.
  static func percentEncoded(_ text: String, keepingSlash: Bool = false) -> String {
    var text = text
    return text.withUTF8 { bytes in
      String(unsafeUninitializedCapacity: bytes.count * 3) { result in
        var count = 0
        for byte in bytes {
          if isUnreserved[Int(byte)] || (byte == UInt8(ascii: "/") && keepingSlash) {
            result[count] = byte
            count += 1
          } else {
            result[count] = UInt8(ascii: "%")
            result[count + 1] = upperHexDigits[Int(byte >> 4)]
            result[count + 2] = upperHexDigits[Int(byte & 15)]
            count += 3
          }
        }
        return count
      }
    }
  }

  /// RFC 3986 §2.3, by byte.
  private static let isUnreserved: [Bool] = (0...255).map { byte in
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8.contains(byte)
  }

  /// `name=value&…`, encoded, in the order of the encoded names and then values.
  static func query(_ parameters: [Parameter]) -> String {
    parameters
      .map { (percentEncoded($0.name), percentEncoded($0.value)) }
      .sorted { $0.0 == $1.0 ? $0.1.precedes($1.1) : $0.0.precedes($1.0) }
      .map { $0.0 + "=" + $0.1 }
      .joined(separator: "&")
  }

  /// `application/x-www-form-urlencoded` (WHATWG URL §5.1): `+` is a space, a `%` that starts no pair stays.
  static func parameters(ofForm form: some Collection<UInt8>) -> [Parameter] {
    form.split(separator: UInt8(ascii: "&")).map { pair in
      let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return Parameter(name: formDecoded(sides[0]), value: sides.count > 1 ? formDecoded(sides[1]) : "")
    }
  }

  private static func formDecoded(_ text: some Collection<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      let pair = text[index...].dropFirst().prefix(2)
      if byte == UInt8(ascii: "%"), pair.count == 2, let value = unhex(pair) {
        result += value
        index = text.index(index, offsetBy: 3)
      } else {
        result.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
        index = text.index(after: index)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func hex(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes.flatMap { [lowerHexDigits[Int($0 >> 4)], lowerHexDigits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Nil unless all are pairs of hexadecimal digits, in either case.
  static func unhex(_ text: some Collection<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    var high: UInt8?
    for byte in text {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      if let first = high {
        result.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? result : nil
  }

  /// RFC 4648 §4, with padding.
  static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// RFC 4648 §4; missing padding is added. Nil when it is anything else.
  static func unbase64(_ text: some Collection<UInt8>) -> [UInt8]? {
    var padded = Data(text)
    while padded.count % 4 != 0 { padded.append(UInt8(ascii: "=")) }
    return Data(base64Encoded: padded).map { Array($0) }
  }

  private static let lowerHexDigits = Array("0123456789abcdef".utf8)
  private static let upperHexDigits = Array("0123456789ABCDEF".utf8)
}

extension String {
  /// In the order of code points, as every vendor sorts.
  func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

  /// Without spaces and tabs around, inner ones folded to one space (SigV4's `Trimall`).
  var withFoldedSpaces: String {
    utf8.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }.map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: " ")
  }
}
