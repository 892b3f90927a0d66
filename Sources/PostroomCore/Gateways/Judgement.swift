package import CurlClient
internal import Foundation

/// What an exchange with a gateway means.
package struct Judgement: Sendable, Equatable {
  package var outcome: SendOutcome
  /// The gateway's own reference of the message.
  package var gatewayReference: String?
  /// SMS counted by the gateway.
  package var segments: Int?
  /// In the gateway's currency, as it writes it.
  package var cost: String?
  /// The recipient has refused further messages, at the vendor: nothing should be sent there any more.
  package var isOptedOut = false
  /// How long the gateway wants to be left alone.
  package var retryAfter: Seconds?

  package init(_ outcome: SendOutcome) { self.outcome = outcome }

  /// With all that the dispatcher acts upon.
  package var sendOutcome: SendOutcome {
    switch outcome {
    case .accepted(let words, _): .accepted(words, reference: gatewayReference)
    case .deferred(let words, _): .deferred(words, retryAfter: retryAfter)
    case .rejected(let words, _): .rejected(words, isOptedOut: isOptedOut)
    case .uncertain, .unavailable: outcome
    }
  }

  /// No request came about: a message that lacks something never fits, a secret that cannot be read may come back.
  init(notMade fault: any Error) {
    outcome = fault is RecipeFault ? .rejected("\(fault)") : .unavailable("\(fault)")
  }
}

extension HTTPRecipe {
  /// What an exchange means. What no rule names is judged by its status alone, and doubt is told as such: a message that
  /// may have been taken is not sent again by itself.
  package func judge(_ outcome: HTTPOutcome, now: Instant) -> Judgement {
    switch outcome {
    case .uncertain(let reason): return Judgement(.uncertain(reason))
    case .notSent(.request, let reason): return Judgement(.rejected(reason))
    case .notSent(.cancelled, let reason), .notSent(.interrupted, let reason): return Judgement(.deferred(reason))
    case .notSent(_, let reason): return Judgement(.unavailable(reason))
    case .answered(let response): return judge(GatewayAnswer(response, hiding: secretTexts), now: now)
    }
  }

  private func judge(_ answer: GatewayAnswer, now: Instant) -> Judgement {
    var judgement = Judgement(outcome(answer))
    switch judgement.outcome {
    case .accepted, .uncertain:
      judgement.gatewayReference = reference.flatMap(answer.reference)
      judgement.segments = segments.flatMap(answer.value).flatMap { Int($0) }
      judgement.cost = cost.flatMap(answer.sum)
    case .rejected: judgement.isOptedOut = optedOut.contains { $0.matches(answer) }
    case .deferred, .unavailable: judgement.retryAfter = answer.retryAfter(now: now)
    }
    return judgement
  }

  private func outcome(_ answer: GatewayAnswer) -> SendOutcome {
    let matches = accepted.map { $0.match(answer) }
    if matches.contains(.wholly) { return .accepted(answer.words) }
    // One part of a long SMS was taken, another not: a repetition would send the first one twice.
    if matches.contains(.partly) { return .uncertain("taken in part: \(answer.words)") }
    func matchesAny(_ rules: [AnswerRule]) -> Bool { rules.contains { $0.matches(answer) } }
    if matchesAny(optedOut) { return .rejected(answer.words) }
    if matchesAny(unusable) { return .unavailable(answer.words) }
    if matchesAny(later) { return .deferred(answer.words) }
    if matchesAny(rejected) { return .rejected(answer.words) }
    switch answer.status {
    case 408, 425, 429, 503: return .deferred(answer.words)
    case 300..<400: return .unavailable("\(answer.words) (redirects are not followed)")
    case 401, 403, 407: return .unavailable(answer.words)
    case 400..<500: return .rejected(answer.words)
    // The server, or one in front of it, broke off somewhere: the message may have been taken.
    case 500...: return .uncertain(answer.words)
    // A refusal in the form that the recipe expects. Anything else tells nothing: the gateway may have taken the message
    // and changed its answers, or a machine in front of it may have spoken.
    default: return isInForm(answer) ? .rejected(answer.words) : .uncertain("not understood: \(answer.words)")
    }
  }

  private func isInForm(_ answer: GatewayAnswer) -> Bool {
    accepted.contains { rule in
      if let pointer = rule.pointer { return answer.values(at: pointer).contains { $0 != nil } }
      return (rule.prefix != nil || !rule.contained.isEmpty) && !answer.text.isEmpty && !answer.isWebPage
    }
  }

  /// For a client of this gateway alone.
  var clientSettings: HTTPClient.Settings {
    var settings = HTTPClient.Settings()
    settings.caFile = caFile
    settings.maxConnectionsPerHost = connections
    return settings
  }
}

extension GatewayAnswer {
  /// The number there, as it was written; of several items the sum. Nil when one of them is no number.
  func sum(at place: AnswerPlace) -> String? {
    guard case .json(let pointer) = place else { return value(at: place)?.clipped(bytes: 40) }
    let texts = values(at: pointer).compactMap { $0 }
    guard texts.count > 1 else { return texts.first?.clipped(bytes: 40) }
    let numbers = texts.compactMap { $0.utf8.count <= 40 ? Decimal(string: $0) : nil }
    return numbers.count == texts.count ? "\(numbers.reduce(0, +))" : nil
  }
}
