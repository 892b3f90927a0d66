/// What one mailbox or gateway proves itself with, and what its server thought of it. A token that is refused is renewed
/// once; when the fresh one is refused too, the server is left in peace for growing pauses, because many failed logins
/// lock an account.
package actor MailLogin {
  package enum Credential: Sendable, Equatable {
    case password(String)
    case token(AccessToken)
    /// A token that another program keeps fresh.
    case foreignToken(String)
  }

  private enum Origin {
    case stored(SecretSource)
    case tokens(AccessTokenSource, OAuthSettings)
  }

  private let origin: Origin
  /// The token that was fetched because an older one was refused, until a login succeeds.
  private var fresh: AccessToken?
  private var pause: (fault: OAuthFault, until: Instant, count: Int64, login: Int64)?

  private static let backoff = Backoff(first: 60, limit: 3600)

  package init(_ secret: MailSecret, tokens: AccessTokens) {
    switch secret {
    case .stored(let source): origin = .stored(source)
    case .oauth(let settings): origin = .tokens(tokens.source(settings), settings)
    }
  }

  /// What to log in with now. Throws a sentence when there is nothing, or when the server is to be left in peace.
  package func credential(now: Instant) async throws -> Credential {
    switch origin {
    case .stored(let source):
      let secret = try source.read()
      return source.isToken ? .foreignToken(secret) : .password(secret)
    case .tokens(let source, _):
      if let pause {
        // When somebody has logged in, everything begins anew.
        if await source.login() != pause.login {
          self.pause = nil
          fresh = nil
        } else if now < pause.until {
          throw pause.fault
        }
      }
      return .token(try await source.token(now: now))
    }
  }

  /// What to try instead of a credential that the server refused with `words`; nil when there is nothing better. Throws
  /// when a fresh token was refused too.
  package func replacement(
    of credential: Credential, refusedWith words: String, now: Instant
  ) async throws(OAuthFault) -> Credential? {
    guard case .token(let token) = credential, case .tokens(let source, let settings) = origin else { return nil }
    if let pause, now < pause.until { throw pause.fault }
    if let fresh, fresh.serial > token.serial { return .token(fresh) }
    guard fresh == nil else { throw await paused(words, source, settings, now: now) }
    let renewed = try await source.token(replacing: token, now: now)
    fresh = renewed
    return .token(renewed)
  }

  /// The server has taken the credential. One that is older than what it refused says nothing: a connection may still
  /// live on it.
  package func succeeded(with credential: Credential) {
    if case .token(let token) = credential, let fresh, token.serial < fresh.serial { return }
    fresh = nil
    pause = nil
  }

  private func paused(
    _ words: String, _ source: AccessTokenSource, _ settings: OAuthSettings, now: Instant
  ) async -> OAuthFault {
    let login = await source.login()
    // Many connections may come at once, refused with the same token.
    if let pause, now < pause.until { return pause.fault }
    let count = (pause?.count ?? 0) + 1
    let fault = OAuthFault(
      .refusedLogin, "needs login: even a fresh token is refused: \(words)",
      advice: "\(settings.loginAdvice); or allow IMAP and SMTP AUTH for this account at the provider")
    pause = (fault, now + Self.backoff.milliseconds(after: count), count, login)
    return fault
  }
}
