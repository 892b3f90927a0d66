extension ReplyReading {
  /// A longer line is prose. In bytes.
  static let longestLine = 500
  /// The lines of an attribution that was broken.
  private static let mostLines = 6

  /// The lines of the attribution that ends at `place`, nil when none does.
  func attribution(endingAt place: Int, _ floor: Int) -> Range<Int>? {
    let line = lines[place]
    guard line.count > 0, line.count <= Self.longestLine, line.depth <= 1 else { return nil }
    // “> wrote:” may be the end of a broken address rather than a quote.
    if line.depth == 1, place == floor || lines[place - 1].depth > 0 || line.count > 40 { return nil }
    let ending = ending(of: line.content)
    let isMarked = isMarked(nextWritten(place + 1))
    guard ending.hasColon || ending.isRuled || (ending.isBracket && isMarked) || mayLackColon(line, place) else {
      return nil
    }
    var group = AttributionGroup(lines: place..<place + 1, ending: ending, isMarked: isMarked)
    for _ in 0..<Self.mostLines {
      let start = group.lines.lowerBound
      group.seen.formUnion(evidence(in: withoutRule(lines[start].content)))
      if let opening = opening(of: lines[start]), isAttribution(group, opening) {
        return extended(start, floor)..<place + 1
      }
      guard let above = lineAbove(start, floor) else { break }
      group.lines = above..<place + 1
    }
    guard line.depth == 0 else { return nil }
    return isAttributionLine(line, place, evidence(in: line.content), group) ? place..<place + 1 : nil
  }

  /// Lines that may be an attribution together.
  private struct AttributionGroup {
    var lines: Range<Int>
    var seen: AttributionEvidence = []
    var ending: Ending
    /// Lines with marks of quoting follow. Without them everything to the end will be folded, so more is asked for.
    var isMarked: Bool
  }

  /// Whether a group that starts as attributions start is one.
  private func isAttribution(_ group: AttributionGroup, _ opening: Opening) -> Bool {
    let seen = group.seen
    let hasDate = seen.contains(.year) && !seen.isDisjoint(with: [.time, .address])
    if seen.contains(.verb) {
      if group.isMarked, group.ending.hasColon {
        return hasDate || (group.lines.count == 1 && !seen.isDisjoint(with: [.year, .time]))
      }
      guard hasDate, !seen.contains(.own) else { return false }
      if opening == .loose, !group.isMarked, !seen.contains(.address), !isParagraph(group.lines) { return false }
      let last = lines[group.lines.upperBound - 1]
      if group.ending.hasColon || group.ending.isRuled { return true }
      return (seen.contains(.address) || (opening == .firm && isParagraph(group.lines))) && endsWithVerb(last)
    }
    // “2024-01-02 10:00 GMT+08:00 Bob <bob@example.com>:” has no verb, and some leave the colon out.
    guard seen.isSuperset(of: [.year, .address]), group.ending.isBracket else { return false }
    if group.isMarked, group.ending.hasColon { return true }
    return isParagraph(group.lines) && (group.isMarked || (group.ending.hasColon && seen.contains(.time)))
  }

  /// Whether one line is an attribution that starts with a name: “Bob Example <bob@example.com> wrote:”.
  private func isAttributionLine(
    _ line: ReplyLine, _ place: Int, _ seen: AttributionEvidence, _ group: AttributionGroup
  ) -> Bool {
    guard group.ending.hasColon, seen.contains(.verb) else { return false }
    if group.isMarked {
      // “I do not understand the sentence that you wrote:” is the writer's.
      return !seen.isDisjoint(with: [.year, .time, .address]) || line.count <= 50
    }
    guard !seen.contains(.own), place == 0 || lines[place - 1].isBlank else { return false }
    return seen.contains(.bracketedAddress)
      || (line.count <= 100 && seen.isSuperset(of: [.year, .time]) && isParagraph(place..<place + 1))
  }

  private func isParagraph(_ range: Range<Int>) -> Bool {
    (range.lowerBound == 0 || lines[range.lowerBound - 1].isBlank)
      && (range.upperBound == lines.count || lines[range.upperBound].isBlank)
  }

  // MARK: Ends and starts

  private struct Ending {
    var hasColon = false
    /// Dashes around it: “---- On … wrote ----”.
    var isRuled = false
    /// An address in brackets stands right before the colon.
    var isBracket = false
  }

  private func ending(of content: Range<Int>) -> Ending {
    var found = Ending()
    var end = content.upperBound
    while end > content.lowerBound {
      let byte = text[end - 1]
      if byte == ASCII.colon {
        found.hasColon = true
      } else if byte == ASCII.greater || byte == ASCII.rightParen {
        found.isBracket = true
        break
      } else if byte != ASCII.star, byte != ASCII.underscore, byte != ASCII.space {
        break
      }
      end -= 1
    }
    if content.count == 1, found.hasColon { found.isBracket = true }
    let core = withoutRule(content)
    found.isRuled = core.lowerBound - content.lowerBound >= 2 && content.upperBound - core.upperBound >= 2
    return found
  }

  /// “On … <bob@example.com> wrote”, or a paragraph that ends so.
  private func mayLackColon(_ line: ReplyLine, _ place: Int) -> Bool {
    let isLast = place + 1 == lines.count || lines[place + 1].isBlank
    return (isLast || text.index(of: ASCII.at, from: Int(line.from), to: Int(line.to)) != nil) && endsWithVerb(line)
  }

  private func endsWithVerb(_ line: ReplyLine) -> Bool {
    let core = withoutRule(line.content)
    var place = max(core.lowerBound, core.upperBound - 24)
    while let found = ReplyVocabulary.attributions.first(in: text, place..<core.upperBound) {
      if found.match.column > 0, found.match.end == core.upperBound { return true }
      place = found.start + 1
    }
    return false
  }

  /// How an attribution may start.
  private enum Opening {
    /// With a word like “On”, or with a date.
    case firm
    /// With a name or a weekday before the date.
    case loose
  }

  private func opening(of line: ReplyLine) -> Opening? {
    guard line.depth == 0 else { return nil }
    let core = withoutRule(line.content)
    guard let first = core.first else { return nil }
    if let match = ReplyVocabulary.attributions.match(in: text, at: first, limit: core.upperBound), match.column == 0 {
      return .firm
    }
    let dates = dates(in: first..<min(core.upperBound, first + 64))
    if dates.isDisjoint(with: [.year, .time]) { return nil }
    return ASCII.isDigit(text[first]) ? .firm : .loose
  }

  /// The line that may go on in `place`: the one above, or the one above a blank line when an address was broken.
  private func lineAbove(_ place: Int, _ floor: Int) -> Int? {
    var above = place - 1
    guard above >= floor else { return nil }
    if lines[above].isBlank {
      guard text[Int(lines[place].start)] == ASCII.less, above > floor else { return nil }
      above -= 1
    }
    let line = lines[above]
    guard line.depth == 0, line.count > 0, line.count <= Self.longestLine else { return nil }
    return isSentenceEnd(line.content) && !isHalfOfDay(line.content) ? nil : above
  }

  /// “10:15 p.m.” ends no sentence.
  private func isHalfOfDay(_ content: Range<Int>) -> Bool {
    text.slice(content).suffix(3).elementsEqual(".m.".utf8)
  }

  /// `start`, or the line above when the date was broken and starts there.
  private func extended(_ start: Int, _ floor: Int) -> Int {
    guard start > floor else { return start }
    let line = lines[start - 1]
    guard line.depth == 0, line.count > 0, line.count <= 100, !isSentenceEnd(line.content),
      let match = ReplyVocabulary.attributions.match(in: text, at: Int(line.from), limit: Int(line.to)),
      match.column == 0, line.content.contains(where: { ASCII.isDigit(text[$0]) }),
      !evidence(in: line.content).contains(.verb)
    else { return start }
    return start - 1
  }
}
