/// How much the sender of a mail looks like a mail system.
enum SenderSign: Int, Comparable {
  case none
  /// A name that people use too: postmaster, administrator.
  case doubtful
  /// An empty envelope or a name that only mail systems have (RFC 5321 §4.5.5, RFC 3834 §4).
  case certain

  static func < (a: SenderSign, b: SenderSign) -> Bool { a.rawValue < b.rawValue }

  init(_ message: MailMessage) {
    let sender = message.from.first
    let local = sender.map { Self.key($0.localPart) } ?? ""
    let envelope = message.returnPath.map { Self.key(MailAddress(address: $0).localPart) }
    let name = FoldedText.fold((sender?.name ?? "").utf8)
    if envelope == "" || envelope.map(Self.certainLocalParts.contains) == true || Self.certainLocalParts.contains(local)
      || Self.certainNames.occurs(in: name)
    {
      self = .certain
    } else if Self.doubtfulLocalParts.contains(local) || envelope.map(Self.doubtfulLocalParts.contains) == true
      || Self.doubtfulNames.occurs(in: name)
    {
      self = .doubtful
    } else {
      self = .none
    }
  }

  /// Whether mail systems write under this local part.
  static func isMailSystem(_ localPart: String) -> Bool {
    let key = key(localPart)
    return certainLocalParts.contains(key) || doubtfulLocalParts.contains(key)
  }

  /// In lower case, without dots, hyphens and underscores.
  private static func key(_ localPart: String) -> String {
    String(
      decoding: localPart.utf8.lazy.filter { $0 != ASCII.dash && $0 != ASCII.underscore && $0 != ASCII.dot }
        .map(ASCII.lower), as: UTF8.self)
  }

  private static let certainLocalParts: Set<String> = [
    "mailerdaemon", "maildaemon", "mdaemon", "mailerdeamon", "maildeliverysystem", "maildeliverysubsystem",
    "mailsystem",
    "mmdf", "uucp", "bounce", "bounces", "mailbounce", "ndr", "daemon", "smtpdaemon", "exim", "maildelivery",
  ]
  private static let doubtfulLocalParts: Set<String> = [
    "postmaster", "mailadmin", "mailadministrator", "administrator", "systemadministrator", "sysadmin", "mailmaster",
    "postoffice", "mailgate", "mailgateway", "virusalert", "mailscanner", "mailer", "imss",
  ]
  private static let certainNames = PhraseIndex([
    "mail delivery s", "mail delivery agent", "mailer-daemon", "mailer daemon", "delivery subsystem", "mail system",
    "internet mail delivery", "邮件系统", "郵件系統", "系统退信",
  ])
  private static let doubtfulNames = PhraseIndex([
    "postmaster", "system administrator", "mail administrator", "mail delivery", "ndr administrator", "mail gateway",
    "系统管理员", "系統管理員", "管理者",
  ])
}
