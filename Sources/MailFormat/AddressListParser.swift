/// Takes an address field apart, byte by byte and without going back, so that a hostile field costs no more than its
/// length.
struct AddressListParser {
  /// More recipients than this are not kept.
  private static let limit = 10_000

  let bytes: Bytes
  private var i = 0
  /// The words before `<`, encoded words still encoded.
  private var phrase: [UInt8] = []
  private var comment: [UInt8] = []
  private var angle: [UInt8]?
  private var found: [MailAddress] = []
  /// Quotes, brackets and comments that never close are taken as they stand; one search tells for all that follow.
  private var hasClosingQuote = true
  private var hasClosingAngle = true
  private var hasClosingParen = true

  init(bytes: Bytes) { self.bytes = bytes }

  mutating func run() -> [MailAddress] {
    while i < bytes.count, found.count < Self.limit {
      switch bytes[i] {
      case ASCII.quote: readQuoted()
      case ASCII.leftParen: readComment()
      case ASCII.less: readAngle()
      case ASCII.comma, ASCII.semicolon:
        finish()
        i += 1
      case ASCII.colon where angle == nil && !phrase.contains(ASCII.at):
        // The name of a group.
        phrase.removeAll(keepingCapacity: true)
        comment.removeAll(keepingCapacity: true)
        i += 1
      case ASCII.greater:
        i += 1
      case ASCII.equals:
        if let word = HeaderText.encodedWord(in: bytes, at: i) {
          phrase += bytes.slice(i..<word.end)
          i = word.end
        } else {
          phrase.append(bytes[i])
          i += 1
        }
      case let byte:
        if byte > ASCII.space {
          phrase.append(byte)
        } else if let last = phrase.last, last != ASCII.space {
          phrase.append(ASCII.space)
        }
        i += 1
      }
    }
    if found.count < Self.limit { finish() }
    return found
  }

  private mutating func readQuoted() {
    let start = i
    var content: [UInt8] = []
    i += 1
    while hasClosingQuote, i < bytes.count {
      if bytes[i] == ASCII.quote {
        i += 1
        // A quoted local part keeps its quotes.
        if i < bytes.count, bytes[i] == ASCII.at {
          phrase += bytes.slice(start..<i)
        } else {
          phrase += content
        }
        return
      }
      if bytes[i] == ASCII.backslash, i + 1 < bytes.count { i += 1 }
      content.append(bytes[i])
      i += 1
    }
    hasClosingQuote = false
    i = start + 1
  }

  private mutating func readComment() {
    let start = i
    var depth = 0
    var content: [UInt8] = []
    while hasClosingParen, i < bytes.count {
      let byte = bytes[i]
      i += 1
      if byte == ASCII.leftParen {
        depth += 1
        if depth == 1 { continue }
      } else if byte == ASCII.rightParen {
        depth -= 1
        if depth == 0 {
          comment = content
          return
        }
      } else if byte == ASCII.backslash, i < bytes.count {
        content.append(bytes[i])
        i += 1
        continue
      }
      content.append(byte)
    }
    hasClosingParen = false
    phrase.append(ASCII.leftParen)
    i = start + 1
  }

  private mutating func readAngle() {
    var start = i + 1
    while start < bytes.count, bytes[start] == ASCII.less { start += 1 }
    var end: Int?
    if hasClosingAngle {
      end = bytes.index(of: ASCII.greater, from: start, to: bytes.count)
      hasClosingAngle = end != nil
    }
    let stop = end ?? bytes.index(of: ASCII.comma, from: start, to: bytes.count) ?? bytes.count
    var content = bytes.slice(start..<stop).filter { $0 > ASCII.space }
    // A source route (RFC 5322 §4.4) and the scheme of a copied link.
    if content.first == ASCII.at, let colon = content.firstIndex(of: ASCII.colon) {
      content.removeFirst(colon + 1)
    } else if content.withUnsafeBufferPointer({ $0.hasPrefixIgnoringCase("mailto:") }) {
      content.removeFirst(7)
    }
    if angle == nil || angle?.isEmpty == true { angle = content }
    i = end.map { $0 + 1 } ?? stop
  }

  private mutating func finish() {
    defer {
      phrase.removeAll(keepingCapacity: true)
      comment.removeAll(keepingCapacity: true)
      angle = nil
    }
    if phrase.last == ASCII.space { phrase.removeLast() }
    if let angle {
      let name = HeaderText.decode(phrase.isEmpty ? comment : phrase)
      let address = Self.text(angle)
      if !name.isEmpty || !address.isEmpty { found.append(MailAddress(name: Self.clean(name), address: address)) }
    } else if !phrase.isEmpty {
      found.append(bare())
    }
  }

  /// An item without angle brackets: `a@b`, `a@b (Name)`, `Name a@b`, a bare word, or all of it in one encoded word.
  private func bare() -> MailAddress {
    let text = HeaderText.decode(phrase)
    let name = Self.clean(HeaderText.decode(comment))
    if let open = text.utf8.lastIndex(of: ASCII.less), let close = text.utf8.lastIndex(of: ASCII.greater), open < close
    {
      let address = String(text[text.utf8.index(after: open)..<close])
      if address.utf8.contains(ASCII.at) {
        return MailAddress(name: Self.clean(String(text[..<open])), address: address)
      }
    }
    if text.utf8.first == ASCII.quote, let at = text.utf8.lastIndex(of: ASCII.at), text[..<at].utf8.last == ASCII.quote,
      !text[at...].utf8.contains(ASCII.space)
    {
      return MailAddress(name: name, address: text)
    }
    let words = text.split(separator: " ")
    if words.count == 1 { return MailAddress(name: name, address: text) }
    // "a @ b" is legal once; anything longer is a name with an address somewhere.
    if words.count <= 3, text.utf8.contains(ASCII.at), words.contains(where: { $0.hasPrefix("@") || $0.hasSuffix("@") })
    {
      return MailAddress(name: name, address: words.joined())
    }
    guard let place = words.lastIndex(where: { $0.utf8.contains(ASCII.at) }) else {
      return MailAddress(name: Self.clean(text), address: "")
    }
    let others = words[..<place] + words[(place + 1)...]
    return MailAddress(name: Self.clean(others.joined(separator: " ")), address: String(words[place]))
  }

  private static func text(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBufferPointer { Charset.decode($0, label: nil).text }
  }

  /// A name without the blanks and quotes around it that careless senders leave there.
  private static func clean(_ name: String) -> String {
    var view = name[...]
    while let first = view.utf8.first, first <= ASCII.space { view.removeFirst() }
    while let last = view.utf8.last, last <= ASCII.space { view.removeLast() }
    for mark in [ASCII.quote, ASCII.apostrophe]
    where view.utf8.count >= 2 && view.utf8.first == mark && view.utf8.last == mark {
      view = view.dropFirst().dropLast()
    }
    return String(view)
  }
}
