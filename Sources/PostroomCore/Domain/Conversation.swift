package import TextClassifier

/// What a customer and the company write to each other about one matter. It has exactly one owner at any time.
package struct Conversation: Sendable {
  package enum State: String, Sendable, CaseIterable {
    /// Somebody of the company has to act.
    case open
    /// Answered; the customer's turn.
    case waiting
    /// Done; a new mail of the customer opens it again.
    case resolved
  }

  package var id: Int64
  package var mailbox: String
  package var customer: Customer
  package var subject: String
  package var kind: TextLabel
  package var state: State
  package var owner: String
  package var ownerReason: String
  package var messages: Int64
  package var createdAt: Instant
  package var lastMessageAt: Instant
  /// When the customer was told to have an answer at the latest; nil when no promise is open.
  package var promisedAt: Instant?
  /// Its kind is the machine's guess, and a person is asked to look at it.
  package var isToConfirm = false

  package var number: Int64 { ConversationNumber(id: id).value }
}

/// The number that customers and agents use: the row's id + 10,000, so that every one has at least five digits and
/// `[#10492]` in a subject is no accident.
package struct ConversationNumber: Sendable, Equatable, CustomStringConvertible {
  package var value: Int64

  package init(id: Int64) { value = id + 10_000 }
  package init?(number: Int64) {
    guard number > 10_000 else { return nil }
    value = number
  }

  package var id: Int64 { value - 10_000 }
  package var description: String { "#\(value)" }
}

/// A person who writes to the company; known by address.
package struct Customer: Sendable, Equatable {
  package var id: Int64
  package var address: String
  package var name: String
  package init(id: Int64, address: String, name: String) {
    self.id = id
    self.address = address
    self.name = name
  }
}
