package import CurlClient

/// The device authorization grant (RFC 8628): a person types a short code into a page on any machine, and this one asks
/// until the provider knows.
package struct DeviceLogin: Sendable {
  /// What the person is shown.
  package struct Invitation: Sendable, Equatable {
    package var address: String
    package var code: String
    package var lifetime: Seconds
  }

  private let endpoint: TokenEndpoint
  private let deviceURL: String
  private static let grantType = "urn:ietf:params:oauth:grant-type:device_code"
  /// Providers give 15 minutes; nobody needs more than an hour.
  private static let longest: Seconds = 3600

  /// Nil when the provider has no such grant for mail.
  package init?(_ settings: OAuthSettings, engine: CurlEngine) {
    guard let url = settings.deviceURL else { return nil }
    deviceURL = url
    endpoint = TokenEndpoint(settings, engine: engine)
  }

  /// Shows an invitation and waits for what becomes of it. `pause` waits for so many seconds.
  package func run(
    now: @Sendable () -> Instant = { .now }, pause: @Sendable (Seconds) async -> Void = DeviceLogin.sleep,
    show: (Invitation) -> Void
  ) async throws(OAuthFault) -> TokenGrant {
    let scope = endpoint.settings.scope.map { [Parameter(name: "scope", value: $0)] } ?? []
    let (answer, host) = try await endpoint.ask(deviceURL, scope, now: now())
    // Google said verification_url before there was an RFC.
    guard let device = answer["device_code"] as? String, let code = answer["user_code"] as? String,
      let address = (answer["verification_uri"] ?? answer["verification_url"]) as? String
    else { throw OAuthFault(.malformed, "\(host) gives no code to log in with", advice: "is device_url right?") }
    let lifetime = min(max(answer["expires_in"] as? Seconds ?? 900, 1), Self.longest)
    show(Invitation(address: address, code: code, lifetime: lifetime))
    return try await wait(
      for: device, interval: min(max(answer["interval"] as? Seconds ?? 5, 1), 60), lifetime: lifetime, now: now,
      pause: pause)
  }

  package static func sleep(_ seconds: Seconds) async { try? await Task.sleep(for: .seconds(seconds)) }

  private func wait(
    for device: String, interval: Seconds, lifetime: Seconds, now: () -> Instant, pause: (Seconds) async -> Void
  ) async throws(OAuthFault) -> TokenGrant {
    var interval = interval
    var waited: Seconds = 0
    while waited < lifetime {
      await pause(interval)
      waited += interval
      do {
        return try await endpoint.grant(
          [Parameter(name: "grant_type", value: Self.grantType), Parameter(name: "device_code", value: device)],
          now: now())
      } catch {
        switch error.kind {
        case .pending: break
        case .slowDown: interval += 5
        // RFC 8628 §3.5 asks for longer pauses when the provider cannot be reached.
        case .unreachable, .unavailable: interval = min(interval * 2, 60)
        default: throw error
        }
      }
    }
    throw OAuthFault(.expired, "nobody logged in in time", advice: endpoint.settings.loginAdvice)
  }
}
