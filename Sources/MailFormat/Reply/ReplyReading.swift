/// One line of a text, its places in the folded copy.
struct ReplyLine {
  var start: UInt32
  /// Before the line break.
  var end: UInt32
  /// The content without marks of quoting and blanks around it.
  var from: UInt32
  var to: UInt32
  /// How often it is quoted, at most 255.
  var depth: UInt8
  var role = ReplyText.Role.written
  /// Between fences of code, where nothing means anything.
  var isCode = false

  var content: Range<Int> { Int(from)..<Int(to) }
  var count: Int { Int(to - from) }
  /// Neither content nor a mark.
  var isBlank: Bool { from == to && depth == 0 }
}

/// The state of reading one text: its lines and what they were found to be.
///
/// Three steps, each linear in the text because every look around a line is bounded: where quotes start and end; what
/// closes each stretch of own words; which quotes are answered.
struct ReplyReading {
  /// Of a longer text the rest is taken for more of what stands at this place.
  static let limit = 1 << 20

  /// Folded.
  let text: Bytes
  var lines: [ReplyLine] = []
  /// The first line that is not blank.
  private(set) var firstText = 0

  static func sections(of text: Bytes) -> [ReplyText.Section] {
    let head = text.slice(0..<headEnd(text))
    return FoldedText.fold(head).withUnsafeBufferPointer { folded in
      var reading = ReplyReading(folded)
      reading.findQuotes()
      reading.findClosings()
      reading.findAnsweredQuotes()
      return reading.sections(rest: text)
    }
  }

  /// The end of a line near the limit.
  private static func headEnd(_ text: Bytes) -> Int {
    guard text.count > limit else { return text.count }
    return text[..<limit].lastIndex(of: ASCII.lf).map { $0 + 1 } ?? text.lineEnd(from: limit, to: text.count)
  }

  init(_ folded: Bytes) {
    text = folded
    lines.reserveCapacity(folded.count / 32 + 8)
    var place = 0
    while place < text.count {
      let next = text.lineEnd(from: place, to: text.count)
      lines.append(line(place, next > place && text[next - 1] == ASCII.lf ? next - 1 : next))
      place = next
    }
    firstText = nextWritten(0)
  }

  private func line(_ start: Int, _ lineEnd: Int) -> ReplyLine {
    var end = lineEnd
    while end > start, ASCII.isBlank(text[end - 1]) { end -= 1 }
    var place = start
    while place < end, ASCII.isBlank(text[place]) { place += 1 }
    var depth = 0
    // Text that is indented further is code or a table.
    if place - start <= 4 {
      while place < end, text[place] == ASCII.greater {
        depth += 1
        place += 1
        while place < end, ASCII.isBlank(text[place]) { place += 1 }
      }
    }
    return ReplyLine(
      start: UInt32(start), end: UInt32(lineEnd), from: UInt32(place), to: UInt32(max(place, end)),
      depth: UInt8(min(depth, 255)))
  }

  /// The first line from `place` on that is not blank, or the number of lines.
  func nextWritten(_ place: Int) -> Int {
    var place = place
    while place < lines.count, lines[place].isBlank { place += 1 }
    return place
  }

  mutating func mark(_ range: Range<Int>, _ role: ReplyText.Role) {
    for i in range { lines[i].role = role }
  }

  /// Lines of one role together; blank lines go with what stands before them. The rest of a text that is too long goes
  /// with the last line.
  private func sections(rest whole: Bytes) -> [ReplyText.Section] {
    var found: [ReplyText.Section] = []
    var first = 0
    var role: ReplyText.Role?
    func close(at line: Int, _ byte: Int) {
      guard let role, line > first else { return }
      found.append(ReplyText.Section(role: role, lines: first..<line, bytes: Int(lines[first].start)..<byte))
      first = line
    }
    for i in lines.indices where !lines[i].isBlank && lines[i].role != role {
      if role != nil { close(at: i, Int(lines[i].start)) }
      role = lines[i].role
    }
    if role == nil { role = .written }
    var count = lines.count
    var place = text.count
    while place < whole.count {
      place = whole.lineEnd(from: place, to: whole.count)
      count += 1
    }
    close(at: count, whole.count)
    return found
  }
}
