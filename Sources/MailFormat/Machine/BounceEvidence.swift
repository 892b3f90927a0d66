/// Whether a mail is a bounce. There are three witnesses: the sender, the subject, and the text that names who was not
/// reached. Machine-readable reports speak for themselves; otherwise two witnesses must agree, since people write about
/// bounces, forward them, and answer as postmaster.
struct BounceEvidence {
  let report: BounceReport
  /// What says so, in English.
  let sentence: String

  static func find(in message: MailMessage, _ signs: HeaderSigns) -> BounceEvidence? {
    let sender = SenderSign(message)
    let isClear = BouncePhrases.subjects.occurs(in: signs.subject)
    let hasPhrase = isClear || BouncePhrases.doubtfulSubjects.occurs(in: signs.subject)
    let hasStatus = message.hasStatusPart
    let isReport = message.contentType == "multipart/report"
    let names = signs.has(.failedRecipients)
    let isNotification = message.isBounceNotification
    // Nearly all mail ends here, before its text is looked at.
    guard hasStatus || isReport || names || isNotification || hasPhrase || sender > .none else { return nil }
    let isPassedOn = signs.isPassedOn
    if isPassedOn, sender == .none, !isReport { return nil }
    if AutoReplyLabel.find(in: signs.subject) != nil, !isReport, !names { return nil }
    if message.isOtherReport { return rejection(message) }

    let reader = BounceReader(message, failedRecipients: signs.fields(.failedRecipients))
    func found(_ sentence: String) -> BounceEvidence { BounceEvidence(report: reader.report, sentence: sentence) }
    if message.reportType == "delivery-status" && isReport
      || hasStatus && (isReport || sender > .none || !message.hasPersonalName && !reader.hasOwnWords)
    {
      return found("It is a delivery status notification (RFC 3464).")
    }
    if names { return found("It names failed recipients in its header.") }
    if isNotification { return found("It is a bounce notification for programs, in JSON.") }
    if let enclosed = enclosedReport(message, sender, reader) { return enclosed }
    if reader.isChallenge { return nil }
    // The subject of a forward was somebody else's; one that may be about a parcel needs a text about a mail.
    let speaks = !isPassedOn && (isClear || hasPhrase && (reader.rank == .listed || reader.hasReturnedMail))
    return witness(message, signs, sender, speaks: speaks, reader).map(found)
  }

  /// The sentence when two witnesses agree.
  private static func witness(
    _ message: MailMessage, _ signs: HeaderSigns, _ sender: SenderSign, speaks: Bool, _ reader: BounceReader
  ) -> String? {
    let isListed = reader.rank == .listed || reader.hasStatusFields
    let isTold = isListed || reader.rank == .told
    switch sender {
    case .certain:
      if speaks { return "A mail system sent it, and its subject tells of a failed delivery." }
      if reader.tellsFailure, isTold || reader.hasReturnedMail {
        return "A mail system sent it, and its text names who was not reached."
      }
    case .doubtful where message.returnPath?.isEmpty != true && !reader.opensLikeMachine:
      return nil
    case .doubtful:
      if speaks,
        isListed && reader.hasReturnedMail
          || (reader.tellsFailure || reader.givesReason) && (isTold || reader.hasReturnedMail)
      {
        return "Its sender and subject are those of a mail system, and its text tells of a failed delivery."
      }
      if reader.tellsFailure, isListed || isTold && reader.hasReturnedMail {
        return "Its sender has the name of a mail system, and its text lists who was not reached."
      }
    case .none:
      // People have names, answer something, and say first what they want; few send back a whole mail.
      let isPersonal =
        message.hasPersonalName || !message.inReplyTo.isEmpty || signs.has(.list) || signs.has(.unsubscribe)
      if speaks, isListed, !isPersonal, reader.opensLikeMachine, reader.hasReturnedMail || reader.hasStatusFields {
        return "Its subject tells of a failed delivery, and its text lists who was not reached, with the mail."
      }
    }
    return nil
  }

