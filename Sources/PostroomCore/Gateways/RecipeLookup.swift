internal import CurlClient

/// What a gateway says of a message that nobody knows about.
package enum LookupFinding: Sendable, Equatable {
  case taken(String)
  case delivered(String)
  /// It never had it: sending it is no repetition.
  case missing(String)
  /// The question was not answered.
  case unknown(String)
}

extension HTTPGateway {
  /// Whether the gateway can be asked.
  package var canLookUp: Bool { recipe.lookup != nil }

  /// Asks the gateway what became of a message, by our reference.
  package func lookUp(_ draft: SMSDraft) async -> LookupFinding {
    guard let lookup = recipe.lookup else { return .unknown("this gateway cannot be asked") }
    var question = recipe
    question.method = lookup.method
    question.url = lookup.url
    question.contentType = lookup.contentType
    question.body = lookup.body
    question.parts = []
    do {
      switch await client.send(try question.request(for: draft)) {
      case .answered(let response): return lookup.finding(in: GatewayAnswer(response, hiding: recipe.secretTexts))
      case .notSent(_, let reason), .uncertain(let reason): return .unknown(reason)
      }
    } catch {
      return .unknown("\(error)")
    }
  }
}

extension HTTPRecipe.Lookup {
  func finding(in answer: GatewayAnswer) -> LookupFinding {
    // Part of a message says of the whole that it was taken.
    if delivered.contains(where: { $0.match(answer) == .wholly }) { return .delivered(answer.words) }
    if taken.contains(where: { $0.matches(answer) }) { return .taken(answer.words) }
    if missing.contains(where: { $0.match(answer) == .wholly }) { return .missing(answer.words) }
    return .unknown(answer.words)
  }
}
