internal import CGumbo

/// Decodes `&amp;`, `&#20013;` and the like (HTML standard §13.2.5.72 and on).
///
/// The names are gumbo's: each is asked for once per document, so no second table of 2,231 names is kept.
struct CharacterReferences {
  private var known: [[UInt8]: [UInt8]] = [:]

  /// The longest name of the standard has 31 letters.
  private static let longestName = 32
  /// Names asked for; a document with more different ones is not written by anybody.
  private static let mostNames = 2_000

  /// Appends `source` with its references decoded to `out`.
  ///
  /// In an attribute a name needs its semicolon: `?a=1&copy=2` is an address, not a © sign.
  mutating func decode(_ source: Bytes, isAttribute: Bool, into out: inout [UInt8]) {
    var place = 0
    while let mark = source.index(of: ASCII.ampersand, from: place) {
      out.append(contentsOf: source.slice(place..<mark))
      place = decodeOne(source, at: mark, isAttribute: isAttribute, into: &out)
    }
    out.append(contentsOf: source.slice(place..<source.count))
  }

  private mutating func decodeOne(_ source: Bytes, at mark: Int, isAttribute: Bool, into out: inout [UInt8]) -> Int {
    var end = mark + 1
    if end < source.count, source[end] == ASCII.hash {
      return Self.decodeNumber(source, at: mark, into: &out)
    }
    let limit = min(source.count, end + Self.longestName)
    while end < limit, ASCII.isLetter(source[end]) || ASCII.isDigit(source[end]) { end += 1 }
    let isComplete = end < source.count && source[end] == ASCII.semicolon
    if isComplete { end += 1 }
    let name = source.slice(mark..<end)
    if name.count < 3 || isAttribute && !isComplete {
      out.append(contentsOf: name)
    } else {
      appendNamed(name, to: &out)
    }
    return end
  }

  private mutating func appendNamed(_ name: Bytes, to out: inout [UInt8]) {
    let name = Array(name)
    if let value = known[name] {
      out.append(contentsOf: value)
      return
    }
    let value = known.count < Self.mostNames ? Self.ask(name) ?? name : name
    known[name] = value
    out.append(contentsOf: value)
  }

  /// What gumbo makes of the name, nothing when it runs out of memory.
  private static func ask(_ name: [UInt8]) -> [UInt8]? {
    let markup = Array("<body>".utf8) + name
    return GumboTree.withRoot(of: markup, bytes: 1 << 20, microseconds: 100_000) { root in
      guard let text = root.pointee.v.element.children.length > 0 ? root.child(0) : nil,
        text.pointee.type == GUMBO_NODE_TEXT || text.pointee.type == GUMBO_NODE_WHITESPACE
      else { return name }
      return text.text
    }
  }

  private static func decodeNumber(_ source: Bytes, at mark: Int, into out: inout [UInt8]) -> Int {
    var end = mark + 2
    let isHex = end < source.count && source[end] | 32 == 120
    if isHex { end += 1 }
    let start = end
    var value: UInt32 = 0
    while end < source.count, let digit = ASCII.hex(source[end]), isHex || digit < 10 {
      value = min(value * (isHex ? 16 : 10) + UInt32(digit), 0x11_0000)
      end += 1
    }
    guard end > start else {
      out.append(contentsOf: source.slice(mark..<end))
      return end
    }
    out.append(contentsOf: String(scalar(value)).utf8)
    return end < source.count && source[end] == ASCII.semicolon ? end + 1 : end
  }

  /// The character of a number: 128 to 159 are meant as Windows-1252, what is no character is U+FFFD.
  private static func scalar(_ value: UInt32) -> Unicode.Scalar {
    switch value {
    case 9, 10, 13: Unicode.Scalar(value) ?? " "
    case 0x80...0x9F: Unicode.Scalar(windows1252[Int(value - 0x80)]) ?? "\u{FFFD}"
    case 0..<32, 127, 0xFFFE, 0xFFFF: "\u{FFFD}"
    default: Unicode.Scalar(value) ?? "\u{FFFD}"
    }
  }

  private static let windows1252: [UInt32] = [
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD,
    0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
    0x0153, 0xFFFD, 0x017E, 0x0178,
  ]
}
