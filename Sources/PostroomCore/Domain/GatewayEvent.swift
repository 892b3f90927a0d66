/// What a gateway tells of its own accord, by a webhook: how a message ended, or what a person wrote.
package struct GatewayEvent: Sendable, Equatable {
  package enum News: Sendable, Equatable {
    /// On its way; nothing is decided.
    case underWay
    /// On the handset, or in the mailbox.
    case delivered
    /// It will not arrive. When the address itself is of no use (no such subscriber, no such mailbox), nothing is sent
    /// there any more.
    case failed(addressIsDead: Bool)
    /// The recipient called it spam.
    case complaint
    /// The recipient refused further messages, at the vendor.
    case optOut
    /// The recipient allows messages again, at the vendor.
    case optIn
    /// A person wrote an SMS.
    case message(text: String, to: String)
  }

  package var news: News
  /// Ours, where the vendor gives it back.
  package var reference: String?
  /// The vendor's, as it was given when the message was accepted.
  package var gatewayReference: String?
  /// The person's address or number, as the vendor writes it.
  package var address: String?
  /// When it happened, where the vendor says so.
  package var at: Instant?
  /// The vendor's words: status, error code.
  package var words: String
  /// The same for each repetition of this news, within a gateway.
  package var key: String

  package init(
    _ news: News, reference: String? = nil, gatewayReference: String? = nil, address: String? = nil,
    at: Instant? = nil, words: String, key: String
  ) {
    self.news = news
    self.reference = reference
    self.gatewayReference = gatewayReference
    self.address = address
    self.at = at
    self.words = words
    self.key = key
  }
}
