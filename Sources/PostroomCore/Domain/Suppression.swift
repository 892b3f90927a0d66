/// Why an address gets nothing more.
package enum SuppressionReason: String, Sendable, CaseIterable {
  case hardBounce = "hard_bounce"
  case softBounces = "soft_bounces"
  case complaint
  case optOut = "opt_out"
  case byHand = "by_hand"

  var gateReason: GateReason {
    switch self {
    case .hardBounce: .deadAddress
    case .softBounces: .softBounces
    case .complaint: .complaint
    case .optOut: .optedOut
    case .byHand: .byHand
    }
  }

  package var words: Localized { gateReason.words }
}

/// What an address gets no more.
package enum SuppressionScope: String, Sendable, CaseIterable {
  /// Nothing at all: it does not exist.
  case all
  /// No greetings, promotions and surveys.
  case marketing
}

/// An address that gets nothing of some kind.
package struct Suppression: Sendable, Equatable {
  package var channel: Channel
  package var address: String
  package var scope: SuppressionScope
  package var reason: SuppressionReason
  /// Where it comes from: the bounce's words, the SMS, the name of the person.
  package var source: String
  package var createdAt: Instant

  package init(
    channel: Channel, address: String, scope: SuppressionScope, reason: SuppressionReason, source: String,
    createdAt: Instant
  ) {
    self.channel = channel
    self.address = address
    self.scope = scope
    self.reason = reason
    self.source = source
    self.createdAt = createdAt
  }
}

enum SuppressionKey {
  /// Mail addresses are one whatever their case; numbers are in E.164 already.
  static func address(_ address: String, _ channel: Channel) -> String {
    channel == .mail ? address.lowercased() : address
  }
}
