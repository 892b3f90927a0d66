internal import CurlClient
internal import Foundation
internal import MailFormat

/// Asks a provider's endpoints (RFC 6749 §3.2, RFC 8628 §3.1). Each call is one request with time limits.
struct TokenEndpoint: Sendable {
  let settings: OAuthSettings
  private let client: HTTPClient

  /// Beyond this, a wrong clock is worth a word.
  private static let noticeableSkew: Seconds = 300

  init(_ settings: OAuthSettings, engine: CurlEngine) {
    self.settings = settings
    var options = HTTPClient.Settings()
    options.caFile = settings.caFile
    options.proxy = settings.proxy
    client = HTTPClient(engine: engine, settings: options)
  }

  /// Exchanges a refresh token, a code or a device code for tokens.
  func grant(_ parameters: [Parameter], now: Instant) async throws(OAuthFault) -> TokenGrant {
    let (answer, host) = try await ask(settings.tokenURL, parameters, now: now)
    guard let grant = TokenGrant(answer) else {
      throw OAuthFault(.malformed, "\(host) answers without a usable token", advice: "is token_url right?")
    }
    return grant
  }

  /// The members of a successful answer, and who gave it.
  func ask(
    _ url: String, _ parameters: [Parameter], now: Instant
  ) async throws(OAuthFault) -> (answer: [String: Any], host: String) {
    var form = parameters + [Parameter(name: "client_id", value: settings.clientID)]
    var secrets = parameters.filter { Self.secretNames.contains($0.name) }.map(\.value)
    if let file = settings.clientSecretFile {
      let secret: String
      do { secret = try SecretSource.passwordFile(file).read() } catch { throw OAuthFault(.storage, "\(error)") }
      form.append(Parameter(name: "client_secret", value: secret))
      secrets.append(secret)
    }
    var request = HTTPRequest("POST", url, body: Array(CanonicalText.query(form).utf8))
    request.fields["Content-Type"] = "application/x-www-form-urlencoded"
    request.fields["Accept"] = "application/json"
    request.connectTimeout = 10_000
    request.timeout = 20_000
    request.maxBodySize = 64 << 10
    // Addresses come from the operator's own file; the reader of settings sees to it that only this machine is plain.
    request.mayBePlain = true
    request.mayReachPrivateAddresses = settings.provider == .custom
    let host = URL(string: url)?.host ?? "the provider"
    switch await client.send(request) {
    case .answered(let response):
      return (try read(response, from: host, hiding: secrets, now: now), host)
    case .notSent(.certificate, let reason):
      throw OAuthFault(
        .unreachable, "\(host) shows no valid certificate, so nothing was sent: \(reason)",
        advice: "is the clock of this machine right?")
    case .notSent(_, let reason): throw OAuthFault(.unreachable, "\(host) cannot be reached: \(reason)")
    case .uncertain(let reason): throw OAuthFault(.unavailable, "\(host) did not answer: \(reason)")
    }
  }

  /// Which parameters an answer must not repeat before people.
  private static let secretNames: Set<String> = ["refresh_token", "code", "code_verifier", "device_code"]

  private func read(
    _ response: HTTPResponse, from host: String, hiding secrets: [String], now: Instant
  ) throws(OAuthFault) -> [String: Any] {
    let answer = (try? JSONSerialization.jsonObject(with: Data(response.body))) as? [String: Any]
    if response.status == 200, let answer, answer["error"] == nil { return answer }
    guard let code = answer?["error"] as? String else {
      let isBusy = response.status == 429 || response.status >= 500
      throw OAuthFault(
        isBusy ? .unavailable : .malformed, "\(host) answers HTTP \(response.status), without a token or a reason")
    }
    let detail = (answer?["error_description"] as? String).map { ": \($0)" } ?? ""
    var words = String((code + detail).map { $0.isNewline || $0.isASCII && $0 < " " ? " " : $0 })
    for secret in secrets where !secret.isEmpty { words = words.replacing(secret, with: "•••") }
    words = words.count > 300 ? words.prefix(300) + "…" : words
    var fault = fault(code, "\(host) says \(words)")
    if let skew = skew(response, now: now) { fault.sentence += "; " + skew }
    throw fault
  }

  /// RFC 6749 §5.2, RFC 8628 §3.5, and OpenID Connect Core §3.1.2.6 as Microsoft uses it.
  private func fault(_ code: String, _ said: String) -> OAuthFault {
    switch code {
    case "invalid_grant", "interaction_required", "consent_required", "login_required":
      OAuthFault(
        .consentEnded, "the consent has ended: a person must log in again (\(said))", advice: settings.loginAdvice)
    case "invalid_client", "unauthorized_client":
      OAuthFault(
        .client, "the provider does not accept this client: \(said)",
        advice: settings.provider == .microsoft && settings.clientSecretFile == nil
          ? "compare client_id and tenant with the provider's console, and allow public client flows there"
          : "compare client_id and client_secret_file with the provider's console; secrets there expire")
    case "authorization_pending": OAuthFault(.pending, said)
    case "slow_down": OAuthFault(.slowDown, said)
    case "access_denied", "authorization_declined": OAuthFault(.denied, "the person did not consent: \(said)")
    case "expired_token": OAuthFault(.expired, "nobody logged in in time", advice: settings.loginAdvice)
    case "temporarily_unavailable", "server_error": OAuthFault(.unavailable, said)
    default: OAuthFault(.request, said, advice: "compare scope, tenant and client_id with the provider's console")
    }
  }

  /// Whether the clock of this machine is wrong, by the server's (RFC 9110 §6.6.1).
  private func skew(_ response: HTTPResponse, now: Instant) -> String? {
    guard let date = response.fields["Date"], let server = MailDate.parse(Array(date.utf8)) else { return nil }
    let seconds = (now - server) / 1000
    guard abs(seconds) > Self.noticeableSkew else { return nil }
    return "the clock of this machine is \(abs(seconds) / 60) min \(seconds > 0 ? "ahead of" : "behind") the server's"
  }
}
