internal import CurlClient

/// A gateway told as data: how a message becomes a request, and what the answer means. A new provider is a file.
package struct HTTPRecipe: Sendable, Equatable {
  package struct Header: Sendable, Equatable {
    package var name: String
    package var value: RecipeText
  }

  package struct Part: Sendable, Equatable {
    package var name: String
    package var value: RecipeText
    /// Nil for a plain field.
    package var fileName: String?
    package var contentType: String?
  }

  package var method: String
  package var url: RecipeText
  package var headers: [Header] = []
  /// Nil for none.
  package var contentType: String?
  package var body: RecipeText?
  /// Of a multipart/form-data body (RFC 7578), instead of `body`.
  package var parts: [Part] = []
  /// By the name that `secret.NAME` uses.
  package var secrets: [String: SecretSource] = [:]
  package var signing: RequestSigning?
  /// `http` is allowed.
  package var mayBePlain = false
  /// Addresses of this house's own network are allowed.
  package var mayBePrivate = false
  package var caFile: String?
  /// At the same time.
  package var connections = 8
  /// For the whole exchange.
  package var timeout: Seconds = 30
  /// The gateway has taken the message over.
  package var accepted: [AnswerRule]
  package var reference: AnswerPlace?
  /// How many SMS it counts.
  package var segments: AnswerPlace?
  /// What it costs, as the gateway writes it; of several parts the sum.
  package var cost: AnswerPlace?
  /// The recipient has refused further messages, at the vendor.
  package var optedOut: [AnswerRule] = []
  /// Not now, but perhaps later.
  package var later: [AnswerRule] = []
  /// Never.
  package var rejected: [AnswerRule] = []
  /// The gateway as a whole cannot be used: login, balance.
  package var unusable: [AnswerRule] = []

  /// How the gateway is asked what became of a message; nil when it cannot be asked.
  package var lookup: Lookup?

  /// A question about one message, by our reference. Signed and secured as the message was.
  package struct Lookup: Sendable, Equatable {
    package var method: String
    package var url: RecipeText
    package var contentType: String?
    package var body: RecipeText?
    /// The gateway has the message.
    package var taken: [AnswerRule]
    /// It has arrived.
    package var delivered: [AnswerRule]
    /// The gateway has never heard of it.
    package var missing: [AnswerRule]
  }

  package init(method: String, url: RecipeText, accepted: [AnswerRule]) {
    self.method = method
    self.url = url
    self.accepted = accepted
  }
}

extension HTTPRecipe {
  /// As they stand in requests. Error pages of servers and proxies repeat the address that was asked for, and the words
  /// of an answer go to logs and lists.
  var secretTexts: [String] {
    secrets.values.compactMap { try? $0.read() }.flatMap { [$0, CanonicalText.percentEncoded($0)] }
  }

  /// The request for the message that `values` tell of. Throws ``RecipeFault`` when the message lacks something, another
  /// sentence when a secret cannot be read.
  ///
  /// - Parameter nonce: see ``RequestSigning``.
  func request(_ values: [String: RecipeValue], now: Instant, nonce: String? = nil) throws -> HTTPRequest {
    var values = values
    for (name, source) in secrets { values["secret.\(name)"] = .text(try source.read()) }
    var request = HTTPRequest(method, try url.filled(values))
    for header in headers { request.fields.append(name: header.name, value: try header.value.filled(values)) }
    if let contentType { request.fields["Content-Type"] = contentType }
    if let body { request.body = Array(try body.filled(values).utf8) }
    if !parts.isEmpty {
      let form = MultipartForm(try parts.map { ($0, try $0.value.filled(values)) })
      request.body = form.body
      request.fields["Content-Type"] = form.contentType
    }
    request.timeout = Int(timeout) * 1000
    request.mayBePlain = mayBePlain
    request.mayReachPrivateAddresses = mayBePrivate
    try signing?.sign(&request, now: now, nonce: nonce)
    return request
  }
}
