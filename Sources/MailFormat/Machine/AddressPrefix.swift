/// What stands in front of an address in its line.
enum AddressPrefix {
  case none
  /// Folded, without the colon.
  case label([UInt8])
  /// Folded.
  case prose([UInt8])

  init(_ bytes: Bytes) {
    var text = CollapsedText.fold(bytes)[...]
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
    byte == ASCII.star || byte == ASCII.dash || byte == ASCII.equals || byte == ASCII.plus
  }

  private static func dropOpening(_ text: inout ArraySlice<UInt8>) {
    while let last = text.last,
      last == ASCII.less || last == ASCII.quote || last == ASCII.apostrophe || last == ASCII.space
        || last == ASCII.leftBracket
    {
      text.removeLast()
    }
  }
}

/// Words around addresses in notices.
enum NoticeWords {
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
    "please email", "please mail", "mail to postmaster", "write to", "email us", "reach us", "联系", "聯絡", "問い合わせ",
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
