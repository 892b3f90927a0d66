/// Automatic answers and notices: out-of-office notes, confirmations, tickets (RFC 3834).
enum AutoReply {
  /// What says that a mail is one, as a sentence.
  static func evidence(in message: MailMessage, _ signs: HeaderSigns) -> String? {
    // What somebody typed into a form is generated, but not by a machine.
    if let keyword = signs.autoSubmitted, keyword != "auto-generated" || !message.isForwardedForm {
      return "Its Auto-Submitted field says \(keyword) (RFC 3834)."
    }
    if message.isCalendarReply { return "It answers an invitation (RFC 6047)." }
    if let field = signs.fields(.autoReply).first(where: {
      !["", "no", "false", "0", "none", "off"].contains($0.text.lowercased())
    }) {
      return "It carries an \(field.name) field."
    }
    if let field = signs.fields(.autoReplyIfTrue).first(where: {
      ["true", "yes", "1", "reply"].contains($0.text.lowercased())
    }) {
      return "Its \(field.name) field says so."
    }
    if signs.precedence.contains("auto_reply") { return "Its Precedence field says auto_reply." }
    if signs.fields(.deliveredTo).contains(where: {
      $0.value.withUnsafeBufferPointer { $0.equalsIgnoringCase("autoresponder") }
    }) {
      return "It was delivered by an autoresponder."
    }
    if signs.fields(.messageClass).contains(where: { $0.text.lowercased().contains("autoresponder") }) {
      return "Its X-POST-MessageClass field says autoresponder."
    }
    // Exchange marks mail that a rule only passes on in the same way.
    if signs.suppression.contains("all"), signs.has(.inboxRules), !signs.isPassedOn {
      return "An Exchange inbox rule sent it (X-MS-Exchange-Inbox-Rules-Loop)."
    }
    return evidenceOfSubject(message, signs)
  }

  /// Programs put a label before the subject that they answer: “Automatic reply: order”. People write about automatic
  /// replies, vacations and the like, so the label counts only with a header that a machine may have written.
  private static func evidenceOfSubject(_ message: MailMessage, _ signs: HeaderSigns) -> String? {
    guard let label = AutoReplyLabel.find(in: signs.subject) else { return nil }
    let isFromMachine = message.returnPath?.isEmpty == true || signs.bulkPrecedence != nil
    let isAnswer = !message.inReplyTo.isEmpty || !message.references.isEmpty || !signs.suppression.isEmpty
    guard isFromMachine || (isAnswer && !label.isTopic) else { return nil }
    return "Its subject has the label “\(label.text)”, and its header is that of an automatic answer."
  }
}

extension MailMessage {
  /// Whether a calendar answers an invitation and nobody added a word.
  fileprivate var isCalendarReply: Bool {
    hasCalendarReply && (contentType == "text/calendar" || pieces.allSatisfy(\.isBlank))
  }
}
