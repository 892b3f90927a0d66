package import SQLAccess

/// A message to be enqueued.
struct DeliveryDraft {
  var naturalKey: String
  var purpose: String
  var gateway: String
  var conversation: Int64
  /// The mail that it answers.
  var message: Int64?
  var author: Int64?
  /// Envelope sender; empty for the null return path.
  var sender: String
  var recipient: String
  var subject: String
  var rfcMessageID: String
  var templateHash: String?
  var content: [UInt8]
  /// When it may leave; now when nil.
  var dueAt: Instant?
  var expiresAt: Instant?
}

extension Transaction {
  /// Queues a message in the transaction that is the reason for it. False when one with this natural key exists: then
  /// nothing is done.
  @discardableResult
  func enqueue(_ draft: DeliveryDraft, now: Instant) throws -> Bool {
    try execute(
      """
      INSERT INTO delivery (natural_key, purpose, channel, gateway, conversation_id, message_id, author_id, sender,
        recipient, subject, rfc_message_id, template_hash, content, state, created_at, due_at, expires_at)
      VALUES ($1, $2, 'mail', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', $13, $14, $15)
      ON CONFLICT (natural_key) DO NOTHING
      """,
      [
        .text(draft.naturalKey), .text(draft.purpose), .text(draft.gateway), .integer(draft.conversation),
        .optional(draft.message), .optional(draft.author), .text(draft.sender), .text(draft.recipient),
        .text(draft.subject), .text(draft.rfcMessageID), .optional(draft.templateHash), .blob(draft.content),
        .integer(now), .integer(draft.dueAt ?? now), .optional(draft.expiresAt),
      ]) == 1
  }

  /// Takes up to `limit` due messages of these gateways for sending: state, lease and the row of the attempt are
  /// committed before the first byte leaves.
  package func claimDeliveries(
    gateways: [String], holder: String, limit: Int, leaseSeconds: Seconds, now: Instant
  ) throws -> [Delivery] {
    guard !gateways.isEmpty else { return [] }
    let names = gateways.indices.map { "$\($0 + 5)" }.joined(separator: ", ")
    let claimed = try rows(
      """
      UPDATE delivery SET state = 'sending', attempts = attempts + 1, lease_holder = $1, lease_expires_at = $2
      WHERE id IN (SELECT id FROM delivery WHERE state IN ('queued', 'deferred') AND due_at <= $3
        AND gateway IN (\(names)) ORDER BY due_at, id LIMIT $4\(dialect.skipLocked))
      RETURNING id, gateway, sender, recipient, content, attempts, uncertainties, expires_at
      """,
      [.text(holder), .integer(now.adding(leaseSeconds)), .integer(now), .int(limit)] + gateways.map { .text($0) }
    ).map { row in
      Delivery(
        id: try row.int(0), gateway: try row.text(1), sender: try row.text(2), recipient: try row.text(3),
        content: try row.blob(4), attempt: try row.int(5), uncertainties: try row.int(6),
        expiresAt: try row.optionalInt(7))
    }
    for delivery in claimed {
      try execute(
        "INSERT INTO attempt (delivery_id, number, started_at) VALUES ($1, $2, $3)",
        [.integer(delivery.id), .integer(delivery.attempt), .integer(now)])
    }
    return claimed
  }

  /// Ends an attempt. Only the holder of the lease may, and only once: a node that slept past its lease changes nothing.
  @discardableResult
  package func settle(_ settlement: Settlement, holder: String, now: Instant) throws -> Bool {
    let isFinal = settlement.state != .deferred
    let changed = try execute(
      """
      UPDATE delivery SET state = $3, reason = $4, due_at = COALESCE($5, due_at), finished_at = $6,
        uncertainties = uncertainties + $7, attempts = attempts - $8, lease_holder = NULL, lease_expires_at = NULL
      WHERE id = $1 AND state = 'sending' AND attempts = $2 AND lease_holder = $9
      """,
      [
        .integer(settlement.delivery), .integer(settlement.attempt), .text(settlement.state.rawValue),
        .optional(settlement.reason), .optional(settlement.nextAt), .optional(isFinal ? now : nil),
        .integer(settlement.isUncertain ? 1 : 0), .integer(settlement.countsAttempt ? 0 : 1), .text(holder),
      ])
    guard changed == 1 else { return false }
    if [.rejected, .uncertain, .expired].contains(settlement.state) {
      try reopenUndelivered(settlement.delivery, detail: settlement.reason, now: now)
    }
    if settlement.countsAttempt {
      try execute(
        "UPDATE attempt SET finished_at = $3, outcome = $4, answer = $5 WHERE delivery_id = $1 AND number = $2",
        [
          .integer(settlement.delivery), .integer(settlement.attempt), .integer(now),
          .text(settlement.isUncertain ? "uncertain" : settlement.state.rawValue), .optional(settlement.reason),
        ])
    } else {
      try execute(
        "DELETE FROM attempt WHERE delivery_id = $1 AND number = $2",
        [.integer(settlement.delivery), .integer(settlement.attempt)])
    }
    return true
  }

