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
      } else if let notice = notice(in: start..<end) {
        mark(notice.lines, notice.role)
        end = notice.lines.lowerBound
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
    while let first = core.first, [ASCII.leftParen, ASCII.leftBracket, ASCII.quote].contains(text[first]) {
      core = (first + 1)..<core.upperBound
    }
    // The link behind “Outlook for iOS<https://…>” does not count.
    if let link = text.index(of: ASCII.less, from: core.lowerBound, to: core.upperBound), link > core.lowerBound + 5 {
      core = text.trimmed(core.lowerBound..<link)
    }
    guard core.count <= 100 else { return false }
    let opening = ReplyVocabulary.sentFrom.match(in: text, at: core.lowerBound, limit: core.upperBound)
    guard opening?.column == 0 || endsSentFrom(core) else { return false }
    guard let device = ReplyVocabulary.devices.first(in: text, core) else {
      return opening?.column == 0 && isNameWithLink(content)
    }
    // “Sent from my desk, which is easier than my phone” is a sentence, and so is “Sent from my phone, but not arrived”.
    guard let opening, opening.column == 0 else { return true }
    if device.start > opening.end {
      guard device.start - opening.end <= 24, !(opening.end..<device.start).contains(where: { text[$0] == ASCII.comma })
      else { return false }
    }
    return endsSentFrom(core) || isModel(behindDevices(device.match.end..<core.upperBound))
  }

  /// What stands behind the last device that a line names.
  private func behindDevices(_ range: Range<Int>) -> Range<Int> {
    var rest = range
    while let device = ReplyVocabulary.devices.first(in: text, rest) { rest = device.match.end..<rest.upperBound }
    return rest
  }

  /// “15 Pro Max” rather than the rest of a sentence.
  private func isModel(_ range: Range<Int>) -> Bool {
    let wide = range.count { text[$0] >= 0x80 }
    let isSentence = range.contains { text[$0] == ASCII.comma || text[$0] == ASCII.question }
    return range.count <= 24 && wide <= 6 && !isSentence
  }

  /// “Sent with Program (https://…)”: four words at most and where to get it.
  private func isNameWithLink(_ content: Range<Int>) -> Bool {
    guard let link = content.first(where: { text.hasPrefixIgnoringCase("http", at: $0) }) else { return false }
    return (content.lowerBound..<link).count { text[$0] == ASCII.space } <= 4
  }

  /// “从我的小米手机”, with nothing behind the device but a model: what can be sent or not sent ends in the same word.
  private func isSentFromDevice(_ range: Range<Int>) -> Bool {
    guard ReplyVocabulary.sentFrom.match(in: text, at: range.lowerBound, limit: range.upperBound)?.column == 3,
      let device = ReplyVocabulary.devices.first(in: text, range)
    else { return false }
    let rest = behindDevices(device.match.end..<range.upperBound)
    return rest.count <= 12 && !rest.contains { text[$0] >= 0x80 }
  }

  private func endsSentFrom(_ core: Range<Int>) -> Bool {
    var place = max(core.lowerBound, core.upperBound - 40)
    while let found = ReplyVocabulary.sentFrom.first(in: text, place..<core.upperBound) {
      if found.match.column > 0, core.upperBound - found.match.end <= 1 {
        return found.match.column == 1 || isSentFromDevice(core.lowerBound..<found.start)
      }
      place = found.start + 1
    }
    return false
  }

  // MARK: Notices

  /// What closes the last paragraph of a stretch and is none of the writer's.
  private func notice(in paragraph: Range<Int>) -> (lines: Range<Int>, role: ReplyText.Role)? {
    var first = paragraph.lowerBound
    while first + 1 < paragraph.upperBound, isRule(lines[first].content) { first += 1 }
    let range = Int(lines[first].from)..<Int(lines[paragraph.upperBound - 1].to)
    guard range.count <= 4_000 else { return nil }
    if let match = ReplyVocabulary.footers.match(in: text, at: withoutLinks(range), limit: range.upperBound),
      match.column == 0 || match.column == 1 && hasContact(range) || hasLink(range), !speaksOfWriter(range),
      !endsInQuestion(range)
    {
      return (paragraph, .footer)
    }
    guard range.count >= 60, let place = disclaimerStart(range), !speaksOfWriter(range) else { return nil }
    // Own words may stand right above the notice.
    var start = first
    while start + 1 < paragraph.upperBound, Int(lines[start].end) < place { start += 1 }
    while start > first, lines[start - 1].count >= 40, !isSentenceEnd(lines[start - 1].content) { start -= 1 }
    return ((start == first ? paragraph.lowerBound : start)..<paragraph.upperBound, .disclaimer)
  }

  private func endsInQuestion(_ range: Range<Int>) -> Bool {
    text.slice(range).last == ASCII.question || text.slice(range).suffix(3).elementsEqual("？".utf8)
  }

  /// Notices of secrecy say “we” and “you”, customers who complain about such things say “I”.
  private func speaksOfWriter(_ range: Range<Int>) -> Bool {
    var place = range.lowerBound
    while let found = ReplyVocabulary.writers.first(in: text, place..<range.upperBound) {
      if found.match.column == 0 { return true }
      place = found.match.end
    }
    return false
  }

  /// Behind links and pictures in brackets at the start of `range`.
  private func withoutLinks(_ range: Range<Int>) -> Int {
    var place = range.lowerBound
    while place < range.upperBound, text[place] == ASCII.less || text[place] == ASCII.leftBracket {
      let closing: UInt8 = text[place] == ASCII.less ? ASCII.greater : ASCII.rightBracket
      guard let end = text.index(of: closing, from: place, to: range.upperBound) else { break }
      place = end + 1
      while place < range.upperBound, text[place] <= ASCII.space { place += 1 }
    }
    return place
  }

  /// The first of three phrases of one language.
  private func disclaimerStart(_ range: Range<Int>) -> Int? {
    var phrases: [(language: Int, phrase: Int, start: Int)] = []
    var place = range.lowerBound
    while let found = ReplyVocabulary.disclaimers.first(in: text, place..<range.upperBound) {
      place = found.match.end
      if phrases.contains(where: { $0.phrase == found.match.phrase }) { continue }
      phrases.append((found.match.language, found.match.phrase, found.start))
      let same = phrases.filter { $0.language == found.match.language }
      if same.count == 3 { return same[0].start }
    }
    return nil
  }
}
