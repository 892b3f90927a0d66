import Logging

/// A gateway's circuit breaker: one that cannot be used is paused, longer each time, and then gets one message to see
/// whether it works again.
struct GatewayBreaker {
  struct Pause: Sendable {
    var until: Instant
    var reason: String
  }

  /// When it is tried next and how often it failed; nil while it works.
  private var failed: (nextTry: Instant, failures: Int64)?
  /// In a row.
  private var lostAnswers = 0
  /// A pause that is to be written down.
  private var unwritten: Pause?
  private let gateway: String
  private let backoff: Backoff
  private let log: Logger

  /// After so many lost answers in a row the gateway is in trouble, and more messages would end in doubt.
  private static let mostLostAnswers = 5

  init(of gateway: String, backoff: Backoff, log: Logger) {
    self.gateway = gateway
    self.backoff = backoff
    self.log = log
  }

  /// Whether it failed and has not worked since.
  var hasFailed: Bool { failed != nil }

  /// Nil when it may be used.
  func pauseEnd(now: Instant) -> Instant? { failed.flatMap { $0.nextTry > now ? $0.nextTry : nil } }

  /// What an earlier process, or another node, knows of it.
  mutating func learn(failures: Int64, now: Instant) {
    if failures > 0, failed == nil { failed = (now, failures) }
  }

  /// What the outcome of one message says of the gateway as a whole.
  mutating func note(_ outcome: SendOutcome, now: Instant) {
    switch outcome {
    case .unavailable: break
    case .uncertain(let reason):
      lostAnswers += 1
      // One that had failed was given one message, to see whether it works again.
      guard lostAnswers >= Self.mostLostAnswers || hasFailed else { return }
      pause("answers are lost; the last: \(reason)", now: now)
    case .accepted, .deferred, .rejected:
      lostAnswers = 0
      guard hasFailed, pauseEnd(now: now) == nil else { return }
      failed = nil
      unwritten = nil
      log.info("the gateway works again", metadata: ["gateway": .string(gateway)])
    }
  }

  /// Stops using the gateway for a while and tells until when; said once in the log, not for every message.
  @discardableResult
  mutating func pause(_ reason: String, now: Instant) -> Instant {
    if let end = pauseEnd(now: now) { return end }
    let failures = (failed?.failures ?? 0) + 1
    let until = now + backoff.milliseconds(after: failures)
    failed = (until, failures)
    unwritten = Pause(until: until, reason: reason)
    log.error("\(reason); next try in \((until - now + 999) / 1000) s", metadata: ["gateway": .string(gateway)])
    return until
  }

  var hasUnwritten: Bool { unwritten != nil }

  mutating func takeUnwritten() -> Pause? {
    defer { unwritten = nil }
    return unwritten
  }

  /// It could not be written down. A newer one says more.
  mutating func putBack(_ pause: Pause) { unwritten = unwritten ?? pause }
}
