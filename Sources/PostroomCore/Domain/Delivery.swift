/// Where a message that leaves the house stands. Moves forward only, except between `sending` and the states that lead
/// to another attempt.
package enum DeliveryState: String, Sendable, CaseIterable {
  case queued
  /// An attempt was committed and may be under way.
  case sending
  /// The gateway has taken it over.
  case accepted
  /// The gateway did not take it; another attempt follows at `due_at`.
  case deferred
  /// The gateway refused it for good, or the attempts are used up.
  case rejected
  /// The gateway may or may not have taken it, and it was already sent a second time: a person decides.
  case uncertain
  /// Its validity ended before it could be sent.
  case expired
  case cancelled
}

/// One message on its way out, as the dispatcher claims it.
package struct Delivery: Sendable {
  package var id: Int64
  package var gateway: String
  /// Envelope sender; empty for the null return path (RFC 5321 §4.5.5).
  package var sender: String
  package var recipient: String
  /// The complete mail (RFC 5322, CRLF).
  package var content: [UInt8]
  /// 1 for the first attempt.
  package var attempt: Int64
  /// How often the answer of the gateway was lost.
  package var uncertainties: Int64
  package var expiresAt: Instant?

  package init(
    id: Int64, gateway: String, sender: String, recipient: String, content: [UInt8], attempt: Int64,
    uncertainties: Int64, expiresAt: Instant? = nil
  ) {
    self.id = id
    self.gateway = gateway
    self.sender = sender
    self.recipient = recipient
    self.content = content
    self.attempt = attempt
    self.uncertainties = uncertainties
    self.expiresAt = expiresAt
  }
}
