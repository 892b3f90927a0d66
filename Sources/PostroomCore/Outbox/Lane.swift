import Logging
import SQLAccess
import Synchronization

/// One gateway's part of the dispatcher: messages that wait for a free place, and as many workers as the gateway has
/// places. A worker sends one message after the other, where the gateway wants it: thousands of SMS a second pass
/// without a change of thread.
final class Lane: Sendable {
  let name: String
  private let gateway: any Gateway
  private let settings: GatewaySettings?
  private let journal: AttemptJournal
  private let ended: SettlementQueue
  private let isShared: Bool
  private let state: Mutex<State>

  private struct Claimed {
    var delivery: Delivery
    var startBefore: Instant
  }

  private struct State {
    /// The next one is the last.
    var waiting: [Claimed] = []
    var waitingBytes = 0
    var workers: [Int: Task<Void, Never>] = [:]
    var lastWorker = 0
    var breaker: GatewayBreaker

    mutating func takeNext() -> Claimed? {
      guard let next = waiting.popLast() else { return nil }
      waitingBytes -= next.delivery.content.count
      return next
    }
  }

  /// A message that waited longer for a free place is given back, so that its lease outlasts the sending of it.
  static let startSeconds: Seconds = Dispatcher.leaseSeconds / 2
  /// Two commits stand between one claim and the next; in the meantime each place sends several messages.
  private static let claimSize = 400...1000
  private static let claimsPerPlace = 16
  /// While so much waits, nothing is claimed.
  private static let enoughBytes = 8 << 20
  /// While so many outcomes cannot be written down, nothing more is begun.
  private static let mostUnwritten = 1000

  /// - Parameter isShared: whether other nodes may take over what this one has claimed.
  init(
    _ name: String, _ gateway: any Gateway, _ settings: GatewaySettings?, journal: AttemptJournal,
    ended: SettlementQueue, isShared: Bool, log: Logger
  ) {
    self.name = name
    self.gateway = gateway
    self.settings = settings
    self.journal = journal
    self.ended = ended
    self.isShared = isShared
    let backoff = settings?.backoff ?? Backoff(first: 30, limit: 3600)
    state = Mutex(State(breaker: GatewayBreaker(of: name, backoff: backoff, log: log)))
  }

  var rules: SendingRules { settings?.rules ?? SendingRules() }

  /// Nothing is under way. What ended before is in the queue of settlements.
  var isIdle: Bool { state.withLock { $0.workers.isEmpty } }

  var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

  /// How many more may be claimed: those that its places and a claim's worth of waiting hold. A gateway that failed gets
  /// one at a time until it works again, and none while it is paused.
  func room(now: Instant) -> Int {
    state.withLock { state in
      if state.breaker.pauseEnd(now: now) != nil { return 0 }
      let waits = state.waiting.count
      if state.breaker.hasFailed { return waits == 0 && state.workers.isEmpty ? 1 : 0 }
      let most = gateway.concurrency * Self.claimsPerPlace
      let size = min(max(most, Self.claimSize.lowerBound), Self.claimSize.upperBound)
      return waits < size / 2 && state.waitingBytes < Self.enoughBytes ? size - waits : 0
    }
  }

  /// What a claim brought, to be begun with ``start()``.
  func add(_ claim: Claim, now: Instant) {
    let startBefore = now.adding(Self.startSeconds)
    let claimed = claim.deliveries.reversed().map { Claimed(delivery: $0, startBefore: startBefore) }
    state.withLock { state in
      state.breaker.learn(failures: claim.failures, now: now)
      state.waiting.insert(contentsOf: claimed, at: 0)
      state.waitingBytes += claim.bytes
    }
  }

  /// Gives each free place a worker, as long as there is something for it.
  func start() {
    state.withLock { state in
      passOver(&state)
      guard ended.unwritten < Self.mostUnwritten else { return }
      for _ in 0..<max(min(places(state) - state.workers.count, state.waiting.count), 0) {
        state.lastWorker += 1
        let worker = state.lastWorker
        state.workers[worker] = Task(executorPreference: gateway.executor) { await self.work(worker) }
      }
    }
  }

