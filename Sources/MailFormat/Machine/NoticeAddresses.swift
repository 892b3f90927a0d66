/// Finds in a notice the addresses that were not reached, by where they stand in their lines. Mail systems word their
/// notices in countless ways, but nearly all start a line with the address, put a label before it, or name it in the
/// sentence that tells the failure.
struct NoticeAddresses {
  /// How sure it is that an address is one that was not reached.
  enum Rank: Int, Comparable {
    /// Stands anywhere.
    case mentioned
    /// In a sentence that tells a failure.
    case told
    /// Starts a line or stands behind a label such as `Recipient:`.
    case listed

    static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }
  }

  struct Place {
    var line: Int
    var address: String
    var rank: Rank
  }

  private static let placeLimit = 4_000

  let notice: Notice
  let lines: [Notice.Line]
  private(set) var places: [Place] = []
  /// The last line that starts with an address.
  private var lastListed: Int?

  init(_ notice: Notice, lines: [Notice.Line]) {
    self.notice = notice
    self.lines = lines
    notice.bytes.withUnsafeBufferPointer { bytes in
      for number in lines.indices where places.count < Self.placeLimit { scan(bytes, number) }
    }
  }

  private mutating func scan(_ bytes: Bytes, _ number: Int) {
    let line = lines[number].range
    // A person's quotation; `>>>` opens a line of an SMTP session.
    if !line.isEmpty, bytes[line.lowerBound] == ASCII.greater, !bytes.slice(line).starts(with: ">>>".utf8) { return }
    var pos = line.lowerBound
    var left = line.lowerBound
    while let at = bytes.index(of: ASCII.at, from: pos, to: line.upperBound) {
      pos = at + 1
      var start = at
      while start > left, at - start < 256, Self.isLocalCharacter(bytes[start - 1]) { start -= 1 }
      var end = at + 1
      while end < line.upperBound, Self.isDomainCharacter(bytes[end]) { end += 1 }
      while end > at + 1, !ASCII.isLetter(bytes[end - 1]), !ASCII.isDigit(bytes[end - 1]) { end -= 1 }
      while start < at, bytes[start] == ASCII.apostrophe || bytes[start] == ASCII.star || bytes[start] == ASCII.equals {
        start += 1
      }
      // The name of an address form within an X.400 name: "SMTP=a@b".
      if bytes.slice(start..<at).hasPrefixIgnoringCase("smtp=") { start += 5 }
      guard start < at, end > at + 1, !Self.isAbbreviated(bytes.slice(start..<end)) else { continue }
      if let rank = rank(bytes, number, start..<end) {
        places.append(
          Place(line: number, address: String(decoding: bytes.slice(start..<end), as: UTF8.self), rank: rank))
      }
      left = end
      pos = end
    }
  }

  /// Archives and groups show addresses as `som...@a.test`.
  static func isAbbreviated(_ address: some Collection<UInt8>) -> Bool {
    address.split(separator: ASCII.at, omittingEmptySubsequences: false).first?.suffix(3).elementsEqual("...".utf8)
      ?? false
  }

  private static func isLocalCharacter(_ byte: UInt8) -> Bool {
    MailAddress.isAtomCharacter(byte) || byte == ASCII.dot
  }

  private static func isDomainCharacter(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.dash || byte == ASCII.dot || byte == ASCII.underscore
  }

  /// Nil for an address that is certainly none of those looked for: a sender, a contact, a Message-ID.
  private mutating func rank(_ bytes: Bytes, _ number: Int, _ address: Range<Int>) -> Rank? {
    let before = Prefix(bytes.slice(lines[number].range.lowerBound..<address.lowerBound))
    switch before {
    case .none:
      return rankAtStart(bytes, number, behind: address.upperBound)
    case .label(let label):
      if label.split(separator: ASCII.space).contains(where: NoticeWords.isForeign) { return nil }
      if NoticeWords.recipientLabels.occurs(in: label) { return .listed }
      return NoticeWords.plainLabels.contains(label) ? .mentioned : .told
    case .prose(let words):
      return rankInProse(number, words)
    }
  }

  private mutating func rankAtStart(_ bytes: Bytes, _ number: Int, behind end: Int) -> Rank? {
    let line = lines[number]
    let previous = number > 0 && !lines[number - 1].isBlank ? FoldedText.fold(notice[lines[number - 1]]) : []
    // "(expanded from" and "please contact" end lines, too.
    if let last = previous.split(separator: ASCII.space).last, NoticeWords.isForeign(last) { return nil }
    let rest = FoldedText.fold(bytes.slice(end..<line.range.upperBound).drop { $0 == ASCII.greater })
    if rest.starts(with: "wrote".utf8) || rest.starts(with: "said".utf8) { return nil }
    if let last = lastListed, lines[last].indent < line.indent, !lines[last..<number].contains(where: \.isBlank) {
      // Deeper than the address above: the answer about that one, broken into lines.
      return .told
    }
    if let end = previous.last, ASCII.isLetter(end) || end == ASCII.comma, let first = rest.first,
      ASCII.isLetter(first), previous.count > 40
    {
      return rankInProse(number, previous)
    }
    lastListed = number
    return .listed
  }

  private func rankInProse(_ number: Int, _ words: [UInt8]) -> Rank? {
    let last = words.split(whereSeparator: { $0 == ASCII.space || $0 == ASCII.leftParen }).last
    if last.map(NoticeWords.isForeign) == true || NoticeWords.contacts.occurs(in: words) { return nil }
    let sentence = notice.folded(lines[max(0, number - 1)...min(lines.count - 1, number + 1)])
    let isTold = BouncePhrases.failures.occurs(in: sentence) || DerivedStatus.phrases.occurs(in: sentence)
    return isTold || ServerCodes(sentence).reply != nil ? .told : .mentioned
  }
}

