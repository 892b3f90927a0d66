import Testing

@testable import PostroomCore

@Suite("Settings of token logins")
struct OAuthSectionTests {
  @Test("mailbox and gateway of one account share a consent; addresses and scopes of known providers are known")
  func providers() throws {
    let mailbox = try #require(HomeFixture.files[HomeFixture.mailbox])
    let home = try HomeFixture([
      HomeFixture.mailbox: mailbox.replacing(
        "password_file: ../secrets/imap-password",
        with: "oauth: { provider: microsoft, client_id: c, refresh_token_file: ../data/token, tenant: example.cn }"),
      HomeFixture.gateway: """
      smtp:
        host: smtp.office365.com
        security: starttls
        user: support
        oauth: { provider: microsoft, client_id: c, refresh_token_file: ../../data/token, tenant: example.cn }
      """,
      "mailboxes/gateways/gmail.yaml": """
      smtp:
        host: smtp.gmail.com
        user: shop@example.cn
        oauth:
          provider: google
          client_id: g
          client_secret_file: ../../secrets/imap-password
          refresh_token_file: ../../secrets/signing-key
          proxy: socks5h://127.0.0.1:1080
      """,
    ])
    let settings = try home.load().settings
    let logins = settings.logins
    #expect(
      logins.map(\.file) == [
        "mailboxes/support.yaml", "mailboxes/gateways/gmail.yaml", "mailboxes/gateways/out.yaml",
      ])
    let (imap, google, smtp) = (logins[0].oauth, logins[1].oauth, logins[2].oauth)
    #expect(imap.tokenURL == "https://login.microsoftonline.com/example.cn/oauth2/v2.0/token")
    #expect(imap.deviceURL == "https://login.microsoftonline.com/example.cn/oauth2/v2.0/devicecode")
    #expect(imap.scope?.hasSuffix("offline_access") == true && imap.redirectHost == "localhost")
    #expect(imap.name == "support" && imap.account == "support" && imap.tokenFile == home.path + "/data/token")
    let tokens = AccessTokens()
    #expect(smtp.name == "out" && tokens.source(imap) === tokens.source(smtp))
    #expect(tokens.source(google) !== tokens.source(smtp))
    #expect(google.scope == "https://mail.google.com/" && google.deviceURL == nil)
    #expect(google.authorizationURL == "https://accounts.google.com/o/oauth2/v2/auth")
    #expect(google.proxy == "socks5h://127.0.0.1:1080" && google.account == "shop@example.cn")
  }
}
