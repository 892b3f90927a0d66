import MailFormat
import SQLAccess

/// Writes what goes back to a customer and enqueues it in the transaction that is the reason for it.
package struct ReplyWriter: Sendable {
  let templates: Templates
  let signer: ReplySigner

  package init(templates: Templates, signer: ReplySigner) {
    self.templates = templates
    self.signer = signer
  }

  /// An automatic answer that promises a time.
  struct Acknowledgement {
    var mail: PreparedMail
    var message: Int64
    var conversation: ConversationHead
    /// An address or a number.
    var to: MailAddress
    var customerName: String
    var estimate: Seconds
    var dueAt: Instant
    /// Later than now when the mailbox has sent enough for this minute.
    var sendAt: Instant
  }

  /// RFC 3834 §3: null return path, `Auto-Submitted: auto-replied`, threaded to the mail it answers. Throws
  /// ``TemplateError`` when the template cannot be filled in.
  func acknowledge(
    _ request: Acknowledgement, mailbox: IntakeMailbox, in tx: Transaction, now: Instant
  ) throws {
    let settings = mailbox.settings
    let language = request.mail.language
    let conversation = request.conversation
    let rendered = try templates.render(
      TemplateKind(acknowledging: conversation.kind), in: language, values(request, mailbox))
    var mail = outgoing(
      settings, language: language, conversation: conversation.id, to: request.to, subject: rendered.subject, now: now)
    mail.text = rendered.text
    mail.html = rendered.html
    mail.inReplyTo = request.mail.message.messageID
    // RFC 5322 §3.6.4: the parent's References and the parent itself.
    mail.references = request.mail.message.references + [request.mail.message.messageID].compactMap { $0 }
    mail.automatic = .replied
    try tx.enqueue(
      DeliveryDraft(
        naturalKey: "mail/acknowledgement/message/\(request.message)", purpose: .acknowledgement,
        gateway: settings.gateway, customer: conversation.customer, conversation: conversation.id,
        message: request.message, author: nil, sender: "",
        recipient: request.to.address, subject: rendered.subject, reference: mail.messageID,
        templateHash: rendered.templateHash, content: try compose(mail),
        // A promise that is due tells the customer nothing any more.
        dueAt: request.sendAt, expiresAt: request.dueAt),
      now: now)
  }

  /// The same by SMS, to the number that wrote.
  func acknowledge(
    _ request: Acknowledgement, number: PhoneNumber, through gateway: GatewaySettings, mailbox: IntakeMailbox,
    in tx: Transaction, now: Instant
  ) throws {
    let conversation = request.conversation
    let rendered = try templates.renderText(
      TemplateKind(acknowledging: conversation.kind), in: request.mail.language, values(request, mailbox))
    let sms = OutgoingSMS(
      naturalKey: "sms/acknowledgement/message/\(request.message)", purpose: .acknowledgement, to: number,
      text: rendered.text, language: request.mail.language, customer: conversation.customer,
      conversation: conversation.id, message: request.message, templateHash: rendered.templateHash,
      dueAt: request.sendAt, expiresAt: request.dueAt)
    try tx.enqueue(sms.delivery(through: gateway), now: now)
  }

  private func values(_ request: Acknowledgement, _ mailbox: IntakeMailbox) -> [String: String] {
    let language = request.mail.language
    let conversation = request.conversation
    let wording = PromiseWording(
      estimate: request.estimate, deadline: request.dueAt, calendar: mailbox.settings.calendar, language: language)
    // What a stranger wrote is not carried to an address that he merely named.
    let isNeutral = request.mail.isReplyElsewhere
    let name = isNeutral || request.customerName.isEmpty ? Self.politeName[language] : request.customerName
    return [
      "customer.name": name,
      "conversation.reference": ConversationNumber(id: conversation.id).description,
      "conversation.subject": isNeutral ? Self.neutralSubject[language] : conversation.subject,
      "promise.within": wording.within, "promise.date": wording.date,
      "hotline": mailbox.settings.hotline, "team.name": mailbox.team.name[language],
      "company.name": mailbox.company[language],
      "owner.name": mailbox.agents[conversation.owner]?.name ?? mailbox.team.name[language],
    ]
  }

  /// Throws what keeps this mail from being written: an address that no SMTP server takes.
  func compose(_ mail: OutgoingMail) throws -> [UInt8] {
    do { return try mail.composed() } catch { throw TemplateError("\(error)") }
  }

  private static let politeName = Localized(chinese: "客户", english: "Customer")
  private static let neutralSubject = Localized(chinese: "您的来信", english: "Your message")

  /// A mail of this mailbox with all that does not depend on what it says.
  func outgoing(
    _ settings: MailboxSettings, language: Language, conversation: Int64, to recipient: MailAddress, subject: String,
    now: Instant
  ) -> OutgoingMail {
    let name = settings.senderName[language]
    let replyTo =
      settings.plusAddressing
      ? MailAddress(name: name, address: signer.replyAddress(conversation: conversation, address: settings.address))
      : nil
    return OutgoingMail(
      from: MailAddress(name: name, address: settings.address), to: recipient, replyTo: replyTo, subject: subject,
      text: "", html: nil, date: now, zoneOffset: settings.calendar.offset(at: now),
      messageID: signer.messageID(
        conversation: conversation, nonce: .random(in: .min ... .max), domain: settings.domain),
      inReplyTo: nil, references: [], automatic: nil,
      extraHeaders: [(ReplySigner.loopHeader, signer.loopToken)])
  }
}