/// What stands in front of an address in its line.
private enum Prefix {
  case none
  /// Folded, without the colon.
  case label([UInt8])
  /// Folded.
  case prose([UInt8])

  init(_ bytes: Bytes) {
    var text = FoldedText.fold(bytes)[...]
    // Marks of an SMTP session, of a list, and a reply code in front of the address.
    text = text.drop { $0 == ASCII.greater || $0 == ASCII.less || Self.isBullet($0) || $0 == ASCII.space }
    if text.count >= 3, text.prefix(3).allSatisfy(ASCII.isDigit),
      text.dropFirst(3).first.map({ !ASCII.isLetter($0) }) ?? true
    {
      text = text.dropFirst(3).drop { $0 == ASCII.space || $0 == ASCII.dash }
    }
    Self.dropOpening(&text)
    for scheme in ["smtp:", "mailto:", "rfc822;", "rfc822:", "smtp;"]
    where text.reversed().starts(with: scheme.utf8.reversed()) {
      text = text.dropLast(scheme.utf8.count)
    }
    Self.dropOpening(&text)
    if text.isEmpty {
      self = .none
    } else if text.last == ASCII.colon || text.last == ASCII.semicolon {
      self = .label(Self.label(text.dropLast()))
    } else if text.count >= 3, text.suffix(3).elementsEqual("：".utf8) {
      self = .label(Self.label(text.dropLast(3)))
    } else {
      self = .prose(Array(text))
    }
  }

  /// The last clause: a label does not reach across punctuation.
  private static func label(_ text: ArraySlice<UInt8>) -> [UInt8] {
    let clause = text.split { ",;.{[(".utf8.contains($0) }.last ?? []
    return clause.filter { $0 != ASCII.quote }
  }

  private static func isBullet(_ byte: UInt8) -> Bool {
    byte == ASCII.star || byte == ASCII.dash || byte == ASCII.equals || byte == 43
  }

  private static func dropOpening(_ text: inout ArraySlice<UInt8>) {
    while let last = text.last,
      last == ASCII.less || last == ASCII.quote || last == ASCII.apostrophe || last == ASCII.space || last == 91
    {
      text.removeLast()
    }
  }
}

/// Words around addresses in notices.
private enum NoticeWords {
  /// Words that stand before another address than the recipient's.
  private static let foreign: Set<String> = [
    "from", "sender", "reply-to", "return-path", "contact", "by", "via", "message-id", "id", "postmaster",
    "in-reply-to", "references", "errors-to", "administrator", "visit", "von", "de", "от", "发件人", "寄件者", "差出人", "送信者",
    "发件人：", "送信者：", "差出人：",
  ]

  static func isForeign(_ word: ArraySlice<UInt8>) -> Bool { foreign.contains(String(decoding: word, as: UTF8.self)) }

  /// Words before an address that asks to be written to.
  static let contacts = PhraseIndex([
    "contact", "questions", "for help", "for assistance", "further assistance", "please write", "please e-mail",
    "please email", "please mail", "mail to postmaster", "联系", "聯絡", "問い合わせ",
  ])
  static let recipientLabels = PhraseIndex([
    "recipient", "rcpt", "address", "user", "mailbox", "account", "deliver", "undeliver", "error-for", "error", "fail",
    "following", "unknown", "rejected", "emailaddress", "收件", "地址", "宛先", "受信者", "送信先", "empfänger", "adresse",
    "destinat",
    "получател", "адрес", "odbiorc", "ontvanger",
  ])
  /// Labels of a mail's header, which notices repeat.
  static let plainLabels: Set<[UInt8]> = Set(["to", "cc", "bcc", "an", "à", "para", "a"].map { Array($0.utf8) })
}
