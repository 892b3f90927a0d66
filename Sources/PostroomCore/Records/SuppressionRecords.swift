package import SQLAccess

extension Transaction {
  /// Puts an address on the list. What stands there already stays, with its earlier reason. False when it stood there.
  @discardableResult
  package func suppress(_ suppression: Suppression) throws -> Bool {
    try execute(
      """
      INSERT INTO suppression (channel, address, scope, reason, source, created_at) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (channel, address, scope) DO NOTHING
      """,
      [
        .text(suppression.channel.rawValue),
        .text(SuppressionKey.address(suppression.address, suppression.channel)), .text(suppression.scope.rawValue),
        .text(suppression.reason.rawValue), .text(String(suppression.source.prefix(500))),
        .integer(suppression.createdAt),
      ]) == 1
  }

  /// Takes an address off the list; only what has one of these reasons. Gives how many entries went.
  @discardableResult
  package func unsuppress(
    _ channel: Channel, _ address: String, scopes: [SuppressionScope] = SuppressionScope.allCases,
    reasons: [SuppressionReason] = SuppressionReason.allCases
  ) throws -> Int {
    let scopeNames = scopes.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let reasonNames = reasons.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return Int(
      try execute(
        """
        DELETE FROM suppression WHERE channel = $1 AND address = $2 AND scope IN (\(scopeNames))
          AND reason IN (\(reasonNames))
        """, [.text(channel.rawValue), .text(SuppressionKey.address(address, channel))]))
  }

  /// The newest first; of one address when it is given.
  package func suppressions(of address: String? = nil, limit: Int) throws -> [Suppression] {
    let place = address == nil ? "" : "WHERE address = $2"
    return try rows(
      """
      SELECT channel, address, scope, reason, source, created_at FROM suppression \(place)
      ORDER BY created_at DESC, address LIMIT $1
      """, [.int(limit)] + (address.map { [.text($0)] } ?? [])
    ).map { row in
      Suppression(
        channel: Channel(rawValue: try row.text(0)) ?? .mail, address: try row.text(1),
        scope: SuppressionScope(rawValue: try row.text(2)) ?? .all,
        reason: SuppressionReason(rawValue: try row.text(3)) ?? .byHand, source: try row.text(4),
        createdAt: try row.int(5))
    }
  }

  /// What a customer says to messages of a purpose; the last word counts.
  package func setConsent(
    of customer: Int64, _ channel: Channel, _ purpose: Purpose, given: Bool, source: String, now: Instant
  ) throws {
    try execute(
      """
      INSERT INTO consent (customer_id, channel, purpose, given, source, said_at) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (customer_id, channel, purpose) DO UPDATE SET given = excluded.given, source = excluded.source,
        said_at = excluded.said_at
      """,
      [
        .integer(customer), .text(channel.rawValue), .text(purpose.rawValue), .bool(given), .text(source),
        .integer(now),
      ])
  }

  /// How many customers agreed to marketing on a channel.
  package func consents(to channel: Channel) throws -> Int64 {
    try row(
      "SELECT COUNT(DISTINCT customer_id) FROM consent WHERE channel = $1 AND given = 1", [.text(channel.rawValue)]
    )?.int(0) ?? 0
  }

  /// A person refuses marketing: the address is put on the list, and when it is a customer's, he has refused on every
  /// channel. What waits for him is not sent: the gate looks before each send.
  package func optOut(_ channel: Channel, _ address: String, source: String, now: Instant) throws {
    let key = SuppressionKey.address(address, channel)
    try suppress(
      Suppression(
        channel: channel, address: key, scope: .marketing, reason: .optOut, source: source, createdAt: now))
    guard let customer = try customer(havingContact: channel, key) else { return }
    for channel in Channel.allCases {
      for purpose in Purpose.allCases where purpose.isMarketing {
        try setConsent(of: customer, channel, purpose, given: false, source: source, now: now)
      }
    }
  }

  /// A person wants messages on this address again.
  package func optIn(_ channel: Channel, _ address: String, source: String, now: Instant) throws {
    let key = SuppressionKey.address(address, channel)
    try unsuppress(channel, key, scopes: [.marketing], reasons: [.optOut])
    guard let customer = try customer(havingContact: channel, key) else { return }
    for purpose in Purpose.allCases where purpose.isMarketing {
      try setConsent(of: customer, channel, purpose, given: true, source: source, now: now)
    }
  }

  package func customer(havingContact channel: Channel, _ address: String) throws -> Int64? {
    try row(
      "SELECT customer_id FROM contact WHERE channel = $1 AND address = $2",
      [.text(channel.rawValue), .text(address)]
    ).map { try $0.int(0) }
  }
}
