/// Phrases of many languages, to be found in folded text.
///
/// Written as data, a language a line: its name, then columns behind semicolons, the phrases of a column with bars
/// between: `en; on|at; wrote|writes`. What a column means is up to who reads the table.
struct PhraseTable: Sendable {
  struct Match {
    /// Number of the line.
    var language: Int
    var column: Int
    /// Which phrase of the table.
    var phrase: Int
    /// Behind the last byte.
    var end: Int
  }

  private struct Phrase {
    var start: Int
    var count: Int
    var language: Int
    var column: Int
  }

  private var bytes: [UInt8] = []
  /// By their first byte, the longest first.
  private var phrases: [Phrase] = []
  /// Where the phrases with a first byte start in `phrases`; one more entry closes the last.
  private var starts = [Int](repeating: 0, count: 257)
  /// A bit for each pair of bytes that opens a phrase: most places of a text are ruled out by one look.
  private var pairs = [UInt64](repeating: 0, count: 1 << 10)
  /// Whether a phrase may end within a word.
  private let areStems: Bool

  init(_ table: String, areStems: Bool = false) {
    self.areStems = areStems
    var found: [(text: [UInt8], language: Int, column: Int)] = []
    for (language, row) in table.split(separator: "\n").enumerated() {
      for (column, cell) in row.split(separator: ";", omittingEmptySubsequences: false).dropFirst().enumerated() {
        for phrase in cell.split(separator: "|") {
          let text = FoldedText.fold(String(phrase)).drop { $0 == ASCII.space }
          let trimmed = Array(text.prefix(text.count - text.reversed().prefix { $0 == ASCII.space }.count))
          for text in Self.spellings(of: trimmed) where !text.isEmpty { found.append((text, language, column)) }
        }
      }
    }
    found.sort { ($0.text[0], $1.text.count) < ($1.text[0], $0.text.count) }
    for (text, language, column) in found {
      phrases.append(Phrase(start: bytes.count, count: text.count, language: language, column: column))
      bytes += text
      starts[Int(text[0]) + 1] += 1
      let pair = Int(text[0]) << 8 | Int(text.count > 1 ? text[1] : 0)
      pairs[pair >> 6] |= 1 << UInt64(pair & 63)
      if text.count == 1 { for word in (pair >> 6)..<(pair >> 6) + 4 { pairs[word] = .max } }
    }
    for byte in 1...256 { starts[byte] += starts[byte - 1] }
  }

  /// With the straight apostrophe and with the curly one.
  private static func spellings(of text: [UInt8]) -> [[UInt8]] {
    guard text.contains(ASCII.apostrophe) else { return [text] }
    return [text, text.flatMap { $0 == ASCII.apostrophe ? Array("’".utf8) : [$0] }]
  }

  /// The longest phrase that starts at `place` and ends before `limit`.
  func match(in text: Bytes, at place: Int, limit: Int) -> Match? {
    guard place < limit else { return nil }
    let first = Int(text[place])
    for i in starts[first]..<starts[first + 1] {
      let phrase = phrases[i]
      let end = place + phrase.count
      guard end <= limit, isEqual(phrase, text, place), areStems || Self.isWordEnd(text, end, limit) else { continue }
      return Match(language: phrase.language, column: phrase.column, phrase: i, end: end)
    }
    return nil
  }

  /// The first phrase in `range` that starts where a word starts.
  func first(in text: Bytes, _ range: Range<Int>) -> (start: Int, match: Match)? {
    var place = range.lowerBound
    while place < range.upperBound {
      let pair = Int(text[place]) << 8 | Int(place + 1 < range.upperBound ? text[place + 1] : 0)
      if pairs[pair >> 6] >> UInt64(pair & 63) & 1 != 0, Self.isWordStart(text, place, range.lowerBound),
        let match = match(in: text, at: place, limit: range.upperBound)
      {
        return (place, match)
      }
      place += 1
    }
    return nil
  }

  private func isEqual(_ phrase: Phrase, _ text: Bytes, _ place: Int) -> Bool {
    for i in 0..<phrase.count where bytes[phrase.start + i] != text[place + i] { return false }
    return true
  }

  private static func isWordStart(_ text: Bytes, _ place: Int, _ floor: Int) -> Bool {
    guard place > floor, ASCII.isLetter(text[place]) else { return true }
    return !ASCII.isLetter(text[place - 1]) || text[place - 1] >= 0x80
  }

  private static func isWordEnd(_ text: Bytes, _ end: Int, _ limit: Int) -> Bool {
    guard end < limit, ASCII.isLetter(text[end - 1]) else { return true }
    return !ASCII.isLetter(text[end])
  }
}
