extension ReplyReading {
  /// Finds signatures, notices and footers: they close a stretch of written lines.
  mutating func findClosings() {
    var end = lines.count
    while end > 0 {
      guard lines[end - 1].role == .written else {
        end -= 1
        continue
      }
      var start = end
      while start > 0, lines[start - 1].role == .written { start -= 1 }
      markSentFrom(start..<end)
      markClosing(start..<end)
      end = start
    }
  }

  /// Takes from the end of a stretch what closes it until only own words are left.
  private mutating func markClosing(_ stretch: Range<Int>) {
    var end = stretch.upperBound
    var mayHaveSignature = true
    for _ in 0..<12 {
      while end > stretch.lowerBound, lines[end - 1].isBlank || lines[end - 1].role != .written { end -= 1 }
      guard end > stretch.lowerBound else { return }
      let start = paragraphStart(end, stretch.lowerBound)
      if isRule(lines[end - 1].content) {
        lines[end - 1].role = .signature
        end -= 1
      } else if let role = closingRole(start..<end) {
        mark(start..<end, role)
        end = start
      } else if mayHaveSignature, let signature = signature(before: end, stretch.lowerBound) {
        mark(signature.lines, signature.role)
        end = signature.lines.lowerBound
        mayHaveSignature = false
      } else {
        return
      }
    }
  }

  /// Where the paragraph before `end` starts, 40 lines up at most.
  private func paragraphStart(_ end: Int, _ floor: Int) -> Int {
    var start = end
    while start > floor, end - start < 40, !lines[start - 1].isBlank, lines[start - 1].role == .written { start -= 1 }
    return start
  }

  // MARK: Lines of phones and mail programs

  /// “Sent from my iPhone” may stand above a quote, above a signature or even above the answer.
  private mutating func markSentFrom(_ stretch: Range<Int>) {
    for i in stretch where lines[i].count >= 6 && lines[i].count <= 200 && !lines[i].isCode {
      guard
        i + 1 == lines.count || lines[i + 1].isBlank || lines[i + 1].role != .written
          || isRule(lines[i + 1].content), isSentFrom(lines[i].content)
      else { continue }
      lines[i].role = .footer
      // A line of dashes above it was drawn for it.
      if i > stretch.lowerBound, isRule(lines[i - 1].content) { lines[i - 1].role = .footer }
    }
  }

  private func isSentFrom(_ content: Range<Int>) -> Bool {
    var core = withoutRule(content)
    while let first = core.first, [40, 91, 34].contains(text[first]) { core = (first + 1)..<core.upperBound }
    // The link behind “Outlook for iOS<https://…>” does not count.
    if let link = text.index(of: ASCII.less, from: core.lowerBound, to: core.upperBound), link > core.lowerBound + 5 {
      core = text.trimmed(core.lowerBound..<link)
    }
    guard core.count <= 100 else { return false }
    let opening = ReplyVocabulary.sentFrom.match(in: text, at: core.lowerBound, limit: core.upperBound)
    guard opening?.column == 0 || endsSentFrom(core) else { return false }
    guard let device = ReplyVocabulary.devices.first(in: text, core) else { return false }
    // “Sent from my desk, which is easier than my phone” is a sentence.
    guard let opening, opening.column == 0, device.start > opening.end else { return true }
    return device.start - opening.end <= 24 && !(opening.end..<device.start).contains { text[$0] == ASCII.comma }
  }

  private func endsSentFrom(_ core: Range<Int>) -> Bool {
    var place = max(core.lowerBound, core.upperBound - 40)
    while let found = ReplyVocabulary.sentFrom.first(in: text, place..<core.upperBound) {
      if found.match.column == 1, core.upperBound - found.match.end <= 1 { return true }
      place = found.start + 1
    }
    return false
  }

  // MARK: Notices

  /// What the last paragraph of a stretch is when it is none of the writer's.
  private func closingRole(_ paragraph: Range<Int>) -> ReplyText.Role? {
    var first = paragraph.lowerBound
    while first + 1 < paragraph.upperBound, isRule(lines[first].content) { first += 1 }
    let range = Int(lines[first].from)..<Int(lines[paragraph.upperBound - 1].to)
    guard range.count <= 4_000 else { return nil }
    if let match = ReplyVocabulary.footers.match(in: text, at: range.lowerBound, limit: range.upperBound),
      match.column == 0 || hasContact(range)
    {
      return .footer
    }
    return range.count >= 60 && isDisclaimer(range) ? .disclaimer : nil
  }

