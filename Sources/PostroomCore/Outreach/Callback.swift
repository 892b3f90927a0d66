internal import Foundation
import MailFormat
import SQLAccess
import TextClassifier

/// Asks a complainant some days after the solution whether it satisfied him (回访).
struct Callback: Sendable {
  let settings: Settings
  let writer: OutreachWriter

  init(settings: Settings, replies: ReplyWriter) {
    self.settings = settings
    writer = OutreachWriter(settings: settings, templates: replies.templates, signer: replies.signer)
  }

  /// Enqueues the callback in the transaction that resolves a complaint. What keeps it from being written is noted in
  /// the conversation: the matter is resolved all the same.
  func plan(after head: ConversationHead, _ tx: Transaction, now: Instant) throws {
    guard head.kind == .complaint, let facts = try tx.callbackFacts(head) else { return }
    let thread = try tx.replyFacts(head.id)
    guard let mailbox = settings.mailboxes[thread.mailbox], mailbox.callback.isOn else { return }
    do {
      try tx.enqueue(try draft(head, facts, thread, mailbox, now: now), now: now)
    } catch let error as TemplateError {
      try tx.note("callback_failed", in: head.id, by: "outreach", detail: error.description, now: now)
    }
  }

  private func draft(
    _ head: ConversationHead, _ facts: CallbackFacts, _ thread: ReplyFacts, _ mailbox: MailboxSettings, now: Instant
  ) throws(TemplateError) -> DeliveryDraft {
    let (channel, recipient, gateway) = try way(facts, thread, mailbox)
    let zone = zone(facts, recipient, mailbox)
    let dueAt = mailbox.callback.moment(after: now, mailbox.calendar, zone: zone)
    let order = OutreachWriter.Order(
      naturalKey: "callback/conversation/\(head.id)/\(facts.resolutions)", purpose: .callback, kind: .callback,
      language: thread.language, tier: facts.tier, customer: head.customer, conversation: head.id,
      recipient: recipient,
      values: [
        "customer.name": thread.customerName, "conversation.reference": ConversationNumber(id: head.id).description,
        "conversation.subject": head.subject, "owner.name": facts.ownerName,
        "team.name": settings.teams[mailbox.team]?.name[thread.language] ?? mailbox.senderName[thread.language],
        "hotline": mailbox.hotline,
      ], dueAt: dueAt, expiresAt: dueAt.adding(CallbackSettings.validity))
    switch channel {
    case .sms: return try writer.text(order, through: gateway).draft
    case .mail:
      return try writer.mail(
        order, from: mailbox, through: gateway, thread: (thread.lastMessageID, thread.references)
      ).draft
    }
  }

  /// By SMS when there are a number and a gateway, unless the mailbox wants it otherwise; else by mail.
  private func way(
    _ facts: CallbackFacts, _ thread: ReplyFacts, _ mailbox: MailboxSettings
  ) throws(TemplateError) -> (Channel, recipient: String, GatewaySettings) {
    let wish = mailbox.callback
    let smsGateway = wish.channel == .mail ? nil : wish.gateway ?? settings.outreach.sms
    // In a conversation by SMS, the number that wrote.
    let number = thread.customerAddress.hasPrefix("+") ? thread.customerAddress : facts.number
    if let gateway = smsGateway.flatMap({ settings.gateways[$0] }), let number {
      return (.sms, number, gateway)
    }
    guard wish.channel != .sms else {
      throw TemplateError(
        number == nil ? "the customer has no mobile number" : "there is no gateway for SMS")
    }
    // Where the last mail wants its answer; in a conversation by SMS, the address that the customer gave.
    let address = thread.customerAddress.contains("@") ? thread.customerAddress : facts.address
    guard let address else { throw TemplateError("the customer has neither a mobile number nor a mail address") }
    let mailGateway = wish.channel == .mail ? wish.gateway ?? mailbox.gateway : mailbox.gateway
    guard let gateway = settings.gateways[mailGateway] else {
      throw TemplateError("the gateway \(mailGateway) is not in the settings any more")
    }
    return (.mail, address, gateway)
  }

  /// The customer's own, else that of his number's country, else the mailbox's.
  private func zone(_ facts: CallbackFacts, _ recipient: String, _ mailbox: MailboxSettings) -> TimeZone {
    (facts.zone ?? CountryZone.name(ofNumber: recipient)).flatMap(TimeZone.init(identifier:)) ?? mailbox.calendar.zone
  }
}

extension CallbackSettings {
  /// On the day that lies `after` behind the solution, or the next that the mailbox works on, when the hours begin on
  /// the customer's clock. When that has passed (a short `after`), the next time within the hours.
  func moment(after resolved: Instant, _ calendar: WorkCalendar, zone: TimeZone) -> Instant {
    let days = WorkCalendar(
      zone: zone, weekdays: calendar.weekdays.mapValues { _ in hours }, holidays: calendar.holidays,
      workdays: calendar.workdays)
    let earliest = resolved.adding(after)
    let morning = days.instant(CivilTime(date: days.localTime(earliest).date, secondOfDay: 0))
    let opening = days.opening(from: morning)
    return opening > resolved ? opening : days.opening(from: earliest)
  }
}
