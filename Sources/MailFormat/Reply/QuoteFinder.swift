extension ReplyReading {
  /// Finds the lines of other mails. Below “On … wrote:” or a copied header stands either text with `>` marks, and what
  /// follows it is new again, or text without, and all the rest is old. When nothing stands above, though, the text is
  /// all there is: a forward, or an answer below.
  mutating func findQuotes() {
    var place = 0
    // Lines before it belong to something already.
    var floor = 0
    var mayFence = true
    var hasText = false
    while place < lines.count {
      if lines[place].isBlank {
        place += 1
      } else if mayFence, isFence(place) {
        guard let close = closingFence(behind: place) else {
          mayFence = false
          continue
        }
        for i in place...close { lines[i].isCode = true }
        place = close + 1
        floor = place
        hasText = true
      } else if let opening = quoteOpening(at: place, floor) {
        mark(withRule(above: opening, floor), .attribution)
        place = opening.upperBound
        floor = place
        let next = nextWritten(place)
        if isMarked(next) {
          place = markBars(next)
          floor = place
        } else if hasText, !isForm(opening) {
          mark(place..<lines.count, .quote)
          return
        }
      } else {
        if lines[place].depth > 0 || hasInitials(place) || isWrappedQuote(place) {
          lines[place].role = .quote
          floor = place + 1
        } else if !isRule(lines[place].content) {
          hasText = true
        }
        place += 1
      }
    }
  }

  /// Whether a web form opens: all that stands above is a line that announces it (“You have a new message:”), and the
  /// header names nobody whom the mail went to.
  private func isForm(_ opening: Range<Int>) -> Bool {
    let first = firstText
    guard first < opening.lowerBound, text[Int(lines[first].to) - 1] == ASCII.colon else { return false }
    return nextWritten(first + 1) >= opening.lowerBound && isHeaderWithoutRecipient(opening)
  }

  /// Marks lines that are quoted with bars from `place` on and gives the line behind them.
  private mutating func markBars(_ place: Int) -> Int {
    var place = place
    while place < lines.count, hasBar(place) {
      lines[place].role = .quote
      place += 1
    }
    return place
  }

  /// The lines at `place` that introduce another mail. An attribution is known by its end and may start further up.
  private func quoteOpening(at place: Int, _ floor: Int) -> Range<Int>? {
    if let attribution = attribution(endingAt: place, floor) { return attribution }
    guard lines[place].depth == 0 else { return nil }
    return quotedHeader(at: place) ?? marker(at: place)
  }

  /// `opening` with rules of dashes and titles right above it.
  private func withRule(above opening: Range<Int>, _ floor: Int) -> Range<Int> {
    var start = opening.lowerBound
    var place = start - 1
    var steps = 0
    while place >= floor, steps < 4 {
      if isRule(lines[place].content) || isMarkerTitle(lines[place].content) {
        start = place
      } else if !lines[place].isBlank {
        break
      }
      place -= 1
      steps += 1
    }
    return start..<opening.upperBound
  }

  /// The end of a long quoted line that a mail program broke and left without a mark.
  private func isWrappedQuote(_ place: Int) -> Bool {
    guard place > 0, place + 1 < lines.count else { return false }
    let before = lines[place - 1]
    return before.depth > 0 && lines[place + 1].depth > 0 && before.count >= 60 && lines[place].count < 60
      && !isSentenceEnd(before.content)
  }

  // MARK: Code between fences

  /// ```` ``` ```` opens and closes code, in which nothing means anything.
  private func isFence(_ place: Int) -> Bool {
    let line = lines[place]
    guard line.depth == 0, line.count >= 3 else { return false }
    let from = Int(line.from)
    return text[from] == ASCII.backtick && text[from + 1] == ASCII.backtick && text[from + 2] == ASCII.backtick
  }

  private func closingFence(behind place: Int) -> Int? {
    lines[(place + 1)...].indices.first { isFence($0) }
  }

  // MARK: Titles

  /// “----- Original Message -----”, “Begin forwarded message:”, “## Reply above this line ##”.
  private func marker(at place: Int) -> Range<Int>? {
    let content = lines[place].content
    guard content.count <= 160 else { return nil }
    let core = withoutRule(content)
    guard !core.isEmpty else { return nil }
    let leading = core.lowerBound - content.lowerBound
    if let match = ReplyVocabulary.markers.match(in: text, at: core.lowerBound, limit: core.upperBound) {
      let isTitle = match.end == core.upperBound
      let trailing = content.upperBound - core.upperBound
      if match.column == 1 ? isTitle : leading >= 3 && (isTitle || trailing >= 3) {
        return place..<introductionEnd(place + 1)
      }
    }
    guard let found = ReplyVocabulary.replyAbove.first(in: text, core), leading >= 2 || isRequest(core, found) else {
      return nil
    }
    return place..<place + 1
  }

  /// “Please reply above this line.” rather than “Your mail says: reply above this line. Why?”
  private func isRequest(_ line: Range<Int>, _ found: (start: Int, match: PhraseTable.Match)) -> Bool {
    line.count <= 60 && found.start - line.lowerBound <= 24 && line.upperBound - found.match.end <= 24
      && !line.contains { [ASCII.colon, ASCII.comma, ASCII.question].contains(text[$0]) }
  }

  /// Behind the header or the attribution that follows a title; `place` when none does.
  private func introductionEnd(_ place: Int) -> Int {
    let next = nextWritten(place)
    guard next < lines.count else { return place }
    if let header = quotedHeader(at: next, isAnnounced: true) { return header.upperBound }
    for end in next..<min(next + 3, lines.count) {
      if let attribution = attribution(endingAt: end, next) { return attribution.upperBound }
    }
    return place
  }

  /// “Original Message” with or without dashes.
  private func isMarkerTitle(_ content: Range<Int>) -> Bool {
    guard content.count <= 100 else { return false }
    let core = withoutRule(content)
    if core.lowerBound - content.lowerBound >= 3, content.upperBound - core.upperBound >= 3 { return true }
    guard let match = ReplyVocabulary.markers.match(in: text, at: core.lowerBound, limit: core.upperBound) else {
      return false
    }
    return match.end == core.upperBound
  }

  // MARK: Rules

  /// Whether `range` is a line drawn with signs.
  func isRule(_ range: Range<Int>) -> Bool {
    range.count >= 1 && range.count <= 400 && withoutRule(range).isEmpty
  }

  /// `range` without signs that lines are drawn with, and blanks, at both ends.
  func withoutRule(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, Self.isRuleSign(text[start]) { start += 1 }
    while end > start, Self.isRuleSign(text[end - 1]) || text[end - 1] == ASCII.colon { end -= 1 }
    return start..<end
  }

  private static func isRuleSign(_ byte: UInt8) -> Bool {
    switch byte {
    case ASCII.dash, ASCII.underscore, ASCII.equals, ASCII.star, ASCII.hash, ASCII.tilde, ASCII.space, ASCII.tab: true
    case ASCII.bar, ASCII.less, ASCII.greater, ASCII.plus: true
    default: false
    }
  }

  /// Whether the text of `range` ends as sentences end.
  func isSentenceEnd(_ range: Range<Int>) -> Bool {
    guard let last = range.last else { return true }
    switch text[last] {
    case ASCII.dot, ASCII.exclamation, ASCII.question, ASCII.colon: return true
    default: break
    }
    guard range.count >= 3 else { return false }
    switch (text[last - 2], text[last - 1], text[last]) {
    case (0xE3, 0x80, 0x82), (0xEF, 0xBC, 0x81), (0xEF, 0xBC, 0x9F): return true  // 。！？
    default: return false
    }
  }
}
