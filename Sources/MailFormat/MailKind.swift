/// Who wrote a mail: a person, or which sort of machine.
package enum MailKind: String, Sendable, Hashable, CaseIterable {
  case human
  /// An out-of-office note or another automatic answer or notice (RFC 3834).
  case autoReply = "autoreply"
  /// A mail of ours that could not be delivered, or not yet (RFC 3464).
  case bounce
  /// A recipient called a mail of ours spam (RFC 5965).
  case report = "arf"
  /// A mail of ours was delivered or read (RFC 3464 action delivered, RFC 8098).
  case receipt
  /// A mailing list or a bulk mail (RFC 2369, RFC 2919).
  case list
  /// A mail of our own came back.
  case loop
}

/// A kind and the reason for it.
package struct MailKindFinding: Sendable, Hashable {
  package let kind: MailKind
  /// What in the mail says so, in English.
  package let evidence: String

  package init(_ kind: MailKind, _ evidence: String) {
    self.kind = kind
    self.evidence = evidence
  }
}

extension MailKind {
  /// The kind of a mail by its header and structure; the first rule that holds decides.
  ///
  /// - Parameters:
  ///   - ownLoopHeader: a field that only our own mails carry; any value counts when `value` is empty.
  ///   - ownAddresses: our own addresses, as `MailAddress.normalized`.
  package static func find(
    in message: MailMessage, ownLoopHeader: (name: String, value: String)? = nil, ownAddresses: Set<String> = []
  ) -> MailKindFinding {
    loop(message, ownLoopHeader, ownAddresses) ?? feedback(message) ?? bounce(message) ?? autoReply(message)
      ?? list(message) ?? MailKindFinding(.human, "no sign of a machine")
  }

  private static func loop(
    _ message: MailMessage, _ ownLoopHeader: (name: String, value: String)?, _ ownAddresses: Set<String>
  ) -> MailKindFinding? {
    if let own = ownLoopHeader,
      message.all(own.name).contains(where: { own.value.isEmpty || $0.lowercased() == own.value.lowercased() })
    {
      return MailKindFinding(.loop, "carries our own \(own.name) field")
    }
    // Forms on a web site write from our own address, with the customer in Reply-To. The envelope sender says nothing:
    // forwarders rewrite it to the address that they forward from.
    if message.replyTo.contains(where: { !ownAddresses.contains($0.normalized) }) { return nil }
    return message.from.map(\.normalized).first(where: ownAddresses.contains)
      .map { MailKindFinding(.loop, "sent from our own address \($0)") }
  }

  /// Reports that are no failure: complaints and receipts.
  private static func feedback(_ message: MailMessage) -> MailKindFinding? {
    let types = Set(message.machineParts.map(\.type))
    if message.reportType == "feedback-report" || types.contains("message/feedback-report") {
      return MailKindFinding(.report, "abuse report (RFC 5965)")
    }
    if message.reportType == "disposition-notification" || types.contains("message/disposition-notification") {
      return MailKindFinding(.receipt, "read receipt (RFC 8098)")
    }
    if let report = BounceReport(message), !report.isFailure {
      return MailKindFinding(.receipt, "delivery receipt, action \(report.action ?? "")")
    }
    return nil
  }

  private static func bounce(_ message: MailMessage) -> MailKindFinding? {
    let hasStatus = message.machineParts.contains { BounceReport.isStatus($0.type) }
    if hasStatus || (message.contentType == "multipart/report" && message.reportType == "delivery-status") {
      return MailKindFinding(.bounce, "delivery status notification (RFC 3464)")
    }
    if message.header.field("X-Failed-Recipients") != nil { return MailKindFinding(.bounce, "X-Failed-Recipients") }
    let sender = message.from.first?.localPart.lowercased() ?? ""
    guard message.returnPath?.isEmpty == true || sender == "mailer-daemon" || sender == "postmaster" else { return nil }
    return Phrases.bounceSubject.first(where: message.subject.lowercased().contains).map {
      MailKindFinding(.bounce, "subject “\($0)” from a mail system")
    }
  }

