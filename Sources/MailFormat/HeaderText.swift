/// The text of a header field: RFC 2047 encoded words, raw 8-bit bytes (RFC 6532 or worse), plain ASCII.
enum HeaderText {
  /// An encoded word found in a field (RFC 2047 §2).
  struct EncodedWord {
    var charset: Range<Int>
    var isBase64: Bool
    var payload: Range<Int>
    /// Behind the closing `?=`.
    var end: Int
  }

  /// Decodes the unfolded bytes of a field. Neighbouring words of one character set are joined as bytes before they are
  /// decoded: senders split them in the middle of a character.
  static func decode(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBufferPointer { decode($0) }
  }

  static func decode(_ bytes: Bytes) -> String {
    var decoder = Decoder(bytes: bytes)
    return decoder.run()
  }

  /// Whether `=?` stands somewhere.
  static func mayHoldEncodedWords(_ bytes: Bytes) -> Bool {
    var place = 0
    while let hit = bytes.index(of: ASCII.equals, from: place, to: bytes.count) {
      if hit + 1 < bytes.count, bytes[hit + 1] == ASCII.question { return true }
      place = hit + 1
    }
    return false
  }

  /// The encoded word that starts at `place`. Each byte is looked at by few calls, so decoding stays linear.
  static func encodedWord(in bytes: Bytes, at place: Int) -> EncodedWord? {
    let count = bytes.count
    guard place + 1 < count, bytes[place] == ASCII.equals, bytes[place + 1] == ASCII.question else { return nil }
    let nameEnd = min(count, place + 64)
    guard let first = bytes.index(of: ASCII.question, from: place + 2, to: nameEnd), first > place + 2,
      first + 2 < count, bytes[first + 2] == ASCII.question
    else { return nil }
    let method = bytes[first + 1] | 32
    guard method == 98 || method == 113 else { return nil }
    let start = first + 3
    var search = start
    while let hit = bytes.index(of: ASCII.question, from: search, to: count), hit + 1 < count {
      if bytes[hit + 1] == ASCII.equals {
        // "=?=" in Q: the equals sign of a code cannot stand before the end, so this is the end.
        return EncodedWord(charset: (place + 2)..<first, isBase64: method == 98, payload: start..<hit, end: hit + 2)
      }
      // A question mark within the word is illegal but seen; one that opens a new word is not part of this one.
      if method == 98 || (hit > start && bytes[hit - 1] == ASCII.equals) { return nil }
      search = hit + 1
    }
    return nil
  }

  /// The decoded payload of a word.
  static func payload(of word: EncodedWord, in bytes: Bytes) -> [UInt8] {
    let view = bytes.slice(word.payload)
    if word.isBase64 { return Base64.decode(view) }
    if view.contains(ASCII.underscore) {
      return view.map { $0 == ASCII.underscore ? ASCII.space : $0 }.withUnsafeBufferPointer(QuotedPrintable.decode)
    }
    return QuotedPrintable.decode(view)
  }

  /// The label of a word without the language of RFC 2231 §5.
  static func label(of word: EncodedWord, in bytes: Bytes) -> String {
    String(decoding: bytes.slice(word.charset).prefix { $0 != ASCII.star }, as: UTF8.self).asciiLowercased
  }

  private struct Decoder {
    let bytes: Bytes
    var out = ""
    var pending: [UInt8] = []
    var pendingLabel = ""

    mutating func run() -> String {
      let count = bytes.count
      var literal = 0
      var i = 0
      while let hit = bytes.index(of: ASCII.equals, from: i, to: count) {
        guard let word = encodedWord(in: bytes, at: hit) else {
          i = hit + 1
          continue
        }
        let gap = bytes.slice(literal..<hit)
        // White space between two words belongs to neither (RFC 2047 §6.2).
        if pendingLabel.isEmpty || gap.contains(where: { $0 > ASCII.space }) {
          flush()
          append(gap)
        }
        let label = label(of: word, in: bytes)
        if label != pendingLabel { flush() }
        pendingLabel = label
        pending += payload(of: word, in: bytes)
        i = word.end
        literal = word.end
      }
      flush()
      append(bytes.slice(literal..<count))
      return out
    }

    mutating func flush() {
      guard !pendingLabel.isEmpty else { return }
      let text = pending.withUnsafeBufferPointer { Charset.decode($0, label: pendingLabel).text }
      // A word may hide line breaks and NUL; a field is one line.
      if text.utf8.contains(where: { $0 < ASCII.space }) {
        out.unicodeScalars.append(
          contentsOf: text.unicodeScalars.lazy.filter { $0.value != 0 }.map { $0.value < 32 ? " " : $0 })
      } else {
        out += text
      }
      pending.removeAll(keepingCapacity: true)
      pendingLabel = ""
    }

    mutating func append(_ literal: Bytes) {
      guard !literal.isEmpty else { return }
      let text = Charset.decode(literal, label: nil).text
      if out.isEmpty { out = text } else { out += text }
    }
  }
}
