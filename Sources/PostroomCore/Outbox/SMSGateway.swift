package import CurlClient

/// SMS through an HTTP gateway.
package struct SMSGateway: Gateway {
  private let http: HTTPGateway
  private let profile: SMSProfile
  package let concurrency: Int

  package init(_ recipe: HTTPRecipe, _ settings: SMSSettings, engine: CurlEngine) {
    http = HTTPGateway(recipe, engine: engine)
    profile = settings.profile
    concurrency = recipe.connections
  }

  package func send(
    _ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void
  ) async -> SendOutcome {
    let number: PhoneNumber
    do { number = try PhoneNumber(delivery.recipient) } catch { return .rejected(error.words.english) }
    let text = String(decoding: delivery.content, as: UTF8.self)
    // Signature and opt-out are in the text already.
    let plan = SMSText.plan(text, profile: profile)
    let draft = SMSDraft(to: number, text: text, encoding: plan.encoding, reference: delivery.reference)
    // From the first byte on the far side may have taken it; libcurl tells what never left.
    progress(.committed)
    let outcome = await http.send(draft).sendOutcome
    if case .accepted(let words, _) = outcome { progress(.accepted(words)) }
    return outcome
  }

  /// There is no request that every provider answers without sending; what can be checked is that secrets are there.
  package func check() async -> String? { http.missingSecret }
}