  /// A receipt of reading that says that a filter threw the mail away unread (RFC 5429 §2.2, RFC 8098 §3.2.6).
  private static func rejection(_ message: MailMessage) -> BounceEvidence? {
    guard message.hasDeletedDisposition,
      BouncePhrases.failures.occurs(in: CollapsedText.fold(message.bodyText.utf8.prefix(4_096)))
    else { return nil }
    return BounceEvidence(
      report: BounceReader(message, failedRecipients: []).report, sentence: "A filter rejected the mail (RFC 5429).")
  }

  /// A bounce that some gateway put into another mail, as its only content.
  private static func enclosedReport(
    _ message: MailMessage, _ sender: SenderSign, _ reader: BounceReader
  ) -> BounceEvidence? {
    guard sender > .none, reader.rank == nil, !reader.tellsFailure else { return nil }
    for part in message.machineParts where part.type == "message/rfc822" {
      let inner = MessageParser.parse(part.bytes)
      guard inner.contentType == "multipart/report", inner.hasStatusPart, !inner.isOtherReport else { continue }
      return BounceEvidence(
        report: BounceReader(inner, failedRecipients: []).report,
        sentence: "It contains a delivery status notification (RFC 3464) and nothing else.")
    }
    return nil
  }

  /// An automatic answer of somebody who is gone for good: nobody will read the mail.
  static func farewell(in message: MailMessage, _ signs: HeaderSigns) -> BounceEvidence? {
    guard signs.autoSubmitted != "auto-generated", let sender = message.from.first,
      BouncePhrases.departures.occurs(in: CollapsedText.fold(message.bodyText.utf8.prefix(2_000)))
    else { return nil }
    var entry = BounceReport.Recipient(address: sender.address)
    entry.action = .failed
    // RFC 3463 §3.2: moved, no forwarding address.
    entry.status = "5.1.6"
    entry.isStatusDerived = true
    var report = BounceReport(entries: [entry])
    report.originalMessageID = message.inReplyTo.last ?? message.references.last
    return BounceEvidence(report: report, sentence: "An automatic answer says that the recipient is gone for good.")
  }
}

extension MailMessage {
  /// Whether a part is a delivery status (RFC 3464) or was meant as one.
  fileprivate var hasStatusPart: Bool {
    machineParts.contains {
      $0.type.hasPrefix("message/") && $0.type.utf8.count > 20 && $0.type.contains("delivery-stat")
    }
  }

  /// A report on something else than delivery: a complaint, a receipt of reading (RFC 6522 §3).
  fileprivate var isOtherReport: Bool {
    if let reportType, reportType != "delivery-status", contentType == "multipart/report" { return true }
    return machineParts.contains {
      $0.type == "message/feedback-report" || $0.type == "message/disposition-notification"
    }
  }

  /// Whether a disposition (RFC 8098 §3.2.6) says that a program deleted the mail.
  fileprivate var hasDeletedDisposition: Bool {
    machineParts.contains { part in
      guard part.type == "message/disposition-notification",
        let field = HeaderBlock.fields(part.bytes, limit: 50).fields.field("Disposition")
      else { return false }
      let value = field.text.asciiLowercased
      return value.hasPrefix("automatic-action") && value.contains("deleted")
    }
  }

  /// Whether the text is a JSON object about a bounce, as sending services deliver it.
  fileprivate var isBounceNotification: Bool {
    guard let text, text.utf8.first == ASCII.leftBrace else { return false }
    let words = text.utf8.prefix(256).split(separator: ASCII.quote).map { String(decoding: Array($0), as: UTF8.self) }
    return words.contains("Bounce") && (words.contains("notificationType") || words.contains("eventType"))
  }

  /// Whether From has the name of somebody, not only an address.
  var hasPersonalName: Bool {
    guard let sender = from.first else { return false }
    return !sender.name.isEmpty && sender.name.asciiLowercased != sender.address.asciiLowercased
  }
}
