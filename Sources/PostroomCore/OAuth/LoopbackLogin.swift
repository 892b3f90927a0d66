internal import Crypto
package import CurlClient

/// Login in a browser that comes back to a port of this machine (RFC 8252 §7.3), proven by a secret that only this
/// process knows (PKCE, RFC 7636).
package struct LoopbackLogin: Sendable {
  private let endpoint: TokenEndpoint
  private let authorizationURL: String
  private static let patience: Seconds = 900

  /// Nil when the provider has no such login.
  package init?(_ settings: OAuthSettings, engine: CurlEngine) {
    guard let url = settings.authorizationURL else { return nil }
    authorizationURL = url
    endpoint = TokenEndpoint(settings, engine: engine)
  }

  /// Shows the address that the person opens, and waits for the browser to come back, or for a line on `input` with the
  /// address that the browser went to: it may run on another machine. `port` 0 takes any free one.
  package func run(
    port: UInt16 = 0, input: Int32? = nil, now: @Sendable () -> Instant = { .now },
    show: (_ address: String, _ port: UInt16) -> Void
  ) async throws(OAuthFault) -> TokenGrant {
    let listener = try LoopbackListener(port: port)
    let state = Self.random()
    let verifier = Self.random()
    let redirect = "http://\(endpoint.settings.redirectHost):\(listener.port)"
    show(address(state: state, verifier: verifier, redirect: redirect), listener.port)
    let answer = await listener.answer(state: state, input: input, within: Self.patience)
    switch answer {
    case .code(let code):
      return try await endpoint.grant(
        [
          Parameter(name: "grant_type", value: "authorization_code"), Parameter(name: "code", value: code),
          Parameter(name: "redirect_uri", value: redirect), Parameter(name: "code_verifier", value: verifier),
        ], now: now())
    case .error(let code): throw OAuthFault(.denied, "the provider gave no code: \(code)")
    case .nothing: throw OAuthFault(.expired, "nobody logged in in time", advice: endpoint.settings.loginAdvice)
    }
  }

  private func address(state: String, verifier: String, redirect: String) -> String {
    let settings = endpoint.settings
    var query = [
      Parameter(name: "response_type", value: "code"), Parameter(name: "client_id", value: settings.clientID),
      Parameter(name: "redirect_uri", value: redirect), Parameter(name: "state", value: state),
      Parameter(name: "code_challenge", value: Self.challenge(verifier)),
      Parameter(name: "code_challenge_method", value: "S256"),
    ]
    if let scope = settings.scope { query.append(Parameter(name: "scope", value: scope)) }
    if !settings.account.isEmpty { query.append(Parameter(name: "login_hint", value: settings.account)) }
    let separator = authorizationURL.contains("?") ? "&" : "?"
    return authorizationURL + separator + CanonicalText.query(query + settings.authorizationExtras)
  }

  /// RFC 7636 §4.2.
  static func challenge(_ verifier: String) -> String { base64URL(Array(SHA256.hash(data: Array(verifier.utf8)))) }

  /// 256 bits, as RFC 7636 §7.1 asks for.
  private static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    return base64URL((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  /// Without padding (RFC 7636 §A).
  private static func base64URL(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    var (bits, count) = (UInt32(0), 0)
    for byte in bytes {
      bits = bits << 8 & 0xFFFF | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
    return String(decoding: text, as: UTF8.self)
  }
}
