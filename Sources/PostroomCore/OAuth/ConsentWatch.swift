package import Logging

/// Once a day uses each refresh token, so that none ends for want of use, and says in the log which end soon.
package struct ConsentWatch: Sendable {
  private let logins: [(file: String, oauth: OAuthSettings)]
  private let tokens: AccessTokens
  private let log: Logger

  package init(_ settings: Settings, tokens: AccessTokens, log: Logger) {
    logins = settings.logins
    self.tokens = tokens
    self.log = log
  }

  /// Runs until the task is cancelled.
  package func run() async {
    while !Task.isCancelled {
      await look(now: .now)
      try? await Task.sleep(for: .seconds(86_400))
    }
  }

  func look(now: Instant) async {
    for (file, oauth) in logins {
      do {
        _ = try await tokens.source(oauth).token(now: now)
      } catch {
        log.error("\(file): \(error)")
      }
      if let words = oauth.consent?.warning(of: oauth, now: now) {
        log.warning("\(file): \(words) — \(oauth.loginAdvice)")
      }
    }
  }
}
