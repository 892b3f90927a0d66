import MailFormat
import SQLAccess

/// When the customer hears from us, and whether he is told at once.
extension Intake {
  /// Promises a time, unless one is promised already, and enqueues the reply that says so, if policy allows one.
  func answer(
    _ mail: PreparedMail, message: Int64, conversation: ConversationHead, isNew: Bool,
    isLikelySpam: Bool, customerName: String, in tx: Transaction, now: Instant
  ) throws -> AutoReplyPolicy.Decision {
    let settings = mailbox.settings
    let hasPromise = isNew ? false : try tx.hasOpenPromise(conversation.id)
    let address = mail.replyAddress
    var facts = try facts(mail, address: address, hasPromise: hasPromise, in: tx, now: now)
    facts.isLikelySpam = isLikelySpam
    var decision = settings.policy.decision(for: facts, now: now)
    if hasPromise { return decision }
    let estimate = settings.serviceLevel[conversation.kind]
    // Counted from the mail's arrival, as the customer does; from now when that would promise the past.
    var due = settings.calendar.deadline(after: facts.arrivedAt, estimate: estimate)
    if due < now.adding(3600) { due = settings.calendar.deadline(after: now, estimate: estimate) }
    if decision == .reply, let address {
      let request = ReplyWriter.Acknowledgement(
        mail: mail, message: message, conversation: conversation, to: address, customerName: customerName,
        estimate: estimate, dueAt: due, sendAt: max(now, (facts.spans.last?.number ?? 0) * 60_000))
      do {
        if let gateway = mail.gateway {
          try replies.acknowledge(
            request, number: try PhoneNumber(mail.contact), through: gateway, mailbox: mailbox, in: tx, now: now)
        } else {
          try replies.acknowledge(request, mailbox: mailbox, in: tx, now: now)
        }
        try tx.countReply(to: address.normalized, mailbox: mailbox.id, spans: facts.spans, now: now)
      } catch let error as TemplateError {
        try tx.note("reply_failed", in: conversation.id, by: "intake", detail: error.description, now: now)
        decision = .suppress(.templateFailed)
      }
    }
    try tx.insertPromise(conversation.id, dueAt: due, told: decision == .reply, now: now)
    return decision
  }

  private func facts(
    _ mail: PreparedMail, address: MailAddress?, hasPromise: Bool, in tx: Transaction, now: Instant
  ) throws -> AutoReplyPolicy.Facts {
    var facts = AutoReplyPolicy.Facts()
    facts.isForbidden = mail.isForbidden
    facts.isAddressedToMailbox = mail.isAddressedToMailbox || mail.channel == .sms
    facts.isSendable = mail.channel == .sms ? isMobile(mail.contact) : address?.isSendable ?? false
    facts.hasOpenPromise = hasPromise
    facts.arrivedAt = min(mail.fetched.arrivedAt, now)
    guard let address, facts.isSendable, !hasPromise else { return facts }
    facts.isPublicMailProvider =
      mail.channel == .sms || AutoReplyPolicy.publicMailProviders.contains(address.domain)
    facts.lastReplyToSenderAt = try tx.lastReply(to: address.normalized, mailbox: mailbox.id)
    let day = ReplySpan.day(of: address.domain, mailbox.settings.calendar.localTime(now).date)
    facts.repliesToDomainToday = try tx.replies(day, mailbox: mailbox.id)
    var minute = ReplySpan.minute(now / 60_000)
    facts.repliesThisMinute = try tx.replies(minute, mailbox: mailbox.id)
    // After an outage many mails come at once: their answers are spread over the next hour rather than dropped.
    while facts.repliesThisMinute >= mailbox.settings.policy.perMinute, minute.number < now / 60_000 + 59 {
      minute.number += 1
      facts.repliesThisMinute = try tx.replies(minute, mailbox: mailbox.id)
    }
    facts.spans = [day, minute]
    return facts
  }

  private func isMobile(_ number: String) -> Bool { (try? PhoneNumber(number)) != nil }
}
