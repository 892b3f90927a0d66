package import CurlClient

/// A token to log in with.
package struct AccessToken: Sendable, Equatable {
  package let value: Secret
  /// Grows with each token of a source.
  let serial: Int64
  let refreshAt: Instant
  package let expiresAt: Instant
}

/// Keeps an access token valid. However many connections ask, the refresh token is used by one at a time, and all get
/// what came of it. The access token stays in memory: to fetch one costs less than to guard another secret.
package actor AccessTokenSource {
  private let settings: OAuthSettings
  private let endpoint: TokenEndpoint
  private let file: TokenFile
  private var current: AccessToken?
  private var lastSerial: Int64 = 0
  private var underWay: Task<Result<AccessToken, OAuthFault>, Never>?
  /// The last failure, repeated without asking until its pause is over or somebody has logged in.
  private var failure: (fault: OAuthFault, until: Instant, count: Int64, login: Int64)?
  /// The file as this source saw or wrote it last, and how often others have written it since.
  private var stamp: TokenFile.Stamp?
  private var foreignWrites: Int64 = 0
  /// A new refresh token that could not be written in place of another.
  private var unwritten: (old: Secret, new: Secret)?

  /// How long before its end an access token is renewed.
  private static let margin: Seconds = 300
  private static let pauseForPerson = Backoff(first: 60, limit: 3600)
  private static let pauseForNetwork = Backoff(first: 2, limit: 300)

  package init(_ settings: OAuthSettings, engine: CurlEngine) {
    self.settings = settings
    endpoint = TokenEndpoint(settings, engine: engine)
    file = TokenFile(settings)
    stamp = file.stamp
  }

  /// A token that holds for some minutes.
  package func token(now: Instant) async throws(OAuthFault) -> AccessToken {
    if let current, now < current.refreshAt { return current }
    do {
      return try await renewed(now: now)
    } catch {
      // What is left of the old one may outlast the trouble.
      if let current, now < current.expiresAt { return current }
      throw error
    }
  }

  /// A token for somebody whose server refused `refused`: a newer one, fetched unless another asker has seen to that.
  package func token(replacing refused: AccessToken, now: Instant) async throws(OAuthFault) -> AccessToken {
    if let current, current.serial > refused.serial, now < current.expiresAt { return current }
    return try await renewed(now: now)
  }

  /// Uses the refresh token, or waits for whoever is just doing so. Waiting does not end with the asker's task: an answer
  /// with a new refresh token must be written down, whoever is still interested.
  package func renewed(now: Instant) async throws(OAuthFault) -> AccessToken {
    if let underWay { return try await underWay.value.get() }
    if let failure, now < failure.until, failure.login == login() { throw failure.fault }
    let task = Task { await self.renew(now: now) }
    underWay = task
    return try await task.value.get()
  }

  /// What is known of the consent.
  package func consent() -> OAuthConsent? { file.consent }

  /// Changes when somebody has logged in: when the file is not as it was left.
  func login() -> Int64 {
    let found = file.stamp
    if found != stamp { foreignWrites += 1 }
    stamp = found
    return foreignWrites
  }

  private func renew(now: Instant) async -> Result<AccessToken, OAuthFault> {
    defer { underWay = nil }
    do throws(OAuthFault) {
      let grant = try await exchange(now: now)
      lastSerial += 1
      // One that lives for minutes only is used for half of them.
      let margin = min(Self.margin, grant.lifetime / 2)
      let token = AccessToken(
        value: grant.accessToken, serial: lastSerial, refreshAt: now.adding(grant.lifetime - margin),
        expiresAt: now.adding(grant.lifetime))
      current = token
      failure = nil
      return .success(token)
    } catch {
      let login = login()
      let count = failure.map { $0.login == login ? $0.count + 1 : 1 } ?? 1
      let backoff = error.needsPerson ? Self.pauseForPerson : Self.pauseForNetwork
      failure = (error, now + backoff.milliseconds(after: count), count, login)
      return .failure(error)
    }
  }

  private func exchange(now: Instant) async throws(OAuthFault) -> TokenGrant {
    // Before the first login there may not even be a folder to lock in.
    _ = try file.read()
    let lock = try await TokenLock.taken(at: file.lockPath)
    defer { withExtendedLifetime(lock) {} }
    // Another process may have changed it since.
    var token = try file.read()
    _ = login()
    if let (old, new) = unwritten {
      if token == old {
        try file.write(new)
        stamp = file.stamp
        token = new
      }
      unwritten = nil
    }
    let draft = try TokenFile.Draft(file.path)
    var parameters = [
      Parameter(name: "grant_type", value: "refresh_token"),
      Parameter(name: "refresh_token", value: token.text),
    ]
    // Microsoft wants the resource named; elsewhere all that was consented to is meant (RFC 6749 §6).
    if settings.provider == .microsoft, let scope = settings.scope {
      parameters.append(Parameter(name: "scope", value: scope))
    }
    let grant = try await endpoint.grant(parameters, now: now)
    if let rotated = grant.refreshToken, rotated != token {
      do {
        try draft.commit(rotated.bytes)
        stamp = file.stamp
      } catch {
        unwritten = (token, rotated)
        throw error
      }
    }
    file.note(grant, now: now)
    return grant
  }
}
