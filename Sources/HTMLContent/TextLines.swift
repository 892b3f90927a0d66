/// Text as it is put together: blanks collapse, line breaks are owed until the next character comes.
struct TextLines {
  private enum Blank {
    case none
    /// A line end of the source: nothing between two Han characters, else a blank.
    case lineEnd
    case blank
  }

  private(set) var bytes: [UInt8] = []
  private var breaks = 0
  private var owed = Blank.none
  /// What the next line starts with: a list mark, with its indentation.
  private var mark: [UInt8] = []
  private var owesRule = false
  /// `> ` before each line, so many times.
  var quoteDepth = 0

  /// More empty lines in a row than two carry no meaning.
  private static let mostBreaks = 3
  private static let rule = Array("* * *".utf8)

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  var count: Int { bytes.count }

  mutating func owe(breaks wanted: Int) {
    // The text of a list item starts beside its mark, whatever it is wrapped in.
    if mark.isEmpty { breaks = max(breaks, wanted) }
  }

  mutating func addBreak() { breaks = min(breaks + 1, Self.mostBreaks) }

  mutating func oweBlank() { owed = .blank }

  mutating func owe(mark: [UInt8]) {
    owe(breaks: 1)
    self.mark = mark
  }

  mutating func dropMark() { mark = [] }

  /// A line across, if text stands on both sides of it.
  mutating func oweRule() {
    owe(breaks: 1)
    owesRule = !bytes.isEmpty
  }

  /// Text with its white space collapsed.
  mutating func add(_ text: Bytes, keepsLines: Bool = false) {
    var place = 0
    while place < text.count {
      let byte = text[place]
      if byte <= ASCII.space || byte == 127 {
        if byte == ASCII.lf, keepsLines { addBreak() }
        if owed == .none { owed = byte == ASCII.lf || byte == ASCII.cr ? .lineEnd : .blank }
        if owed == .blank, byte == ASCII.lf, bytes.last.map({ $0 >= 128 }) ?? false { owed = .lineEnd }
        place += 1
        continue
      }
      let start = place
      while place < text.count, text[place] > ASCII.space, text[place] < 127 { place += 1 }
      if place > start {
        settle(before: byte)
        bytes.append(contentsOf: text.slice(start..<place))
      } else {
        place += addCharacter(text, at: place)
      }
    }
  }

  /// Text with its white space as it is.
  mutating func addPreformatted(_ text: Bytes) {
    var place = 0
    while place < text.count {
      let byte = text[place]
      if byte == ASCII.lf {
        addBreak()
      } else if byte == ASCII.space || byte == ASCII.tab {
        settle(before: byte)
        bytes.append(byte)
      } else if byte > ASCII.space, byte < 127 {
        settle(before: byte)
        bytes.append(byte)
      } else if byte >= 128 {
        place += addCharacter(text, at: place)
        continue
      }
      place += 1
    }
  }

  /// One character that is not ASCII; says how many bytes it has.
  private mutating func addCharacter(_ text: Bytes, at place: Int) -> Int {
    let lead = text[place]
    let length = min(lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2, text.count - place)
    switch InvisibleCharacter(text.slice(place..<place + length)) {
    case .blank: owed = .blank
    case .lineEnd: addBreak()
    case .nothing: break
    case .joiner:
      // Between emoji and in Arabic and Indic scripts joiners make a difference; elsewhere they only hide words.
      if joins { bytes.append(contentsOf: text.slice(place..<place + length)) }
    case nil:
      settle(before: lead)
      bytes.append(contentsOf: text.slice(place..<place + length))
    }
    return length
  }

  private var joins: Bool {
    guard owed == .none, breaks == 0, let last = bytes.indices.last(where: { bytes[$0] & 0xC0 != 0x80 }) else {
      return false
    }
    let lead = bytes[last]
    return lead >= 0xF0 || lead == 0xE0 || (0xD8...0xDB).contains(lead) || bytes.suffix(3) == [0xEF, 0xB8, 0x8F]
  }

  @inline(__always)
  private mutating func settle(before next: UInt8) {
    if breaks > 0 || owed != .none || !mark.isEmpty || bytes.isEmpty { startText(before: next) }
  }

