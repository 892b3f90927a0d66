extension ReplyReading {
  /// Whether a line below an attribution bears a mark of quoting.
  func isMarked(_ place: Int) -> Bool {
    place < lines.count && (lines[place].depth > 0 || hasBar(place) || hasInitials(place))
  }

  /// `| text`: a mark only below an attribution, a table elsewhere.
  func hasBar(_ place: Int) -> Bool {
    lines[place].count > 0 && text[Int(lines[place].from)] == ASCII.bar
  }

  /// `BE> text`, the initials of the quoted before the mark, on neighbouring lines too.
  func hasInitials(_ place: Int) -> Bool {
    guard let initials = initials(place) else { return false }
    return [place - 1, place + 1].contains { neighbour in
      guard lines.indices.contains(neighbour), let other = self.initials(neighbour) else { return false }
      return text[initials].elementsEqual(text[other])
    }
  }

  private func initials(_ place: Int) -> Range<Int>? {
    let line = lines[place]
    guard line.depth == 0, line.count >= 2 else { return nil }
    let start = Int(line.from)
    var end = start
    while end - start < 2, end < Int(line.to), ASCII.isLetter(text[end]) { end += 1 }
    guard end > start, end < Int(line.to), text[end] == ASCII.greater,
      end + 1 == Int(line.to) || ASCII.isBlank(text[end + 1])
    else { return nil }
    return start..<end
  }
}
