package import SQLAccess

/// A message that leaves the house, as lists show it.
package struct OutboxEntry: Sendable, Equatable {
  package var id: Int64
  /// Nil for a message that belongs to none, as a greeting.
  package var conversation: ConversationNumber?
  package var mailbox: String?
  package var channel: Channel
  package var purpose: String
  package var gateway: String
  package var recipient: String
  package var subject: String
  package var reference: String
  package var state: DeliveryState
  /// The gateway's last words, or ours.
  package var reason: String?
  package var attempts: Int64
  /// How often the gateway's answer was lost: it may have gone out so many times without our knowing.
  package var uncertainties: Int64
  package var createdAt: Instant
  /// When it is tried next; nil when it is not.
  package var nextTryAt: Instant?
  package var expiresAt: Instant?
  package var finishedAt: Instant?
  /// The gateway's own.
  package var gatewayReference: String?
  /// The complete mail, or the text of an SMS.
  package var content: [UInt8]
}

/// One attempt to send a message.
package struct AttemptEntry: Sendable, Equatable {
  package var number: Int64
  package var startedAt: Instant
  package var outcome: String
  package var answer: String?
}

/// Which messages a list of the outbox shows.
package struct OutboxFilter: Sendable {
  /// Nil shows what needs a person: refused, uncertain, or put off more than once.
  package var state: DeliveryState?
  package var limit = 50
  package init() {}
}

extension Transaction {
  /// The newest first.
  package func outbox(_ filter: OutboxFilter) throws -> [OutboxEntry] {
    let condition =
      filter.state.map { "d.state = '\($0.rawValue)'" }
        ?? """
        \(Schema.isTroubled("d.state")) AND d.state <> 'held' AND d.state <> 'suppressed'
          AND (d.state <> 'deferred' OR d.attempts > 1)
        """
    return try rows("\(Self.outboxQuery) WHERE \(condition) ORDER BY d.id DESC LIMIT $1", [.int(filter.limit)])
      .map(outboxEntry)
  }

  /// Uncertain SMS of a gateway, the oldest first, beyond a row.
  package func uncertainSMS(of gateway: String, beyond id: Int64, limit: Int) throws -> [OutboxEntry] {
    try rows(
      """
      \(Self.outboxQuery) WHERE d.state = 'uncertain' AND d.channel = 'sms' AND d.gateway = $1 AND d.id > $2
      ORDER BY d.id LIMIT $3
      """, [.text(gateway), .integer(id), .int(limit)]
    ).map(outboxEntry)
  }

  /// How each attempt of a message ended, the first one first.
  package func attempts(of delivery: Int64) throws -> [AttemptEntry] {
    try rows(
      "SELECT number, started_at, outcome, answer FROM attempt WHERE delivery_id = $1 ORDER BY number",
      [.integer(delivery)]
    ).map { row in
      AttemptEntry(
        number: try row.int(0), startedAt: try row.int(1), outcome: try row.optionalText(2) ?? "",
        answer: try row.optionalText(3))
    }
  }

  package func outboxEntry(_ id: Int64) throws -> OutboxEntry? {
    try row("\(Self.outboxQuery) WHERE d.id = $1", [.integer(id)]).map(outboxEntry)
  }

  private static var outboxQuery: String {
    """
    SELECT d.id, d.conversation_id, m.name, d.purpose, d.gateway, d.recipient, d.subject, d.reference, d.state,
      d.reason, d.attempts, d.uncertainties, d.created_at, d.due_at, d.expires_at, d.finished_at, d.channel,
      d.gateway_reference, d.content
    FROM delivery d LEFT JOIN conversation c ON c.id = d.conversation_id LEFT JOIN mailbox m ON m.id = c.mailbox_id
    """
  }

  private func outboxEntry(_ row: SQLRow) throws -> OutboxEntry {
    let state = DeliveryState(rawValue: try row.text(8)) ?? .uncertain
    return OutboxEntry(
      id: try row.int(0), conversation: try row.optionalInt(1).map { ConversationNumber(id: $0) },
      mailbox: try row.optionalText(2), channel: Channel(rawValue: try row.text(16)) ?? .mail,
      purpose: try row.text(3), gateway: try row.text(4), recipient: try row.text(5), subject: try row.text(6),
      reference: try row.text(7), state: state, reason: try row.optionalText(9), attempts: try row.int(10),
      uncertainties: try row.int(11), createdAt: try row.int(12),
      nextTryAt: [.queued, .held, .deferred].contains(state) ? try row.int(13) : nil,
      expiresAt: try row.optionalInt(14), finishedAt: try row.optionalInt(15),
      gatewayReference: try row.optionalText(17), content: try row.blob(18))
  }

  /// Puts a message from one state into another, due at once. False when it is not in that state any more: the
  /// dispatcher or a colleague was faster. An end of validity that has passed is lifted when it is queued.
  func moveDelivery(
    _ id: Int64, from old: DeliveryState, to new: DeliveryState, reason: String?, now: Instant
  ) throws -> Bool {
    try execute(
      """
      UPDATE delivery SET state = $3, reason = $4, due_at = $5, finished_at = $6,
        expires_at = CASE WHEN $3 = 'queued' AND expires_at <= $5 THEN NULL ELSE expires_at END
      WHERE id = $1 AND state = $2
      """,
      [
        .integer(id), .text(old.rawValue), .text(new.rawValue), .optional(reason), .integer(now),
        .optional(new == .queued ? nil : now),
      ]) == 1
  }

  /// Whether the customer has written since `moment`.
  func hasNewMail(in conversation: Int64, since moment: Instant) throws -> Bool {
    try row(
      "SELECT 1 FROM conversation WHERE id = $1 AND last_message_at > $2", [.integer(conversation), .integer(moment)]
    ) != nil
  }
}
