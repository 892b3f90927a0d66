/// The text of a bounce for people, divided into what the mail system says and the mail that it sends back.
struct Notice {
  /// One line, without its line break and the blanks around.
  struct Line {
    var range: Range<Int>
    /// Blanks in front.
    var indent: Int
    var isBlank: Bool { range.isEmpty }
  }

  /// How much of a text is looked at, in bytes and lines.
  private static let byteLimit = 1 << 16
  private static let lineLimit = 4_000

  let bytes: [UInt8]
  /// The lines in front of the returned mail.
  private(set) var lines: [Line] = []
  /// The lines of the returned mail.
  private(set) var returned: ArraySlice<Line> = []

  init(_ text: String) {
    bytes = Array(text.utf8.prefix(Self.byteLimit))
    bytes.withUnsafeBufferPointer { view in
      var pos = 0
      while pos < view.count, lines.count < Self.lineLimit {
        let next = view.lineEnd(from: pos, to: view.count)
        let content = view.trimmed(pos..<next)
        lines.append(Line(range: content, indent: content.lowerBound - pos))
        pos = next
      }
    }
    let cut = returnedStart()
    returned = lines[cut...]
    lines.removeSubrange(cut...)
  }

  /// All lines, for a mail whose notice does not stand in front.
  var whole: [Line] { lines + returned }

  subscript(line: Line) -> ArraySlice<UInt8> { bytes[line.range] }

  func folded(_ lines: some Sequence<Line>) -> [UInt8] {
    var text: [UInt8] = []
    for line in lines where !line.isBlank {
      text += bytes[line.range]
      text.append(ASCII.space)
    }
    return CollapsedText.fold(text)
  }

  /// The number of the first line of the returned mail, or of all lines when there is none.
  ///
  /// Either a header starts there, or a line says so; a line that says so in front of any address only announces it.
  private func returnedStart() -> Int {
    var hasAddress = false
    for (number, line) in lines.enumerated() where !line.isBlank {
      if startsHeader(number) { return number }
      if hasAddress, line.range.count < 100, announcesReturnedMail(line) { return number }
      hasAddress = hasAddress || bytes[line.range].contains(ASCII.at)
    }
    return lines.count
  }

  private func announcesReturnedMail(_ line: Line) -> Bool {
    let folded = CollapsedText.fold(bytes[line.range])
    guard let first = folded.first, let last = folded.last else { return false }
    let isMarked = first == ASCII.dash || first == ASCII.equals || first == ASCII.star || first == ASCII.underscore
    guard isMarked || last == ASCII.colon || last == ASCII.dot || !folded.contains(ASCII.at) else { return false }
    return BouncePhrases.returnedMail.occurs(in: folded)
  }

  /// Whether three fields of a mail follow each other from a line on, two of which only mails have.
  private func startsHeader(_ start: Int) -> Bool {
    guard lines[start].indent == 0 else { return false }
    var fields = 0
    var proper = 0
    for line in lines[start...].prefix(40) {
      if line.isBlank { break }
      if line.indent > 0, fields > 0 { continue }
      guard let isProper = bytes.withUnsafeBufferPointer({ Self.isField($0.slice(line.range)) }) else { return false }
      fields += 1
      if isProper { proper += 1 }
      if fields >= 3, proper >= 2 { return true }
    }
    return false
  }

  /// Nil for a line that is no field; true for a field that people do not write into a text.
  private static func isField(_ line: Bytes) -> Bool? {
    guard let colon = line.prefix(60).firstIndex(of: ASCII.colon), colon > 0,
      line[0..<colon].allSatisfy({ ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.dash })
    else { return nil }
    let proper: [StaticString] = [
      "received", "return-path", "message-id", "mime-version", "content-type", "date", "delivered-to", "references",
      "content-transfer-encoding", "dkim-signature", "in-reply-to", "received-spf", "authentication-results",
    ]
    let name = line.slice(0..<colon)
    return name.hasPrefixIgnoringCase("x-") || proper.contains { name.equalsIgnoringCase($0) }
  }
}

/// What a bounce repeats of the mail that came back.
struct ReturnedMail {
  var messageID: String?
  private(set) var subject: String?
  /// Its To addresses.
  private(set) var recipients: [MailAddress] = []
  /// A mailing list sent it: the recipient stands nowhere in it.
  private(set) var isFromList = false

  /// From a returned mail or its header.
  init(header bytes: [UInt8]) {
    for field in HeaderBlock.fields(bytes, limit: 500).fields {
      if messageID == nil, field.isNamed("Message-ID") { messageID = MessageID.first(in: field.text) }
      if subject == nil, field.isNamed("Subject") { subject = field.text }
      if recipients.isEmpty, field.isNamed("To") { recipients = MailAddress.list(field.value) }
      if field.isNamed("List-Id") { isFromList = true }
    }
  }

  /// From lines of a text, quoted and indented ones too.
  init(_ lines: some Collection<Notice.Line>, of notice: Notice) {
    var pendingID = false
    for line in lines where !line.isBlank {
      let content = notice[line].drop { $0 == ASCII.greater || $0 == ASCII.star || $0 <= ASCII.space }
      if pendingID {
        pendingID = false
        if content.first == ASCII.less { messageID = MessageID.first(in: String(decoding: content, as: UTF8.self)) }
      }
      content.withUnsafeBufferPointer { view in
        if messageID == nil, view.hasPrefixIgnoringCase("message-id:") {
          messageID = MessageID.first(in: HeaderText.decode(view.slice(11..<view.count)))
          pendingID = messageID == nil
        } else if subject == nil, view.hasPrefixIgnoringCase("subject:") {
          subject = HeaderText.decode(view.slice(view.trimmed(8..<view.count)))
        } else if recipients.isEmpty, view.hasPrefixIgnoringCase("to:") {
          recipients = MailAddress.list(Array(view.slice(3..<view.count)))
        } else if view.hasPrefixIgnoringCase("list-id:") {
          isFromList = true
        }
      }
    }
  }

  /// Takes over what is not known yet.
  mutating func complete(with other: ReturnedMail) {
    messageID = messageID ?? other.messageID
    subject = subject ?? other.subject
    if recipients.isEmpty { recipients = other.recipients }
    isFromList = isFromList || other.isFromList
  }

  init() {}
}
