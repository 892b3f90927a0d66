package import Foundation
package import Logging
package import SQLAccess

/// The only caller of gateways. Claims due messages, keeps a bounded number under way, and writes outcomes down in
/// groups, because a durable commit costs as much as ten messages.
package actor Dispatcher {
  private let database: Database
  private let gateways: [String: any Gateway]
  private let settings: [String: GatewaySettings]
  private let journal: AttemptJournal
  private let terms: ClaimTerms
  private var node: String { terms.holder }
  private let log: Logger

  private var breakers: GatewayBreakers
  /// When a gateway's pace allows the next message.
  private var turns: [String: Instant] = [:]
  private var settlements: [Settlement] = []
  private var underWay: [String: Int] = [:]
  private var sends: [Int64: Task<Void, Never>] = [:]
  private var waiting: [String: ArraySlice<Claimed>] = [:]
  private var tally = DispatchTally()
  private var signal: CheckedContinuation<Void, Never>?
  private var hasNews = false
  private var hasSettledOwn = false
  /// When to look again for attempts that another node left open.
  private var nextSearch: Instant = 0

  /// An attempt not ended within this time belongs to a node that died.
  static let leaseSeconds: Seconds = 900
  /// Two commits stand between one claim and the next; in the meantime each connection sends several messages.
  private static let claimSize = 400...1000
  private static let claimsPerConnection = 16
  private static let mostUnwritten = 1000
  /// A message that waited longer for a free place is given back, so that its lease outlasts the sending of it.
  static let startSeconds: Seconds = leaseSeconds / 2
  private static let searchSeconds: Seconds = 60

  private struct Claimed {
    var delivery: Delivery
    var startBefore: Instant
  }

  package init(
    database: Database, gateways: [String: any Gateway], settings: [String: GatewaySettings], journal: AttemptJournal,
    node: String, log: Logger, pressure: ContactPressure = ContactPressure(), zone: TimeZone = .gmt
  ) {
    self.database = database
    self.gateways = gateways
    self.settings = settings
    breakers = GatewayBreakers(backoffs: settings.mapValues(\.backoff), log: log)
    self.journal = journal
    terms = ClaimTerms(holder: node, leaseSeconds: Self.leaseSeconds, pressure: pressure, zone: zone)
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
        nextSearch = .now.adding(Self.searchSeconds)
      }
      let found = try await claim()
      if found == nil { try await flush() }
      let claimed = found ?? 0
      if Task.isCancelled { return }
      startWaiting()
      if underWay.isEmpty, claimed == 0, settlements.isEmpty {
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

  /// Claims more when less than half a claim waits for a free place, in the commit that writes down what has ended; nil
  /// when there was nothing to claim, and nothing was written.
  private func claim() async throws -> Int? {
    if journal.hasFailed {
      guard underWay.isEmpty, settlements.isEmpty else { return nil }
      journal.reset()
      if journal.hasFailed { throw SettingsError("the journal of attempts cannot be written (is the disk full?)") }
    }
    let now = Instant.now
    turns = turns.filter { $0.value > now }
    let usable = gateways.keys.filter { name in
      breakers.pauseEnd(of: name, now: now) == nil && turns[name] == nil && room(name) > 0
    }
    guard !usable.isEmpty else { return nil }
    // A look at an index first: an idle house writes nothing.
    let due = try await database.read { tx in try tx.gatewaysWithDue(usable.sorted(), now: now) }
    guard !due.isEmpty else { return nil }
    let orders = due.map { (name: $0, room: room($0), rules: settings[$0]?.rules ?? SendingRules()) }
    let terms = terms
    let claims = try await commit { tx in
      try orders.map { order in
        try tx.claimDeliveries(of: order.name, room: order.room, rules: order.rules, terms: terms, now: now)
      }
    }
    let startBefore = now.adding(Self.startSeconds)
    var progress = 0
    for (order, claim) in zip(orders, claims) {
      waiting[order.name, default: []] += claim.deliveries.map { Claimed(delivery: $0, startBefore: startBefore) }
      turns[order.name] = claim.nextAt
      breakers.learn(of: order.name, failures: claim.failures, now: now)
      tally.count(claim.stopped)
      progress += claim.deliveries.count + claim.stopped.values.reduce(0, +)
    }
    return progress
  }

  /// How many more may be claimed for a gateway: those that its connections and a claim's worth of waiting hold. One
  /// that failed gets one at a time until it works again.
  private func room(_ name: String) -> Int {
    let waits = waiting[name, default: []].count
    if breakers.hasFailed(name) { return waits + underWay[name, default: 0] == 0 ? 1 : 0 }
    let most = (gateways[name]?.concurrency ?? 0) * Self.claimsPerConnection
    let size = min(max(most, Self.claimSize.lowerBound), Self.claimSize.upperBound)
    return waits < size / 2 ? size - waits : 0
  }

  private func startWaiting() {
    // While outcomes cannot be written down, nothing more is begun.
    guard settlements.count < Self.mostUnwritten else { return }
    for (name, queue) in waiting where !queue.isEmpty {
      guard let gateway = gateways[name] else { continue }
      let free = places(name, gateway)
      guard free > 0 else { continue }
      let starting = queue.prefix(free)
      waiting[name] = queue.dropFirst(free)
      for claimed in starting { start(claimed, through: gateway) }
    }
  }

  /// How many of those that wait may start. While the gateway is paused all may, to be put back; one that failed gets one
  /// at a time.
  private func places(_ name: String, _ gateway: any Gateway) -> Int {
    let underWay = underWay[name, default: 0]
    guard breakers.hasFailed(name) else { return gateway.concurrency - underWay }
    return breakers.pauseEnd(of: name, now: .now) != nil ? .max : 1 - underWay
  }

  private func start(_ claimed: Claimed, through gateway: any Gateway) {
    let delivery = claimed.delivery
    let now = Instant.now
    if claimed.startBefore <= now {
      settle(Self.postponed(delivery, until: now, "it waited too long for a free connection"))
      return
    }
    if let expiry = delivery.expiresAt, expiry <= now {
      settle(Self.expired(delivery))
      return
    }
    if let end = breakers.pauseEnd(of: delivery.gateway, now: now) {
      settle(Self.postponed(delivery, until: end, "the gateway is paused"))
      return
    }
    underWay[delivery.gateway, default: 0] += 1
    let journal = journal
    let dialect = database.dialect
    sends[delivery.id] = Task(executorPreference: gateway.executor) {
      let outcome = await Self.beforeLeaseEnds(dialect) {
        await gateway.send(delivery) { progress in
          journal.note(delivery: delivery.id, attempt: delivery.attempt, progress)
        }
      }
      await self.finish(delivery, outcome)
    }
  }

  private func finish(_ delivery: Delivery, _ outcome: SendOutcome) {
    sends[delivery.id] = nil
    underWay[delivery.gateway, default: 1] -= 1
    if underWay[delivery.gateway] == 0 { underWay[delivery.gateway] = nil }
    if case .unavailable(let reason) = outcome {
      settle(Self.postponed(delivery, until: breakers.pause(delivery.gateway, reason, now: .now), reason))
    } else {
      breakers.note(outcome, of: delivery.gateway, now: .now)
      settle(Self.settlement(delivery, outcome, settings[delivery.gateway], now: .now))
    }
    startWaiting()
  }

  private func settle(_ settlement: Settlement) {
    settlements.append(settlement)
    hasNews = true
    wake()
  }

  // MARK: Outcomes

  private func flush() async throws {
    guard !settlements.isEmpty || !breakers.unwritten.isEmpty else { return }
    try await commit { _ in }
  }

  /// Writes down what has ended, and `more`, in one commit.
  private func commit<Value: Sendable>(
    _ more: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    let group = settlements
    let stops = breakers.unwritten
    settlements = []
    breakers.unwritten = [:]
    let terms = terms
    var written = group
    let value: Value
    do {
      let now = Instant.now
      value = try await database.write { tx in
        try tx.settle(group, terms: terms, now: now)
        for (name, stop) in stops {
          try tx.pauseGateway(name, until: stop.until, reason: stop.reason, now: now)
        }
        return try more(tx)
      }
    } catch let error as SQLError where error.isAboutTheRow && group.count > 1 {
      // One that cannot be written must not hold up the others.
      written = []
      for settlement in group {
        do {
          try await database.write { tx in try tx.settle([settlement], terms: terms, now: .now) }
          written.append(settlement)
        } catch {
          log.error("the outcome of message \(settlement.delivery) cannot be written down: \(error)")
        }
      }
      breakers.unwritten.merge(stops) { now, _ in now }
      value = try await database.write(more)
    } catch {
      // Kept for the next try: the journal tells the same after a crash.
      settlements = group + settlements
      breakers.unwritten.merge(stops) { now, _ in now }
      throw error
    }
    journal.forget(written.lazy.map { ($0.delivery, $0.attempt) })
    for settlement in group { tally.count(settlement) }
    return value
  }

  /// Attempts that a dead process left open, ended by what the journal knows: at the start those of this node's earlier
  /// process, later those whose lease ran out. What this process has under way it ends itself, even when the database was
  /// away for a while; only when it has nothing in hand can a row of its own be one whose claim it never learned of.
  private func settleAbandoned() async throws {
    let node = node
    let isStart = !hasSettledOwn
    let isIdle = underWay.isEmpty && settlements.isEmpty && waiting.values.allSatisfy(\.isEmpty)
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
    for (name, queue) in waiting {
      for claimed in queue { settle(Self.postponed(claimed.delivery, until: .now, "the program is ending")) }
      waiting[name] = []
    }
    await flushLast()
    let deadline = ContinuousClock.now + .seconds(20)
    while !underWay.isEmpty, ContinuousClock.now < deadline { await Task { await news(1000) }.value }
    // A server that does not answer: what was handed over becomes uncertain, the rest is deferred.
    for send in sends.values { send.cancel() }
    while !underWay.isEmpty, ContinuousClock.now < deadline + .seconds(5) { await Task { await news(1000) }.value }
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

  // MARK: Waiting for news

  /// Returns when an attempt has ended, or after the time given. Gathers outcomes for 20 ms, so that they share a commit.
  private func news(_ milliseconds: Int64) async {
    if !hasNews {
      let timer = Task {
        try? await Task.sleep(for: .milliseconds(milliseconds))
        wake()
      }
      await withCheckedContinuation { signal = $0 }
      timer.cancel()
    }
    hasNews = false
    if settlements.count < 200, !underWay.isEmpty { try? await Task.sleep(for: .milliseconds(20)) }
  }

  private func wake() {
    signal?.resume()
    signal = nil
  }
}
