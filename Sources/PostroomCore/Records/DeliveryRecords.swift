package import SQLAccess

/// A message to be enqueued.
struct DeliveryDraft {
  var naturalKey: String
  var purpose: Purpose
  var channel = Channel.mail
  var gateway: String
  var customer: Int64?
  var conversation: Int64?
  /// The mail that it answers.
  var message: Int64?
  var author: Int64?
  /// What it is a part of; counted and cancelled together.
  var campaign: String?
  /// Envelope sender; empty for the null return path, and for SMS.
  var sender: String
  /// A mail address, or a number in E.164.
  var recipient: String
  var subject: String
  /// Ours, the same at each attempt: a mail's Message-ID.
  var reference: String
  var templateHash: String?
  /// The complete mail, or the text of an SMS.
  var content: [UInt8]
  var segments: Int64 = 1
  /// In millionths of the gateway's currency.
  var cost: Int64 = 0
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
      INSERT INTO delivery (natural_key, purpose, channel, gateway, priority, customer_id, conversation_id, message_id,
        author_id, campaign, sender, recipient, subject, reference, template_hash, content, segments, cost, state,
        created_at, due_at, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'queued', $19, $20, $21)
      ON CONFLICT (natural_key) DO NOTHING
      """,
      [
        .text(draft.naturalKey), .text(draft.purpose.rawValue), .text(draft.channel.rawValue), .text(draft.gateway),
        .integer(draft.purpose.priority), .optional(draft.customer), .optional(draft.conversation),
        .optional(draft.message), .optional(draft.author), .optional(draft.campaign), .text(draft.sender),
        .text(draft.recipient), .text(draft.subject), .text(draft.reference), .optional(draft.templateHash),
        .blob(draft.content), .integer(draft.segments), .integer(draft.cost), .integer(now),
        .integer(draft.dueAt ?? now), .optional(draft.expiresAt),
      ]) == 1
  }

  /// Ends an attempt. Only the holder of the lease may, and only once: a node that slept past its lease changes nothing.
  /// False when the lease was lost.
  private func settle(_ settlement: Settlement, holder: String, now: Instant) throws -> Bool {
    let isFinal = settlement.state != .deferred
    // RETURNING would cost as much as the change itself.
    let changed = try execute(
      """
      UPDATE delivery SET state = $3, reason = $4, due_at = COALESCE($5, due_at), finished_at = $6,
        uncertainties = uncertainties + $7, attempts = attempts - $8, lease_holder = NULL, lease_expires_at = NULL,
        gateway_reference = COALESCE($10, gateway_reference)
      WHERE id = $1 AND state = 'sending' AND attempts = $2 AND lease_holder = $9
      """,
      [
        .integer(settlement.delivery), .integer(settlement.attempt), .text(settlement.state.rawValue),
        .optional(settlement.reason), .optional(settlement.nextAt), .optional(isFinal ? now : nil),
        .integer(settlement.isUncertain ? 1 : 0), .integer(settlement.countsAttempt ? 0 : 1), .text(holder),
        .optional(settlement.gatewayReference),
      ])
    guard changed == 1 else { return false }
    if [.rejected, .uncertain, .expired].contains(settlement.state) {
      try reopenUndelivered(settlement.delivery, detail: settlement.reason, now: now)
    }
    if settlement.isOptedOut,
      let row = try row("SELECT channel, recipient FROM delivery WHERE id = $1", [.integer(settlement.delivery)])
    {
      try optOut(
        Channel(rawValue: try row.text(0)) ?? .mail, try row.text(1), source: settlement.reason ?? "the gateway",
        now: now)
    }
    if settlement.countsAttempt {
      try execute(
        """
        INSERT INTO attempt (delivery_id, number, started_at, finished_at, outcome, answer)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        [
          .integer(settlement.delivery), .integer(settlement.attempt), .integer(settlement.startedAt), .integer(now),
          .text(settlement.isUncertain ? "uncertain" : settlement.state.rawValue), .optional(settlement.reason),
        ])
    }
    return true
  }

  /// Ends attempts, and writes down what that says of their gateways. Gives how many were still ours to end.
  @discardableResult
  package func settle(_ settlements: [Settlement], terms: ClaimTerms, now: Instant) throws -> Int {
    var count = 0
    var spent: [String: Int64] = [:]
    var hasTaken: [String: Bool] = [:]
    for settlement in settlements where try settle(settlement, holder: terms.holder, now: now) {
      count += 1
      // What was taken, or perhaps taken, is to be paid.
      if settlement.cost > 0, settlement.state == .accepted || settlement.isUncertain {
        spent[settlement.gateway, default: 0] += settlement.cost
      }
      guard settlement.isAnswered else { continue }
      hasTaken[settlement.gateway] = hasTaken[settlement.gateway] == true || settlement.state == .accepted
    }
    try applyWaitingEvents(for: settlements, now: now)
    for (gateway, hasTaken) in hasTaken { try gatewayAnswered(gateway, hasTaken: hasTaken, now: now) }
    for (gateway, cost) in spent { try gatewaySpent(gateway, cost, day: terms.day(now)) }
    return count
  }

  func delivery(messageID: String) throws -> Int64? {
    try row("SELECT id FROM delivery WHERE reference = $1 AND channel = 'mail'", [.text(messageID)]).map {
      try $0.int(0)
    }
  }

  /// A message did not reach the customer. When it was an agent's answer, the conversation needs somebody again and the
  /// promise that the answer kept is open again.
  func reopenUndelivered(_ delivery: Int64, detail: String?, now: Instant) throws {
    guard
      let row = try row("SELECT conversation_id, purpose FROM delivery WHERE id = $1", [.integer(delivery)]),
      let conversation = try row.optionalInt(0), let head = try conversationHead(conversation)
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
      SELECT id, attempts, uncertainties, lease_holder, channel, gateway, sent_at, cost FROM delivery
      WHERE state = 'sending' AND \(condition) ORDER BY id\(dialect.skipLocked)
      """, values
    ).map { row in
      AbandonedDelivery(
        id: try row.int(0), gateway: try row.text(5), attempt: try row.int(1),
        channel: Channel(rawValue: try row.text(4)) ?? .mail,
        uncertainties: try row.int(2), holder: try row.text(3), startedAt: try row.int(6), cost: try row.int(7))
    }
  }

  /// Those of these gateways that have something due.
  package func gatewaysWithDue(_ gateways: [String], now: Instant) throws -> [String] {
    try gateways.filter { gateway in
      try [0, 1].contains { priority in
        try row(
          """
          SELECT 1 FROM delivery WHERE \(Schema.isWaiting) AND gateway = $1 AND priority = \(priority)
            AND due_at <= $2 LIMIT 1
          """, [.text(gateway), .integer(now)]) != nil
      }
    }
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
  package var gateway: String
  package var attempt: Int64
  package var startedAt: Instant
  /// See ``Delivery/cost``.
  package var cost: Int64
  package var state: DeliveryState
  package var reason: String?
  /// When the next attempt is due; for `deferred`.
  package var nextAt: Instant?
  package var gatewayReference: String?
  /// The vendor says that the recipient wants nothing more.
  package var isOptedOut = false
  /// The gateway may have taken it without our knowing.
  package var isUncertain = false
  /// False when the gateway as a whole was unreachable: then it says nothing about the message.
  package var countsAttempt = true

  package init(_ delivery: Delivery, _ state: DeliveryState) {
    self.delivery = delivery.id
    gateway = delivery.gateway
    attempt = delivery.attempt
    startedAt = delivery.startedAt
    cost = delivery.cost
    self.state = state
  }

  init(_ abandoned: AbandonedDelivery) {
    delivery = abandoned.id
    gateway = abandoned.gateway
    attempt = abandoned.attempt
    startedAt = abandoned.startedAt
    cost = abandoned.cost
    state = .accepted
  }

  /// Whether the gateway said something of the message.
  var isAnswered: Bool { countsAttempt && !isUncertain }
}

package struct AbandonedDelivery: Sendable, Equatable {
  package var id: Int64
  package var gateway: String
  package var attempt: Int64
  package var channel: Channel
  package var uncertainties: Int64
  package var holder: String
  package var startedAt: Instant
  package var cost: Int64
}
