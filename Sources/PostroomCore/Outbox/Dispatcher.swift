package import Foundation
package import Logging
package import SQLAccess

/// The only caller of gateways. Claims due messages, keeps a bounded number under way, and writes outcomes down in
/// groups, because a durable commit costs as much as ten messages.
package actor Dispatcher {
  private let database: Database
  private let lanes: [Lane]
  private let settings: [String: GatewaySettings]
  private let journal: AttemptJournal
  private let terms: ClaimTerms
  private var node: String { terms.holder }
  private let log: Logger

  private let ended = SettlementQueue()
  /// When a gateway's pace allows the next message.
  private var turns: [String: Instant] = [:]
  private var tally = DispatchTally()
  private var hasSettledOwn = false
  /// Whether an outcome was given up, so that only the journal knows of it.
  private var hasGivenUp = false
  /// Between two looks for attempts that another node left open.
  private let searchSeconds: Seconds
  private var nextSearch: Instant = 0

  /// An attempt not ended within this time belongs to a node that died.
  static let leaseSeconds: Seconds = 900
  /// Outcomes gather for so long before they are written down together, unless there are so many already.
  private static let gatherMilliseconds: Int64 = 20
  private static let gatheredOutcomes = 200

  package init(
    database: Database, gateways: [String: any Gateway], settings: [String: GatewaySettings], journal: AttemptJournal,
    node: String, log: Logger, pressure: ContactPressure = ContactPressure(), zone: TimeZone = .gmt,
    mailboxZones: [String: TimeZone] = [:], searchSeconds: Seconds = 60
  ) {
    self.database = database
    self.settings = settings
    self.searchSeconds = searchSeconds
    let ended = ended
    lanes = gateways.sorted { $0.key < $1.key }.map { name, gateway in
      Lane(
        name, gateway, settings[name], journal: journal, ended: ended, isShared: database.dialect == .postgres, log: log
      )
    }
    self.journal = journal
    terms = ClaimTerms(
      holder: node, leaseSeconds: Self.leaseSeconds, pressure: pressure, zone: zone, mailboxZones: mailboxZones)
    self.log = log
  }

  /// Sends what is due until nothing is; for `postroom send --once`.
  package func sendDue() async throws -> DispatchTally {
    try await work(untilIdle: true)
    return tally
  }

  /// Sends until the task is cancelled, then waits for what is under way. `pollMilliseconds` bounds how long a message
  /// that another node queued waits.
  package func run(pollMilliseconds: Int64 = 500) async {
    var failures: Int64 = 0
    while !Task.isCancelled {
      let start = ContinuousClock.now
      do {
        try await work(untilIdle: false, pollMilliseconds: pollMilliseconds)
      } catch {
        if Task.isCancelled { break }
        failures = start.duration(to: .now) > .seconds(60) ? 1 : failures + 1
        let pause = Backoff(first: 1, limit: 60).milliseconds(after: failures)
        log.error("sending is interrupted: \(error); next try in \((pause + 999) / 1000) s")
        try? await Task.sleep(for: .milliseconds(pause))
      }
    }
    await drain()
  }

  // MARK: The loop

  private func work(untilIdle: Bool, pollMilliseconds: Int64 = 500) async throws {
    while !Task.isCancelled {
      if nextSearch <= .now {
        try await flush()
        try await settleAbandoned()
        _ = try await database.write { tx in try tx.applyWaitingEvents(now: .now) }
        nextSearch = .now.adding(searchSeconds)
      }
      let wasIdle = isIdle && ended.count == 0
      let found = try await claim()
      if found == nil { try await flush() }
      let claimed = found ?? 0
      if Task.isCancelled { return }
      for lane in lanes { lane.start() }
      if isIdle, claimed == 0, ended.count == 0 {
        // What ended during the look may have made room for more.
        guard wasIdle else { continue }
        // What only waits for the gateway's pace is still to be sent.
        let turn = turns.values.min()
        if untilIdle, turn == nil { return }
        let wait = min(max((turn ?? .max) - .now, 1), pollMilliseconds)
        try await Task.sleep(for: .milliseconds(wait))
      } else {
        await news(pollMilliseconds)
      }
    }
  }

  private var isIdle: Bool { lanes.allSatisfy(\.isIdle) }

  /// Returns when something has ended, or after the time given.
  private func news(_ milliseconds: Int64) async {
    await ended.news(within: milliseconds)
    guard ended.count < Self.gatheredOutcomes, !isIdle else { return }
    try? await Task.sleep(for: .milliseconds(Self.gatherMilliseconds))
  }

  /// Claims more when less than half a claim waits for a free place, in the commit that writes down what has ended; nil
  /// when there was nothing to claim, and nothing was written.
  private func claim() async throws -> Int? {
    if journal.hasFailed {
      guard isIdle, ended.count == 0 else { return nil }
      journal.reset()
      if journal.hasFailed { throw SettingsError("the journal of attempts cannot be written (is the disk full?)") }
    }
    let now = Instant.now
    turns = turns.filter { $0.value > now }
    let rooms = lanes.map { (lane: $0, room: turns[$0.name] == nil ? $0.room(now: now) : 0) }.filter { $0.room > 0 }
    guard !rooms.isEmpty else { return nil }
    // A look at an index first: an idle house writes nothing.
    let due = try await database.read { tx in try tx.gatewaysWithDue(rooms.map(\.lane.name), now: now) }
    let orders = rooms.filter { due.contains($0.lane.name) }
    guard !orders.isEmpty else { return nil }
    let terms = terms
    let claims = try await commit { tx in
      try orders.map { lane, room in
        try tx.claimDeliveries(of: lane.name, room: room, rules: lane.rules, terms: terms, now: now)
      }
    }
    var progress = 0
    for (order, claim) in zip(orders, claims) {
      order.lane.add(claim, now: now)
      turns[order.lane.name] = claim.nextAt
      tally.count(claim.stopped)
      progress += claim.deliveries.count + claim.stopped.values.reduce(0, +)
    }
    return progress
  }

  // MARK: Outcomes

  private func flush() async throws {
    guard ended.count > 0 || lanes.contains(where: \.hasUnwrittenPause) else { return }
    try await commit { _ in }
  }

  /// Writes down what has ended, and `more`, in one commit.
  private func commit<Value: Sendable>(
    _ more: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    let group = ended.takeAll()
    let pauses = lanes.compactMap { lane in lane.takeUnwrittenPause().map { (lane: lane, pause: $0) } }
    let terms = terms
    do {
      let now = Instant.now
      let value = try await database.write { tx in
        try tx.settle(group, terms: terms, now: now)
        for (lane, pause) in pauses {
          try tx.pauseGateway(lane.name, until: pause.until, reason: pause.reason, now: now)
        }
        return try more(tx)
      }
      ended.written()
      noteWritten(group)
      return value
    } catch let error as SQLError where error.isAboutTheRow && group.count > 1 {
      for (lane, pause) in pauses { lane.putBack(pause) }
      try await settleOneByOne(group)
      return try await database.write(more)
    } catch {
      // Kept for the next try: the journal tells the same after a crash.
      ended.putBack(group)
      for (lane, pause) in pauses { lane.putBack(pause) }
      throw error
    }
  }

  private func noteWritten(_ group: [Settlement]) {
    journal.forget(group.lazy.map { ($0.delivery, $0.attempt) })
    for settlement in group { tally.count(settlement) }
  }

  /// One that cannot be written must not hold up the others. It is settled by what the journal knows when the program
  /// starts again.
  private func settleOneByOne(_ group: [Settlement]) async throws {
    let terms = terms
    for (index, settlement) in group.enumerated() {
      do {
        try await database.write { tx in try tx.settle([settlement], terms: terms, now: .now) }
        noteWritten([settlement])
      } catch let error as SQLError where error.isAboutTheRow {
        hasGivenUp = true
        log.error("the outcome of message \(settlement.delivery) cannot be written down: \(error)")
      } catch {
        ended.putBack(Array(group[index...]))
        throw error
      }
    }
    ended.written()
  }

  /// Attempts that a dead process left open, ended by what the journal knows: at the start those of this node's earlier
  /// process, later those whose lease ran out. What this process has under way it ends itself, even when the database was
  /// away for a while; only when it has nothing in hand can a row of its own be one whose claim it never learned of. One
  /// whose outcome it gave up waits for the next start, which finds it in the journal.
  private func settleAbandoned() async throws {
    let node = node
    let isStart = !hasSettledOwn
    let isIdle = isIdle && ended.count == 0 && lanes.allSatisfy(\.isEmpty) && !hasGivenUp
    let journal = journal
    let settings = settings
    let terms = terms
    let settled = try await database.write { tx -> Int in
      let now = Instant.now
      let abandoned =
        try isStart
        ? tx.openDeliveries(of: node, now: now) : tx.expiredDeliveries(except: isIdle ? nil : node, now: now)
      for delivery in abandoned {
        try tx.settle(
          [Self.settlement(abandoned: delivery, node: node, journal: journal, settings: settings, now: now)],
          terms: ClaimTerms(holder: delivery.holder, leaseSeconds: 0, zone: terms.zone), now: now)
      }
      return abandoned.count
    }
    if settled > 0 { log.warning("\(settled) attempts were interrupted by the end of a process and are settled now") }
    if isStart { journal.reset() }
    hasSettledOwn = true
  }

  /// Waits for what is under way and commits it.
  private func drain() async {
    for lane in lanes { lane.giveBack("the program is ending") }
    await flushLast()
    let deadline = ContinuousClock.now + .seconds(20)
    while !isIdle, ContinuousClock.now < deadline { await Task { await news(1000) }.value }
    // A server that does not answer: what was handed over becomes uncertain, the rest is deferred.
    for lane in lanes { lane.cancel() }
    while !isIdle, ContinuousClock.now < deadline + .seconds(5) { await Task { await news(1000) }.value }
    await flushLast()
  }

  private func flushLast() async {
    do {
      // A cancelled task cannot write any more; a new one can.
      try await Task { try await flush() }.value
    } catch {
      log.error("the last outcomes could not be written and will be settled at the next start: \(error)")
    }
  }
}
