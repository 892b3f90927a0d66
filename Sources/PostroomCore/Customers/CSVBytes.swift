/// Tells by the bytes above 127 what a file is written in.
struct ByteCensus {
  private var sequences = 0
  private var broken = 0
  private var pairs = 0
  private var lone = 0
  /// Bytes that the UTF-8 sequence still wants.
  private var wanted = 0
  private var isFirstOfPair = false

  mutating func add(_ byte: UInt8) {
    if isFirstOfPair {
      isFirstOfPair = false
      if byte < 0x80 { lone += 1 } else { pairs += 1 }
    } else {
      isFirstOfPair = byte >= 0x80
    }
    if wanted > 0 {
      if byte & 0xC0 == 0x80 {
        wanted -= 1
        if wanted == 0 { sequences += 1 }
        return
      }
      wanted = 0
      broken += 1
    }
    switch byte {
    case 0x00..<0x80: break
    case 0xC2..<0xE0: wanted = 1
    case 0xE0..<0xF0: wanted = 2
    case 0xF0..<0xF5: wanted = 3
    default: broken += 1
    }
  }

  /// By the majority: one damaged row must not turn all the others into another encoding. Chinese text has its high
  /// bytes in pairs, Western text between ASCII letters.
  var encoding: CSVFile.Encoding {
    if broken <= sequences { return .utf8 }
    return pairs >= lone ? .gb18030 : .windows1252
  }
}

/// UTF-16 as UTF-8, piece by piece. Half a pair of surrogates becomes U+FFFD (Unicode §3.9).
struct WideText {
  private let isBigEndian: Bool
  /// The first byte of a unit whose second comes with the next piece.
  private var half: UInt8?
  private var high: UInt16?

  /// Nil when the encoding has no units of 16 bits.
  init?(_ encoding: CSVFile.Encoding) {
    guard encoding == .utf16BigEndian || encoding == .utf16LittleEndian else { return nil }
    isBigEndian = encoding == .utf16BigEndian
  }

  mutating func utf8(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 3 / 2 + 8)
    for byte in bytes {
      guard let first = half else {
        half = byte
        continue
      }
      half = nil
      add(isBigEndian ? UInt16(first) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(first), to: &out)
    }
    if isLast, half != nil || high != nil {
      half = nil
      high = nil
      Self.append(0xFFFD, to: &out)
    }
    return out
  }

  private mutating func add(_ unit: UInt16, to out: inout [UInt8]) {
    if let first = high {
      high = nil
      if unit & 0xFC00 == 0xDC00 {
        return Self.append(0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(unit & 0x3FF)), to: &out)
      }
      Self.append(0xFFFD, to: &out)
    }
    switch unit & 0xFC00 {
    case 0xD800: high = unit
    case 0xDC00: Self.append(0xFFFD, to: &out)
    default: Self.append(UInt32(unit), to: &out)
    }
  }

  private static func append(_ value: UInt32, to out: inout [UInt8]) {
    Unicode.Scalar(value).map { out.append(contentsOf: UTF8.encode($0) ?? UTF8.encodedReplacementCharacter) }
  }
}
