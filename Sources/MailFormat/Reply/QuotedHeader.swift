extension ReplyReading {
  /// Columns of the labels.
  private enum Label {
    static let from = 0
    static let sent = 1
    static let date = 2
    static let to = 3
    static let copy = 4
    static let subject = 5
  }

  /// What the lines of a header copied into the text add up to.
  private struct HeaderTally {
    /// A bit for each column of the labels.
    var seen = 0
    var points = 0
    /// Whether some value shows an address, and some a time of day.
    var hasAddress = false
    var hasTime = false

    mutating func note(_ column: Int) {
      guard seen >> column & 1 == 0 else { return }
      seen |= 1 << column
      // “From: Berlin, To: Paris, Date: 2 May” is a journey. What only mail has counts twice.
      points += column == Label.sent || column == Label.subject || column == Label.copy ? 2 : 1
    }

    func has(_ column: Int) -> Bool { seen >> column & 1 == 1 }

    var isMail: Bool { has(Label.from) && seen.nonzeroBitCount >= 2 && points >= 5 }

    /// Parcels have senders, recipients and dates too, and complaints a title. A mail shows an address, or has all four
    /// and tells when it was sent, by the label or the time of day.
    var isSurelyMail: Bool {
      isMail && (hasAddress || (hasTime || has(Label.sent)) && has(Label.to) && has(Label.subject))
    }
  }

  /// The header of a mail that starts at `place`: “From: … Sent: … To: … Subject: …”, a label a line, or wrapped, or all
  /// in one line. Below a line that announces a mail, less is enough.
  func quotedHeader(at place: Int, isAnnounced: Bool = false) -> Range<Int>? {
    guard label(in: lines[place]) != nil else { return nil }
    var tally = HeaderTally()
    var end = place
    var line = place
    // Lines since the last label: an address list goes on, a table puts the value below its label.
    var gap = 0
    while line < lines.count, line - place < 24, gap < 3, lines[line].depth == 0 {
      if let match = label(in: lines[line]) {
        note(match, lines[line], &tally)
        end = line + 1
        gap = 0
      } else if lines[line].isBlank {
        let next = nextWritten(line)
        guard next < lines.count, next - line < 3, label(in: lines[next]) != nil || gap == 0 && isValueBelow(line - 1)
        else { break }
      } else if isSentenceEnd(lines[line].content) {
        break
      } else {
        noteValue(lines[line].content, &tally)
        noteMark(evidence(in: lines[line].content), &tally)
        gap += 1
      }
      line += 1
    }
    guard isAnnounced ? tally.isMail : tally.isSurelyMail else { return nil }
    // A folded value goes on behind blanks; text right below the last label is text.
    while end < line, lines[end].from > lines[end].start, !lines[end].isBlank { end += 1 }
    return place..<end
  }

  /// Whether lines have labels of a header, but none of recipients.
  func isHeaderWithoutRecipient(_ range: Range<Int>) -> Bool {
    let columns = range.compactMap { label(in: lines[$0])?.column }
    return columns.contains(Label.from) && !columns.contains(Label.to)
  }

  /// Whether the line is a label alone.
  private func isValueBelow(_ place: Int) -> Bool {
    guard place >= 0, let match = label(in: lines[place]) else { return false }
    return Int(lines[place].to) - match.end <= 4
  }

  /// The label a line starts with, its end behind the colon.
  private func label(in line: ReplyLine) -> PhraseTable.Match? {
    guard line.depth == 0, line.count > 1, line.count <= 4_000 else { return nil }
    return label(at: Int(line.from), limit: Int(line.to))
  }

  private func label(at place: Int, limit: Int) -> PhraseTable.Match? {
    var start = place
    while start < limit, isDecoration(text[start]) { start += 1 }
    guard start - place <= 6, var match = ReplyVocabulary.labels.match(in: text, at: start, limit: limit) else {
      return nil
    }
    var end = match.end
    while end < limit, isDecoration(text[end]), text[end] != ASCII.bar, text[end] != ASCII.tab { end += 1 }
    let isCell = start > place && text[place] == ASCII.bar
    guard end < limit, text[end] == ASCII.colon || (isCell && text[end] == ASCII.bar) else { return nil }
    match.end = end + 1
    return match
  }

  /// Signs of bold type and of tables around a label.
  private func isDecoration(_ byte: UInt8) -> Bool {
    byte == ASCII.star || byte == ASCII.underscore || byte == ASCII.bar || ASCII.isBlank(byte)
  }

  /// Counts the label of a line, what its value shows, and further labels in the same line.
  private func note(_ match: PhraseTable.Match, _ line: ReplyLine, _ tally: inout HeaderTally) {
    tally.note(match.column)
    let value = match.end..<Int(line.to)
    let shown = evidence(in: value.lowerBound..<min(value.upperBound, value.lowerBound + 400))
    noteMark(shown, &tally)
    if match.column == Label.from, shown.contains(.address) { tally.points += 1 }
    if match.column == Label.date || match.column == Label.sent, shown.contains(.year) {
      tally.points += 1
    }
    noteValue(value, &tally)
  }

  private func noteMark(_ shown: AttributionEvidence, _ tally: inout HeaderTally) {
    tally.hasAddress = tally.hasAddress || shown.contains(.address)
    tally.hasTime = tally.hasTime || shown.contains(.time)
  }

  private func noteValue(_ value: Range<Int>, _ tally: inout HeaderTally) {
    guard value.count <= 1_000 else { return }
    var place = value.lowerBound
    // A line with more colons is no header.
    for _ in 0..<12 {
      guard let colon = text.index(of: ASCII.colon, from: place, to: value.upperBound) else { return }
      place = colon + 1
      // No label is longer than 40 bytes, and none stands before a slash (links) or a digit (times).
      guard place < value.upperBound, text[place] != ASCII.slash, !ASCII.isDigit(text[place]) else { continue }
      var start = max(value.lowerBound, colon - 40)
      while start < colon {
        let isWord = start == value.lowerBound || ASCII.isBlank(text[start - 1]) || text[start - 1] == ASCII.star
        if isWord, let match = label(at: start, limit: value.upperBound), match.end == place {
          // “Sent from:” is no label, and a header names its sender at the start of a line.
          if match.column != Label.from { tally.note(match.column) }
          break
        }
        start += 1
      }
    }
  }
}
