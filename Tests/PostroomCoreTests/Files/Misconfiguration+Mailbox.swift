/// Mailboxes and gateways with faults.
extension Misconfiguration {
  private static let mailbox = HomeFixture.mailbox
  private static let gateway = HomeFixture.gateway

  static let mailboxes: [Misconfiguration] = [
    .init(
      name: "no mailbox at all", files: [mailbox: nil],
      complaints: [
        "mailboxes: error: defines no mailbox — put a file such as mailboxes/support.yaml there; mailboxes/example.yaml "
          + "of the distribution explains it"
      ]),
    .edit(
      "no address", mailbox, "address: support@example.cn\n", "",
      "mailboxes/support.yaml:1: error: `address` is missing"),
    .edit(
      "an address that is none", mailbox, "address: support@example.cn", "address: support at example.cn",
      "mailboxes/support.yaml:1: error: `address` is \"support at example.cn\", which is no mail address — such as "
        + "support@example.cn"),
    .add(
      "an alias that is none", mailbox, "aliases: [service]",
      "mailboxes/support.yaml:9: error: `aliases` is \"service\", which is no mail address — such as support@example.cn"
    ),
    .edit(
      "an unknown team", mailbox, "team: service", "team: servise",
      "mailboxes/support.yaml:7: error: `team` names \"servise\", which is not in teams of postroom.yaml — did you mean "
        + "service?"),
    .edit(
      "an unknown gateway", mailbox, "gateway: out", "gateway: sms-cn",
      "mailboxes/support.yaml:8: error: `gateway` names \"sms-cn\", which is not in the mail gateways of mailboxes/gateways/ — known are: out"
    ),
    .edit(
      "neither team nor gateway", mailbox, "team: service\ngateway: out\n", "",
      "mailboxes/support.yaml:1: error: `team` is missing", "mailboxes/support.yaml:1: error: `gateway` is missing"),
    .add(
      "a poll that is no time", mailbox, "poll: 60",
      "mailboxes/support.yaml:9: error: `poll` is \"60\", but must be a time of at least 1s such as 30s, 15m, 24h or 3d"
    ),
    .add(
      "a promise of no time", mailbox, "answer_within:\n  inquiry: 24h\n  complaint: 0s",
      "mailboxes/support.yaml:11: error: `answer_within.complaint` is \"0s\", but must be a time of at least 1m such as "
        + "30s, 15m, 24h or 3d"),
    .add(
      "a kind that nobody promises", mailbox, "answer_within: { inquiries: 24h }",
      "mailboxes/support.yaml:9: error: `answer_within.inquiries` is not known here — known are: complaint, inquiry, "
        + "suggestion"),
    .add(
      "replies that could loop", mailbox, "replies: { one_per_sender: 1m, per_minute: 0 }",
      "mailboxes/support.yaml:9: error: `replies.one_per_sender` is \"1m\", but must be a time of at least 1h such as "
        + "30s, 15m, 24h or 3d",
      "mailboxes/support.yaml:9: error: `replies.per_minute` is \"0\", but must be a whole number from 1 to 10000000"),
    .add(
      "a classifier's share that is none, and a model that is none", mailbox,
      "classifier: { precision: 90, audits: 0.1, model: support.yaml }",
      "mailboxes/support.yaml:9: error: `classifier.model`: mailboxes/support.yaml is no model: it does not begin "
        + "like a file that `postroom train` writes",
      "mailboxes/support.yaml:9: error: `classifier.precision` is \"90\", but must be a number from 0.5 to 0.999",
      "mailboxes/support.yaml:9: error: `classifier.audits` is not known here — did you mean `audit`?"),
    .add(
      "neither true nor false", mailbox, "plus_addressing: maybe",
      "mailboxes/support.yaml:9: error: `plus_addressing` is \"maybe\", but must be true or false"),
    .init(
      name: "two mailboxes with one address",
      files: [
        "mailboxes/sales.yaml": """
        # The same people.
        address: sales@example.cn
        aliases: [Support@example.cn]
        source: { imap: { host: h.example.cn, user: sales, password_file: ../secrets/imap-password } }
        team: service
        gateway: out
        """
      ],
      complaints: [
        "mailboxes/support.yaml:1: error: support@example.cn already belongs to the mailbox sales: its mail would have "
          + "two owners"
      ]),
    .init(
      name: "an ending that is not read", files: ["mailboxes/sales.yml": HomeFixture.files[mailbox]],
      complaints: ["mailboxes/sales.yml: error: is not read: its name must end in .yaml"]),
  ]

