/// Writes header fields: ASCII only, folded at 78 characters, and no value can start a line of its own.
struct HeaderWriter {
  private static let lineLength = 78
  /// RFC 5322 §2.1.1 allows 998; a longer word cannot be folded and is encoded or left out.
  private static let longestWord = 900

  private(set) var bytes: [UInt8] = []

  /// A field whose value is already safe ASCII (made by this library from numbers and keywords).
  mutating func field(_ name: String, verbatim value: String) {
    bytes += Array("\(name): \(value)\r\n".utf8)
  }

  /// A field of free text (RFC 5322 §3.6.5), in encoded words when it must be.
  mutating func field(_ name: String, text: String) {
    let text = Self.cleaned(text)
    var line = Line(name)
    if Self.isPlain(text) {
      for word in text.utf8.split(separator: ASCII.space, omittingEmptySubsequences: false) { line.append(Array(word)) }
    } else {
      line.appendEncoded(text)
    }
    bytes += line.finished
  }

  /// A field that holds one address; the address must be sendable.
  mutating func field(_ name: String, address: MailAddress) {
    var line = Line(name)
    let display = Self.cleaned(address.name)
    let words = display.utf8.split(separator: ASCII.space, omittingEmptySubsequences: false)
    if display.isEmpty {
      line.append(Array(address.address.utf8))
    } else {
      if !Self.isPlain(display) || display.utf8.count > 60 {
        line.appendEncoded(display)
      } else if words.allSatisfy({ !$0.isEmpty && $0.allSatisfy(MailAddress.isAtomCharacter) }) {
        for word in words { line.append(Array(word)) }
      } else {
        let escaped = display.utf8.flatMap {
          $0 == ASCII.quote || $0 == ASCII.backslash ? [ASCII.backslash, $0] : [$0]
        }
        line.append([ASCII.quote] + escaped + [ASCII.quote])
      }
      line.append(Array("<\(address.address)>".utf8))
    }
    bytes += line.finished
  }

  /// A field of Message-IDs; ids that cannot stand in a header are left out, and so is a field without ids.
  mutating func field(_ name: String, ids: [String]) {
    var line = Line(name)
    var isEmpty = true
    for id in ids {
      guard let clean = Self.cleanedID(id) else { continue }
      line.append(Array("<\(clean)>".utf8))
      isEmpty = false
    }
    if !isEmpty { bytes += line.finished }
  }

  /// An id without brackets, blanks and anything that is not printable ASCII; nil when too little or too much is left.
  static func cleanedID(_ id: String) -> String? {
    let bytes = id.utf8.filter { $0 > ASCII.space && $0 < 127 && $0 != ASCII.less && $0 != ASCII.greater }
    return bytes.isEmpty || bytes.count > longestWord ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// One line: breaks and tabs become blanks, other control characters vanish. This is what keeps a variable with CR,
  /// LF, U+0085, U+2028 or U+2029 in it from adding a field.
  static func cleaned(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 9...13, 0x85, 0x2028, 0x2029: if out.last != " " { out.append(" ") }
      case 0..<32, 0x7F..<0xA0: break
      default: out.append(scalar)
      }
    }
    while out.last == " " { out.removeLast() }
    return String(String.UnicodeScalarView(out.drop { $0 == " " }))
  }

  private static func isPlain(_ text: String) -> Bool {
    var run = 0
    var previous: UInt8 = 0
    for byte in text.utf8 {
      run = byte == ASCII.space ? 0 : run + 1
      // "=?" could be read as an encoded word.
      guard byte >= ASCII.space, byte < 127, run <= longestWord, !(previous == ASCII.equals && byte == ASCII.question)
      else { return false }
      previous = byte
    }
    return true
  }

  /// One field on its way to several lines.
  private struct Line {
    private var bytes: [UInt8]
    private var column: Int

    init(_ name: String) {
      bytes = Array(name.utf8) + [ASCII.colon]
      column = bytes.count
    }

    var finished: [UInt8] { bytes + [ASCII.cr, ASCII.lf] }

    /// A blank and the word, on a new line when this one is full.
    mutating func append(_ word: [UInt8]) {
      if column + 1 + word.count > HeaderWriter.lineLength, !word.isEmpty, bytes.last != ASCII.colon || word.count < 77
      {
        fold()
      }
      bytes.append(ASCII.space)
      bytes += word
      column += 1 + word.count
    }

    private mutating func fold() {
      bytes += [ASCII.cr, ASCII.lf]
      column = 0
    }

    /// Encoded words (RFC 2047) of whole characters, at most 75 long each, in the shorter of the two encodings.
    mutating func appendEncoded(_ text: String) {
      let plain = text.utf8.lazy.filter { HeaderWriter.isSafeInQ($0) || $0 == ASCII.space }.count
      let usesQ = plain + (text.utf8.count - plain) * 3 <= (text.utf8.count + 2) / 3 * 4
      var pending: [UInt8] = []
      var size = 0
      for scalar in text.unicodeScalars {
        let encoded = Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
        let added = usesQ ? encoded.reduce(0) { $0 + HeaderWriter.widthInQ($1) } : encoded.count
        let room = min(75, HeaderWriter.lineLength - 1 - column) - 12
        let limit = usesQ ? room : room / 4 * 3
        if size + added > limit {
          if pending.isEmpty {
            fold()
          } else {
            append(HeaderWriter.encodedWord(pending, usesQ))
            pending = []
            size = 0
          }
          // A line that has no room for a word of sensible length is left.
          if column > 0, HeaderWriter.lineLength - 1 - column < 40 { fold() }
        }
        pending += encoded
        size += added
      }
      if !pending.isEmpty { append(HeaderWriter.encodedWord(pending, usesQ)) }
    }
  }

  private static func isSafeInQ(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || "!*+-/".utf8.contains(byte)
  }

  private static func widthInQ(_ byte: UInt8) -> Int { isSafeInQ(byte) || byte == ASCII.space ? 1 : 3 }

  private static func encodedWord(_ payload: [UInt8], _ usesQ: Bool) -> [UInt8] {
    guard usesQ else { return Array("=?UTF-8?B?".utf8) + Base64.encode(payload) + Array("?=".utf8) }
    let digits = Array("0123456789ABCDEF".utf8)
    let coded = payload.flatMap { byte -> [UInt8] in
      if byte == ASCII.space { return [ASCII.underscore] }
      return isSafeInQ(byte) ? [byte] : [ASCII.equals, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return Array("=?UTF-8?Q?".utf8) + coded + Array("?=".utf8)
  }
}
