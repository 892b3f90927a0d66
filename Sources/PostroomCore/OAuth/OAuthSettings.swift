/// How a mailbox or gateway gets access tokens by itself: who we are to the provider, and where the consent of a person
/// is kept (OAuth 2, RFC 6749).
package struct OAuthSettings: Sendable, Hashable {
  package enum Provider: String, Sendable, CaseIterable { case google, microsoft, custom }

  package var provider: Provider
  package var clientID: String
  /// Nil for a public client.
  package var clientSecretFile: String?
  /// Holds the refresh token; written anew whenever the provider gives another.
  package var tokenFile: String
  /// Words separated by spaces (RFC 6749 §3.3); nil leaves the choice to the provider.
  package var scope: String?
  package var tokenURL: String
  /// Where the device authorization grant begins (RFC 8628); nil when the provider has none for mail.
  package var deviceURL: String?
  /// Where a person consents in a browser that comes back to this machine (RFC 8252); nil when there is none.
  package var authorizationURL: String?
  package var caFile: String?
  package var proxy: String?
  /// What `postroom login` calls it: the name of the mailbox or gateway.
  package var name: String
  /// Who must log in.
  package var account: String

  /// What the browser is told beside RFC 6749: Google gives a refresh token only when it is asked for one, and a second
  /// one only when the person consents again.
  var authorizationExtras: [Parameter] {
    provider == .google
      ? [Parameter(name: "access_type", value: "offline"), Parameter(name: "prompt", value: "consent")] : []
  }

  /// Where a browser finds this machine. Not `localhost`, which may lead elsewhere (RFC 8252 §8.3), but Microsoft's
  /// console takes no other name.
  var redirectHost: String { provider == .microsoft ? "localhost" : "127.0.0.1" }

  /// After how long without use a consent ends, where the provider says so: 90 days at Microsoft, six months at Google.
  var idleLimit: Seconds? {
    switch provider {
    case .microsoft: 90 * 86_400
    case .google: 180 * 86_400
    case .custom: nil
    }
  }

  /// What a person does who has to consent again.
  package var loginAdvice: String { "log in as \(account) by: postroom login \(name)" }
}

/// What a mailbox or a mail gateway logs in with.
package enum MailSecret: Sendable, Equatable {
  case stored(SecretSource)
  case oauth(OAuthSettings)
}
