/// A copy of a text of the same length in which everything that means the same looks the same, for comparing only.
///
/// Letters are in lower case (ASCII, Latin, Cyrillic), blanks of all sorts and invisible marks are spaces, full-width
/// colons and brackets and `&lt;` `&gt;` are the ASCII ones behind spaces, long dashes are three hyphens. As no byte
/// moves, a place in the copy is the place in the text.
enum FoldedText {
  static func fold(_ text: Bytes) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: text.count) { out, count in
      count = text.count
      var i = 0
      while i < text.count {
        let byte = text[i]
        if byte >= 0x80 {
          i += foldSequence(text, at: i, into: out)
        } else if byte == ASCII.ampersand {
          i += foldEntity(text, at: i, into: out)
        } else {
          out.initializeElement(at: i, to: ascii(byte))
          i += 1
        }
      }
    }
  }

  static func fold(_ phrase: String) -> [UInt8] {
    Array(phrase.utf8).withUnsafeBufferPointer { fold($0) }
  }

  @inline(__always)
  private static func ascii(_ byte: UInt8) -> UInt8 {
    if byte < ASCII.space { return byte == ASCII.lf || byte == ASCII.tab ? byte : ASCII.space }
    return ASCII.lower(byte)
  }

  /// Folds the character at `place` and says how many bytes it has; a stray byte counts as a character.
  private static func foldSequence(_ text: Bytes, at place: Int, into out: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let first = text[place]
    let second = place + 1 < text.count ? text[place + 1] : 0
    if first >= 0xC2, first < 0xE0, second & 0xC0 == 0x80 {
      let folded = foldPair(first, second)
      out.initializeElement(at: place, to: folded.0)
      out.initializeElement(at: place + 1, to: folded.1)
      return 2
    }
    let third = place + 2 < text.count ? text[place + 2] : 0
    if first >= 0xE0, first < 0xF0, second & 0xC0 == 0x80, third & 0xC0 == 0x80 {
      let folded = foldTriple(first, second, third)
      out.initializeElement(at: place, to: folded.0)
      out.initializeElement(at: place + 1, to: folded.1)
      out.initializeElement(at: place + 2, to: folded.2)
      return 3
    }
    out.initializeElement(at: place, to: first)
    return 1
  }

  /// Characters of two bytes: U+0080 to U+07FF.
  private static func foldPair(_ first: UInt8, _ second: UInt8) -> (UInt8, UInt8) {
    switch (first, second) {
    case (0xC2, 0xA0): (ASCII.space, ASCII.space)  // no-break space
    case (0xC3, 0x80...0x96), (0xC3, 0x98...0x9E): (first, second + 0x20)  // À to Þ
    case (0xC4, 0x80...0xB7), (0xC5, 0x8A...0xB7): (first, second | 1)  // Latin Extended-A, upper case even
    case (0xC4, 0xB9...0xBE), (0xC5, 0x81...0x88), (0xC5, 0xB9...0xBE): (first, second + (second & 1))  // and odd
    case (0xD0, 0x80...0x8F): (0xD1, second + 0x10)  // Ѐ to Џ
    case (0xD0, 0x90...0x9F): (first, second + 0x20)  // А to П
    case (0xD0, 0xA0...0xAF): (0xD1, second - 0x20)  // Р to Я
    default: (first, second)
    }
  }

  /// Characters of three bytes: U+0800 to U+FFFF.
  private static func foldTriple(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> (UInt8, UInt8, UInt8) {
    let blank = (ASCII.space, ASCII.space, ASCII.space)
    return switch (first, second, third) {
    case (0xE2, 0x80, 0x80...0x8F), (0xE2, 0x80, 0xA8...0xAF): blank  // blanks and marks of direction
    case (0xE2, 0x81, 0xA0...0xAF): blank  // word joiner, isolates
    case (0xE3, 0x80, 0x80), (0xEF, 0xBB, 0xBF): blank  // ideographic space, byte order mark
    case (0xE2, 0x80, 0x92...0x95), (0xE2, 0x94, 0x80...0x81): (ASCII.dash, ASCII.dash, ASCII.dash)
    case (0xE1, 0x90, 0xA7): (ASCII.dash, ASCII.dash, ASCII.dash)  // ᐧ, left below the text by a mail tracker
    case (0xEF, 0xBC, 0x9A): (ASCII.space, ASCII.space, ASCII.colon)
    case (0xEF, 0xBC, 0x9C): (ASCII.space, ASCII.space, ASCII.less)
    case (0xEF, 0xBC, 0x9E): (ASCII.space, ASCII.space, ASCII.greater)
    default: (first, second, third)
    }
  }

  /// `&lt;`, `&gt;` and `&nbsp;` of text that came out of HTML half decoded; returns how many bytes were written.
  private static func foldEntity(_ text: Bytes, at place: Int, into out: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let entities: [(StaticString, UInt8)] = [
      ("&lt;", ASCII.less), ("&gt;", ASCII.greater), ("&nbsp;", ASCII.space),
    ]
    guard let (name, mark) = entities.first(where: { text.hasPrefixIgnoringCase($0.0, at: place) }) else {
      out.initializeElement(at: place, to: ASCII.ampersand)
      return 1
    }
    let last = name.utf8CodeUnitCount - 1
    for i in 0..<last { out.initializeElement(at: place + i, to: ASCII.space) }
    out.initializeElement(at: place + last, to: mark)
    return last + 1
  }
}
