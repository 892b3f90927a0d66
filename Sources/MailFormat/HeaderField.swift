/// One field of a header, in the order it stood.
package struct HeaderField: Sendable, Hashable {
  /// The name as written.
  package let name: String
  /// The value as written, unfolded (RFC 5322 §2.2.3): no line breaks, no blanks around it.
  package let value: [UInt8]

  package init(name: String, value: [UInt8]) {
    self.name = name
    self.value = value
  }

  /// The value as text, encoded words decoded (RFC 2047), raw 8-bit bytes guessed (UTF-8, else GB18030).
  package var text: String { HeaderText.decode(value) }

  /// Whether the field has this name, in any case of letters.
  package func isNamed(_ other: String) -> Bool {
    let (mine, theirs) = (name.utf8, other.utf8)
    return mine.count == theirs.count && zip(mine, theirs).allSatisfy { ASCII.lower($0) == ASCII.lower($1) }
  }
}

extension [HeaderField] {
  /// The first field of that name.
  func field(_ name: String) -> HeaderField? { first { $0.isNamed(name) } }
}

/// Divides a header into fields. Lines that are none are skipped, and a body that starts too early is noticed.
struct HeaderScanner {
  let bytes: Bytes
  let end: Int
  private(set) var badLines = 0
  /// The header ended without an empty line.
  private(set) var isEndMissing = false

  init(bytes: Bytes, end: Int) {
    self.bytes = bytes
    self.end = end
  }

  /// Calls `field` with the place of each name and each value (still folded); the answer is where the body starts.
  mutating func scan(
    from start: Int, isDelimiter: (Int, Int) -> Bool, field: (_ name: Range<Int>, _ value: Range<Int>) -> Void
  ) -> Int {
    var pos = start
    var fields = 0
    while pos < end {
      let lineEnd = bytes.lineEnd(from: pos, to: end)
      let contentEnd = bytes.withoutLineBreak(from: pos, to: lineEnd)
      if contentEnd == pos { return lineEnd }
      if isDelimiter(pos, lineEnd) { return pos }
      if let name = fieldName(from: pos, to: contentEnd) {
        fields += 1
        pos = foldedEnd(lineEnd)
        let colon = bytes.index(of: ASCII.colon, from: name.upperBound, to: contentEnd) ?? contentEnd
        field(name, (colon + 1)..<pos)
      } else if pos == start, isEnvelopeLine(pos) {
        pos = lineEnd
      } else {
        guard isFieldLikely(at: lineEnd, afterFields: fields) else {
          isEndMissing = true
          return pos
        }
        badLines += 1
        pos = foldedEnd(lineEnd)
      }
    }
    return end
  }

  /// The end of a field whose first line ends at `lineEnd`: lines that start with a blank go on with it.
  private func foldedEnd(_ lineEnd: Int) -> Int {
    var pos = lineEnd
    while pos < end, ASCII.isBlank(bytes[pos]) { pos = bytes.lineEnd(from: pos, to: end) }
    return pos
  }

  /// The name in front of the colon: printable ASCII, blanks only behind it (RFC 5322 §4.5).
  private func fieldName(from start: Int, to end: Int) -> Range<Int>? {
    var i = start
    while i < end, bytes[i] > ASCII.space, bytes[i] < 127, bytes[i] != ASCII.colon { i += 1 }
    guard i > start else { return nil }
    let name = start..<i
    while i < end, ASCII.isBlank(bytes[i]) { i += 1 }
    return i < end && bytes[i] == ASCII.colon ? name : nil
  }

  /// The line an mbox file puts in front of a mail, possibly quoted.
  private func isEnvelopeLine(_ start: Int) -> Bool {
    let line = bytes.slice(start..<min(end, start + 6))
    return line.hasPrefixIgnoringCase("from ") || line.hasPrefixIgnoringCase(">from ")
  }

  /// Whether the header seems to go on behind a bad line: a field follows, or the header had fields and now ends.
  private func isFieldLikely(at start: Int, afterFields fields: Int) -> Bool {
    guard start < end else { return false }
    let contentEnd = bytes.withoutLineBreak(from: start, to: bytes.lineEnd(from: start, to: end))
    if fieldName(from: start, to: contentEnd) != nil { return true }
    return fields > 0 && (contentEnd == start || ASCII.isBlank(bytes[start]))
  }

  /// The bytes of a value without line breaks, NUL and blanks around.
  static func unfold(_ bytes: Bytes, _ range: Range<Int>) -> [UInt8] {
    let range = bytes.trimmed(range)
    let view = bytes.slice(range)
    if view.index(of: ASCII.lf, from: 0, to: view.count) == nil,
      view.index(of: ASCII.nul, from: 0, to: view.count) == nil
    {
      return Array(view)
    }
    return view.filter { $0 != ASCII.cr && $0 != ASCII.lf && $0 != ASCII.nul }
  }
}
