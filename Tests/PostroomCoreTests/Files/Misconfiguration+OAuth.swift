/// `oauth:` sections with faults.
extension Misconfiguration {
  private static let microsoft = [
    "provider: microsoft", "client_id: 9b1c", "refresh_token_file: ../secrets/imap-password",
  ]
  private static let google = [
    "provider: google", "client_id: 9b1c.apps", "client_secret_file: ../secrets/imap-password",
    "refresh_token_file: ../secrets/imap-password",
  ]

  /// The mailbox of ``HomeFixture`` with an `oauth:` of these lines, from line 7 on.
  private static func section(_ name: String, _ lines: [String], _ complaints: String...) -> Misconfiguration {
    let text = HomeFixture.files[HomeFixture.mailbox] ?? ""
    let section = "oauth:" + lines.map { "\n      " + $0 }.joined()
    return Misconfiguration(
      name: name,
      files: [HomeFixture.mailbox: text.replacing("password_file: ../secrets/imap-password", with: section)],
      complaints: complaints.map { "mailboxes/support.yaml:" + $0 })
  }

  static let oauth: [Misconfiguration] = [
    .section("tokens of Microsoft without a fault", microsoft),
    .section("tokens of Google without a fault", google),
    .section(
      "an empty oauth", [], "6: error: `source.imap.oauth.provider` is missing",
      "6: error: `source.imap.oauth.client_id` is missing",
      "6: error: `source.imap.oauth.refresh_token_file` is missing"),
    .section(
      "an unknown provider", ["provider: gogle"] + google.dropFirst(),
      "7: error: `source.imap.oauth.provider` is \"gogle\", but must be one of google, microsoft, custom — did you mean "
        + "google?"),
    .section(
      "a client secret in the file", microsoft + ["client_secret: hunter2"],
      "10: error: `oauth.client_secret` does not belong into this file — write client_secret_file: PATH"),
    .section(
      "a client secret that is not there", microsoft + ["client_secret_file: ../secrets/none"],
      "10: error: the file HOME/secrets/none, which should hold a password or token, cannot be read"),
    .section(
      "Google without client secret", google.filter { !$0.hasPrefix("client_secret") },
      "7: error: `oauth.client_secret_file` is missing: Google gives its desktop clients a secret, too — download it from "
        + "the console, put it into a file; chmod 600 FILE"),
    .section(
      "a tenant of Google", google + ["tenant: common"], "11: error: `oauth.tenant` is Microsoft's alone"),
    .section(
      "a tenant that would lead elsewhere", microsoft + ["tenant: x/../y"],
      "10: error: `oauth.tenant` is \"x/../y\" — write the directory's id, its domain, or organizations, consumers or "
        + "common"),
    .section(
      "a scope without refresh token", microsoft + ["scope: https://outlook.office.com/SMTP.Send"],
      "10: error: `oauth.scope` is without offline_access, so there would be no refresh token — leave `scope` out: the "
        + "default reads and sends mail"),
    .section(
      "an address of a known provider", microsoft + ["token_url: https://login.example/token"],
      "10: error: `oauth.token_url` belongs to provider: custom; microsoft's is known"),
    .section(
      "a provider of one's own without address", ["provider: custom"] + microsoft.dropFirst(),
      "7: error: `oauth.token_url` is missing"),
    .section(
      "tokens in the clear", ["provider: custom"] + microsoft.dropFirst() + ["token_url: http://login.example/token"],
      "10: error: `oauth.token_url` must be an https:// address: tokens go there — http:// is taken for this machine "
        + "alone"),
    .section(
      "tokens in the clear to this machine",
      ["provider: custom"] + microsoft.dropFirst() + ["token_url: http://127.0.0.1:8080/token"]),
    .section(
      "an unknown key of oauth", microsoft + ["refresh_token: x"],
      "10: error: `source.imap.oauth.refresh_token` is not known here — known are: authorization_url, ca_file, client_id, "
        + "client_secret_file, device_url, provider, proxy, refresh_token_file, scope, tenant, token_url"),
    .section(
      "nobody has logged in yet", Array(microsoft.prefix(2)) + ["refresh_token_file: ../data/token"],
      "9: warning: nobody has logged in yet: there is no data/token — run: postroom login support"),
    .edit(
      "oauth beside a password", HomeFixture.mailbox, "    password_file: ../secrets/imap-password\n",
      "    password_file: ../secrets/imap-password\n    oauth: { \(microsoft.joined(separator: ", ")) }\n",
      "mailboxes/support.yaml:6: error: `oauth` and `password_file` cannot both be the secret"),
    .init(
      name: "SMTP with oauth but without user",
      files: [
        HomeFixture.gateway: """
        smtp:
          host: smtp.office365.com
          security: starttls
          oauth: { provider: microsoft, client_id: 9b1c, refresh_token_file: ../../secrets/imap-password }
        """
      ],
      complaints: ["mailboxes/gateways/out.yaml:4: error: `oauth` needs `user`: the account that logs in"]),
  ]
}