  func delivery(messageID: String) throws -> Int64? {
    try row("SELECT id FROM delivery WHERE rfc_message_id = $1", [.text(messageID)]).map { try $0.int(0) }
  }

  /// A message did not reach the customer. When it was an agent's answer, the conversation needs somebody again and the
  /// promise that the answer kept is open again.
  func reopenUndelivered(_ delivery: Int64, detail: String?, now: Instant) throws {
    guard
      let row = try row("SELECT conversation_id, purpose FROM delivery WHERE id = $1", [.integer(delivery)]),
      let head = try conversationHead(try row.int(0))
    else { return }
    try note("undelivered", in: head.id, by: "outbox", detail: detail, now: now)
    guard try row.text(1) == "reply" else { return }
    if head.state != .open {
      if head.state == .resolved { try changeOpenCount(of: head.owner, by: 1) }
      try setState(.open, of: head.id, now: now)
    }
    if try !hasOpenPromise(head.id) {
      try execute(
        "UPDATE promise SET kept_at = NULL WHERE id = (SELECT MAX(id) FROM promise WHERE conversation_id = $1)",
        [.integer(head.id)])
    }
  }

  /// Messages whose attempt `holder` began and did not end, and those whose lease ran out.
  package func openDeliveries(of holder: String, now: Instant) throws -> [AbandonedDelivery] {
    try abandoned("(lease_holder = $1 OR lease_expires_at <= $2)", [.text(holder), .integer(now)])
  }

  /// Messages whose attempt was not ended before its lease ran out, but for those of one holder.
  package func expiredDeliveries(except holder: String?, now: Instant) throws -> [AbandonedDelivery] {
    try abandoned("lease_holder <> $1 AND lease_expires_at <= $2", [.text(holder ?? ""), .integer(now)])
  }

  private func abandoned(_ condition: String, _ values: [SQLValue]) throws -> [AbandonedDelivery] {
    try rows(
      """
      SELECT id, attempts, uncertainties, lease_holder FROM delivery
      WHERE state = 'sending' AND \(condition) ORDER BY id\(dialect.skipLocked)
      """, values
    ).map { row in
      AbandonedDelivery(
        id: try row.int(0), attempt: try row.int(1), uncertainties: try row.int(2), holder: try row.text(3))
    }
  }

  /// When the next message of these gateways is due; nil when none waits.
  package func nextDue(gateways: [String]) throws -> Instant? {
    guard !gateways.isEmpty else { return nil }
    let names = gateways.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    return try row(
      """
      SELECT due_at FROM delivery WHERE state IN ('queued', 'deferred') AND gateway IN (\(names))
      ORDER BY due_at LIMIT 1
      """, gateways.map { .text($0) }
    ).map { try $0.int(0) }
  }

  package func deliveryStates() throws -> [DeliveryState: Int64] {
    var result: [DeliveryState: Int64] = [:]
    for row in try rows("SELECT state, COUNT(*) FROM delivery GROUP BY state") {
      if let state = DeliveryState(rawValue: try row.text(0)) { result[state] = try row.int(1) }
    }
    return result
  }
}

/// How an attempt ended, as it is written down.
package struct Settlement: Sendable, Equatable {
  package var delivery: Int64
  package var attempt: Int64
  package var state: DeliveryState
  package var reason: String?
  /// When the next attempt is due; for `deferred`.
  package var nextAt: Instant?
  /// The gateway may have taken it without our knowing.
  package var isUncertain = false
  /// False when the gateway as a whole was unreachable: then it says nothing about the message.
  package var countsAttempt = true
}

package struct AbandonedDelivery: Sendable, Equatable {
  package var id: Int64
  package var attempt: Int64
  package var uncertainties: Int64
  package var holder: String
}
