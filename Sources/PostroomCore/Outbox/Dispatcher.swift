package import Foundation
package import Logging
package import SQLAccess

/// What a run of the dispatcher did.
package struct DispatchTally: Sendable, Equatable {
  package var sent = 0
  package var accepted = 0
  package var deferred = 0
  package var rejected = 0
  package var uncertain = 0
  package var expired = 0
  package var held = 0
  package var suppressed = 0
  package init() {}

  mutating func count(_ settlement: Settlement) {
    sent += 1
    if settlement.isUncertain { uncertain += 1 }
    switch settlement.state {
    case .accepted: accepted += 1
    case .deferred where !settlement.isUncertain: deferred += 1
    case .rejected: rejected += 1
    case .expired: expired += 1
    default: break
    }
  }

  mutating func count(_ stopped: [DeliveryState: Int]) {
    held += stopped[.held, default: 0]
    suppressed += stopped[.suppressed, default: 0]
    expired += stopped[.expired, default: 0]
  }
}

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

  /// Gateways that cannot be used, with the time of the next try and how often it failed.
  private var pauses: [String: (until: Instant, failures: Int64)] = [:]
  /// Pauses that are to be written down.
  private var newPauses: [String: (until: Instant, reason: String)] = [:]
  /// Lost answers of a gateway in a row.
  private var lostAnswers: [String: Int] = [:]
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
  private static let leaseSeconds: Seconds = 900
  /// Two commits stand between one claim and the next; in the meantime each connection sends several messages.
  private static let claimSize = 400...1000
  private static let claimsPerConnection = 16
  private static let mostUnwritten = 500
  /// After so many lost answers in a row the gateway is in trouble, and more messages would end in doubt.
  private static let mostLostAnswers = 5
  /// A message that waited longer for a free place is given back, so that its lease outlasts the sending of it.
  private static let startSeconds: Seconds = leaseSeconds / 2
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
        if journal.isLong { journal.reset() }
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
      (pauses[name]?.until ?? 0) <= now && turns[name] == nil && room(name) > 0
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
      // What an earlier process, or another node, knows of it.
      if claim.failures > 0, pauses[order.name] == nil { pauses[order.name] = (now, claim.failures) }
      tally.count(claim.stopped)
      progress += claim.deliveries.count + claim.stopped.values.reduce(0, +)
    }
    return progress
  }

  /// How many more may be claimed for a gateway: those that its connections and a claim's worth of waiting hold. One
  /// that failed gets one at a time until it works again.
  private func room(_ name: String) -> Int {
    let waits = waiting[name, default: []].count
    if pauses[name] != nil { return waits + underWay[name, default: 0] == 0 ? 1 : 0 }
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
    guard let pause = pauses[name] else { return gateway.concurrency - underWay }
    return pause.until > .now ? .max : 1 - underWay
  }

  private func start(_ claimed: Claimed, through gateway: any Gateway) {
    let delivery = claimed.delivery
    let now = Instant.now
    if claimed.startBefore <= now {
      settle(postponed(delivery, until: now, "it waited too long for a free connection"))
      return
    }
    if let expiry = delivery.expiresAt, expiry <= now {
      settle(
        Settlement(
          delivery: delivery.id, gateway: delivery.gateway, attempt: delivery.attempt, state: .expired,
          reason: GateReason.expired.rawValue, countsAttempt: false))
      return
    }
    if let pause = pauses[delivery.gateway], pause.until > now {
      settle(postponed(delivery, until: pause.until, "the gateway is paused"))
      return
    }
    underWay[delivery.gateway, default: 0] += 1
    let journal = journal
    sends[delivery.id] = Task {
      let outcome = await Self.beforeLeaseEnds(database.dialect) {
        await gateway.send(delivery) { progress in
          journal.note(delivery: delivery.id, attempt: delivery.attempt, progress)
        }
      }
      finish(delivery, outcome)
    }
  }

  /// Where other nodes may take over, a send is cancelled before its lease runs out: two must not have it in hand.
  private static func beforeLeaseEnds(
    _ dialect: Dialect, _ send: @escaping @Sendable () async -> SendOutcome
  ) async -> SendOutcome {
    guard dialect == .postgres else { return await send() }
    let sending = Task { await send() }
    let watch = Task {
      try await Task.sleep(for: .seconds(leaseSeconds - startSeconds - 30))
      sending.cancel()
    }
    defer { watch.cancel() }
    return await withTaskCancellationHandler {
      await sending.value
    } onCancel: {
      sending.cancel()
    }
  }

  private func finish(_ delivery: Delivery, _ outcome: SendOutcome) {
    sends[delivery.id] = nil
    underWay[delivery.gateway, default: 1] -= 1
    if underWay[delivery.gateway] == 0 { underWay[delivery.gateway] = nil }
    note(outcome, of: delivery.gateway)
    if case .unavailable(let reason) = outcome {
      settle(postponed(delivery, until: pause(delivery.gateway, reason), reason))
    } else {
      settle(Self.settlement(delivery, outcome, settings[delivery.gateway], now: .now))
    }
    startWaiting()
  }

  /// The circuit breaker: what an outcome says of the gateway as a whole.
  private func note(_ outcome: SendOutcome, of gateway: String) {
    switch outcome {
    case .unavailable: break
    case .uncertain(let reason):
      lostAnswers[gateway, default: 0] += 1
      // One that had failed was given one message, to see whether it works again.
      guard lostAnswers[gateway, default: 0] >= Self.mostLostAnswers || pauses[gateway] != nil else { return }
      _ = pause(gateway, "answers are lost; the last: \(reason)")
    case .accepted, .deferred, .rejected:
      lostAnswers[gateway] = nil
      guard let known = pauses[gateway], known.until <= .now else { return }
      pauses[gateway] = nil
      newPauses[gateway] = nil
      log.info("the gateway works again", metadata: ["gateway": .string(gateway)])
    }
  }

  private func settle(_ settlement: Settlement) {
    settlements.append(settlement)
    hasNews = true
    wake()
  }

  private func postponed(_ delivery: Delivery, until: Instant, _ reason: String) -> Settlement {
    Settlement(
      delivery: delivery.id, gateway: delivery.gateway, attempt: delivery.attempt, state: .deferred, reason: reason,
      nextAt: until, countsAttempt: false)
  }

  /// Stops using a gateway for a while; said once in the log, not for every message.
  private func pause(_ gateway: String, _ reason: String) -> Instant {
    let now = Instant.now
    if let known = pauses[gateway], known.until > now { return known.until }
    let failures = (pauses[gateway]?.failures ?? 0) + 1
    let backoff = settings[gateway]?.backoff ?? Backoff(first: 30, limit: 3600)
    let until = now + backoff.milliseconds(after: failures)
    pauses[gateway] = (until, failures)
    newPauses[gateway] = (until, reason)
    log.error("\(reason); next try in \((until - now + 999) / 1000) s", metadata: ["gateway": .string(gateway)])
    return until
  }

  // MARK: Outcomes

  private func flush() async throws {
    guard !settlements.isEmpty || !newPauses.isEmpty else { return }
    try await commit { _ in }
  }

  /// Writes down what has ended, and `more`, in one commit.
  private func commit<Value: Sendable>(
    _ more: @escaping @Sendable (Transaction) throws -> Value
  ) async throws -> Value {
    let group = settlements
    let stops = newPauses
    settlements = []
    newPauses = [:]
    let terms = terms
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
      for settlement in group {
        do {
          try await database.write { tx in try tx.settle([settlement], terms: terms, now: .now) }
        } catch {
          log.error("the outcome of message \(settlement.delivery) cannot be written down: \(error)")
        }
      }
      value = try await database.write(more)
    } catch {
      // Kept for the next try: the journal tells the same after a crash.
      settlements = group + settlements
      newPauses.merge(stops) { now, _ in now }
      throw error
    }
    for settlement in group { tally.count(settlement) }
    if journal.isLong, underWay.isEmpty, settlements.isEmpty { journal.reset() }
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
      for claimed in queue { settle(postponed(claimed.delivery, until: .now, "the program is ending")) }
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

  /// Returns when an attempt has ended, or after the time given. Gathers outcomes for 10 ms, so that they share a commit.
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
    if settlements.count < 100, !underWay.isEmpty { try? await Task.sleep(for: .milliseconds(10)) }
  }

  private func wake() {
    signal?.resume()
    signal = nil
  }
}