  /// Three phrases of one language.
  private func isDisclaimer(_ range: Range<Int>) -> Bool {
    var phrases: [(language: Int, phrase: Int)] = []
    var place = range.lowerBound
    while let found = ReplyVocabulary.disclaimers.first(in: text, place..<range.upperBound) {
      place = found.match.end
      let hit = (language: found.match.language, phrase: found.match.phrase)
      if phrases.contains(where: { $0 == hit }) { continue }
      phrases.append(hit)
      if phrases.count(where: { $0.language == hit.language }) == 3 { return true }
    }
    return false
  }

  // MARK: Signatures

  /// The block behind a line of dashes that ends at `end`.
  private func signature(before end: Int, _ floor: Int) -> (lines: Range<Int>, role: ReplyText.Role)? {
    var found: (lines: Range<Int>, role: ReplyText.Role)?
    var block = SignatureBlock()
    var place = end
    while place > floor, end - place < 40, block.lines <= 25 {
      place -= 1
      let line = lines[place]
      if line.isBlank || line.role != .written { continue }
      if let delimiter = delimiter(line) {
        if block.isSignature(below: delimiter) || (block.lines <= 6 && isBelowQuote(place)) {
          found = (place..<end, block.isList ? .footer : .signature)
        } else if delimiter != .rule {
          break
        }
      }
      note(line, &block)
    }
    return found ?? contactBlock(before: end, floor)
  }

  /// Whether nothing but blank lines stands between a quote and the line, and own words stand above the quote.
  private func isBelowQuote(_ place: Int) -> Bool {
    var above = place - 1
    while above >= 0, lines[above].isBlank { above -= 1 }
    guard above >= 0, lines[above].role == .quote, let first = lines.first(where: { !$0.isBlank }) else { return false }
    return first.role == .written
  }

  private enum Delimiter {
    /// `-- ` with its blank (RFC 3676 §4.3).
    case standard
    /// `--`, `__` or a long dash.
    case short
    case rule
  }

  private func delimiter(_ line: ReplyLine) -> Delimiter? {
    guard !line.isCode, isRule(line.content) else { return nil }
    let first = text[Int(line.from)]
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
    var isTopProse = false
    var isList = false

    func isSignature(below delimiter: Delimiter) -> Bool {
      switch delimiter {
      case .standard: lines <= 25
      case .short: lines <= 12 && !isTopProse && prose * 3 <= lines
      case .rule: lines <= 12 && !isTopProse && prose * 3 <= lines && contacts > 0
      }
    }
  }

  private func note(_ line: ReplyLine, _ block: inout SignatureBlock) {
    block.lines += 1
    block.isTopProse = isProse(line)
    if block.isTopProse { block.prose += 1 }
    if hasContact(line.content) { block.contacts += 1 }
    if line.count <= 200, contains("mailing list", line.content) { block.isList = true }
  }

  private func contains(_ word: StaticString, _ range: Range<Int>) -> Bool {
    range.contains { text[$0] == word.utf8Start[0] && text.hasPrefixIgnoringCase(word, at: $0) }
  }

  /// A line that is part of a running text.
  private func isProse(_ line: ReplyLine) -> Bool {
    if line.count > 400 { return true }
    if hasContact(line.content) { return false }
    // Characters of three bytes are twice as wide as letters.
    var columns = 0
    var words = 1
    for i in line.content where text[i] & 0xC0 != 0x80 {
      columns += text[i] >= 0xE0 ? 2 : 1
      if text[i] == ASCII.space { words += 1 }
    }
    return columns >= 72 || (columns >= 20 && isSentenceEnd(line.content) && (words >= 4 || columns > line.count / 2))
  }

  /// An address, a link or a telephone number.
  private func hasContact(_ range: Range<Int>) -> Bool {
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
        if byte == 104, text.hasPrefixIgnoringCase("http", at: i) { return true }
        if byte == 119, text.hasPrefixIgnoringCase("www.", at: i) { return true }
      }
    }
    return false
  }

  /// Greetings and a name with two lines of telephone numbers, links and the like below them.
  private func contactBlock(before end: Int, _ floor: Int) -> (lines: Range<Int>, role: ReplyText.Role)? {
    var block = SignatureBlock()
    var place = end
    while place > floor, end - place < 16, block.lines <= 10 {
      place -= 1
      let line = lines[place]
      if line.isBlank || line.role != .written { continue }
      if isClosing(line) { return block.contacts >= 2 && block.prose == 0 ? (place..<end, .signature) : nil }
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
