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
  /// How many bytes in front of an address are looked at.
  private static let prefixLimit = 200

  let notice: Notice
  let lines: [Notice.Line]
  private(set) var places: [Place] = []
  /// The last line that starts with an address, while no empty line follows it.
  private var lastListed: Int?
  /// Whether the sentence around a line tells of a failure, once that was asked.
  private var isTold: [Bool?]

  init(_ notice: Notice, lines: [Notice.Line]) {
    self.notice = notice
    self.lines = lines
    isTold = Array(repeating: nil, count: lines.count)
    notice.bytes.withUnsafeBufferPointer { bytes in
      for number in lines.indices where places.count < Self.placeLimit { scan(bytes, number) }
    }
  }

  private mutating func scan(_ bytes: Bytes, _ number: Int) {
    let line = lines[number].range
    if line.isEmpty { lastListed = nil }
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
    let start = max(lines[number].range.lowerBound, address.lowerBound - Self.prefixLimit)
    switch AddressPrefix(bytes.slice(start..<address.lowerBound)) {
    case .none:
      return rankAtStart(bytes, number, behind: address.upperBound)
    case .label(let label):
      if label.split(separator: ASCII.space).contains(where: NoticeWords.isForeign) { return nil }
      if isSession(bytes, number) { return .told }
      if NoticeWords.recipientLabels.occurs(in: label) { return .listed }
      return NoticeWords.plainLabels.contains(label) ? .mentioned : .told
    case .prose(let words):
      return rankInProse(number, words)
    }
  }

  /// Whether a line is one of an SMTP session, which may name the address that an alias stands for.
  private func isSession(_ bytes: Bytes, _ number: Int) -> Bool {
    let line = bytes.slice(lines[number].range)
    return line.starts(with: ">>>".utf8) || line.starts(with: "<<<".utf8)
  }

  private mutating func rankAtStart(_ bytes: Bytes, _ number: Int, behind end: Int) -> Rank? {
    let line = lines[number]
    if isSession(bytes, number) { return .told }
    let previous = number > 0 && !lines[number - 1].isBlank ? CollapsedText.fold(notice[lines[number - 1]]) : []
    // "(expanded from" and "please contact" end lines, too.
    if let last = previous.split(separator: ASCII.space).last, NoticeWords.isForeign(last) { return nil }
    let rest = CollapsedText.fold(bytes.slice(end..<line.range.upperBound).drop { $0 == ASCII.greater })
    if rest.starts(with: "wrote".utf8) || rest.starts(with: "said".utf8) { return nil }
    if let last = lastListed, lines[last].indent < line.indent {
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

  private mutating func rankInProse(_ number: Int, _ words: [UInt8]) -> Rank? {
    let last = words.split(whereSeparator: { $0 == ASCII.space || $0 == ASCII.leftParen }).last
    if last.map(NoticeWords.isForeign) == true || NoticeWords.contacts.occurs(in: words) { return nil }
    return tellsFailure(around: number) ? .told : .mentioned
  }

  private mutating func tellsFailure(around number: Int) -> Bool {
    if let known = isTold[number] { return known }
    let sentence = notice.folded(lines[max(0, number - 1)...min(lines.count - 1, number + 1)])
    let tells =
      BouncePhrases.failures.occurs(in: sentence) || DerivedStatus.phrases.occurs(in: sentence)
      || ServerCodes(sentence).reply != nil
    isTold[number] = tells
    return tells
  }
}
