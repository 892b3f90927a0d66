/// Why there is no token, as a kind to decide by and sentences to show. Neither holds a secret.
package struct OAuthFault: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Sendable, Equatable {
    /// The refresh token is not taken any more (`invalid_grant`), or there is none yet.
    case consentEnded
    /// The provider does not know this client or its secret.
    case client
    /// The provider understands the request, but not what it asks for: scope, grant, parameters.
    case request
    /// The mail server takes no token of this account, however fresh.
    case refusedLogin
    /// The person has not decided yet (RFC 8628 §3.5).
    case pending, slowDown
    /// The person said no, or said nothing for too long.
    case denied, expired
    /// No connection: name, network, proxy or TLS.
    case unreachable
    /// The provider answers, but cannot at present.
    case unavailable
    /// What answers is no token endpoint.
    case malformed
    /// A file cannot be read or written.
    case storage
  }

  package var kind: Kind
  package var sentence: String
  /// What to do.
  package var advice: String?

  package init(_ kind: Kind, _ sentence: String, advice: String? = nil) {
    self.kind = kind
    self.sentence = sentence
    self.advice = advice
  }

  package var description: String { sentence + (advice.map { " — \($0)" } ?? "") }

  /// Whether only a person can help, so that trying soon again is of no use.
  var needsPerson: Bool { [.consentEnded, .client, .request, .refusedLogin, .denied].contains(kind) }
}
