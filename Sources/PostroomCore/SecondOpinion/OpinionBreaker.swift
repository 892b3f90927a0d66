/// Whether the endpoint is asked at all: after five failures in a row it rests, longer each time, and then gets one
/// question to see whether it works again. A pure value; the database keeps it for all nodes.
struct OpinionBreaker: Sendable, Equatable {
  /// In a row.
  var failures: Int64 = 0
  var pausedUntil: Instant = 0
  /// Why it failed last.
  var lastError: String?

  static let most: Int64 = 5
  static let backoff = Backoff(first: 30, limit: 600)
  /// Rest that it may ask for.
  private static let longestRest: Seconds = 3600

  var isOpen: Bool { failures >= Self.most }

  func mayBeAsked(_ now: Instant) -> Bool { pausedUntil <= now }

  /// Takes the outcome of one question. `isTrial` says that it was the one question after a rest: others that end during
  /// a rest were asked before and tell nothing.
  /// - Returns: what is worth a line in the log, told once and not for each failure.
  mutating func note(_ outcome: OpinionOutcome, isTrial: Bool, now: Instant) -> News? {
    guard isTrial || mayBeAsked(now) else { return nil }
    let was = self
    switch outcome {
    case .answered:
      self = OpinionBreaker()
      return was.isOpen ? .worksAgain : nil
    case .failed(let reason):
      fail(reason)
      if isOpen { pausedUntil = now + Self.backoff.milliseconds(after: failures - Self.most + 1) }
    case .busy(let reason, let wait):
      fail(reason)
      let rest = now.adding(min(max(wait ?? 30, 1), Self.longestRest))
      pausedUntil = isOpen ? max(rest, now + Self.backoff.milliseconds(after: failures - Self.most + 1)) : rest
    case .refused(let reason):
      fail(reason)
      failures = max(failures, Self.most)
      pausedUntil = now.adding(Self.backoff.limit)
    }
    guard isOpen, !was.isOpen || lastError != was.lastError else { return nil }
    return .rests(lastError ?? "")
  }

  private mutating func fail(_ reason: String) {
    failures += 1
    lastError = reason
  }

  enum News: Sendable, Equatable {
    case rests(String)
    case worksAgain
  }
}