  static let sources: [Misconfiguration] = [
    .edit(
      "a password in the file", mailbox, "password_file: ../secrets/imap-password", "password: hunter2",
      "mailboxes/support.yaml:6: error: `password` does not belong into this file — write password_file: PATH or "
        + "password_env: NAME"),
    .edit(
      "a password in the file beside its file", mailbox, "    password_file", "    password: x\n    password_file",
      "mailboxes/support.yaml:6: error: `password` does not belong into this file — write password_file: PATH or "
        + "password_env: NAME"),
    .edit(
      "no password", mailbox, "    password_file: ../secrets/imap-password\n", "",
      "mailboxes/support.yaml:4: error: needs exactly one of password_file, password_env, token_file, oauth"),
    .edit(
      "two passwords", mailbox, "password_file: ../secrets/imap-password",
      "password_file: ../secrets/imap-password\n    token_file: ../secrets/imap-password",
      "mailboxes/support.yaml:4: error: needs exactly one of password_file, password_env, token_file, oauth"),
    .init(
      name: "a password file that is not there", files: ["secrets/imap-password": nil],
      complaints: [
        "mailboxes/support.yaml:6: error: the file HOME/secrets/imap-password, which should hold a password or token, "
          + "cannot be read"
      ]),
    .init(
      name: "an empty password file", files: ["secrets/imap-password": "\n"],
      complaints: [
        "mailboxes/support.yaml:6: error: the file HOME/secrets/imap-password, which should hold a password or token, "
          + "is empty"
      ]),
    .edit(
      "a variable that is not set", mailbox, "password_file: ../secrets/imap-password",
      "password_env: POSTROOM_TEST_UNSET",
      "mailboxes/support.yaml:6: error: the environment variable POSTROOM_TEST_UNSET, which should hold a password, is "
        + "not set"),
    .edit(
      "security that is unknown", mailbox, "user: support", "user: support\n    security: ssl",
      "mailboxes/support.yaml:6: error: `source.imap.security` is \"ssl\", but must be one of tls, starttls, plain"),
    .edit(
      "a port out of range", mailbox, "user: support", "user: support\n    port: 70000",
      "mailboxes/support.yaml:6: error: `source.imap.port` is \"70000\", but must be a whole number from 1 to 65535"),
    .edit(
      "an unknown deed after intake", mailbox, "user: support", "user: support\n    after: delete",
      "mailboxes/support.yaml:6: error: `after` is \"delete\", but must be keep, seen or move:FOLDER"),
    .edit(
      "a certificate that is not there", mailbox, "user: support", "user: support\n    ca_file: ca.pem",
      "mailboxes/support.yaml:6: error: the certificate file HOME/mailboxes/ca.pem cannot be read"),
    .edit(
      "passwords in the clear", mailbox, "user: support", "user: support\n    security: plain",
      "mailboxes/support.yaml:6: warning: security: plain sends the password and all mail unprotected to "
        + "imap.example.cn — use tls or starttls"),
    .edit(
      "an unknown key of IMAP", mailbox, "user: support", "user: support\n    hots: x",
      "mailboxes/support.yaml:6: error: `source.imap.hots` is not known here — did you mean `host`?"),
    .init(
      name: "a Maildir that is none",
      files: [mailbox: "address: a@example.cn\nsource:\n  maildir: inbox\nteam: service\ngateway: out\n"],
      complaints: ["mailboxes/support.yaml:3: error: mailboxes/inbox is no Maildir: it has no new/ and cur/"]),
    .init(
      name: "a source of nothing",
      files: [mailbox: "address: a@example.cn\nsource:\n  folder: inbox\nteam: service\ngateway: out\n"],
      complaints: [
        "mailboxes/support.yaml:3: error: `source` must hold imap or maildir",
        "mailboxes/support.yaml:3: error: `source.folder` is not known here — known are: imap, maildir",
      ]),
    .edit(
      "two sources", mailbox, "team: service", "  maildir: inbox\nteam: service",
      "mailboxes/support.yaml:3: error: `source` must be either imap or maildir, not both"),
    .edit(
      "a source that is a word", mailbox,
      "source:\n  imap:\n    host: imap.example.cn\n    user: support\n    password_file: ../secrets/imap-password",
      "source: imap", "mailboxes/support.yaml:2: error: `source` must hold `key: value` entries"),
  ]