  private mutating func startText(before next: UInt8) {
    if owesRule, breaks > 0 {
      startLine()
      bytes.append(contentsOf: Self.rule)
      breaks = max(breaks, 1)
    }
    if breaks > 0 || bytes.isEmpty {
      startLine()
    } else if owed != .none, let last = bytes.last, last != ASCII.lf, last != ASCII.space {
      if !(owed == .lineEnd && endsInHan && Self.isHan(next)) { bytes.append(ASCII.space) }
    }
    bytes.append(contentsOf: mark)
    mark = []
    breaks = 0
    owed = .none
    owesRule = false
  }

  /// Blanks before a line break, which the next line would drop; so that what was written so far stays where it is.
  mutating func dropBlanks() {
    while bytes.last == ASCII.space { bytes.removeLast() }
  }

  private mutating func startLine() {
    dropBlanks()
    if !bytes.isEmpty {
      for _ in 1..<max(1, breaks) {
        bytes.append(ASCII.lf)
        // An empty line belongs to a quote when it stands inside.
        bytes.append(contentsOf: repeatElement(ASCII.greater, count: min(lineDepth, quoteDepth)))
      }
      bytes.append(ASCII.lf)
    }
    for _ in 0..<quoteDepth { bytes.append(contentsOf: [ASCII.greater, ASCII.space]) }
    lineDepth = quoteDepth
  }

  /// The depth of the line written last.
  private var lineDepth = 0

  private var endsInHan: Bool { bytes.count >= 3 && Self.isHan(bytes[bytes.count - 3]) }

  /// First bytes of Han, kana, their punctuation and full-width forms.
  private static func isHan(_ lead: UInt8) -> Bool { (0xE3...0xE9).contains(lead) || lead == 0xEF }

  /// Puts what was written in `cells`, each on lines of its own, on one line; unless one of them has several.
  mutating func join(_ cells: [Range<Int>], longest: Int) {
    guard cells.count > 1, let first = cells.first, let last = cells.last else { return }
    guard last.upperBound - first.lowerBound <= longest else { return }
    var joined: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      var start = cell.lowerBound
      while start < cell.upperBound, bytes[start] == ASCII.lf || index > 0 && isPrefix(bytes[start]) { start += 1 }
      guard !bytes[start..<cell.upperBound].contains(ASCII.lf) else { return }
      if index > 0 { joined.append(contentsOf: [ASCII.space, ASCII.space]) }
      joined.append(contentsOf: bytes[(index > 0 ? start : cell.lowerBound)..<cell.upperBound])
    }
    bytes.replaceSubrange(first.lowerBound..<last.upperBound, with: joined)
  }

  private func isPrefix(_ byte: UInt8) -> Bool { quoteDepth > 0 && (byte == ASCII.greater || byte == ASCII.space) }

  /// The text, without blanks at its end.
  mutating func finish() -> String {
    while let last = bytes.last, last <= ASCII.space { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Characters that look like nothing or like a blank.
enum InvisibleCharacter {
  case blank
  case lineEnd
  case nothing
  case joiner

  init?(_ character: Bytes) {
    switch (character.first, character.count) {
    case (0xC2, 2):
      switch character[1] {
      case 0xA0: self = .blank
      case 0x85: self = .lineEnd
      // C1 controls and the soft hyphen.
      case 0x80...0x9F, 0xAD: self = .nothing
      default: return nil
      }
    // U+034F, which newsletters fill their hidden first lines with.
    case (0xCD, 2) where character[1] == 0x8F: self = .nothing
    case (0xE1, 3) where character[1] == 0xA0 && character[2] == 0x8E: self = .nothing
    case (0xE2, 3): self.init(generalPunctuation: UInt16(character[1]) << 8 | UInt16(character[2]))
    case (0xEF, 3) where character[1] == 0xBB && character[2] == 0xBF: self = .nothing
    default: return nil
    }
  }

  private init?(generalPunctuation tail: UInt16) {
    switch tail {
    // U+2000 to U+200A, U+202F, U+205F: blanks of some width.
    case 0x8080...0x808A, 0x80AF, 0x819F: self = .blank
    case 0x808C, 0x808D: self = .joiner
    case 0x80A8, 0x80A9: self = .lineEnd
    // Zero-width blanks, marks and overrides of direction, U+2060 to U+2064, U+2066 to U+206F.
    case 0x808B, 0x808E, 0x808F, 0x80AA...0x80AE, 0x81A0...0x81AF: self = .nothing
    default: return nil
    }
  }
}
