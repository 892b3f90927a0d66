/// Bytes in a named character set → String. Never fails: labels lie, bytes break, and the text is wanted all the same.
package enum Charset {
  /// Text of another origin than mail, in the character set of this label; nil when some of it means nothing there.
  package static func text(_ bytes: UnsafeBufferPointer<UInt8>, label: String) -> String? {
    let decoded = decode(bytes, label: label)
    return decoded.damaged ? nil : decoded.text
  }

  /// What became of a text.
  struct Decoded {
    var text: String
    /// The label was unknown or contradicted by the bytes.
    var guessed = false
    /// U+FFFD stands for bytes that mean nothing.
    var damaged = false
  }

  /// Decodes by the label, unless the bytes prove that it lies.
  static func decode(_ bytes: Bytes, label: String?) -> Decoded {
    let kind = label.map(CharsetLabel.kind) ?? .unknown
    if case .special(let name) = kind, fits(bytes, name) {
      let decoded =
        name == CharsetLabel.hz
        ? pairsOfHZ(bytes).withUnsafeBufferPointer { Iconv.decode($0, from: "GB18030") }
        : Iconv.decode(bytes, from: name)
      if let decoded { return decoded }
    }
    let body = withoutMark(bytes)
    if let text = String(validating: body, as: UTF8.self) {
      switch kind {
      case .multibyte:
        // Two-byte sequences alone may be GBK or KOI8 by accident; longer ones hardly ever are.
        let census = UTF8Census(body)
        if census.two + census.longer == 0 { return Decoded(text: text) }
        if census.longer < max(1, census.two) { break }
        return Decoded(text: text, guessed: true)
      case .utf8, .ascii, .windows1252, .special, .unknown:
        return Decoded(text: text)
      }
    }
    switch kind {
    case .multibyte(let name):
      if var decoded = Iconv.decode(body, from: name) {
        if name == CharsetLabel.korean { decoded.text = HangulMakeUp.composed(decoded.text) }
        return decoded
      }
    case .ascii, .windows1252:
      return Decoded(text: decodeWindows1252(body))
    case .utf8:
      let census = UTF8Census(body)
      if census.two + census.longer >= census.invalid {
        return Decoded(text: String(decoding: body, as: UTF8.self), damaged: true)
      }
    case .special, .unknown:
      break
    }
    return guess(body)
  }

  /// HZ (RFC 1843), which glibc does not know, as the GB 2312 it stands for: `~{` and `~}` around pairs without high
  /// bits.
  private static func pairsOfHZ(_ bytes: Bytes) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var isChinese = false
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      if byte == 126, i + 1 < bytes.count {
        switch bytes[i + 1] {
        case 123: isChinese = true
        case 125: isChinese = false
        case ASCII.lf: break
        case let other: out.append(other)
        }
        i += 2
      } else {
        // A line always ends the Chinese.
        if byte == ASCII.lf { isChinese = false }
        out.append(isChinese && byte > ASCII.space ? byte | 0x80 : byte)
        i += 1
      }
    }
    return out
  }

  /// Whether bytes may be in one of the special character sets: those in 16-bit units hold NUL or bytes above 127,
  /// those in 7-bit bytes hold none above 127.
  private static func fits(_ bytes: Bytes, _ name: String) -> Bool {
    let isWide = name.hasPrefix("UTF-16") || name.hasPrefix("UTF-32")
    return bytes.contains { isWide ? $0 == 0 || $0 >= 0x80 : $0 >= 0x80 } == isWide
  }

  /// Not UTF-8 and nothing else known: GB18030 when the bytes look like it, else windows-1252.
  private static func guess(_ bytes: Bytes) -> Decoded {
    if looksLikeGB(bytes), let decoded = Iconv.decode(bytes, from: "GB18030"), !decoded.damaged {
      return Decoded(text: decoded.text, guessed: true)
    }
    return Decoded(text: decodeWindows1252(bytes), guessed: true)
  }

  /// Western text has its high bytes alone between ASCII letters, Chinese text has them in pairs.
  private static func looksLikeGB(_ bytes: Bytes) -> Bool {
    var pairs = 0
    var others = 0
    var i = 0
    while i < bytes.count {
      if bytes[i] < 0x80 {
        i += 1
      } else if i + 1 < bytes.count, bytes[i + 1] >= 0x80 {
        pairs += 1
        i += 2
      } else {
        others += 1
        i += 2
      }
    }
    return pairs > others
  }

  private static func withoutMark(_ bytes: Bytes) -> Bytes {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
      ? bytes.slice(3..<bytes.count) : bytes
  }

  private static func decodeWindows1252(_ bytes: Bytes) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 4)
    for byte in bytes {
      if byte < 0x80 {
        out.append(byte)
      } else {
        let scalar = byte < 0xA0 ? windows1252[Int(byte) - 0x80] : UInt16(byte)
        if scalar < 0x800 {
          out.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
        } else {
          out.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
          out.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6) & 0x3F)
        }
        out.append(0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3F)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static let windows1252: [UInt16] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
    0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
    0x017E, 0x0178,
  ]

  /// Whether line ends of the label's text are the bytes CR and LF (not so in units of 16 and 32 bits).
  static func hasByteLineEnds(_ label: String?) -> Bool {
    guard let label, case .special(let name) = CharsetLabel.kind(of: label) else { return true }
    return !name.hasPrefix("UTF-16") && !name.hasPrefix("UTF-32")
  }

  /// Whether the label is in the table.
  static func isKnown(_ label: String) -> Bool {
    if case .unknown = CharsetLabel.kind(of: label) { return false }
    return true
  }
}

/// How much in a text is UTF-8 and how much is not.
struct UTF8Census {
  /// Sequences of two bytes.
  private(set) var two = 0
  /// Sequences of three or four bytes.
  private(set) var longer = 0
  private(set) var invalid = 0

  init(_ bytes: Bytes) {
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      let length = byte < 0x80 ? 1 : byte < 0xC2 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 0
      if length == 1 {
        i += 1
        continue
      }
      var seen = 1
      while seen < length, i + seen < bytes.count, bytes[i + seen] & 0xC0 == 0x80 { seen += 1 }
      if length == 0 || seen < length {
        invalid += 1
      } else if length == 2 {
        two += 1
      } else {
        longer += 1
      }
      i += seen
    }
  }
}
