import MailFormat
import SQLAccess

/// One SMS, one decision, in the transaction of its news: a wish not to be written to, or a word on a matter, which
/// joins the conversation that it answers or opens one, with one owner, as a mail does.
struct SMSIntake {
  let intake: Intake
  let gateway: GatewaySettings
  let company: Localized

  /// Takes it in; false when it was here before.
  func take(_ event: GatewayEvent, in tx: Transaction, now: Instant) throws -> Bool {
    guard let sms = try IncomingSMS(event, gateway: gateway.name, in: tx, now: now),
      try tx.enter(event, from: gateway.name, now: now)
    else { return false }
    let afterMarketing = try tx.gotMarketing(sms.from, since: now.adding(-72 * 3600))
    let wish = OptOut(sms.text, afterMarketing: afterMarketing)
    let customer = try tx.customer(.sms, address: sms.from, name: "", now: now)
    switch wish.intent {
    case .stop:
      try tx.optOut(.sms, sms.from, source: "\(gateway.name): \(sms.text.prefix(40))", now: now)
      try note(Self.stopped, "stop", sms, customer.id, in: tx, now: now)
    case .start:
      try tx.optIn(.sms, sms.from, source: "\(gateway.name): \(sms.text.prefix(40))", now: now)
      try note(Self.started, "start", sms, customer.id, in: tx, now: now)
    case .help: try note(Self.help, "help", sms, customer.id, in: tx, now: now)
    case .none:
      try intake.converse(sms, through: gateway, in: tx, now: now)
      try tx.markApplied(event.key, gateway.name, now: now)
      return true
    }
    try intake.file(sms, reason: wish.reason.words.english, in: tx, now: now)
    try tx.markApplied(event.key, gateway.name, now: now)
    return true
  }

  /// One confirmation a day, without a word of marketing.
  private func note(
    _ text: Localized, _ what: String, _ sms: IncomingSMS, _ customer: Int64, in tx: Transaction, now: Instant
  ) throws {
    guard let number = try? PhoneNumber(sms.from) else { return }
    let language: Language = number.callingCode == "86" ? .chinese : .english
    let words = text[language].replacingHole("company", company[language])
      .replacingHole("hotline", intake.mailbox.settings.hotline)
    let day = now / 86_400_000
    let draft = OutgoingSMS(
      naturalKey: "sms/notice/\(what)/\(sms.from)/\(day)", purpose: .notice, to: number, text: words,
      language: language, customer: customer, expiresAt: now.adding(86_400))
    try tx.enqueue(draft.delivery(through: gateway), now: now)
  }

  private static let stopped = Localized(
    chinese: "您已退订，我们不再向您发送营销短信。恢复请回复START。",
    english: "You are opted out and will get no more marketing from {company}. Reply START to undo.")
  private static let started = Localized(
    chinese: "您已恢复接收我们的短信，随时回复R可退订。", english: "You will get messages from {company} again. Reply STOP to opt out.")
  private static let help = Localized(
    chinese: "{company}客服热线：{hotline}。回复R退订。", english: "{company}: call {hotline}. Reply STOP to opt out.")
}

extension String {
  fileprivate func replacingHole(_ name: String, _ value: String) -> String { replacing("{\(name)}", with: value) }
}

extension Intake {
  /// An SMS that nobody has to answer: stored, owned by the fallback.
  func file(_ sms: IncomingSMS, reason: String, in tx: Transaction, now: Instant) throws {
    var mail = try prepare(sms, in: tx)
    mail.kind = MailKindFinding(.report, reason)
    _ = try insert(mail, conversation: nil, decision: ReplySuppression.machine.rawValue, in: tx, now: now)
  }

  /// A word of a customer.
  func converse(_ sms: IncomingSMS, through gateway: GatewaySettings, in tx: Transaction, now: Instant) throws {
    var mail = try prepare(sms, in: tx)
    mail.gateway = gateway
    _ = try converse(mail, in: tx, now: now)
  }

  private func prepare(_ sms: IncomingSMS, in tx: Transaction) throws -> PreparedMail {
    var mail = preparation.prepare(
      FetchedMail(uid: 0, bytes: sms.mail, arrivedAt: sms.at), with: try shelf.model(tx))
    mail.channel = .sms
    mail.sender = MailAddress(address: sms.from)
    mail.replyAddress = MailAddress(address: sms.from)
    mail.topic = String(sms.text.replacing("\n", with: " ").prefix(30))
    if mail.kind.kind != .human { mail.kind = MailKindFinding(.human, "It is an SMS.") }
    return mail
  }
}

extension Transaction {
  /// Whether a number got marketing since then: only then a lone letter refuses it.
  func gotMarketing(_ number: String, since moment: Instant) throws -> Bool {
    try row(
      """
      SELECT 1 FROM delivery WHERE recipient = $1 AND channel = 'sms' AND sent_at > $2 AND priority = 1
        AND (state IN ('sending', 'accepted', 'delivered', 'uncertain') OR uncertainties > 0) LIMIT 1
      """, [.text(number), .integer(moment)]) != nil
  }

  /// The conversation that an SMS answers: the last one that wrote to its number within 14 days, else the customer's last
  /// that is not resolved.
  func conversation(answeredBy number: String, customer: Int64, now: Instant) throws -> Int64? {
    let written = try row(
      """
      SELECT conversation_id FROM delivery WHERE recipient = $1 AND channel = 'sms' AND sent_at > $2
        AND conversation_id IS NOT NULL ORDER BY sent_at DESC LIMIT 1
      """, [.text(number), .integer(now.adding(-14 * 86_400))])
    if let written { return try written.int(0) }
    return try row(
      "SELECT id FROM conversation WHERE customer_id = $1 AND state <> 'resolved' ORDER BY id DESC LIMIT 1",
      [.integer(customer)]
    ).map { try $0.int(0) }
  }
}