  static let gateways: [Misconfiguration] = [
    .init(
      name: "an HTTP gateway with many faults",
      files: [
        "mailboxes/gateways/sms.yaml": """
        http:
          url: "http://sms.example.cn/send?to={{to}}"
          content_type: application/json
          body: '{"text": "{{json.txt}}", "id": {{url.id}}}'
          headers: { X-Key: "{{raw.secret.key}}" }
          accepted: { json: /code }
          id: { jsn: /id }
          retries: 3
        sms: { profile: twillio }
        """
      ],
      complaints: [
        "mailboxes/gateways/sms.yaml:9: error: `sms.profile` is \"twillio\", but must be one of aliyun, android, http, "
          + "huawei, kannel, qiniu, sns, tencent, twilio, upyun, vonage — did you mean twilio?",
        "mailboxes/gateways/sms.yaml:2: error: `http.url`: {{to}} names no encoder: write {{encoder.variable}} with one "
          + "of json, url, xml, raw",
        "mailboxes/gateways/sms.yaml:6: error: `json` and `in` belong together, and so do "
          + "`header` and `in`",
        "mailboxes/gateways/sms.yaml:4: error: `body` uses the unknown variable txt — did you mean text?",
        "mailboxes/gateways/sms.yaml:4: error: `body` uses {{url.id}}, which is not safe there — write {{json.id}}",
        "mailboxes/gateways/sms.yaml:4: error: `http.body` is not JSON when its holes are filled in — {{json.text}} "
          + "brings its own quotes",
        "mailboxes/gateways/sms.yaml:5: error: `X-Key` uses the unknown variable secret.key — known are: alphabet, coding, "
          + "id, parameters.list, parameters.object, template, text, to, to.digits; secrets stand under `secrets`",
        "mailboxes/gateways/sms.yaml:7: error: `id` needs json, behind or header",
        "mailboxes/gateways/sms.yaml:7: error: `http.id.jsn` is not known here — did you mean `json`?",
        "mailboxes/gateways/sms.yaml:8: error: `http.retries` is not known here — known are: accepted, basic, body, "
          + "ca_file, connections, content_type, cost, headers, id, later, lookup, method, opted_out, parts, plain, private, "
          + "rejected, secrets, segments, sign, timeout, unusable, url",
      ]),
    .init(
      name: "mail sent through a gateway for SMS",
      files: [
        "mailboxes/gateways/sms.yaml": """
        http:
          url: "https://sms.example.cn/send?to={{url.to}}&text={{url.text}}"
          method: GET
          accepted: { status: [200] }
        """,
        mailbox: (HomeFixture.files[mailbox] ?? "").replacing("gateway: out", with: "gateway: sms"),
      ],
      complaints: [
        "mailboxes/support.yaml:8: error: `gateway` names \"sms\", which is not in the mail gateways of "
          + "mailboxes/gateways/ — known are: out"
      ]),
    .init(
      name: "webhooks with many faults",
      files: [
        "mailboxes/gateways/sms.yaml": """
        file: { folder: sent }
        check: { scheme: path_tokn, password_file: x }
        receipts:
          format: jsn
          status: [""]
          inside: Message
          zone: Shanghai
          deliverd: ok
          answer: { status: 500, body: OK }
        inbound:
          from: /from
          text: []
        """
      ],
      complaints: [
        "mailboxes/gateways/sms.yaml:2: error: `check.scheme` is \"path_tokn\", but must be one of path_token, twilio, "
          + "vonage, sendgrid, mailgun, standard, sns, android — did you mean path_token?",
        "mailboxes/gateways/sms.yaml:4: error: `receipts.format` is \"jsn\", but must be one of query, form, json — did you "
          + "mean json?",
        "mailboxes/gateways/sms.yaml:6: error: `inside` must be a JSON Pointer such as /data/id",
        "mailboxes/gateways/sms.yaml:5: error: `receipts.status` must be a name, a /pointer, or a ?parameter of the address",
        "mailboxes/gateways/sms.yaml:7: error: `receipts.zone` is \"Shanghai\", but must be an offset such as +08:00",
        "mailboxes/gateways/sms.yaml:9: error: `receipts.answer.status` is \"500\", but must be a whole number from 200 to "
          + "299",
        "mailboxes/gateways/sms.yaml:9: error: `receipts.answer.body` needs `content_type`",
        "mailboxes/gateways/sms.yaml:4: error: names no status: give lists of words under delivered, failed, complaint, "
          + "ignored, under_way, dead_address, opt_out, opt_in",
        "mailboxes/gateways/sms.yaml:4: error: needs `ours` or `theirs`: which message a receipt is about",
        "mailboxes/gateways/sms.yaml:8: error: `receipts.deliverd` is not known here — did you mean `delivered`?",
        "mailboxes/gateways/sms.yaml:11: error: `inbound.format` is missing",
        "mailboxes/gateways/sms.yaml:12: error: `inbound.text` is empty",
      ]),
    .init(
      name: "a reference that nobody signs",
      files: [
        "mailboxes/gateways/ses.yaml": """
        file: { folder: sent }
        check: { scheme: sns, topics: ["arn:aws:sns:us-east-1:1:t"] }
        receipts: { format: json, ours: "?m", status: a, delivered: ok }
        """
      ],
      complaints: [
        "mailboxes/gateways/ses.yaml:3: error: `receipts` reads ?m of the address, which this scheme's signature does not "
          + "cover"
      ]),
    .init(
      name: "Mailgun's webhooks at an address that everybody may know",
      files: [
        "secrets/key": "k\n",
        "mailboxes/gateways/mailgun.yaml": """
        file: { folder: sent }
        check: { scheme: mailgun, password_file: ../../secrets/key }
        receipts: { format: json, theirs: id, status: a, delivered: ok }
        """,
      ],
      complaints: [
        "mailboxes/gateways/mailgun.yaml:2: error: Mailgun's signature does not cover what its webhooks say — add path: { "
          + "password_file: PATH }, a secret at the end of the webhooks' address"
      ]),
    .init(
      name: "webhooks of nobody",
      files: [
        "mailboxes/gateways/sms.yaml": """
        file: { folder: sent }
        inbound: { format: json, from: a, text: b }
        """,
        "mailboxes/gateways/sns.yaml": """
        file: { folder: sent }
        check: { scheme: sns, topics: [news] }
        """,
      ],
      complaints: [
        "mailboxes/gateways/sms.yaml:2: error: tells what webhooks say, but not how their sender is known — add check: { "
          + "scheme: path_token, password_file: PATH }, or the vendor's own scheme",
        "mailboxes/gateways/sns.yaml:2: error: `check.topics` must hold the ARNs of the topics that are ours",
        "mailboxes/gateways/sns.yaml:2: error: `check` is of no use without `receipts` or `inbound`",
      ]),
    .init(
      name: "two ways out in one",
      files: [gateway: "file: { folder: sent }\nsmtp: { host: smtp.example.cn }\n"],
      complaints: [
        "mailboxes/gateways/out.yaml:1: error: must be one of smtp, file, http and mail_http, not smtp and file"
      ]),
    .init(
      name: "a file gateway without its folder", files: [gateway: "# for now\nfile: { foldr: sent }\n"],
      complaints: [
        "mailboxes/gateways/out.yaml:2: error: `file.folder` is missing",
        "mailboxes/gateways/out.yaml:2: error: `file.foldr` is not known here — did you mean `folder`?",
      ]),
    .init(
      name: "an SMTP gateway with many faults",
      files: [
        gateway: """
        smtp:
          security: tsl
          port: 0
          user: support
          connections: many
          response_timeout: 5 minutes
        retry:
          first: 0s
          attempts: 0
          delay: 1m
        """
      ],
      complaints: [
        "mailboxes/gateways/out.yaml:2: error: `smtp.security` is \"tsl\", but must be one of tls, starttls, plain — did "
          + "you mean tls?",
        "mailboxes/gateways/out.yaml:2: error: `smtp.host` is missing",
        "mailboxes/gateways/out.yaml:3: error: `smtp.port` is \"0\", but must be a whole number from 1 to 65535",
        "mailboxes/gateways/out.yaml:2: error: needs exactly one of password_file, password_env, token_file, oauth",
        "mailboxes/gateways/out.yaml:5: error: `smtp.connections` is \"many\", but must be a whole number from 1 to 256",
        "mailboxes/gateways/out.yaml:6: error: `smtp.response_timeout` is \"5 minutes\", but must be a time of at least "
          + "1s such as 30s, 15m, 24h or 3d",
        "mailboxes/gateways/out.yaml:8: error: `retry.first` is \"0s\", but must be a time of at least 1s such as 30s, "
          + "15m, 24h or 3d",
        "mailboxes/gateways/out.yaml:9: error: `retry.attempts` is \"0\", but must be a whole number from 1 to 1000",
        "mailboxes/gateways/out.yaml:10: error: `retry.delay` is not known here — known are: attempts, first, most, "
          + "resend_uncertain_after",
      ]),
    .init(
      name: "plain SMTP to this machine is nobody's danger",
      files: [gateway: "smtp: { host: localhost, port: 1025, security: plain }\n"], complaints: []),
  ]
}
