/// What a token endpoint gives (RFC 6749 §5.1).
package struct TokenGrant: Sendable, Equatable {
  package var accessToken: Secret
  /// Of the access token.
  package var lifetime: Seconds
  /// Nil when the one that was used stays good.
  package var refreshToken: Secret?
  /// Of the refresh token, from now; nil when the provider does not say.
  package var refreshLifetime: Seconds?

  /// Nil when the answer is none that can be used.
  init?(_ answer: [String: Any]) {
    guard let access = Self.token(answer["access_token"]) else { return nil }
    if let type = answer["token_type"] as? String, type.lowercased() != "bearer" { return nil }
    accessToken = access
    // "RECOMMENDED" (RFC 6749 §5.1); an hour is what providers of mail give.
    lifetime = min(max(Self.seconds(answer["expires_in"]) ?? 3600, 1), Self.longestLifetime)
    refreshToken = Self.token(answer["refresh_token"])
    refreshLifetime = Self.seconds(answer["refresh_token_expires_in"]).flatMap { $0 > 0 ? $0 : nil }
    if answer["refresh_token"] != nil, refreshToken == nil { return nil }
  }

  /// An access token that claims to hold longer is fetched anew all the same.
  private static let longestLifetime: Seconds = 30 * 86_400
  private static let longestToken = 16 << 10

  /// VSCHAR (RFC 6749 §A.12) without spaces, which nobody uses: tokens become parts of SMTP and IMAP commands.
  private static func token(_ value: Any?) -> Secret? {
    guard let text = value as? String, !text.isEmpty, text.utf8.count <= longestToken,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return nil }
    return Secret(text)
  }

  /// Some endpoints write numbers as strings.
  private static func seconds(_ value: Any?) -> Seconds? {
    let number = (value as? Int64) ?? (value as? Double).flatMap { Int64(exactly: $0.rounded()) }
    return (number ?? (value as? String).flatMap(Int64.init)).map { min($0, 100 * 366 * 86_400) }
  }
}
