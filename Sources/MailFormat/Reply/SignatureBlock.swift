extension ReplyReading {
  /// The block behind a line of dashes that ends at `end`.
  func signature(before end: Int, _ floor: Int) -> (lines: Range<Int>, role: ReplyText.Role)? {
    // Most texts have neither: then no line is looked at closer.
    guard (max(floor, end - 40)..<end).contains(where: { delimiter(lines[$0]) != nil || isClosing(lines[$0]) }) else {
      return nil
    }
    var found: (lines: Range<Int>, role: ReplyText.Role)?
    var block = SignatureBlock()
    var place = end
    while place > floor, end - place < 40, block.lines <= 25 {
      place -= 1
      let line = lines[place]
      if line.isBlank || line.role != .written { continue }
      if let delimiter = delimiter(line) {
        let isTable = delimiter == .short || delimiter == .rule ? isTable(place, floor) : false
        let isSignature = block.isSignature(below: delimiter) && !isTable
        if isSignature || (block.lines <= 6 && isBelowQuote(place)) {
          found = (place..<end, block.isList ? .footer : .signature)
        }
        if delimiter == .bar { continue }
        // Text between two rules is no signature.
        if delimiter != .standard || found != nil { break }
      }
      note(line, &block)
    }
    return found ?? contactBlock(before: end, floor)
  }

  /// Whether the rule is part of a table or a list: announced (“My order:”), or not the only one.
  private func isTable(_ place: Int, _ floor: Int) -> Bool {
    var above = place - 1
    while above > floor, lines[above].isBlank { above -= 1 }
    guard above >= floor, let last = lines[above].content.last else { return false }
    return text[last] == ASCII.colon || (max(floor, above - 20)...above).contains { isRule(lines[$0].content) }
  }

  /// Whether nothing but blank lines stands between a quote and the line, and own words stand above the quote.
  private func isBelowQuote(_ place: Int) -> Bool {
    var above = place - 1
    while above >= 0, lines[above].isBlank { above -= 1 }
    return above >= 0 && lines[above].role == .quote && firstText < above && lines[firstText].role == .written
  }

  private enum Delimiter {
    /// `-- ` with its blank (RFC 3676 §4.3).
    case standard
    /// `--`, `__` or a long dash.
    case short
    case rule
    /// `|` alone: the edge of a table that held a card, as text made of it shows.
    case bar
  }

  private func delimiter(_ line: ReplyLine) -> Delimiter? {
    guard !line.isCode, isRule(line.content) else { return nil }
    let first = text[Int(line.from)]
    if first == ASCII.bar, line.content.allSatisfy({ text[$0] == first || ASCII.isBlank(text[$0]) }) { return .bar }
    guard line.content.allSatisfy({ text[$0] == first }) else { return nil }
    if line.count == 2, first == ASCII.dash { return line.end == line.to + 1 ? .standard : .short }
    // The folded copy has three hyphens for a long dash.
    return line.count == 2 && first == ASCII.underscore ? .short : .rule
  }

  /// The lines between a line of dashes and the end.
  private struct SignatureBlock {
    var lines = 0
    var prose = 0
    var contacts = 0
    var addresses = 0
    var phones = 0
    var isTopProse = false
    var isTopContact = false
    var isList = false

    func isSignature(below delimiter: Delimiter) -> Bool {
      switch delimiter {
      case .standard: lines <= 25
      case .short: lines <= 12 && !isTopProse && prose * 3 <= lines
      case .rule, .bar: lines <= 12 && !isTopProse && prose * 3 <= lines && addresses + phones > 0
      }
    }
  }

  private func note(_ line: ReplyLine, _ block: inout SignatureBlock) {
    block.lines += 1
    block.isTopProse = isProse(line)
    if block.isTopProse { block.prose += 1 }
    block.isTopContact = hasContact(line.content)
    if block.isTopContact {
      block.contacts += 1
      if line.content.contains(where: { text[$0] == ASCII.at }) || hasLink(line.content) { block.addresses += 1 }
      if isPhone(line) { block.phones += 1 }
    }
    if line.count <= 200, contains("mailing list", line.content) { block.isList = true }
  }

  private func contains(_ word: StaticString, _ range: Range<Int>) -> Bool {
    range.contains { text[$0] == word.utf8Start[0] && text.hasPrefixIgnoringCase(word, at: $0) }
  }

  /// A line that is part of a running text.
  private func isProse(_ line: ReplyLine) -> Bool {
    if line.count > 400 || text[Int(line.to) - 1] == ASCII.question { return true }
    // Characters of three bytes are twice as wide as letters.
    var columns = 0
    var words = 1
    for i in line.content where text[i] & 0xC0 != 0x80 {
      columns += text[i] >= 0xE0 ? 2 : 1
      if text[i] == ASCII.space { words += 1 }
    }
    if words < 8, hasContact(line.content) { return false }
    return columns >= 72 || (columns >= 20 && isSentenceEnd(line.content) && (words >= 4 || columns > line.count / 2))
  }

  /// An address, a link or a telephone number.
  func hasContact(_ range: Range<Int>) -> Bool {
    guard range.count <= 4_000 else { return false }
    if text.index(of: ASCII.at, from: range.lowerBound, to: range.upperBound) != nil { return true }
    var digits = 0
    for i in range {
      let byte = text[i]
      if ASCII.isDigit(byte) {
        digits += 1
        if digits == 7 { return true }
      } else if ASCII.isLetter(byte) || byte >= 0x80 {
        digits = 0
        if byte == UInt8(ascii: "h"), text.hasPrefixIgnoringCase("http", at: i) { return true }
        if byte == UInt8(ascii: "w"), text.hasPrefixIgnoringCase("www.", at: i) { return true }
      }
    }
    return false
  }

  /// “Tel. 030 1234567”, “+49 30 1234567”; a number alone may be of an order.
  private func isPhone(_ line: ReplyLine) -> Bool {
    text[Int(line.from)] == ASCII.plus
      || ReplyVocabulary.phones.match(in: text, at: Int(line.from), limit: Int(line.to)) != nil
  }

  func hasLink(_ range: Range<Int>) -> Bool {
    range.contains { text.hasPrefixIgnoringCase("http", at: $0) || text.hasPrefixIgnoringCase("www.", at: $0) }
  }

  /// Greetings and a name with two lines of telephone numbers, links and the like below them, an address among them:
  /// numbers alone may be of an order.
  private func contactBlock(before end: Int, _ floor: Int) -> (lines: Range<Int>, role: ReplyText.Role)? {
    var block = SignatureBlock()
    var place = end
    while place > floor, end - place < 16, block.lines <= 10 {
      place -= 1
      let line = lines[place]
      if line.isBlank || line.role != .written { continue }
      if isClosing(line) {
        // A name comes first; a number right below “Thanks” is what the customer wants us to know.
        guard block.contacts >= 2, block.addresses > 0, !block.isTopContact else { return nil }
        // 此致 and 敬礼 stand on two lines.
        let isSecond = place > floor && isClosing(lines[place - 1])
        return ((isSecond ? place - 1 : place)..<end, .signature)
      }
      note(line, &block)
      if block.prose > 0 { return nil }
    }
    return nil
  }

  private func isClosing(_ line: ReplyLine) -> Bool {
    guard line.count <= 60 else { return false }
    guard let match = ReplyVocabulary.closings.match(in: text, at: Int(line.from), limit: Int(line.to)) else {
      return false
    }
    return Int(line.to) - match.end <= 6
  }
}
