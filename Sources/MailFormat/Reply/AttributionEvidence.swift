/// What one line, or some lines together, hold of “On Monday, 2 January 2024 at 10:00, Bob <bob@example.com> wrote:”.
struct AttributionEvidence: OptionSet {
  let rawValue: UInt8

  static let year = AttributionEvidence(rawValue: 1)
  static let time = AttributionEvidence(rawValue: 2)
  static let address = AttributionEvidence(rawValue: 4)
  /// An address in angle brackets or parentheses, as mail programs write them.
  static let bracketedAddress = AttributionEvidence(rawValue: 8)
  static let verb = AttributionEvidence(rawValue: 16)
  /// “I wrote”, which people write in sentences.
  static let own = AttributionEvidence(rawValue: 32)
}

extension ReplyReading {
  func evidence(in range: Range<Int>) -> AttributionEvidence {
    guard range.count <= Self.longestLine else { return [] }
    var found = dates(in: range)
    found.formUnion(addresses(in: range))
    var place = range.lowerBound
    while let hit = ReplyVocabulary.attributions.first(in: text, place..<range.upperBound) {
      if hit.match.column == 1 { found.insert(.verb) }
      if hit.match.column == 2 { found.formUnion([.verb, .own]) }
      place = hit.match.end
    }
    return found
  }

  private func addresses(in range: Range<Int>) -> AttributionEvidence {
    var found: AttributionEvidence = []
    var place = range.lowerBound
    while let at = text.index(of: ASCII.at, from: place, to: range.upperBound) {
      place = at + 1
      guard at > range.lowerBound, at + 1 < range.upperBound, text[at - 1] > ASCII.space, text[at + 1] > ASCII.space
      else { continue }
      found.insert(.address)
      var start = at
      while start > range.lowerBound, at - start < 64, text[start - 1] > ASCII.space { start -= 1 }
      let bracketed = (start..<at).contains { Self.isOpenBracket(text[$0]) }
      // A program may break the line behind the bracket: then the address starts the line and a bracket closes it.
      let closed = text[at..<min(range.upperBound, at + 64)].contains { $0 == ASCII.greater || $0 == ASCII.rightParen }
      if bracketed || closed { found.insert(.bracketedAddress) }
    }
    return found
  }

  private static func isOpenBracket(_ byte: UInt8) -> Bool {
    byte == ASCII.less || byte == ASCII.leftParen || byte == ASCII.leftBracket
  }

  /// Years from 1900 to 2099, dates like 2/1/24 and times like 10:00.
  func dates(in range: Range<Int>) -> AttributionEvidence {
    var found: AttributionEvidence = []
    var place = range.lowerBound
    // Runs of one sign between numbers: the second “/” in 2/1/24 makes a date.
    var lastSign: UInt8 = 0
    while place < range.upperBound {
      guard ASCII.isDigit(text[place]) else {
        place += 1
        lastSign = 0
        continue
      }
      let start = place
      while place < range.upperBound, ASCII.isDigit(text[place]) { place += 1 }
      let count = place - start
      if count == 4, let number = ASCII.number(text.slice(start..<place)), 1_900..<2_100 ~= number {
        found.insert(.year)
      }
      guard place + 1 < range.upperBound, count <= 4, ASCII.isDigit(text[place + 1]) else {
        lastSign = 0
        continue
      }
      let sign = text[place]
      let isDateSign = sign == ASCII.slash || sign == ASCII.dot || sign == ASCII.dash
      if isDateSign, sign == lastSign { found.insert(.year) }
      let hasTwoDigits = place + 2 < range.upperBound && ASCII.isDigit(text[place + 2])
      // French writes 10h15, others 10.15.
      let isTimeSign = sign == ASCII.colon || sign == UInt8(ascii: "h") || (sign == ASCII.dot && lastSign == 0)
      if count <= 2, isTimeSign, hasTwoDigits { found.insert(.time) }
      lastSign = isDateSign || isTimeSign ? sign : 0
      place += 1
    }
    return found
  }
}