  /// Gives back all that waits.
  func giveBack(_ reason: String) {
    state.withLock { state in
      while let claimed = state.takeNext() {
        ended.append(Dispatcher.postponed(claimed.delivery, until: .now, reason))
      }
    }
  }

  /// What is under way ends at once, in whatever way it can.
  func cancel() {
    for worker in state.withLock({ Array($0.workers.values) }) { worker.cancel() }
  }

  var hasUnwrittenPause: Bool { state.withLock { $0.breaker.hasUnwritten } }
  func takeUnwrittenPause() -> GatewayBreaker.Pause? { state.withLock { $0.breaker.takeUnwritten() } }
  func putBack(_ pause: GatewayBreaker.Pause) { state.withLock { $0.breaker.putBack(pause) } }

  // MARK: - A worker

  private func work(_ worker: Int) async {
    while let delivery = next(worker) {
      note(await send(delivery), of: delivery)
    }
  }

  /// Nil ends the worker.
  private func next(_ worker: Int) -> Delivery? {
    state.withLock { state in
      passOver(&state)
      if state.workers.count <= places(state), ended.unwritten < Self.mostUnwritten, let next = state.takeNext() {
        return next.delivery
      }
      state.workers[worker] = nil
      if state.workers.isEmpty { ended.wake() }
      return nil
    }
  }

  private func places(_ state: State) -> Int { state.breaker.hasFailed ? 1 : gateway.concurrency }

  /// Ends what must not be begun any more; while the gateway is paused that is all.
  private func passOver(_ state: inout State) {
    let now = Instant.now
    let pauseEnd = state.breaker.pauseEnd(now: now)
    while let claimed = state.waiting.last {
      if claimed.startBefore <= now {
        ended.append(Dispatcher.postponed(claimed.delivery, until: now, "it waited too long for a free connection"))
      } else if let expiry = claimed.delivery.expiresAt, expiry <= now {
        ended.append(Dispatcher.expired(claimed.delivery))
      } else if let pauseEnd {
        ended.append(Dispatcher.postponed(claimed.delivery, until: pauseEnd, "the gateway is paused"))
      } else {
        return
      }
      _ = state.takeNext()
    }
  }

  private func send(_ delivery: Delivery) async -> SendOutcome {
    let (gateway, journal) = (gateway, journal)
    let progress: @Sendable (SendProgress) -> Void = { progress in
      journal.note(delivery: delivery.id, attempt: delivery.attempt, progress)
    }
    guard isShared else { return await gateway.send(delivery, progress: progress) }
    return await beforeLeaseEnds { await gateway.send(delivery, progress: progress) }
  }

  /// Cancelled before the lease runs out: two nodes must not have a message in hand.
  private func beforeLeaseEnds(_ send: @escaping @Sendable () async -> SendOutcome) async -> SendOutcome {
    let sending = Task(executorPreference: gateway.executor) { await send() }
    let watch = Task {
      try await Task.sleep(for: .seconds(Dispatcher.leaseSeconds - Self.startSeconds - 30))
      sending.cancel()
    }
    defer { watch.cancel() }
    return await withTaskCancellationHandler {
      await sending.value
    } onCancel: {
      sending.cancel()
    }
  }

  /// In one step: whoever sees that the gateway works again finds the outcome that says so.
  private func note(_ outcome: SendOutcome, of delivery: Delivery) {
    let now = Instant.now
    state.withLock { state in
      if case .unavailable(let reason) = outcome {
        ended.append(Dispatcher.postponed(delivery, until: state.breaker.pause(reason, now: now), reason))
      } else {
        state.breaker.note(outcome, now: now)
        ended.append(Dispatcher.settlement(delivery, outcome, settings, now: now))
      }
    }
  }
}
