extension OAuthSettings {
  /// Keeps what a login gave. Throws when the provider gave nothing to keep.
  package func keep(_ grant: TokenGrant, now: Instant) async throws(OAuthFault) -> OAuthConsent {
    guard let token = grant.refreshToken else {
      throw OAuthFault(
        .request, "the provider gave no refresh token",
        advice: provider == .custom ? "which scope does it want for one?" : "remove this app's access, log in again")
    }
    let file = TokenFile(self)
    try PrivateFile.makeFolder(of: file.path)
    // A renewal that is under way must not write its token over this one.
    let lock = try await TokenLock.taken(at: file.lockPath)
    defer { withExtendedLifetime(lock) {} }
    try file.write(token)
    file.note(grant, now: now)
    return file.consent ?? OAuthConsent(usedAt: now)
  }

  /// What is known of the consent that is kept; nil when nobody has logged in.
  package var consent: OAuthConsent? { TokenFile(self).consent }
}

extension Settings {
  /// Every mailbox and gateway that gets its access tokens by itself, with the file that says so.
  package var logins: [(file: String, oauth: OAuthSettings)] {
    let mailboxes = mailboxes.values.sorted { $0.name < $1.name }.compactMap { mailbox in
      if case .imap(let imap) = mailbox.source, case .oauth(let oauth) = imap.secret {
        (file: "mailboxes/\(mailbox.name).yaml", oauth: oauth)
      } else {
        nil
      }
    }
    let gateways = gateways.values.sorted { $0.name < $1.name }.compactMap { gateway in
      if case .smtp(let smtp) = gateway.kind, case .oauth(let oauth)? = smtp.secret {
        (file: "mailboxes/gateways/\(gateway.name).yaml", oauth: oauth)
      } else {
        nil
      }
    }
    return mailboxes + gateways
  }
}
