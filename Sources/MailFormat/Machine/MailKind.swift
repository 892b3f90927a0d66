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
  /// What in the mail says so, as an English sentence.
  package let evidence: String

  package init(_ kind: MailKind, _ evidence: String) {
    self.kind = kind
    self.evidence = evidence
  }
}

extension MailKind {
  /// The kind of a mail by its header and structure, of suspected bounces by their text too; the first rule that holds
  /// decides.
  ///
  /// - Parameters:
  ///   - ownLoopHeader: a field that only our own mails carry; any value counts when `value` is empty.
  ///   - ownAddresses: our own addresses, as `MailAddress.normalized`.
  package static func find(
    in message: MailMessage, ownLoopHeader: (name: String, value: String)? = nil, ownAddresses: Set<String> = []
  ) -> MailKindFinding {
    if let evidence = loop(message, ownLoopHeader, ownAddresses) { return MailKindFinding(.loop, evidence) }
    let signs = HeaderSigns(message)
    if let found = BounceEvidence.find(in: message, signs) {
      guard found.report.isFailure else {
        return MailKindFinding(.receipt, "It reports that a mail was \(found.report.action?.rawValue ?? "delivered").")
      }
      return MailKindFinding(.bounce, found.sentence)
    }
    if message.reportType == "disposition-notification" || message.holds("message/disposition-notification") {
      return MailKindFinding(.receipt, "It is a read receipt (RFC 8098).")
    }
    if let evidence = Complaint.evidence(in: message, signs) { return MailKindFinding(.report, evidence) }
    if let evidence = AutoReply.evidence(in: message, signs) {
      if let found = BounceEvidence.farewell(in: message, signs) { return MailKindFinding(.bounce, found.sentence) }
      return MailKindFinding(.autoReply, evidence)
    }
    if let evidence = list(message, signs, ownAddresses) { return MailKindFinding(.list, evidence) }
    return MailKindFinding(.human, "Nothing in it says that a machine sent it.")
  }

  private static func loop(
    _ message: MailMessage, _ ownLoopHeader: (name: String, value: String)?, _ ownAddresses: Set<String>
  ) -> String? {
    if let own = ownLoopHeader,
      message.header.contains(where: {
        $0.isNamed(own.name) && (own.value.isEmpty || $0.text.lowercased() == own.value.lowercased())
      })
    {
      return "It carries our own \(own.name) field."
    }
    guard !ownAddresses.isEmpty else { return nil }
    // Forms on a web site write from our own address, with the customer in Reply-To. The envelope sender says nothing:
    // forwarders rewrite it to the address that they forward from.
    if message.replyTo.contains(where: { !ownAddresses.contains($0.normalized) }) { return nil }
    return message.from.map(\.normalized).first(where: ownAddresses.contains).map {
      "It comes from our own address \($0)."
    }
  }

  private static func list(_ message: MailMessage, _ signs: HeaderSigns, _ ownAddresses: Set<String>) -> String? {
    // A customer whose address is a group of his house answers through its list.
    let isAnswer = !message.inReplyTo.isEmpty && message.to.contains { ownAddresses.contains($0.normalized) }
    if let field = signs.fields(.list).first, !isAnswer { return "It carries a \(field.name) field (RFC 2369)." }
    // Gateways, sales tools and ticket systems mark what people write as bulk mail too, but bulk mail answers nothing.
    guard message.inReplyTo.isEmpty else { return nil }
    if let field = signs.fields(.bulk).first { return "It carries a \(field.name) field." }
    if let word = signs.bulkPrecedence { return "Its Precedence field says \(word)." }
    guard let field = signs.fields(.unsubscribe).first, !message.isForwardedForm else { return nil }
    return "It carries a \(field.name) field (RFC 2369)."
  }

  /// Why an automatic answer to this mail would be wrong although a person may have written it; nil when nothing speaks
  /// against it. Meant to be asked besides `find`.
  package static func suppressesAutoReply(_ message: MailMessage) -> String? {
    let signs = HeaderSigns(message)
    if let word = signs.suppression.first {
      return "The sender asks for no automatic replies (X-Auto-Response-Suppress: \(word))."
    }
    if let keyword = signs.autoSubmitted { return "Its Auto-Submitted field says \(keyword) (RFC 3834)." }
    if let word = signs.bulkPrecedence { return "Its Precedence field says \(word) (RFC 3834)." }
    if let field = signs.fields(.list).first { return "It carries a \(field.name) field (RFC 2369)." }
    if signs.has(.unsubscribe), message.inReplyTo.isEmpty { return "It carries a List-Unsubscribe field (RFC 2369)." }
    if message.returnPath?.isEmpty == true { return "The envelope sender is empty (Return-Path: <>)." }
    if signs.has(.loop) { return "The mail carries an X-Loop field." }
    guard let target = message.replyTo.first ?? message.from.first, !target.address.isEmpty else {
      return "The mail names no address to reply to."
    }
    return isUnattended(target) ? "Nobody reads mail at \(target.address)." : nil
  }

  /// Whether the address says of itself that nobody reads its mail (no-reply@ and the like).
  package static func isUnattended(_ address: MailAddress) -> Bool {
    let local = address.localPart.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "." }
    return unattended.contains(where: local.hasPrefix)
  }

  /// Without dots, hyphens and underscores.
  private static let unattended = ["noreply", "donotreply", "dontreply", "nepasrepondre", "mailerdaemon", "postmaster"]
}

extension MailMessage {
  /// Whether it is, or holds as a machine's report does, a part of that type. People attach such parts too.
  func holds(_ type: String) -> Bool {
    (contentType == "multipart/report" || !hasPersonalName) && machineParts.contains { $0.type == type }
  }

  /// Whether a service passes on what somebody typed into a form: it wrote the mail, and the answer is to go to another
  /// house.
  var isForwardedForm: Bool {
    guard inReplyTo.isEmpty, references.isEmpty, let service = from.first?.domain.asciiLowercased else { return false }
    return replyTo.contains { address in
      let domain = address.domain.asciiLowercased
      return !domain.isEmpty && !domain.isSameHouse(as: service) && !MailKind.isUnattended(address)
    }
  }
}

extension String {
  /// Whether one domain is the other or one within it.
  fileprivate func isSameHouse(as other: String) -> Bool {
    self == other || hasSuffix("." + other) || other.hasSuffix("." + self)
  }
}
