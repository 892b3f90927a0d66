/// Complaints: a recipient called a mail of ours spam, and the provider tells us (RFC 5965).
enum Complaint {
  /// What says that a mail is one, as a sentence.
  static func evidence(in message: MailMessage, _ signs: HeaderSigns) -> String? {
    if message.reportType == "feedback-report" || message.holds("message/feedback-report") {
      return "It is an abuse report (RFC 5965)."
    }
    if signs.autoSubmitted != nil, signs.subject.starts(with: "unsubscribe".utf8) {
      return "A mail program asks in its user's name to be unsubscribed (RFC 2369)."
    }
    // Older feedback loops only attach the mail; a person who complains writes from another address, or with a name.
    guard !message.hasPersonalName,
      message.contentType == "multipart/report"
        || message.machineParts.contains(where: { $0.type == "message/rfc822" }),
      let sender = message.from.first, senders.contains(sender.localPart.asciiLowercased),
      subjects.occurs(in: signs.subject)
    else { return nil }
    return "A provider's feedback loop sends back a mail that a recipient complained about."
  }

  private static let senders: Set<String> = [
    "abuse", "arf", "complaint", "complaints", "abuse-report", "fbl", "fbl-no-reply", "feedback", "feedbackloop",
    "feedback-loop", "no-reply", "noreply", "postmaster", "scomp", "spam", "spamreport", "staff", "jmrp",
    "abuse-noreply",
  ]
  private static let subjects = PhraseIndex([
    "complaint about", "complaint from", "complaint for", "abuse report", "abuse complaint", "spam report",
    "spam complaint",
    "email feedback report", "feedback report", "feedback loop", "junk mail report", "client tosnotification",
    "email abuse report", "垃圾邮件举报", "投诉反馈", "迷惑メール報告",
  ])
}
