package import SQLAccess

/// How many messages of a campaign stand where.
package struct CampaignShare: Sendable, Equatable {
  package var channel: Channel
  package var state: DeliveryState
  /// Why they wait or did not leave; nil for the others, whose reasons are the gateways' words on each.
  package var reason: String?
  package var messages: Int64
  package var segments: Int64
  /// In millionths of the gateway's currency.
  package var cost: Int64
}

extension Transaction {
  /// Campaigns whose name was `stem`, each with the end of its validity; the latest first.
  func campaigns(named stem: String) throws -> [(name: String, expiresAt: Instant)] {
    // `stem` has neither % nor _.
    try rows(
      """
      SELECT campaign, MAX(expires_at) FROM delivery WHERE campaign LIKE $1 AND expires_at IS NOT NULL
      GROUP BY campaign ORDER BY campaign DESC
      """, [.text(stem + "-____-__-__")]
    ).map { (try $0.text(0), try $0.int(1)) }
  }

  package func campaignShares(_ campaign: String) throws -> [CampaignShare] {
    try rows(
      """
      SELECT channel, state, why, COUNT(*), CAST(SUM(segments) AS BIGINT), CAST(SUM(cost) AS BIGINT)
      FROM (SELECT channel, state, segments, cost,
          CASE WHEN state IN ('held', 'suppressed', 'expired', 'cancelled') THEN reason END AS why
        FROM delivery WHERE campaign = $1) AS part
      GROUP BY channel, state, why ORDER BY channel, state, why
      """, [.text(campaign)]
    ).map { row in
      CampaignShare(
        channel: Channel(rawValue: try row.text(0)) ?? .mail,
        state: DeliveryState(rawValue: try row.text(1)) ?? .uncertain, reason: try row.optionalText(2),
        messages: try row.int(3), segments: try row.int(4), cost: try row.int(5))
    }
  }

  /// Throws a sentence for a campaign that somebody has cancelled. Until the transaction ends nobody cancels it: a page
  /// that is being enqueued is found by whoever cancels, and the next one is refused.
  func refuseCancelled(_ campaign: String) throws {
    try lock("campaign \(campaign)")
    let cancelled = try row(
      "SELECT 1 FROM delivery WHERE campaign = $1 AND state = 'cancelled' AND reason = $2 LIMIT 1",
      [.text(campaign), .text(GateReason.campaignCancelled.rawValue)])
    guard cancelled == nil else {
      throw SettingsError("\(campaign) was cancelled: give the promotion another name to send it after all")
    }
  }

  /// Gives up what has not left yet, at most `limit` of it; how many.
  func cancelCampaign(_ campaign: String, limit: Int, now: Instant) throws -> Int {
    try lock("campaign \(campaign)")
    return try execute(
      """
      UPDATE delivery SET state = 'cancelled', reason = $2, finished_at = $3
      WHERE id IN (SELECT id FROM delivery WHERE campaign = $1 AND \(Schema.isWaiting)
        LIMIT $4\(dialect.skipLocked))
      """,
      [.text(campaign), .text(GateReason.campaignCancelled.rawValue), .integer(now), .int(limit)])
  }
}
