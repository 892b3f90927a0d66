package import SQLAccess

extension Segment {
  /// Its condition over `customer c`, with arguments numbered from `$first`.
  package func condition(from first: Int = 1, now: Instant) -> (sql: String, arguments: [SQLValue]) {
    switch self {
    case .all, .tierAtLeast(.regular): return ("1 = 1", [])
    // `<> 'regular'` is the condition of an index; SQLite must read it as it stands there.
    case .tierAtLeast(.vip): return ("c.tier <> 'regular'", [])
    case .tier(.regular): return ("c.tier = 'regular'", [])
    case .tier(let tier), .tierAtLeast(let tier):
      return ("c.tier <> 'regular' AND c.tier = $\(first)", [.text(tier.rawValue)])
    case .language(let language): return ("c.language = $\(first)", [.text(language.rawValue)])
    case .zone(let name): return ("c.zone = $\(first)", [.text(name)])
    case .birthdayMonth(let month): return ("c.birth_month = $\(first)", [.int(month)])
    case .customersOf(let mailbox):
      return (
        """
        EXISTS (SELECT 1 FROM conversation v JOIN mailbox m ON m.id = v.mailbox_id
          WHERE v.customer_id = c.id AND m.name = $\(first))
        """, [.text(mailbox)]
      )
    case .notContacted(let span):
      // Marketing is found by the customer, service by the conversation it belongs to: both have an index.
      let left = "(d.state IN ('sending', 'accepted', 'delivered', 'uncertain') OR d.uncertainties > 0)"
      return (
        """
        NOT EXISTS (SELECT 1 FROM delivery d
          WHERE d.customer_id = c.id AND d.priority = 1 AND d.sent_at > $\(first) AND \(left))
        AND NOT EXISTS (SELECT 1 FROM conversation v JOIN delivery d ON d.conversation_id = v.id
          WHERE v.customer_id = c.id AND d.sent_at > $\(first) AND \(left))
        """, [.integer(now.adding(-span))]
      )
    }
  }
}

extension Transaction {
  /// The next customers of a segment behind `after`, in the order of their ids; fewer than `limit` when it ends.
  package func customerIDs(in segment: Segment, after: Int64 = 0, limit: Int, now: Instant) throws -> [Int64] {
    let (condition, arguments) = segment.condition(from: 3, now: now)
    return try rows(
      "SELECT c.id FROM customer c WHERE c.id > $1 AND \(condition) ORDER BY c.id LIMIT $2",
      [.integer(after), .int(limit)] + arguments
    ).map { try $0.int(0) }
  }

  package func customerCount(in segment: Segment, now: Instant) throws -> Int64 {
    let (condition, arguments) = segment.condition(now: now)
    return try row("SELECT COUNT(*) FROM customer c WHERE \(condition)", arguments)?.int(0) ?? 0
  }
}
