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

  /// `coding` is SMPP's data_coding as Kannel takes it, `alphabet` the word that Vonage has for it.
  var values: [String: RecipeValue] {
    var values: [String: RecipeValue] = [
      "to": .text(to.e164), "to.digits": .text(String(to.e164.drop { $0 == "+" })), "text": .text(text),
      "id": .text(reference), "coding": encoding == .gsm7 ? "0" : "2",
      "alphabet": encoding == .gsm7 ? "text" : "unicode", "parameters.list": .list(parameters.map(\.value)),
      "parameters.object": .object(parameters),
    ]
    // Without it a recipe that needs it cannot be filled in, and says so.
    if let template { values["template"] = .text(template) }
    return values
  }
}

extension HTTPRecipe {
  /// The request for one SMS. Throws a sentence when it cannot be made.
  package func request(
    for draft: SMSDraft, now: Instant = .now, nonce: String = RequestSigning.nonce
  ) throws -> HTTPRequest {
    try request(draft.values, now: now, nonce: nonce)
  }
}

/// SMS through an HTTP gateway.
package struct HTTPGateway: Sendable {
  let recipe: HTTPRecipe
  let client: HTTPClient

  package init(_ recipe: HTTPRecipe, engine: CurlEngine) {
    self.recipe = recipe
    client = HTTPClient(engine: engine, settings: recipe.clientSettings)
  }

  /// A sentence when a secret cannot be read.
  package var missingSecret: String? {
    for source in recipe.secrets.values {
      do { _ = try source.read() } catch { return "\(error)" }
    }
    return nil
  }

  /// Sends once and says how it ended.
  package func send(_ draft: SMSDraft) async -> Judgement {
    let request: HTTPRequest
    switch Result(catching: { try recipe.request(for: draft) }) {
    case .success(let made): request = made
    case .failure(let fault): return Judgement(notMade: fault)
    }
    return recipe.judge(await client.send(request), now: .now)
  }
}
