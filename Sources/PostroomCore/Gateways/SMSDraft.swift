package import CurlClient

/// What a recipe may say of an SMS.
package struct SMSDraft: Sendable, Equatable {
  package var to: PhoneNumber
  package var text: String
  package var encoding: SMSPlan.Encoding
  /// Ours: the same at each attempt, so that gateways that know it take a message once.
  package var reference: String
  /// The vendor's name of an approved wording, for vendors that send no other.
  package var template: String?
  /// What fills the wording in, in its order: some vendors go by name, others by place.
  package var parameters: [Parameter]

  package init(
    to: PhoneNumber, text: String, encoding: SMSPlan.Encoding, reference: String, template: String? = nil,
    parameters: [Parameter] = []
  ) {
    self.to = to
    self.text = text
    self.encoding = encoding
    self.reference = reference
    self.template = template
    self.parameters = parameters
  }

  /// What stands for them in recipes.
  static let variables = [
    "to", "to.digits", "text", "id", "coding", "alphabet", "template", "parameters.list", "parameters.object",
  ]

  /// Of the variables named those that it has.
  func values(for used: Set<String>) -> [String: RecipeValue] {
    var values: [String: RecipeValue] = [:]
    for name in used { values[name] = value(of: name) }
    return values
  }

  /// `coding` is SMPP's data_coding as Kannel takes it, `alphabet` the word that Vonage has for it.
  private func value(of variable: String) -> RecipeValue? {
    switch variable {
    case "to": .text(to.e164)
    case "to.digits": .text(String(to.e164.dropFirst()))
    case "text": .text(text)
    case "id": .text(reference)
    case "coding": encoding == .gsm7 ? "0" : "2"
    case "alphabet": encoding == .gsm7 ? "text" : "unicode"
    // Without it a recipe that needs it cannot be filled in, and says so.
    case "template": template.map { .text($0) }
    case "parameters.list": .list(parameters.map(\.value))
    case "parameters.object": .object(parameters)
    default: nil
    }
  }
}

extension HTTPRecipe {
  /// The request for one SMS. Throws a sentence when it cannot be made.
  package func request(
    for draft: SMSDraft, now: Instant = .now, nonce: String? = nil
  ) throws -> HTTPRequest {
    try request(draft.values(for: usedVariables), now: now, nonce: nonce)
  }
}

/// SMS through an HTTP gateway.
package struct HTTPGateway: Sendable {
  let recipe: HTTPRecipe
  let client: HTTPClient
  private let used: Set<String>

  package init(_ recipe: HTTPRecipe, engine: CurlEngine) {
    self.recipe = recipe
    used = recipe.usedVariables
    client = HTTPClient(engine: engine, settings: recipe.clientSettings)
  }

  /// A sentence when a secret cannot be read.
  package var missingSecret: String? {
    for source in recipe.secrets.values {
      do { _ = try source.read() } catch { return "\(error)" }
    }
    return nil
  }

  /// Sends once and says how it ended. `onStart`: see ``HTTPClient/send(_:onStart:)``.
  package func send(_ draft: SMSDraft, onStart: (@Sendable () -> Void)? = nil) async -> Judgement {
    let request: HTTPRequest
    switch Result(catching: { try recipe.request(draft.values(for: used), now: .now) }) {
    case .success(let made): request = made
    case .failure(let fault): return Judgement(notMade: fault)
    }
    return recipe.judge(await client.send(request, onStart: onStart), now: .now)
  }
}
