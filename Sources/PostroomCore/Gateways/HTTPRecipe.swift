package import CurlClient

/// An SMS gateway told as data: how a message becomes a request, and what the answer means. A new provider is a file.
package struct HTTPRecipe: Sendable, Equatable {
  package struct Header: Sendable, Equatable {
    package var name: String
    package var value: RecipeText
  }

  package var method: String
  package var url: RecipeText
  package var headers: [Header]
  /// Nil for none.
  package var contentType: String?
  package var body: RecipeText?
  /// By the name that `secret.NAME` uses.
  package var secrets: [String: SecretSource]
  /// `http` is allowed.
  package var mayBePlain: Bool
  /// Addresses of this house's own network are allowed.
  package var mayBePrivate: Bool
  package var caFile: String?
  /// At the same time; 8 by default.
  package var connections: Int
  /// For the whole exchange; 30 s by default.
  package var timeout: Seconds
  /// The gateway has taken the message over.
  package var accepted: AnswerRule
  package var reference: AnswerPlace?
  /// Not now, but perhaps later.
  package var later: [AnswerRule]
  /// The gateway as a whole cannot be used: login, balance.
  package var unusable: [AnswerRule]
}

/// What a recipe may say of a message.
package struct SMSDraft: Sendable, Equatable {
  package var to: PhoneNumber
  package var text: String
  package var encoding: SMSPlan.Encoding
  /// Ours: the same at each attempt, so that gateways that know it take a message once.
  package var reference: String

  package init(to: PhoneNumber, text: String, encoding: SMSPlan.Encoding, reference: String) {
    self.to = to
    self.text = text
    self.encoding = encoding
    self.reference = reference
  }

  /// What stands for them in recipes.
  static let variables = ["to", "to.digits", "text", "id", "coding", "alphabet"]

  /// `coding` is SMPP's data_coding as Kannel takes it, `alphabet` the word that Vonage has for it.
  var values: [String: String] {
    [
      "to": to.e164, "to.digits": String(to.e164.drop { $0 == "+" }), "text": text, "id": reference,
      "coding": encoding == .gsm7 ? "0" : "2", "alphabet": encoding == .gsm7 ? "text" : "unicode",
    ]
  }
}

extension HTTPRecipe {
  /// The request for one message. Throws a sentence when a secret cannot be read.
  package func request(for draft: SMSDraft) throws -> HTTPRequest {
    var values = draft.values
    for (name, source) in secrets { values["secret.\(name)"] = try source.read() }
    var request = HTTPRequest(method, try url.filled(values))
    for header in headers { request.fields.append(name: header.name, value: try header.value.filled(values)) }
    if let body { request.body = Array(try body.filled(values).utf8) }
    if let contentType { request.fields["Content-Type"] = contentType }
    request.timeout = Int(timeout) * 1000
    request.mayBePlain = mayBePlain
    request.mayReachPrivateAddresses = mayBePrivate
    return request
  }

  /// What an exchange means. What no rule names is judged by its status alone, and doubt is told as such: an SMS that
  /// may have been taken is not sent again by itself.
  package func judge(_ outcome: HTTPOutcome) -> SendOutcome {
    switch outcome {
    case .uncertain(let reason): return .uncertain(reason)
    case .notSent(.request, let reason): return .rejected(reason)
    case .notSent(.cancelled, let reason), .notSent(.interrupted, let reason): return .deferred(reason)
    case .notSent(_, let reason): return .unavailable(reason)
    case .answered(let response):
      return judge(GatewayAnswer(status: response.status, body: response.body))
    }
  }

  func judge(_ answer: GatewayAnswer) -> SendOutcome {
    if accepted.matches(answer) {
      let id = reference.flatMap(answer.reference)
      return .accepted(id.map { "\(answer.words) [id \($0)]" } ?? answer.words)
    }
    if unusable.contains(where: { $0.matches(answer) }) { return .unavailable(answer.words) }
    if later.contains(where: { $0.matches(answer) }) { return .deferred(answer.words) }
    switch answer.status {
    case 408, 425, 429, 503: return .deferred(answer.words)
    case 300..<400: return .unavailable("\(answer.words) (redirects are not followed)")
    case 401, 403, 407: return .unavailable(answer.words)
    case 400..<500: return .rejected(answer.words)
    // The server, or one in front of it, broke off somewhere: the message may have been taken.
    case 500...: return .uncertain(answer.words)
    // A refusal in the form that the recipe expects; anything else is no answer of this gateway.
    default: return isInForm(answer) ? .rejected(answer.words) : .deferred("no answer of the gateway: \(answer.words)")
    }
  }

  private func isInForm(_ answer: GatewayAnswer) -> Bool {
    accepted.pointer.map { answer.value(at: $0) != nil } ?? (accepted.prefix != nil && !answer.text.isEmpty)
  }
}

/// SMS through an HTTP gateway.
package struct HTTPGateway: Sendable {
  private let recipe: HTTPRecipe
  private let client: HTTPClient

  package init(_ recipe: HTTPRecipe, engine: CurlEngine) {
    self.recipe = recipe
    var settings = HTTPClient.Settings()
    settings.caFile = recipe.caFile
    settings.maxConnectionsPerHost = recipe.connections
    client = HTTPClient(engine: engine, settings: settings)
  }

  /// A sentence when a secret cannot be read.
  package var missingSecret: String? {
    for source in recipe.secrets.values {
      do { _ = try source.read() } catch { return "\(error)" }
    }
    return nil
  }

  /// Sends once and says how it ended.
  package func send(_ draft: SMSDraft) async -> SendOutcome {
    do {
      return recipe.judge(await client.send(try recipe.request(for: draft)))
    } catch {
      return .unavailable("\(error)")
    }
  }
}
