package import SQLAccess

/// A callback as lists show it.
package struct CallbackEntry: Sendable, Equatable {
  package var id: Int64
  package var conversation: ConversationNumber
  package var mailbox: String
  package var customer: Customer
  package var channel: Channel
  package var recipient: String
  package var state: DeliveryState
  package var reason: String?
  package var dueAt: Instant
  package var sentAt: Instant?
}

/// What a callback needs to know of the person it goes to.
struct CallbackFacts {
  var ownerName: String
  var zone: String?
  var tier: Tier
  /// The latest of each channel to which something may be sent; nil for none.
  var number: String?
  var address: String?
  /// How often the conversation was resolved.
  var resolutions: Int64
}

extension Transaction {
  func callbackFacts(_ head: ConversationHead) throws -> CallbackFacts? {
    try row(
      """
      SELECT a.display_name, k.zone, k.tier, \(Self.latestOpenContact(.sms, of: "k.id")),
        \(Self.latestOpenContact(.mail, of: "k.id")),
        (SELECT COUNT(*) FROM event e WHERE e.conversation_id = c.id AND e.what = 'resolved')
      FROM conversation c JOIN customer k ON k.id = c.customer_id JOIN agent a ON a.id = c.owner_id WHERE c.id = $1
      """, [.integer(head.id)]
    ).map { row in
      CallbackFacts(
        ownerName: try row.text(0), zone: try row.optionalText(1), tier: Tier(rawValue: try row.text(2)) ?? .regular,
        number: try row.optionalText(3), address: try row.optionalText(4), resolutions: try row.int(5))
    }
  }

  /// What a customer gave last is where he is reached, unless nothing may go there: then what he gave before, and last
  /// of all what is barred.
  static func latestContact(_ channel: Channel, of customer: String) -> String {
    latestContact(channel, of: customer, condition: "", order: "\(isBarred), ")
  }

  /// The same; null when all are barred.
  static func latestOpenContact(_ channel: Channel, of customer: String) -> String {
    latestContact(channel, of: customer, condition: "AND NOT \(isBarred)", order: "")
  }

  private static func latestContact(
    _ channel: Channel, of customer: String, condition: String, order: String
  ) -> String {
    """
    (SELECT address FROM contact o WHERE customer_id = \(customer) AND channel = '\(channel.rawValue)' \(condition)
      ORDER BY \(order)added_at DESC, address LIMIT 1)
    """
  }

  private static let isBarred = """
    EXISTS (SELECT 1 FROM suppression s WHERE s.channel = o.channel AND s.address = o.address AND s.scope = 'all')
    """

  /// Gives up what has not left yet.
  func cancelCallbacks(of conversation: Int64, _ reason: GateReason, now: Instant) throws {
    try execute(
      """
      UPDATE delivery SET state = 'cancelled', reason = $2, finished_at = $3
      WHERE conversation_id = $1 AND purpose = 'callback' AND \(Schema.isWaiting)
      """, [.integer(conversation), .text(reason.rawValue), .integer(now)])
  }

  /// The latest due first. `before` is the due time and row of the last one seen: the next page.
  package func callbacks(
    state: DeliveryState? = nil, before: (dueAt: Instant, id: Int64)? = nil, limit: Int
  ) throws -> [CallbackEntry] {
    var values: [SQLValue] = [.int(limit)]
    var conditions = ["d.purpose = 'callback'"]
    if let state {
      values.append(.text(state.rawValue))
      conditions.append("d.state = $\(values.count)")
    }
    if let before {
      values += [.integer(before.dueAt), .integer(before.id)]
      conditions.append("(d.due_at, d.id) < ($\(values.count - 1), $\(values.count))")
    }
    return try rows(
      """
      SELECT d.id, d.conversation_id, m.name, k.id, c.contact, k.name, d.channel, d.recipient, d.state, d.reason,
        d.due_at, d.sent_at
      FROM delivery d JOIN conversation c ON c.id = d.conversation_id JOIN mailbox m ON m.id = c.mailbox_id
        JOIN customer k ON k.id = c.customer_id
      WHERE \(conditions.joined(separator: " AND ")) ORDER BY d.due_at DESC, d.id DESC LIMIT $1
      """, values
    ).map { row in
      CallbackEntry(
        id: try row.int(0), conversation: ConversationNumber(id: try row.int(1)), mailbox: try row.text(2),
        customer: Customer(id: try row.int(3), address: try row.text(4), name: try row.text(5)),
        channel: Channel(rawValue: try row.text(6)) ?? .mail, recipient: try row.text(7),
        state: DeliveryState(rawValue: try row.text(8)) ?? .uncertain, reason: try row.optionalText(9),
        dueAt: try row.int(10), sentAt: try row.optionalInt(11))
    }
  }
}
