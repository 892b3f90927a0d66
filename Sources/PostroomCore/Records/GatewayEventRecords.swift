package import SQLAccess

extension Transaction {
  /// Takes news of a gateway in, once: the same news again changes nothing. What it is about may not be known yet, or be
  /// under way; then it waits. False when it was known. Texts of people are not for this: see ``SMSIntake``.
  @discardableResult
  package func take(_ event: GatewayEvent, from gateway: String, now: Instant) throws -> Bool {
    guard try enter(event, from: gateway, now: now) else { return false }
    if try apply(event, from: gateway, now: now) { try markApplied(event.key, gateway, now: now) }
    return true
  }

  /// Writes the news down; false when it is known.
  func enter(_ event: GatewayEvent, from gateway: String, now: Instant) throws -> Bool {
    try execute(
      """
      INSERT INTO gateway_event (gateway, event_key, news, reference, gateway_reference, address, words, happened_at,
        received_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (gateway, event_key) DO NOTHING
      """,
      [
        .text(gateway), .text(event.key.clipped(bytes: 500)), .text(event.news.code),
        .optional(event.reference?.clipped(bytes: 998)), .optional(event.gatewayReference?.clipped(bytes: 500)),
        .optional(event.address?.clipped(bytes: 320)), .text(event.words.clipped(bytes: 500)), .optional(event.at),
        .integer(now),
      ]) == 1
  }

  func markApplied(_ key: String, _ gateway: String, now: Instant) throws {
    try execute(
      "UPDATE gateway_event SET applied_at = $3 WHERE gateway = $1 AND event_key = $2",
      [.text(gateway), .text(key.clipped(bytes: 500)), .integer(now)])
  }

  /// News that waited for these messages, now that they are settled.
  func applyWaitingEvents(for settled: [Settlement], now: Instant) throws {
    let ended = settled.filter { $0.state != .deferred || $0.isUncertain }.map(\.delivery)
    guard !ended.isEmpty, try row("SELECT 1 FROM gateway_event WHERE applied_at IS NULL LIMIT 1") != nil else { return }
    let condition = "d.id IN \(dialect.numbers(in: "$1"))"
    // Either has an index of its own. A gateway's name as it stands would lead SQLite to all that was ever heard of it.
    let events = try [
      "JOIN delivery d ON d.reference = e.reference",
      "JOIN delivery d ON d.gateway_reference = e.gateway_reference AND d.gateway = e.gateway || ''",
    ].flatMap { try waitingEvents("\($0) WHERE \(condition)", [.list(ended)]) }
    // One that names both references is found twice.
    var seen: Set<[String]> = []
    for waiting in events.sorted(by: { $0.receivedAt < $1.receivedAt })
    where seen.insert([waiting.gateway, waiting.event.key]).inserted {
      _ = try apply(waiting, now: now)
    }
  }

  /// Looks again at news that waits, the newest 500 of three days: what it is about may have become known while it came.
  /// Gives how many found their message.
  package func applyWaitingEvents(now: Instant) throws -> Int {
    try waitingEvents(
      "WHERE e.received_at > $1", [.integer(now.adding(-3 * 86_400))], order: "ORDER BY e.received_at DESC LIMIT 500"
    ).reversed().count { try apply($0, now: now) }
  }

  private struct WaitingEvent {
    var gateway: String
    var event: GatewayEvent
    var receivedAt: Instant
  }

  private func waitingEvents(
    _ condition: String, _ values: [SQLValue], order: String = ""
  ) throws -> [WaitingEvent] {
    try rows(
      """
      SELECT e.gateway, e.event_key, e.news, e.reference, e.gateway_reference, e.address, e.words, e.happened_at,
        e.received_at
      FROM gateway_event e \(condition) AND e.applied_at IS NULL \(order)
      """, values
    ).compactMap { row in
      guard let news = GatewayEvent.News(code: try row.text(2)) else { return nil }
      return WaitingEvent(
        gateway: try row.text(0),
        event: GatewayEvent(
          news, reference: try row.optionalText(3), gatewayReference: try row.optionalText(4),
          address: try row.optionalText(5), at: try row.optionalInt(7), words: try row.text(6), key: try row.text(1)),
        receivedAt: try row.int(8))
    }
  }

  /// False when it goes on waiting.
  private func apply(_ waiting: WaitingEvent, now: Instant) throws -> Bool {
    guard try apply(waiting.event, from: waiting.gateway, now: now) else { return false }
    try markApplied(waiting.event.key, waiting.gateway, now: now)
    return true
  }

  // MARK: What news changes

  private struct Subject {
    var id: Int64
    var state: DeliveryState
    var channel: Channel
    var recipient: String
    var uncertainties: Int64
  }

