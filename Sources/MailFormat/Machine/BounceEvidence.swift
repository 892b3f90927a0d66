/// Whether a mail is a bounce. There are three witnesses: the sender, the subject, and the text that names who was not
/// reached. Machine-readable reports speak for themselves; otherwise two witnesses must agree, since people write about
/// bounces, forward them, and answer as postmaster.
struct BounceEvidence {
  let report: BounceReport
  let sentence: String

  static func find(in message: MailMessage, _ signs: HeaderSigns) -> BounceEvidence? {
    let sender = SenderSign(message)
    let subject = FoldedText.fold(message.subject.utf8)
    let isPassedOn = isPassedOnByPerson(subject)
    // The subject of a forward was somebody else's.
    let speaks = !isPassedOn && BouncePhrases.subjects.occurs(in: subject)
    let hasStatus = message.hasStatusPart
    let isReport = message.contentType == "multipart/report"
    let names = signs.has(.failedRecipients)
    // Nearly all mail ends here, before its text is looked at.
    guard hasStatus || isReport || names || speaks || sender > .none else { return nil }
    if isPassedOn, sender == .none, !isReport { return nil }
    if AutoReplyPhrases.subjects.prefix(of: subject) != nil, !isReport, !names { return nil }
    if message.isOtherReport, !message.isRejection { return nil }

    var reader = BounceReader(message, failedRecipients: signs.fields(.failedRecipients))
    reader.completeFromReferences()
    let report = reader.report
    if message.reportType == "delivery-status" || hasStatus {
      return BounceEvidence(report: report, sentence: "It is a delivery status notification (RFC 3464).")
    }
    if message.isOtherReport {
      return BounceEvidence(report: report, sentence: "A filter rejected the mail (RFC 5429).")
    }
    if names { return BounceEvidence(report: report, sentence: "It names failed recipients in its header.") }
    guard let sentence = sentence(message, signs, sender, speaks: speaks, reader) else { return nil }
    return BounceEvidence(report: report, sentence: sentence)
  }

  private static func sentence(
    _ message: MailMessage, _ signs: HeaderSigns, _ sender: SenderSign, speaks: Bool, _ reader: BounceReader
  ) -> String? {
    let isTold = reader.tellsFailure && (reader.rank.map { $0 > .mentioned } ?? false || reader.hasStatusFields)
    let isListed = reader.tellsFailure && (reader.rank == .listed || reader.hasStatusFields)
    switch sender {
    case .certain:
      if speaks { return "A mail system sent it, and its subject tells of a failed delivery." }
      if isTold || (reader.tellsFailure && reader.hasReturnedMail) {
        return "A mail system sent it, and its text names who was not reached."
      }
    case .doubtful:
      if speaks, reader.tellsFailure, isTold || reader.hasReturnedMail {
        return "Its sender and subject are those of a mail system, and its text tells of a failed delivery."
      }
      if isListed || (isTold && reader.hasReturnedMail) {
        return "Its sender has the name of a mail system, and its text lists who was not reached."
      }
    case .none:
      // Nobody but a machine writes without a name, answers nothing and still lists failed addresses.
      let isPersonal = !message.inReplyTo.isEmpty || message.hasPersonalName
      if speaks, isListed, reader.hasReturnedMail || !isPersonal {
        return "Its subject tells of a failed delivery, and its text lists who was not reached."
      }
    }
    return nil
  }

  /// Whether a person forwards a bounce or answers one.
  private static func isPassedOnByPerson(_ subject: [UInt8]) -> Bool {
    let text = String(decoding: subject, as: UTF8.self)
    return SubjectLine.strippingReplyPrefixes(text).utf8.count < text.utf8.count
  }
}

extension MailMessage {
  /// Whether a part is a delivery status (RFC 3464) or was meant as one.
  var hasStatusPart: Bool {
    machineParts.contains { part in
      part.type.utf8.count > 20 && (part.type.hasPrefix("message/") && part.type.contains("delivery-stat"))
    }
  }

  /// A report on something else than delivery: a complaint, a receipt of reading (RFC 6522 §3).
  fileprivate var isOtherReport: Bool {
    if let reportType, reportType != "delivery-status", contentType == "multipart/report" { return true }
    return machineParts.contains {
      $0.type == "message/feedback-report" || $0.type == "message/disposition-notification"
    }
  }

  /// Whether a receipt of reading says that a filter threw the mail away unread (RFC 5429 §2.2, RFC 8098 §3.2.6).
  fileprivate var isRejection: Bool {
    machineParts.contains { part in
      guard part.type == "message/disposition-notification" else { return false }
      return HeaderBlock.fields(part.bytes, limit: 50).fields.field("Disposition").map {
        let value = $0.text.asciiLowercased
        return value.hasPrefix("automatic-action") && value.contains("deleted")
      } ?? false
    } && BouncePhrases.failures.occurs(in: FoldedText.fold(bodyText.utf8.prefix(4_096)))
  }

  /// Whether From has the name of somebody, not only an address.
  var hasPersonalName: Bool {
    guard let sender = from.first, !sender.name.isEmpty else { return false }
    return sender.name.asciiLowercased != sender.address.asciiLowercased
      && sender.name.asciiLowercased != sender.localPart.asciiLowercased && sender.name.utf8.contains(ASCII.space)
  }
}
