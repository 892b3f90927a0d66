/// How a person is reached.
package enum Channel: String, Sendable, CaseIterable {
  case mail
  case sms
}

/// What a message that leaves the house is for.
package enum Purpose: String, Sendable, CaseIterable {
  /// The automatic answer that promises a time.
  case acknowledgement
  /// An agent's answer.
  case reply
  /// A word on a matter that the customer began, such as the confirmation of an opt-out.
  case notice
  /// Asks after the solution of a complaint (回访).
  case callback
  case greeting
  case promotion
  case survey

  /// Needs consent, minds the pressure on the customer and waits for the better moment; all else is service.
  package var isMarketing: Bool {
    switch self {
    case .greeting, .promotion, .survey: true
    case .acknowledgement, .reply, .notice, .callback: false
    }
  }

  /// Service goes first.
  var priority: Int64 { isMarketing ? 1 : 0 }
}

/// Where a message that leaves the house stands. Moves forward only, except between `sending` and the states that lead
/// to another attempt.
package enum DeliveryState: String, Sendable, CaseIterable {
  case queued
  /// It may leave later: quiet hours, the customer's peace, the gateway's pace. `reason` says which.
  case held
  /// An attempt was committed and may be under way.
  case sending
  /// The gateway has taken it over.
  case accepted
  /// A receipt says that it arrived.
  case delivered
  /// The gateway did not take it; another attempt follows at `due_at`.
  case deferred
  /// The gateway refused it for good, or the attempts are used up.
  case rejected
  /// The gateway may or may not have taken it, and it was already sent a second time: a person decides.
  case uncertain
  /// It must not be sent to this person: refused, or no consent.
  case suppressed
  /// Its validity ended before it could be sent.
  case expired
  case cancelled
}

/// One message on its way out, as the dispatcher claims it.
package struct Delivery: Sendable {
  package var id: Int64
  package var gateway: String
  package var channel: Channel
  /// Ours, the same at each attempt: a mail's Message-ID.
  package var reference: String
  /// Envelope sender; empty for the null return path (RFC 5321 §4.5.5).
  package var sender: String
  /// A mail address, or a number in E.164.
  package var recipient: String
  /// The complete mail (RFC 5322, CRLF), or the text of an SMS in UTF-8.
  package var content: [UInt8]
  /// 1 for the first attempt.
  package var attempt: Int64
  /// How often the answer of the gateway was lost.
  package var uncertainties: Int64
  package var expiresAt: Instant?
  /// When this attempt was written down.
  package var startedAt: Instant
  /// What it costs to send it once, in millionths of the gateway's currency.
  package var cost: Int64

  package init(
    id: Int64, gateway: String, channel: Channel = .mail, reference: String = "", sender: String, recipient: String,
    content: [UInt8], attempt: Int64,
    uncertainties: Int64, expiresAt: Instant? = nil, startedAt: Instant = .now, cost: Int64 = 0
  ) {
    self.id = id
    self.gateway = gateway
    self.channel = channel
    self.reference = reference
    self.sender = sender
    self.recipient = recipient
    self.content = content
    self.attempt = attempt
    self.uncertainties = uncertainties
    self.expiresAt = expiresAt
    self.startedAt = startedAt
    self.cost = cost
  }
}
