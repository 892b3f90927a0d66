/// How much the sender of a mail looks like a mail system.
enum SenderSign: Int, Comparable {
  case none
  /// A name that people use too: postmaster, administrator; or an empty envelope.
  case doubtful
  /// An empty envelope without a person's name, or a name that only mail systems have (RFC 5321 §4.5.5, RFC 3834 §4).
  case certain

  static func < (a: SenderSign, b: SenderSign) -> Bool { a.rawValue < b.rawValue }

  init(_ message: MailMessage) {
    let sender = message.from.first
    let local = sender.map { Self.key($0.address) } ?? ""
    let envelope = message.returnPath.map(Self.key)
    let name = sender.map { $0.name.isEmpty ? [] : CollapsedText.fold($0.name.utf8.prefix(Self.nameLimit)) } ?? []
    let isCertain =
      Self.certainLocalParts.contains(local) || Self.certainNames.occurs(in: name)
      || envelope.map(Self.certainLocalParts.contains) == true
    let isDoubtful =
      Self.doubtfulLocalParts.contains(local) || Self.doubtfulNames.occurs(in: name)
      || envelope.map(Self.doubtfulLocalParts.contains) == true
    let isAutomatic = envelope?.isEmpty == true
    if isCertain || isAutomatic && (isDoubtful || name.isEmpty) {
      self = .certain
    } else {
      // Shops and people's out-of-office notes have an empty envelope too, but a name.
      self = isDoubtful || isAutomatic ? .doubtful : .none
    }
  }

  /// Whether mail systems write from such an address.
  static func isMailSystem(_ address: String) -> Bool {
    let key = key(address)
    return certainLocalParts.contains(key) || doubtfulLocalParts.contains(key)
  }

  /// The local part in lower case, without dots, hyphens and underscores; of a long one a part that is no name.
  private static func key(_ address: String) -> String {
    var key: [UInt8] = []
    for byte in address.utf8.prefix(nameLimit) where byte != ASCII.dash && byte != ASCII.underscore && byte != ASCII.dot
    {
      if byte == ASCII.at { break }
      key.append(ASCII.lower(byte))
    }
    return String(decoding: key, as: UTF8.self)
  }

  /// More bytes of a name or address are not looked at.
  private static let nameLimit = 100

  private static let certainLocalParts: Set<String> = [
    "mailerdaemon", "maildaemon", "mdaemon", "mailerdeamon", "maildeliverysystem", "maildeliverysubsystem",
    "mailsystem",
    "mmdf", "ndr", "smtpdaemon", "exim", "maildelivery",
  ]
  private static let doubtfulLocalParts: Set<String> = [
    "postmaster", "mailadmin", "mailadministrator", "administrator", "systemadministrator", "sysadmin", "mailmaster",
    "postoffice", "mailgate", "mailgateway", "virusalert", "mailscanner", "mailer", "imss",
  ]
  private static let certainNames = PhraseIndex([
    "mail delivery s", "mail delivery agent", "mailer-daemon", "mailer daemon", "delivery subsystem",
    "internet mail delivery", "邮件系统", "郵件系統", "系统退信",
  ])
  private static let doubtfulNames = PhraseIndex([
    "postmaster", "mail system", "system administrator", "mail administrator", "mail delivery", "ndr administrator",
    "mail gateway",
    "系统管理员", "系統管理員", "管理者",
  ])
}
