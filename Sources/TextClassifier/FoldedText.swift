/// A text in the one form that cues are written in, as UTF-8 bytes, with the way back to the original.
///
/// Folding: full-width forms to ASCII, ASCII to lower case, curly apostrophes to straight ones, the Traditional
/// characters that occur in cues to Simplified, white space to one space (none after a Han character, so that
/// a wrapped line does not split a cue). The first line break stays as a line feed: it ends the subject.
struct FoldedText {
  /// Longer texts are read up to here; what a customer wants stands far earlier.
  static let scalarLimit = 8_000

  private(set) var bytes: [UInt8] = []
  /// `origins[i]` is the UTF-8 offset in the original of `bytes[i]`; one more entry for the end.
  private(set) var origins: [Int32] = []
  /// Where the body starts in `bytes`; 0 when the text is a single line and so has no subject.
  private(set) var bodyStart = 0
  /// Han characters, Latin letters, and letters of other scripts (kana and Hangul included).
  private(set) var hanCount = 0
  private(set) var latinCount = 0
  private(set) var otherCount = 0

  init(_ text: String) {
    let capacity = min(text.utf8.count, Self.scalarLimit * 4) + 1
    bytes.reserveCapacity(capacity)
    origins.reserveCapacity(capacity)
    var offset: Int32 = 0
    var seenText = false
    for scalar in text.unicodeScalars.prefix(Self.scalarLimit) {
      let value = Self.fold(scalar.value)
      if value == 0x0A && seenText && bodyStart == 0 {
        append(0x0A, at: offset)
        bodyStart = bytes.count
      } else if Self.isSpace(value) {
        if let last = bytes.last, last < 0x80, last != 0x20, last != 0x0A { append(0x20, at: offset) }
      } else {
        seenText = true
        count(value)
        appendScalar(value, at: offset)
      }
      offset += Int32(UTF8.width(scalar))
    }
    // A subject without a body is the whole text.
    if bodyStart == bytes.count { bodyStart = 0 }
    origins.append(offset)
  }

  /// The language by script: a Han character says about as much as three Latin letters.
  var language: TextLanguage {
    let han = hanCount * 3
    if otherCount * 2 > han + latinCount { return .other }
    if han == 0 && latinCount == 0 { return .other }
    return han >= latinCount ? .chinese : .english
  }

  private mutating func append(_ byte: UInt8, at offset: Int32) {
    bytes.append(byte)
    origins.append(offset)
  }

  private mutating func appendScalar(_ value: UInt32, at offset: Int32) {
    switch value {
    case ..<0x80:
      append(UInt8(value), at: offset)
    case ..<0x800:
      append(UInt8(0xC0 | value >> 6), at: offset)
      append(UInt8(0x80 | value & 0x3F), at: offset)
    case ..<0x10000:
      append(UInt8(0xE0 | value >> 12), at: offset)
      append(UInt8(0x80 | value >> 6 & 0x3F), at: offset)
      append(UInt8(0x80 | value & 0x3F), at: offset)
    default:
      // No cue holds a character beyond the BMP; one byte that no cue holds keeps the words around it apart.
      append(0xFF, at: offset)
    }
  }

  private mutating func count(_ value: UInt32) {
    switch value {
    case 0x61...0x7A, 0xC0...0x24F: latinCount += 1
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x3FFFF: hanCount += 1
    case 0x370...0x1FFF, 0x3040...0x30FF, 0x1100...0x11FF, 0xAC00...0xD7AF: otherCount += 1
    default: break
    }
  }

  static func isSpace(_ value: UInt32) -> Bool {
    value <= 0x20 || value == 0xA0 || value == 0x85 || (value >= 0x2000 && value <= 0x200B) || value == 0x2028
      || value == 0x2029 || value == 0xFEFF
  }

  static func fold(_ value: UInt32) -> UInt32 {
    switch value {
    case 0x41...0x5A: return value + 0x20
    case ..<0x80: return value
    case 0x2018, 0x2019, 0x02BC: return 0x27
    case 0x3000: return 0x20
    case 0xFF21...0xFF3A: return value - 0xFEE0 + 0x20
    case 0xFF01...0xFF5E: return value - 0xFEE0
    case 0x4E00...0x9FFF:
      let simplified = TraditionalForms.simplified[Int(value - 0x4E00)]
      return simplified == 0 ? value : UInt32(simplified)
    default: return value
    }
  }
}
