package import CurlClient

/// SMS through an HTTP gateway.
package struct SMSGateway: Gateway {
  private let http: HTTPGateway
  private let profile: SMSProfile
  package let concurrency: Int
  package let executor: (any TaskExecutor)?

  package init(_ recipe: HTTPRecipe, _ settings: SMSSettings, engine: CurlEngine) {
    http = HTTPGateway(recipe, engine: engine)
    profile = settings.profile
    // None waits for a connection inside the client: when a gateway falls silent, those would be in doubt, too.
    concurrency = recipe.connections
    executor = engine.executor
  }

  package func send(
    _ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void
  ) async -> SendOutcome {
    let draft: SMSDraft
    do { draft = try self.draft(delivery.recipient, delivery.content, delivery.reference) } catch {
      return .rejected(error.words.english)
    }
    // From the first byte on the far side may have taken it; libcurl tells what never left.
    let outcome = await http.send(draft) { progress(.committed) }.sendOutcome
    if case .accepted(let words, _) = outcome { progress(.accepted(words)) }
    return outcome
  }

  private func draft(
    _ recipient: String, _ content: [UInt8], _ reference: String
  ) throws(PhoneNumberProblem) -> SMSDraft {
    let text = String(decoding: content, as: UTF8.self)
    // Signature and opt-out are in the text already.
    let encoding = SMSText.encoding(of: text, profile: profile)
    return SMSDraft(to: try PhoneNumber(recipient), text: text, encoding: encoding, reference: reference)
  }

  /// Whether the gateway can be asked what became of a message.
  package var canLookUp: Bool { http.canLookUp }

  /// What the gateway says of a message that may or may not have been taken.
  package func lookUp(_ entry: OutboxEntry) async -> LookupFinding {
    do { return await http.lookUp(try draft(entry.recipient, entry.content, entry.reference)) } catch {
      return .unknown(error.words.english)
    }
  }

  /// There is no request that every provider answers without sending; what can be checked is that secrets are there.
  package func check() async -> String? { http.missingSecret }
}
