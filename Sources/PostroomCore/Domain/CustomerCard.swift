/// All that the house knows of a customer.
package struct CustomerCard: Sendable, Equatable {
  package var id: Int64
  /// The number that the company's other systems know the customer by.
  package var reference: String?
  package var name: String
  /// A BCP 47 tag; nil when it is not known.
  package var language: String?
  /// IANA name; nil when it is not known.
  package var zone: String?
  package var tier: Tier
  package var birthday: Birthday?
  /// The last score given, of 100.
  package var satisfaction: Int64?
  /// The agent who looks after the customer.
  package var owner: String?
  package var createdAt: Instant
  package var contacts: [Contact] = []
  package var consents: [Consent] = []
}

/// An address of a customer: one of mail in lower case, or a number in E.164.
package struct Contact: Sendable, Hashable {
  package var channel: Channel
  package var address: String

  package init(_ channel: Channel, _ address: String) {
    self.channel = channel
    self.address = address
  }
}

/// What somebody consents to, or does not.
package struct ConsentTopic: Sendable, Hashable {
  package var channel: Channel
  package var purpose: Purpose

  package init(_ channel: Channel, _ purpose: Purpose) {
    self.channel = channel
    self.purpose = purpose
  }

  /// Of all channels, in the order that people read them.
  package static let all = Channel.allCases.flatMap { channel in
    Purpose.allCases.filter(\.isMarketing).map { ConsentTopic(channel, $0) }
  }
}

/// What a customer said last to messages of a purpose on a channel, and where: the proof.
package struct Consent: Sendable, Equatable {
  package var topic: ConsentTopic
  package var given: Bool
  package var source: String
  package var saidAt: Instant
}

/// A message that went to a customer.
package struct SentMessage: Sendable, Equatable {
  package var id: Int64
  package var channel: Channel
  package var purpose: Purpose
  package var recipient: String
  package var subject: String
  package var state: DeliveryState
  package var sentAt: Instant
}

/// What staff changes of a customer. What is nil or empty stays.
package struct CustomerChange: Sendable, Equatable {
  package var name: String?
  package var reference: String?
  package var language: Language?
  package var zone: String?
  package var tier: Tier?
  package var birthday: Birthday?
  package var satisfaction: Int64?
  package var consents: [ConsentTopic: Bool] = [:]
  package init() {}
}

/// Which customers a list shows.
package struct CustomerFilter: Sendable {
  package var tier: Tier?
  package var birthday: (month: Int, day: Int)?
  /// Part of a name, a reference or an address.
  package var search: String?
  package var limit = 50
  /// Above this row: the next page.
  package var after: Int64 = 0
  package init() {}
}
