package import Foundation
package import SQLAccess

/// What holds for every claim of a node.
package struct ClaimTerms: Sendable {
  package var holder: String
  package var leaseSeconds: Seconds
  package var pressure: ContactPressure
  /// Of the house: for recipients whose zone is not known, and for the day that costs are counted in.
  package var zone: TimeZone
  /// Of mailboxes whose clock is another, by name: for recipients in their conversations whose zone is not known.
  package var mailboxZones: [String: TimeZone]

  package init(
    holder: String, leaseSeconds: Seconds, pressure: ContactPressure = ContactPressure(), zone: TimeZone = .gmt,
    mailboxZones: [String: TimeZone] = [:]
  ) {
    self.holder = holder
    self.leaseSeconds = leaseSeconds
    self.pressure = pressure
    self.zone = zone
    self.mailboxZones = mailboxZones
  }

  /// Days since 1970 of the house's calendar.
  func day(_ now: Instant) -> Int64 { Int64(calendar.localTime(now).date.daysSinceEpoch) }

  /// The next midnight of the house.
  func endOfDay(_ now: Instant) -> Instant {
    let tomorrow = calendar.localTime(now).date.adding(days: 1)
    return calendar.instant(CivilTime(date: tomorrow, secondOfDay: 0))
  }

  private var calendar: WorkCalendar { WorkCalendar(zone: zone, weekdays: [:]) }
}

/// What a look at a gateway's queue brought.
package struct Claim: Sendable {
  /// To be sent now.
  package var deliveries: [Delivery] = []
  /// Of their contents together.
  var bytes = 0
  /// How many were held, suppressed or found expired.
  package var stopped: [DeliveryState: Int] = [:]
  /// When the gateway's pace allows the next; nil when that is not what keeps messages waiting.
  package var nextAt: Instant?
  /// How often the gateway as a whole failed, in a row: this is a try with one message.
  package var failures: Int64 = 0
}

extension Transaction {
  /// Takes up to `room` due messages of a gateway for sending, service first. Each passes the gate in the transaction
  /// that writes down the attempt: what came in before, such as an opt-out, is seen, and state, lease and number of the
  /// attempt are committed before the first byte leaves.
  package func claimDeliveries(
    of gateway: String, room: Int, rules: SendingRules = SendingRules(), terms: ClaimTerms, now: Instant
  ) throws -> Claim {
    guard var claimer = try Claimer(self, gateway: gateway, room: room, rules: rules, terms: terms, now: now) else {
      return Claim()
    }
    try claimer.run()
    return claimer.claim
  }
}

/// One claim at work.
private struct Claimer {
  let tx: Transaction
  let gateway: String
  let rules: SendingRules
  let terms: ClaimTerms
  let now: Instant
  let gate: SendGate
  var room: Int
  var facts: GateFacts
  var pace: RateBucket?
  var routes: [String: RateBucket] = [:]
  /// What may still be spent today; nil for no limit.
  var budget: Int64?
  var claim = Claim()
  /// Those that passed and are to be written down together.
  private var passed: [Int64] = []

  /// Messages looked at in one transaction, so that a queue of held ones does not keep it open for long.
  private static let most = 1000
  private static let batch = 200
  /// No more is claimed beyond so many bytes: mails with pictures are megabytes long.
  private static let mostBytes = 16 << 20
  /// Longer contents are read one at a time, when they have passed.
  private static let longBytes = 65_536

  private struct Candidate {
    /// Without its content when that is long.
    var delivery: Delivery
    var isLong: Bool
    var question: GateFacts.Question
  }

  /// Nil when the gateway rests.
  init?(
    _ tx: Transaction, gateway: String, room: Int, rules: SendingRules, terms: ClaimTerms, now: Instant
  ) throws {
    self.tx = tx
    self.gateway = gateway
    self.rules = rules
    self.terms = terms
    self.now = now
    self.room = room
    gate = SendGate(rules: rules, pressure: terms.pressure)
    facts = GateFacts(
      tx, zone: terms.zone, mailboxZones: terms.mailboxZones, pressure: terms.pressure, isClaim: true)
    let status = try tx.gatewayStatus(gateway, forUpdate: true)
    guard status.pausedUntil <= now else { return nil }
    // A canary: one message at a time tells whether a gateway that failed works again.
    claim.failures = status.failures
    if status.failures > 0 { self.room = try tx.isSending(gateway, now: now) ? 0 : min(room, 1) }
    if let pace = rules.pace { self.pace = try tx.rateBucket(gateway, "", pace, now: now) }
    if let limit = rules.dailyCost {
      let day = terms.day(now)
      let spent = status.day == day ? status.spent : 0
      let released = status.day == day ? status.released : 0
      budget = limit + released - spent - (try tx.costUnderWay(gateway))
    }
  }

  mutating func run() throws {
    for priority in [0, 1] as [Int64] {
      var seen = 0
      while claim.deliveries.count < room, claim.bytes < Self.mostBytes, seen < Self.most {
        let limit = min(room - claim.deliveries.count, pace?.available ?? .max, Self.batch)
        guard limit > 0 else {
          claim.nextAt = pace?.nextAt(now: now)
          break
        }
        let candidates = try candidates(priority, limit)
        // Of marketing even what comes in meanwhile is seen.
        try facts.prepare(candidates.map(\.question).filter { !GateFacts.looksBack($0, rules) })
        for candidate in candidates where claim.bytes < Self.mostBytes { try decide(candidate) }
        try startPassed()
        seen += candidates.count
        if candidates.count < limit { break }
      }
    }
    if let pace { try tx.store(pace, gateway, "") }
    for (name, bucket) in routes { try tx.store(bucket, gateway, name) }
  }

