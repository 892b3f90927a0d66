import SQLAccess

/// Whom a greeting or promotion is meant for.
enum Audience: Sendable, Equatable {
  /// Who was born on one of these days of the month.
  case birthday(month: Int, days: ClosedRange<Int>)
  case segment(Segment)

  /// Birthdays of a day. Who was born on 29 February has it on the 28th in years without one.
  static func birthday(on date: CivilDate) -> Audience {
    let isLast = date.month == 2 && date.day == 28 && CivilDate(year: date.year, month: 2, day: 29) == nil
    return .birthday(month: date.month, days: date.day...(isLast ? 29 : date.day))
  }

  /// Its condition over `customer c`, with arguments numbered from `$first`.
  fileprivate func condition(from first: Int, now: Instant) -> (sql: String, arguments: [SQLValue]) {
    switch self {
    case .birthday(let month, let days):
      return (
        "c.birth_month = $\(first) AND c.birth_day BETWEEN $\(first + 1) AND $\(first + 2)",
        [.int(month), .int(days.lowerBound), .int(days.upperBound)]
      )
    case .segment(let segment): return segment.condition(from: first, now: now)
    }
  }
}

/// A customer as one to whom something may be sent.
struct Addressee: Sendable {
  var id: Int64
  var name: String
  var language: Language?
  var zone: String?
  var tier: Tier
  /// The latest of each channel, and whether he agreed to messages of the purpose there.
  var contacts: [Channel: (address: String, consents: Bool)]
  /// He has this one already, sent or waiting.
  var isEnqueued: Bool
}

extension Transaction {
  /// A page of an audience in order of row, from behind `after`. `key` stands before the customer in natural keys.
  func addressees(
    _ audience: Audience, _ purpose: Purpose, key: String, after: Int64, limit: Int, now: Instant
  ) throws -> [Addressee] {
    let values: [SQLValue] = [.integer(after), .int(limit), .text(purpose.rawValue), .text(key + "/")]
    let (condition, arguments) = audience.condition(from: values.count + 1, now: now)
    func consent(_ channel: Channel) -> String {
      "(SELECT given FROM consent WHERE customer_id = c.id AND channel = '\(channel.rawValue)' AND purpose = $3)"
    }
    return try rows(
      """
      SELECT c.id, c.name, c.language, c.zone, c.tier,
        (SELECT COUNT(*) FROM delivery WHERE natural_key = CAST($4 AS TEXT) || CAST(c.id AS TEXT)),
        \(Self.latestContact(.sms, of: "c.id")), \(consent(.sms)),
        \(Self.latestContact(.mail, of: "c.id")), \(consent(.mail))
      FROM customer c WHERE c.id > $1 AND \(condition) ORDER BY c.id LIMIT $2
      """, values + arguments
    ).map { row in
      var contacts: [Channel: (address: String, consents: Bool)] = [:]
      for (channel, column) in [(Channel.sms, 6), (.mail, 8)] {
        if let address = try row.optionalText(column) {
          contacts[channel] = (address, try row.optionalInt(column + 1) == 1)
        }
      }
      return Addressee(
        id: try row.int(0), name: try row.text(1), language: try row.optionalText(2).flatMap(Language.init(rawValue:)),
        zone: try row.optionalText(3), tier: Tier(rawValue: try row.text(4)) ?? .regular, contacts: contacts,
        isEnqueued: try row.bool(5))
    }
  }
}
