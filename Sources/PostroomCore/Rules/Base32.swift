/// Base32 (RFC 4648 §6) without padding and in lower case: addresses and what people type lose their case on the way.
enum Base32 {
  private static let digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

  static func encoded(_ bytes: some Collection<UInt8>) -> String {
    var accumulator: UInt32 = 0
    var bits: UInt32 = 0
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count * 8 + 4) / 5)
    for byte in bytes {
      accumulator = accumulator << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        result.append(digits[Int(accumulator >> bits) & 31])
      }
      accumulator &= 0xFF
    }
    if bits > 0 { result.append(digits[Int(accumulator << (5 - bits)) & 31]) }
    return String(decoding: result, as: UTF8.self)
  }

  /// In either case. Nil for any other character; bits that fill no byte are dropped, so one value has several spellings.
  static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
    var accumulator: UInt32 = 0
    var bits: UInt32 = 0
    var result: [UInt8] = []
    for byte in text {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = byte - UInt8(ascii: "a")
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = byte - UInt8(ascii: "A")
      case UInt8(ascii: "2")...UInt8(ascii: "7"): digit = byte - UInt8(ascii: "2") + 26
      default: return nil
      }
      accumulator = (accumulator << 5 | UInt32(digit)) & 0xFFFF
      bits += 5
      if bits >= 8 {
        bits -= 8
        result.append(UInt8(truncatingIfNeeded: accumulator >> bits))
      }
    }
    return result
  }
}
