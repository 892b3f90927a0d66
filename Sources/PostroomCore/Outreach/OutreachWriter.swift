internal import Foundation
import MailFormat

/// Writes what the house sends of its own accord: callbacks, greetings and promotions.
struct OutreachWriter: Sendable {
  let settings: Settings
  let templates: Templates
  let signer: ReplySigner

  /// What a message is, apart from its words.
  struct Order {
    var naturalKey: String
    var purpose: Purpose
    var kind: TemplateKind
    var language: Language
    var tier: Tier
    var customer: Int64
    var conversation: Int64?
    var campaign: String?
    var recipient: String
    /// What the template says beside the house's own name and hotline.
    var values: [String: String]
    var dueAt: Instant
    var expiresAt: Instant
  }

  /// A message to be enqueued, and what its reader sees.
  struct Letter {
    var draft: DeliveryDraft
    var text: String
  }

  /// How a customer is spoken to whose name is not known.
  static let politeName = Localized(chinese: "尊敬的客户", english: "Customer")

  /// Throws ``TemplateError`` when there is no wording, or when the provider does not take it.
  func text(_ order: Order, through gateway: GatewaySettings) throws(TemplateError) -> Letter {
    guard case .http(_, let settings) = gateway.kind else {
      throw TemplateError("the gateway \(gateway.name) does not carry SMS")
    }
    let number: PhoneNumber
    do { number = try PhoneNumber(order.recipient) } catch { throw TemplateError(error.words.english) }
    let rendered = try templates.renderText(order.kind, in: order.language, for: order.tier, values(order))
    let sms = OutgoingSMS(
      naturalKey: order.naturalKey, purpose: order.purpose, to: number, text: rendered.text, language: order.language,
      customer: order.customer, conversation: order.conversation, campaign: order.campaign,
      templateHash: rendered.templateHash, dueAt: order.dueAt, expiresAt: order.expiresAt)
    let plan = sms.plan(through: gateway)
    guard !plan.isTooLong else {
      throw TemplateError(
        "the text is longer than the \(settings.profile.longest ?? 0) characters that \(gateway.name) takes")
    }
    return Letter(draft: sms.delivery(through: gateway), text: plan.text)
  }

  /// Throws ``TemplateError`` when there is no wording, or no server takes the address. `thread` ties the mail to what
  /// was written before.
  func mail(
    _ order: Order, from mailbox: MailboxSettings, through gateway: GatewaySettings,
    thread: (answers: String?, references: [String])? = nil
  ) throws(TemplateError) -> Letter {
    let rendered = try templates.render(order.kind, in: order.language, for: order.tier, values(order))
    let name = mailbox.senderName[order.language]
    var mail = OutgoingMail(
      from: MailAddress(name: name, address: mailbox.address),
      to: MailAddress(name: order.values["customer.name"] ?? "", address: order.recipient), subject: rendered.subject,
      text: rendered.text, html: rendered.html, date: order.dueAt,
      zoneOffset: mailbox.calendar.offset(at: order.dueAt), messageID: messageID(order, mailbox),
      inReplyTo: thread?.answers, references: thread?.references ?? [], automatic: .generated,
      isBulk: order.purpose.isMarketing, extraHeaders: [(ReplySigner.loopHeader, signer.loopToken)])
    if let conversation = order.conversation, mailbox.plusAddressing {
      mail.replyTo = MailAddress(
        name: name, address: signer.replyAddress(conversation: conversation, address: mailbox.address))
    }
    if order.purpose.isMarketing {
      let links = unsubscribeLinks(order, mailbox)
      mail.extraHeaders += links.fields
      let words = Self.unsubscribeWords[order.language]
      mail.text += "\n\n" + words + links.inBody + "\n"
      mail.html = mail.html.map { Self.html($0, saying: words, links.inBody) }
    }
    let content: [UInt8]
    do { content = try mail.composed() } catch { throw TemplateError("\(error)") }
    let draft = DeliveryDraft(
      naturalKey: order.naturalKey, purpose: order.purpose, channel: .mail, gateway: gateway.name,
      customer: order.customer, conversation: order.conversation, campaign: order.campaign,
      // Bounces come back to the mailbox, which takes them in.
      sender: mailbox.address, recipient: order.recipient, subject: rendered.subject, reference: mail.messageID,
      templateHash: rendered.templateHash, content: content, cost: gateway.rules.price, dueAt: order.dueAt,
      expiresAt: order.expiresAt)
    return Letter(draft: draft, text: rendered.text)
  }

  private static let unsubscribeWords = Localized(chinese: "如不想再收到此类邮件，请点击：", english: "Unsubscribe: ")

  /// With the link at the end: who reads the HTML does not see the text.
  private static func html(_ page: String, saying words: String, _ link: String) -> String {
    let link = link.escapedForHTML
    let line = "<p>\(words)<a href=\"\(link)\">\(link)</a></p>\n"
    guard let end = page.range(of: "</body>", options: [.caseInsensitive, .backwards]) else { return page + line }
    return page[..<end.lowerBound] + line + page[end.lowerBound...]
  }

  /// How one recipient of marketing ends it (RFC 8058).
  private func unsubscribeLinks(_ order: Order, _ mailbox: MailboxSettings) -> UnsubscribeLinks {
    UnsubscribeLinks(
      UnsubscribeToken(customer: order.customer), signer: signer.unsubscribe,
      publicURL: settings.http?.publicURL, address: mailbox.address, plusAddressing: mailbox.plusAddressing)
  }

  /// One that names the conversation, where there is one; a reply to a greeting opens a new conversation.
  private func messageID(_ order: Order, _ mailbox: MailboxSettings) -> String {
    if let conversation = order.conversation {
      return signer.messageID(
        conversation: conversation, nonce: .random(in: .min ... .max), domain: mailbox.domain)
    }
    return "o.\(UUID().uuidString.lowercased())@\(mailbox.domain)"
  }

  private func values(_ order: Order) -> [String: String] {
    let own = ["company.name": settings.company[order.language], "hotline": settings.hotline]
    var values = own.merging(order.values) { $1 }
    if values["customer.name", default: ""].isEmpty { values["customer.name"] = Self.politeName[order.language] }
    return values
  }
}