  /// False when the message is not known or not settled: then the news waits.
  private func apply(_ event: GatewayEvent, from gateway: String, now: Instant) throws -> Bool {
    guard let subject = try subject(of: event, gateway) else {
      // Wishes of a person count without a message of ours.
      guard let address = event.address, event.news.isWish else { return false }
      if address.contains("@") {
        try wish(event, .mail, address, gateway, now: now)
      } else {
        try wish(event, .sms, try number(vendor: address)?.e164 ?? address, gateway, now: now)
      }
      return true
    }
    if event.news.isWish {
      try wish(event, subject.channel, subject.recipient, gateway, now: now)
      return true
    }
    let isDoubtful = subject.state == .uncertain || subject.state == .deferred && subject.uncertainties > 0
    switch (event.news, subject.state) {
    case (_, .sending), (_, .queued), (_, .held): return false
    case (_, .deferred) where !isDoubtful: return false
    case (.delivered, .accepted), (.delivered, .uncertain), (.delivered, .deferred), (.delivered, .rejected):
      try move(subject, to: .delivered, event, now: now)
    case (.underWay, _) where isDoubtful: try move(subject, to: .accepted, event, now: now)
    case (.failed(let isDead), .accepted), (.failed(let isDead), .uncertain), (.failed(let isDead), .deferred):
      try move(subject, to: .rejected, event, now: now)
      try reopenUndelivered(subject.id, detail: event.words, now: now)
      if isDead { try suppressDead(subject, event, now: now) }
    default: break
    }
    return true
  }

  /// The number that a vendor means. Some write 14155550100 for +1 415 555 0100, others 13900000201 for a mobile number
  /// of mainland China: the one that is a customer's, or got something from us, is meant.
  func number(vendor address: String) throws -> PhoneNumber? {
    guard !address.hasPrefix("+"), !address.hasPrefix("00") else { return try? PhoneNumber(address) }
    let national = try? PhoneNumber(address)
    let international = try? PhoneNumber("+" + address)
    guard let national, let international, national != international else { return national ?? international }
    for candidate in [national, international] where try customer(havingContact: .sms, candidate.e164) != nil {
      return candidate
    }
    let isWritten = try row(
      "SELECT 1 FROM delivery WHERE recipient = $1 AND channel = 'sms' AND sent_at IS NOT NULL LIMIT 1",
      [.text(international.e164)])
    return isWritten == nil ? national : international
  }

  /// Locked, so that an attempt that ends meanwhile sees the news or the news sees its end.
  private func subject(of event: GatewayEvent, _ gateway: String) throws -> Subject? {
    let columns = "SELECT id, state, channel, recipient, uncertainties FROM delivery"
    var found: SQLRow?
    if let reference = event.reference {
      found = try row("\(columns) WHERE reference = $1\(dialect.forUpdate)", [.text(reference)])
    }
    if found == nil, let reference = event.gatewayReference {
      found = try row(
        "\(columns) WHERE gateway = $1 AND gateway_reference = $2\(dialect.forUpdate)",
        [.text(gateway), .text(reference)])
    }
    return try found.map { row in
      Subject(
        id: try row.int(0), state: DeliveryState(rawValue: try row.text(1)) ?? .accepted,
        channel: Channel(rawValue: try row.text(2)) ?? .sms, recipient: try row.text(3),
        uncertainties: try row.int(4))
    }
  }

  private func move(_ subject: Subject, to state: DeliveryState, _ event: GatewayEvent, now: Instant) throws {
    try execute(
      "UPDATE delivery SET state = $2, reason = $3, finished_at = $4 WHERE id = $1",
      [.integer(subject.id), .text(state.rawValue), .text(event.words.clipped(bytes: 500)), .integer(event.at ?? now)])
  }

  private func suppressDead(_ subject: Subject, _ event: GatewayEvent, now: Instant) throws {
    try suppress(
      Suppression(
        channel: subject.channel, address: subject.recipient, scope: .all, reason: .hardBounce, source: event.words,
        createdAt: now))
  }

  private func wish(
    _ event: GatewayEvent, _ channel: Channel, _ address: String, _ gateway: String, now: Instant
  ) throws {
    let source = "\(gateway): \(event.words)"
    switch event.news {
    case .optOut: try optOut(channel, address, source: source, now: now)
    case .optIn: try optIn(channel, address, source: source, now: now)
    default:
      try suppress(
        Suppression(
          channel: channel, address: address, scope: .marketing, reason: .complaint, source: source, createdAt: now))
    }
  }
}

extension GatewayEvent.News {
  /// What the database keeps.
  var code: String {
    switch self {
    case .underWay: "under_way"
    case .delivered: "delivered"
    case .failed(addressIsDead: false): "failed"
    case .failed(addressIsDead: true): "dead"
    case .complaint: "complaint"
    case .optOut: "opt_out"
    case .optIn: "opt_in"
    case .message: "message"
    }
  }

  /// Nil for a person's text, which stands elsewhere.
  init?(code: String) {
    switch code {
    case "under_way": self = .underWay
    case "delivered": self = .delivered
    case "failed": self = .failed(addressIsDead: false)
    case "dead": self = .failed(addressIsDead: true)
    case "complaint": self = .complaint
    case "opt_out": self = .optOut
    case "opt_in": self = .optIn
    default: return nil
    }
  }

  var isWish: Bool { [.complaint, .optOut, .optIn].contains(self) }
}
