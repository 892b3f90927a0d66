import Logging

/// The circuit breaker of each gateway: one that cannot be used is paused, longer each time, and then gets one message
/// to see whether it works again.
struct GatewayBreakers {
  struct Pause: Sendable {
    var until: Instant
    var reason: String
  }

  /// Gateways that failed, with the time of the next try and how often it failed.
  private var failed: [String: (nextTry: Instant, failures: Int64)] = [:]
  /// Lost answers of a gateway in a row.
  private var lostAnswers: [String: Int] = [:]
  /// Pauses that are to be written down.
  var unwritten: [String: Pause] = [:]
  private let backoffs: [String: Backoff]
  private let log: Logger

  /// After so many lost answers in a row the gateway is in trouble, and more messages would end in doubt.
  private static let mostLostAnswers = 5

  init(backoffs: [String: Backoff], log: Logger) {
    self.backoffs = backoffs
    self.log = log
  }

  /// Whether it failed and has not worked since.
  func hasFailed(_ gateway: String) -> Bool { failed[gateway] != nil }

  /// Nil when it may be used.
  func pauseEnd(of gateway: String, now: Instant) -> Instant? {
    failed[gateway].flatMap { $0.nextTry > now ? $0.nextTry : nil }
  }

  /// What an earlier process, or another node, knows of it.
  mutating func learn(of gateway: String, failures: Int64, now: Instant) {
    if failures > 0, failed[gateway] == nil { failed[gateway] = (now, failures) }
  }

  /// What the outcome of one message says of the gateway as a whole.
  mutating func note(_ outcome: SendOutcome, of gateway: String, now: Instant) {
    switch outcome {
    case .unavailable: break
    case .uncertain(let reason):
      lostAnswers[gateway, default: 0] += 1
      // One that had failed was given one message, to see whether it works again.
      guard lostAnswers[gateway, default: 0] >= Self.mostLostAnswers || hasFailed(gateway) else { return }
      pause(gateway, "answers are lost; the last: \(reason)", now: now)
    case .accepted, .deferred, .rejected:
      lostAnswers[gateway] = nil
      guard hasFailed(gateway), pauseEnd(of: gateway, now: now) == nil else { return }
      failed[gateway] = nil
      unwritten[gateway] = nil
      log.info("the gateway works again", metadata: ["gateway": .string(gateway)])
    }
  }

  /// Stops using a gateway for a while and tells until when; said once in the log, not for every message.
  @discardableResult
  mutating func pause(_ gateway: String, _ reason: String, now: Instant) -> Instant {
    if let end = pauseEnd(of: gateway, now: now) { return end }
    let failures = (failed[gateway]?.failures ?? 0) + 1
    let backoff = backoffs[gateway] ?? Backoff(first: 30, limit: 3600)
    let until = now + backoff.milliseconds(after: failures)
    failed[gateway] = (until, failures)
    unwritten[gateway] = Pause(until: until, reason: reason)
    log.error("\(reason); next try in \((until - now + 999) / 1000) s", metadata: ["gateway": .string(gateway)])
    return until
  }
}