  private static func autoReply(_ message: MailMessage) -> MailKindFinding? {
    for value in message.all("Auto-Submitted") {
      let keyword = value.prefix { $0 != ";" && $0 != " " && $0 != "(" }.lowercased()
      if !keyword.isEmpty, keyword != "no" {
        return MailKindFinding(.autoReply, "Auto-Submitted: \(keyword) (RFC 3834)")
      }
    }
    for name in ["X-Autoreply", "X-Autorespond", "X-Autoreply-From", "X-Auto-Reply-From", "X-Mail-Autoreply"] {
      if let value = message.first(name), value.lowercased() != "no" { return MailKindFinding(.autoReply, name) }
    }
    if precedence(message).contains("auto_reply") { return MailKindFinding(.autoReply, "Precedence: auto_reply") }
    let isSuppressing = message.header.field("X-Auto-Response-Suppress") != nil
    if isSuppressing, message.header.field("X-MS-Exchange-Inbox-Rules-Loop") != nil {
      return MailKindFinding(.autoReply, "X-MS-Exchange-Inbox-Rules-Loop")
    }
    let subject = message.subject.lowercased()
    guard let phrase = Phrases.autoReplySubject.first(where: subject.hasPrefix) else { return nil }
    // People write "休假" too: the words count only from a machine's envelope or in answer to a mail.
    let isAnswer = !message.inReplyTo.isEmpty || !message.references.isEmpty
    guard isAnswer || isSuppressing || message.returnPath?.isEmpty == true || !precedence(message).isEmpty else {
      return nil
    }
    return MailKindFinding(.autoReply, "subject starts with “\(phrase)”")
  }

  private static func list(_ message: MailMessage) -> MailKindFinding? {
    let names = ["List-Id", "List-Post", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"]
    if let name = names.first(where: { message.header.field($0) != nil }) { return MailKindFinding(.list, name) }
    return precedence(message).first { ["bulk", "list", "junk"].contains($0) }.map {
      MailKindFinding(.list, "Precedence: \($0)")
    }
  }

  private static func precedence(_ message: MailMessage) -> [String] {
    (message.all("Precedence") + message.all("X-Precedence")).map { $0.lowercased() }
  }

  /// Why an automatic answer to this mail would be wrong although a person may have written it; nil when nothing speaks
  /// against it. Meant to be asked besides `find`.
  package static func suppressesAutoReply(_ message: MailMessage) -> String? {
    for value in message.all("X-Auto-Response-Suppress") {
      let words = value.lowercased().split { $0 == "," || $0 == ";" || $0 == " " }
      if let word = words.first(where: { ["all", "oof", "autoreply"].contains($0) }) {
        return "The sender asks for no automatic replies (X-Auto-Response-Suppress: \(word))."
      }
    }
    if message.returnPath?.isEmpty == true { return "The envelope sender is empty (Return-Path: <>)." }
    if message.header.field("X-Loop") != nil { return "The mail carries an X-Loop field." }
    guard let target = message.replyTo.first ?? message.from.first, !target.address.isEmpty else {
      return "The mail names no address to reply to."
    }
    return isUnattended(target) ? "Nobody reads mail at \(target.address)." : nil
  }

  /// Whether the address says of itself that nobody reads its mail (no-reply@ and the like).
  package static func isUnattended(_ address: MailAddress) -> Bool {
    let local = address.localPart.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "." }
    return Phrases.unattended.contains(where: local.hasPrefix)
  }

  private enum Phrases {
    static let bounceSubject = [
      "undeliver", "delivery status", "delivery failure", "delivery failed", "returned mail", "failure notice",
      "returned to sender", "mail delivery", "系统退信", "退信", "投递失败", "无法投递", "邮件被退回", "投遞失敗", "無法投遞", "無法傳遞",
    ]
    static let autoReplySubject = [
      "automatic reply", "auto reply", "auto-reply", "autoreply", "automatic response", "auto response",
      "auto-response", "out of office", "out of the office", "on vacation", "on leave", "自动回复", "自动回覆", "自動回覆",
      "自動回復", "自动答复", "外出自动", "休假",
    ]
    /// Without dots, hyphens and underscores.
    static let unattended = ["noreply", "donotreply", "dontreply", "nepasrepondre", "mailerdaemon", "postmaster"]
  }
}
