internal import Foundation

/// The `oauth:` part of a mailbox's imap or a gateway's smtp, with every fault in it.
extension Loader {
  private static let microsoftScope =
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"

  /// Where a mailbox or gateway takes its secret from; `user` is who must log in.
  func mailSecret(_ reader: SettingsReader, file: String, user: String?, required: Bool) -> MailSecret? {
    guard let section = reader.section("oauth") else {
      return secret(reader, file: file, required: required, alternatives: ["oauth"]).map { .stored($0) }
    }
    let others = Self.secretKeys.filter { key in
      _ = reader.text(key)
      return reader.has(key)
    }
    if let other = others.first {
      reader.fault("`oauth` and `\(other)` cannot both be the secret", at: other)
    }
    if user == nil { reader.fault("`oauth` needs `user`: the account that logs in", at: "oauth") }
    return oauth(section, file: file, account: user).map { .oauth($0) }
  }

  private func oauth(_ section: SettingsReader, file: String, account: String?) -> OAuthSettings? {
    defer { section.finish() }
    let providers = OAuthSettings.Provider.allCases.map { ($0.rawValue, $0) }
    let provider = section.choice("provider", providers, required: true)
    let clientID = section.text("client_id", required: true)
    let secretFile = clientSecretFile(section, file: file)
    let tokenFile = section.text("refresh_token_file", required: true).map { path($0, of: file) }
    let scope = section.text("scope")
    let tenant = section.text("tenant")
    let urls = ["token_url", "device_url", "authorization_url"].map { endpoint($0, of: section) }
    let caFile = certificateFile(section, file: file)
    let proxy = section.text("proxy")
    guard let provider, let clientID, let tokenFile else { return nil }
    if tenant != nil, provider != .microsoft {
      section.fault("`oauth.tenant` is Microsoft's alone", at: "tenant")
    }
    if provider != .custom {
      for key in ["token_url", "device_url", "authorization_url"] where section.has(key) {
        section.fault("`oauth.\(key)` belongs to provider: custom; \(provider.rawValue)'s is known", at: key)
      }
    }
    checkTokenFile(tokenFile, section)
    var settings = OAuthSettings(
      provider: provider, clientID: clientID, clientSecretFile: secretFile, tokenFile: tokenFile, scope: scope,
      tokenURL: urls[0] ?? "", deviceURL: urls[1], authorizationURL: urls[2], caFile: caFile, proxy: proxy,
      name: URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent, account: account ?? "")
    switch provider {
    case .google:
      if secretFile == nil {
        section.fault(
          "`oauth.client_secret_file` is missing: Google gives its desktop clients a secret, too", at: "provider",
          advice: "download it from the console, put it into a file; chmod 600 FILE")
      }
      settings.tokenURL = "https://oauth2.googleapis.com/token"
      settings.deviceURL = nil
      settings.authorizationURL = "https://accounts.google.com/o/oauth2/v2/auth"
      settings.scope = scope ?? "https://mail.google.com/"
    case .microsoft:
      let base = "https://login.microsoftonline.com/\(self.tenant(tenant, section))/oauth2/v2.0"
      settings.tokenURL = base + "/token"
      settings.deviceURL = base + "/devicecode"
      settings.authorizationURL = base + "/authorize"
      settings.scope = scope ?? Self.microsoftScope
      if let scope, !scope.split(separator: " ").contains("offline_access") {
        section.fault(
          "`oauth.scope` is without offline_access, so there would be no refresh token", at: "scope",
          advice: "leave `scope` out: the default reads and sends mail")
      }
    case .custom:
      if !section.has("token_url") { section.fault("`oauth.token_url` is missing", at: "provider") }
      if settings.tokenURL.isEmpty { return nil }
    }
    return settings
  }

  private func clientSecretFile(_ section: SettingsReader, file: String) -> String? {
    if section.has("client_secret") {
      _ = section.text("client_secret")
      section.fault(
        "`oauth.client_secret` does not belong into this file", at: "client_secret",
        advice: "write client_secret_file: PATH")
    }
    guard let place = section.text("client_secret_file").map({ path($0, of: file) }) else { return nil }
    checkSecret(.passwordFile(place), at: "client_secret_file", section)
    warnWhenReadableByAll(place)
    return place
  }

  /// A refresh token that is not there yet stops nothing: `postroom login` reads these settings, too.
  private func checkTokenFile(_ place: String, _ section: SettingsReader) {
    let folder = URL(fileURLWithPath: place).resolvingSymlinksInPath().deletingLastPathComponent().path
    if FileManager.default.fileExists(atPath: folder), access(folder, W_OK) != 0 {
      section.fault(
        "the folder \(shown(folder)) must be writable: providers give new refresh tokens, which are written there",
        at: "refresh_token_file",
        advice: "with systemd's ProtectSystem it must stand below ReadWritePaths, as data/ does"
      )
    }
    if FileManager.default.fileExists(atPath: place) {
      warnWhenReadableByAll(place)
    } else {
      let name = URL(fileURLWithPath: section.file).deletingPathExtension().lastPathComponent
      section.fault(
        "nobody has logged in yet: there is no \(shown(place))", at: "refresh_token_file",
        advice: "run: postroom login \(name)", severity: .warning)
    }
  }

  private func endpoint(_ key: String, of section: SettingsReader) -> String? {
    guard let text = section.text(key) else { return nil }
    let url = URL(string: text)
    let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(url?.host ?? "")
    guard let url, url.host?.isEmpty == false, url.scheme == "https" || url.scheme == "http" && isLocal,
      url.user == nil, url.fragment == nil
    else {
      section.fault(
        "`oauth.\(key)` must be an https:// address: tokens go there", at: key,
        advice: "http:// is taken for this machine alone")
      return nil
    }
    return text
  }

  private func tenant(_ text: String?, _ section: SettingsReader) -> String {
    let tenant = text ?? "common"
    let isPlain = tenant.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x2E
    }
    if !isPlain || tenant.isEmpty {
      section.fault(
        "`oauth.tenant` is \"\(tenant)\"", at: "tenant",
        advice: "write the directory's id, its domain, or organizations, consumers or common")
    }
    return isPlain && !tenant.isEmpty ? tenant : "common"
  }
}
