extension ReplyReading {
  /// Tells quotes that text below them answers from those that are only dragged along.
  ///
  /// A quote is answered when text follows it before the next quote. One quote with its attribution on top and an answer
  /// below is plain bottom-posting, though: the quote is the whole old mail. Lines that the writer announces (“I typed:”)
  /// are part of the text too.
  mutating func findAnsweredQuotes() {
    var blocks: [(lines: Range<Int>, isAttributed: Bool, isAnswered: Bool)] = []
    var previous = ReplyText.Role.written
    var announces = false
    var hasTextAbove = false
    for i in lines.indices where !lines[i].isBlank {
      let role = lines[i].role
      if role == .quote {
        if previous == .quote, !blocks.isEmpty {
          blocks[blocks.count - 1].lines = blocks[blocks.count - 1].lines.lowerBound..<i + 1
        } else {
          blocks.append((i..<i + 1, previous == .attribution, announces))
        }
      } else if role == .written {
        if blocks.isEmpty { hasTextAbove = true } else { blocks[blocks.count - 1].isAnswered = true }
      }
      announces = role == .written && text[Int(lines[i].to) - 1] == ASCII.colon
      previous = role
    }
    let isInterleaved = blocks.count > 1 || hasTextAbove
    for block in blocks where block.isAnswered && (isInterleaved || !block.isAttributed) {
      mark(block.lines, .answeredQuote)
    }
  }
}
