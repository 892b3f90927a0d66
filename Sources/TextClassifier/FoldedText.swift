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
    var text = text
    text.withUTF8 { fold($0) }
  }

  private mutating func fold(_ text: UnsafeBufferPointer<UInt8>) {
    let simplified = TraditionalForms.simplified
    // No fold is longer than what it came from; the line feed and the end of the origins come on top.
    let capacity = min(text.count, Self.scalarLimit * 4) + 1
    bytes = [UInt8](unsafeUninitializedCapacity: capacity) { folded, length in
      origins = [Int32](unsafeUninitializedCapacity: capacity) { origins, originCount in
        simplified.withUnsafeBufferPointer { simplified in
          fold(text, simplified, to: folded, origins, &length)
        }
        originCount = length + 1
      }
    }
    // A subject without a body is the whole text.
    if bodyStart == bytes.count { bodyStart = 0 }
  }

  private mutating func fold(
    _ text: UnsafeBufferPointer<UInt8>, _ simplified: UnsafeBufferPointer<UInt16>,
    to folded: UnsafeMutableBufferPointer<UInt8>, _ origins: UnsafeMutableBufferPointer<Int32>, _ length: inout Int
  ) {
    var offset = 0
    var scalars = 0
    var seenText = false
    while offset < text.count, scalars < Self.scalarLimit {
      let (scalar, width) = Self.scalar(text, at: offset)
      let value = Self.fold(scalar, simplified)
      let start = length
      if value == 0x0A && seenText && bodyStart == 0 {
        folded[length] = 0x0A
        length += 1
        bodyStart = length
      } else if Self.isSpace(value) {
        if length > 0, Self.takesSpace(folded, length) {
          folded[length] = 0x20
          length += 1
        }
      } else {
        seenText = true
        count(value)
        length += Self.write(value, to: folded, at: length)
      }
      for place in start..<length { origins[place] = Int32(offset) }
      offset += width
      scalars += 1
    }
    origins[length] = Int32(offset)
  }

  /// After ASCII but space and line feed, and after a letter of two bytes.
  @inline(__always)
  private static func takesSpace(_ folded: UnsafeMutableBufferPointer<UInt8>, _ length: Int) -> Bool {
    let last = folded[length - 1]
    if last < 0x80 { return last != 0x20 && last != 0x0A }
    return length > 1 && folded[length - 2] >= 0xC2 && folded[length - 2] < 0xE0
  }

  /// The scalar at `place` of valid UTF-8, and how many bytes it takes.
  @inline(__always)
  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (value: UInt32, width: Int) {
    let first = UInt32(text[place])
    func tail(_ distance: Int) -> UInt32 { UInt32(text[place + distance] & 0x3F) }
    switch first {
    case ..<0x80: return (first, 1)
    case ..<0xE0: return ((first & 0x1F) << 6 | tail(1), 2)
    case ..<0xF0: return ((first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3)
    default: return ((first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
    }
  }

  /// The language by script: a Han character says about as much as three Latin letters.
  var language: TextLanguage {
    let han = hanCount * 3
    if otherCount * 2 > han + latinCount { return .other }
    if han == 0 && latinCount == 0 { return .other }
    return han >= latinCount ? .chinese : .english
  }

  /// Writes the UTF-8 of a scalar; how many bytes it took.
  @inline(__always)
  private static func write(_ value: UInt32, to folded: UnsafeMutableBufferPointer<UInt8>, at place: Int) -> Int {
    switch value {
    case ..<0x80:
      folded[place] = UInt8(value)
      return 1
    case ..<0x800:
      folded[place] = UInt8(0xC0 | value >> 6)
      folded[place + 1] = UInt8(0x80 | value & 0x3F)
      return 2
    case ..<0x10000:
      folded[place] = UInt8(0xE0 | value >> 12)
      folded[place + 1] = UInt8(0x80 | value >> 6 & 0x3F)
      folded[place + 2] = UInt8(0x80 | value & 0x3F)
      return 3
    default:
      // No cue holds a character beyond the BMP; one byte that no cue holds keeps the words around it apart.
      folded[place] = 0xFF
      return 1
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

  /// The form of one scalar; `simplified` is `TraditionalForms.simplified`.
  @inline(__always)
  private static func fold(_ value: UInt32, _ simplified: UnsafeBufferPointer<UInt16>) -> UInt32 {
    switch value {
    case 0x41...0x5A: return value + 0x20
    case ..<0x80: return value
    case 0x2018, 0x2019, 0x02BC: return 0x27
    case 0x3000: return 0x20
    case 0xFF21...0xFF3A: return value - 0xFEE0 + 0x20
    case 0xFF01...0xFF5E: return value - 0xFEE0
    case 0x4E00...0x9FFF:
      let form = simplified[Int(value - 0x4E00)]
      return form == 0 ? value : UInt32(form)
    default: return value
    }
  }
}