  /// The priority stands in the text: as an argument, SQLite would compare it with partial indexes and prepare the
  /// statement anew whenever it changes.
  private func candidates(_ priority: Int64, _ limit: Int) throws -> [Candidate] {
    try tx.rows(
      """
      SELECT id, reference, sender, recipient, CASE WHEN length(content) <= \(Self.longBytes) THEN content END, attempts,
        uncertainties, expires_at, purpose, channel, customer_id, cost, conversation_id
      FROM delivery WHERE \(Schema.isWaiting) AND gateway = $1 AND priority = \(priority) AND due_at <= $2
      ORDER BY due_at, id LIMIT $3\(tx.dialect.skipLocked)
      """, [.text(gateway), .integer(now), .int(limit)]
    ).map { row in
      let content = try row.optionalBlob(4)
      let delivery = Delivery(
        id: try row.int(0), gateway: gateway, channel: Channel(rawValue: try row.text(9)) ?? .mail,
        reference: try row.text(1), sender: try row.text(2),
        recipient: try row.text(3), content: content ?? [], attempt: try row.int(5) + 1,
        uncertainties: try row.int(6), expiresAt: try row.optionalInt(7), startedAt: now, cost: try row.int(11))
      return Candidate(
        delivery: delivery, isLong: content == nil,
        question: GateFacts.Question(
          purpose: Purpose(rawValue: try row.text(8)) ?? .notice, channel: delivery.channel,
          recipient: delivery.recipient, customer: try row.optionalInt(10),
          conversation: try row.optionalInt(12), gateway: gateway, expiresAt: delivery.expiresAt))
    }
  }

  private mutating func decide(_ candidate: Candidate) throws {
    // What passed before it counts.
    if GateFacts.looksBack(candidate.question, rules) { try startPassed() }
    let verdict = gate.verdict(try facts.facts(candidate.question, rules: rules, now: now), now: now)
    switch verdict {
    case .pass: break
    case .hold(let until, let reason): return try hold(candidate, until: until, reason)
    case .suppress(let reason): return try end(candidate, .suppressed, reason)
    case .expire(let reason): return try end(candidate, .expired, reason)
    }
    if let left = budget {
      guard left >= candidate.delivery.cost else { return try hold(candidate, until: terms.endOfDay(now), .dailyCost) }
      budget = left - candidate.delivery.cost
    }
    // Service does not wait behind marketing that took the turns of a route; it counts, though.
    let turn = try turn(candidate)
    if turn > now, candidate.question.purpose.isMarketing { return try hold(candidate, until: turn, .pace) }
    pace?.take(1)
    try pass(candidate)
  }

  private mutating func pass(_ candidate: Candidate) throws {
    var delivery = candidate.delivery
    if candidate.isLong {
      let row = try tx.row("SELECT content FROM delivery WHERE id = $1", [.integer(delivery.id)])
      delivery.content = try row?.blob(0) ?? []
    }
    claim.bytes += delivery.content.count
    passed.append(delivery.id)
    claim.deliveries.append(delivery)
  }

  private mutating func turn(_ candidate: Candidate) throws -> Instant {
    guard let route = rules.route(of: candidate.delivery.recipient) else { return now }
    var bucket = try routes[route.name] ?? tx.rateBucket(gateway, route.name, route.pace, now: now)
    let turn = bucket.reserve(now: now)
    routes[route.name] = bucket
    return turn
  }

  private mutating func startPassed() throws {
    guard !passed.isEmpty else { return }
    try tx.execute(
      """
      UPDATE delivery SET state = 'sending', attempts = attempts + 1, sent_at = $2, lease_holder = $3,
        lease_expires_at = $4
      WHERE id IN \(tx.dialect.numbers(in: "$1"))
      """,
      [
        .list(passed), .integer(now), .text(terms.holder), .integer(now.adding(terms.leaseSeconds)),
      ])
    passed = []
  }

  private mutating func hold(_ candidate: Candidate, until: Instant, _ reason: GateReason) throws {
    if let end = candidate.delivery.expiresAt, until >= end { return try self.end(candidate, .expired, reason) }
    try tx.execute(
      "UPDATE delivery SET state = 'held', reason = $2, due_at = $3 WHERE id = $1",
      [.integer(candidate.delivery.id), .text(reason.rawValue), .integer(max(until, now + 1))])
    claim.stopped[.held, default: 0] += 1
  }

  private mutating func end(_ candidate: Candidate, _ state: DeliveryState, _ reason: GateReason) throws {
    try tx.execute(
      "UPDATE delivery SET state = $2, reason = $3, finished_at = $4 WHERE id = $1",
      [.integer(candidate.delivery.id), .text(state.rawValue), .text(reason.rawValue), .integer(now)])
    try tx.reopenUndelivered(candidate.delivery.id, detail: reason.words.english, now: now)
    claim.stopped[state, default: 0] += 1
  }
}
