import SQLAccess

/// What an attempt's end means for its message.
extension Dispatcher {
  /// What follows from an outcome for the message. Pure.
  static func settlement(
    _ delivery: Delivery, _ outcome: SendOutcome, _ gateway: GatewaySettings?, now: Instant
  ) -> Settlement {
    let backoff = gateway?.backoff ?? Backoff(first: 30, limit: 3600)
    var settlement = Settlement(delivery, .accepted)
    switch outcome {
    case .accepted(let words, let reference):
      settlement.reason = words
      settlement.gatewayReference = reference
    case .rejected(let words, let isOptedOut):
      settlement.state = .rejected
      settlement.reason = words
      settlement.isOptedOut = isOptedOut
    case .unavailable(let words): return Self.settlement(delivery, .deferred(words), gateway, now: now)
    case .deferred(let words, let retryAfter):
      settlement.reason = words
      // In rounds: a message that a person queued again gets as many attempts as before.
      let most = Int64(max(1, gateway?.maxAttempts ?? 100))
      if delivery.attempt.isMultiple(of: most) {
        settlement.state = .rejected
        settlement.reason = "given up after \(delivery.attempt) attempts; last answer: \(words)"
      } else {
        settlement.state = .deferred
        let pause = now + backoff.milliseconds(after: (delivery.attempt - 1) % most + 1)
        // A vendor who asks for years is not believed.
        settlement.nextAt = max(pause, now.adding(min(retryAfter ?? 0, 86_400)))
      }
    case .uncertain(let words):
      settlement.isUncertain = true
      settlement.reason = words
      if delivery.channel == .mail, delivery.uncertainties == 0 {
        // Once more with the same Message-ID: a lost mail is worse than one that mail programs show once.
        settlement.state = .deferred
        settlement.nextAt = now.adding(gateway?.resendUncertainAfter ?? 600)
      } else {
        settlement.state = .uncertain
      }
    }
    return settlement
  }

  /// Of an attempt that a dead process left open, by what the journal knows.
  static func settlement(
    abandoned: AbandonedDelivery, node: String, journal: AttemptJournal, settings: [String: GatewaySettings],
    now: Instant
  ) -> Settlement {
    let finding =
      abandoned.holder == node
      ? journal.finding(delivery: abandoned.id, attempt: abandoned.attempt) : AttemptJournal.Finding.unknown
    var settlement = Settlement(abandoned)
    switch finding {
    case .accepted(let words): settlement.reason = words
    case .neverCommitted:
      settlement.state = .deferred
      settlement.nextAt = now
      settlement.reason = "the process ended before the message was handed over"
      settlement.countsAttempt = false
    case .unknown:
      settlement.isUncertain = true
      settlement.reason = "the process ended before the gateway's answer was known"
      // No telephone shows two SMS as one.
      let isSentAgain = abandoned.channel == .mail && abandoned.uncertainties == 0
      settlement.state = isSentAgain ? .deferred : .uncertain
      settlement.nextAt = isSentAgain ? now : nil
    }
    return settlement
  }

  /// Nothing was handed over: back to the queue, and the attempt does not count.
  static func postponed(_ delivery: Delivery, until: Instant, _ reason: String) -> Settlement {
    var settlement = Settlement(delivery, .deferred)
    settlement.reason = reason
    settlement.nextAt = until
    settlement.countsAttempt = false
    return settlement
  }

  /// Nothing was handed over: its time is past.
  static func expired(_ delivery: Delivery) -> Settlement {
    var settlement = Settlement(delivery, .expired)
    settlement.reason = GateReason.expired.rawValue
    settlement.countsAttempt = false
    return settlement
  }
}
