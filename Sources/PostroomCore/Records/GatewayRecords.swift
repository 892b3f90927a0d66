package import SQLAccess

/// How a gateway fares.
package struct GatewayStatus: Sendable, Equatable {
  /// In a row, as a whole.
  package var failures: Int64 = 0
  package var pausedUntil: Instant = 0
  package var lastError: String?
  package var lastErrorAt: Instant?
  package var lastSuccessAt: Instant?
  /// The day, since 1970, that `spent` and `released` belong to.
  package var day: Int64 = 0
  /// In millionths of the gateway's currency.
  package var spent: Int64 = 0
  /// What a person allowed beyond the day's limit.
  package var released: Int64 = 0
  package init() {}
}

extension Transaction {
  package func gatewayStatus(_ name: String, forUpdate: Bool = false) throws -> GatewayStatus {
    let row = try row(
      """
      SELECT failures, paused_until, last_error, last_error_at, last_success_at, day, spent, released FROM gateway
      WHERE name = $1\(forUpdate ? dialect.forUpdate : "")
      """, [.text(name)])
    var status = GatewayStatus()
    guard let row else {
      if forUpdate {
        try execute("INSERT INTO gateway (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [.text(name)])
      }
      return status
    }
    status.failures = try row.int(0)
    status.pausedUntil = try row.int(1)
    status.lastError = try row.optionalText(2)
    status.lastErrorAt = try row.optionalInt(3)
    status.lastSuccessAt = try row.optionalInt(4)
    status.day = try row.int(5)
    status.spent = try row.int(6)
    status.released = try row.int(7)
    return status
  }

  /// The gateway as a whole failed: nothing is sent before `until`, then one message at first.
  package func pauseGateway(_ name: String, until: Instant, reason: String, now: Instant) throws {
    try execute(
      """
      INSERT INTO gateway (name, failures, paused_until, last_error, last_error_at) VALUES ($1, 1, $2, $3, $4)
      ON CONFLICT (name) DO UPDATE SET failures = gateway.failures + 1, paused_until = excluded.paused_until,
        last_error = excluded.last_error, last_error_at = excluded.last_error_at
      """, [.text(name), .integer(until), .text(reason), .integer(now)])
  }

  /// It answered, so it works again; unless it rests: then that was for a message that left before.
  package func gatewayAnswered(_ name: String, hasTaken: Bool, now: Instant) throws {
    try execute(
      """
      INSERT INTO gateway (name, last_success_at) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET
        failures = CASE WHEN gateway.paused_until <= $3 THEN 0 ELSE gateway.failures END,
        last_success_at = COALESCE(excluded.last_success_at, gateway.last_success_at)
      """, [.text(name), .optional(hasTaken ? now : nil), .integer(now)])
  }

  /// It took messages, or perhaps did: the day's spending grows.
  package func gatewaySpent(_ name: String, _ spent: Int64, day: Int64) throws {
    try execute(
      """
      INSERT INTO gateway (name, day, spent) VALUES ($1, $2, $3)
      ON CONFLICT (name) DO UPDATE SET
        spent = CASE WHEN gateway.day = excluded.day THEN gateway.spent + excluded.spent ELSE excluded.spent END,
        released = CASE WHEN gateway.day = excluded.day THEN gateway.released ELSE 0 END, day = excluded.day
      """, [.text(name), .integer(day), .integer(spent)])
  }

  /// A person allows more than the day's limit, and what that held is due again.
  package func releaseCost(_ name: String, more: Int64, day: Int64, now: Instant) throws -> Int {
    try execute(
      """
      INSERT INTO gateway (name, day, released) VALUES ($1, $2, $3)
      ON CONFLICT (name) DO UPDATE SET
        spent = CASE WHEN gateway.day = excluded.day THEN gateway.spent ELSE 0 END,
        released = CASE WHEN gateway.day = excluded.day THEN gateway.released + excluded.released
          ELSE excluded.released END, day = excluded.day
      """, [.text(name), .integer(day), .integer(more)])
    return try execute(
      "UPDATE delivery SET due_at = $2 WHERE gateway = $1 AND state = 'held' AND reason = 'daily_cost'",
      [.text(name), .integer(now)])
  }

  func isSending(_ gateway: String, now: Instant) throws -> Bool {
    try row(
      "SELECT 1 FROM delivery WHERE state = 'sending' AND gateway = $1 AND lease_expires_at > $2 LIMIT 1",
      [.text(gateway), .integer(now)]) != nil
  }

  /// Of the messages that are being sent.
  func costUnderWay(_ gateway: String) throws -> Int64 {
    try row(
      "SELECT CAST(COALESCE(SUM(cost), 0) AS BIGINT) FROM delivery WHERE state = 'sending' AND gateway = $1",
      [.text(gateway)]
    )
    .map { try $0.int(0) } ?? 0
  }

  func rateBucket(_ gateway: String, _ scope: String, _ pace: SendingPace, now: Instant) throws -> RateBucket {
    let row = try row(
      "SELECT tokens, filled_at FROM rate_bucket WHERE gateway = $1 AND scope = $2",
      [.text(gateway), .text(scope)])
    return RateBucket(pace, tokens: try row?.int(0), filledAt: try row?.int(1), now: now)
  }

  func store(_ bucket: RateBucket, _ gateway: String, _ scope: String) throws {
    try execute(
      """
      INSERT INTO rate_bucket (gateway, scope, tokens, filled_at) VALUES ($1, $2, $3, $4)
      ON CONFLICT (gateway, scope) DO UPDATE SET tokens = excluded.tokens, filled_at = excluded.filled_at
      """, [.text(gateway), .text(scope), .integer(bucket.tokens), .integer(bucket.filledAt)])
  }

  /// How many messages of a gateway stand where.
  package func backlog(of gateway: String) throws -> [DeliveryState: Int64] {
    var backlog: [DeliveryState: Int64] = [:]
    for state in [DeliveryState.queued, .held, .deferred] {
      backlog[state] =
        try row(
          """
          SELECT COUNT(*) FROM delivery WHERE \(Schema.isWaiting) AND gateway = $1 AND state = $2
          """, [.text(gateway), .text(state.rawValue)]
        )?.int(0) ?? 0
    }
    return backlog
  }
}
