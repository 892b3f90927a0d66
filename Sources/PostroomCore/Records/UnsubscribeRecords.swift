package import SQLAccess

extension Transaction {
  /// Ends the marketing that a token names. Nothing is written when it has ended before, so a link can be followed again
  /// and again. False then, and when the customer is no more.
  @discardableResult
  package func unsubscribe(_ token: UnsubscribeToken, source: String, now: Instant) throws -> Bool {
    guard try exists(token.customer), try !isUnsubscribed(token) else { return false }
    if token.purposes == UnsubscribeToken.allMarketing {
      for address in try addresses(of: token) { try optOut(token.channel, address, source: source, now: now) }
    }
    for channel in Channel.allCases {
      for purpose in token.purposes {
        try setConsent(of: token.customer, channel, purpose, given: false, source: source, now: now)
      }
    }
    return true
  }

  /// The way back: messages of the kinds that a token names, on its channel. Addresses that are listed for other reasons
  /// than their owner's wish stay listed.
  package func resubscribe(_ token: UnsubscribeToken, source: String, now: Instant) throws {
    guard try exists(token.customer) else { return }
    for address in try addresses(of: token) {
      try unsuppress(token.channel, address, scopes: [.marketing], reasons: [.optOut])
    }
    for purpose in token.purposes {
      try setConsent(of: token.customer, token.channel, purpose, given: true, source: source, now: now)
    }
  }

  /// Whether nothing that a token names is sent any more.
  package func isUnsubscribed(_ token: UnsubscribeToken) throws -> Bool {
    let purposes = token.purposes.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    guard !purposes.isEmpty else { return true }
    let refusals = try row(
      "SELECT COUNT(*) FROM consent WHERE customer_id = $1 AND given = 0 AND purpose IN (\(purposes))",
      [.integer(token.customer)])
    guard try refusals?.int(0) == Int64(token.purposes.count * Channel.allCases.count) else { return false }
    guard token.purposes == UnsubscribeToken.allMarketing else { return true }
    let open = try row(
      """
      SELECT COUNT(*) FROM contact c WHERE customer_id = $1 AND channel = $2 AND NOT EXISTS (
        SELECT 1 FROM suppression s WHERE s.channel = c.channel AND s.address = c.address AND s.scope = 'marketing')
      """, [.integer(token.customer), .text(token.channel.rawValue)])
    return try open?.int(0) == 0
  }

  private func exists(_ customer: Int64) throws -> Bool {
    try row("SELECT 1 FROM customer WHERE id = $1", [.integer(customer)]) != nil
  }

  private func addresses(of token: UnsubscribeToken) throws -> [String] {
    try rows(
      "SELECT address FROM contact WHERE customer_id = $1 AND channel = $2 ORDER BY address",
      [.integer(token.customer), .text(token.channel.rawValue)]
    ).map { try $0.text(0) }
  }
}
