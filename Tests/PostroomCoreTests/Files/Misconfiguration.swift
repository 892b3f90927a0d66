import Testing

/// One home folder with a fault, and what the person who made it reads.
struct Misconfiguration: Sendable, CustomTestStringConvertible {
  var name: String
  /// Put in place of the file of ``HomeFixture``, or nil to leave it out.
  var files: [String: String?]
  var complaints: [String]

  /// One file with `old` replaced.
  static func edit(
    _ name: String, _ file: String, _ old: String, _ new: String, _ complaints: String...
  ) -> Misconfiguration {
    let text = HomeFixture.files[file] ?? ""
    return Misconfiguration(
      name: name, files: [file: text.replacing(old, with: new)],
      complaints: complaints + (text.contains(old) ? [] : ["the test does not change anything"]))
  }

  /// One file with `line` added at its end.
  static func add(_ name: String, _ file: String, _ lines: String, _ complaints: String...) -> Misconfiguration {
    Misconfiguration(
      name: name, files: [file: (HomeFixture.files[file] ?? "") + lines + "\n"], complaints: complaints)
  }

  var testDescription: String { name }

  static let all = house + mailboxes + sources + gateways + oauth + opinions
}

/// `postroom.yaml` with faults.
extension Misconfiguration {
  private static let settings = HomeFixture.settings

  static let house: [Misconfiguration] = [
    .init(
      name: "no postroom.yaml", files: [settings: nil],
      complaints: [
        "postroom.yaml: error: there is no such file — `postroom init` makes a home folder; --home DIR names another one"
      ]),
    .add(
      "an unknown key with a near one", settings, "compnay: X",
      "postroom.yaml:8: error: `compnay` is not known here — did you mean `company`?"),
    .add(
      "an unknown key like none", settings, "colour: blue",
      "postroom.yaml:8: error: `colour` is not known here — known are: agents, company, contact, data, database, hotline, hours, http, "
        + "language, outreach, second_opinion, signing_key_file, teams, templates, zone"),
    .edit(
      "no company", settings, "company: 示例商城\n", "", "postroom.yaml:1: error: `company` is missing"),
    .edit(
      "a company in one language only", settings, "company: 示例商城", "company: { en: Store }",
      "postroom.yaml:1: error: `company.zh-Hans` is missing"),
    .edit(
      "an empty hotline", settings, "hotline: \"400-800-1234\"", "hotline: \"\"",
      "postroom.yaml:2: error: `hotline` is empty"),
    .edit(
      "a hotline that is a list", settings, "hotline: \"400-800-1234\"", "hotline: [1, 2]",
      "postroom.yaml:2: error: `hotline` must be a single value"),
    .add(
      "an unknown language", settings, "language: zh",
      "postroom.yaml:8: error: `language` is \"zh\", but must be one of zh-Hans, en"),
    .add(
      "a language written with an underscore", settings, "language: zh_Hans",
      "postroom.yaml:8: error: `language` is \"zh_Hans\", but must be one of zh-Hans, en — did you mean zh-Hans?"),
    .add(
      "an unknown zone", settings, "zone: Beijing",
      "postroom.yaml:8: error: `zone` is \"Beijing\", which is no time zone — for example Asia/Shanghai"),
    .add(
      "another database", settings, "database: mysql://x",
      "postroom.yaml:8: error: `database` must be sqlite:PATH or postgres://USER@HOST/NAME — passwords belong into "
        + "~/.pgpass or PGPASSWORD"),
    .edit(
      "an agent without an address", settings, "{ name: 陈晨, email: chen@example.cn }", "{ name: 陈晨, email: chen }",
      "postroom.yaml:5: error: `agents.chen-chen.email` is \"chen\", which is no address"),
    .edit(
      "a capacity out of range", settings, "email: chen@example.cn", "email: chen@example.cn, capacity: 0",
      "postroom.yaml:5: error: `agents.chen-chen.capacity` is \"0\", but must be a whole number from 1 to 10000"),
    .edit(
      "a capacity that is no number", settings, "email: chen@example.cn", "email: chen@example.cn, capacity: 5O",
      "postroom.yaml:5: error: `agents.chen-chen.capacity` is \"5O\", but must be a whole number from 1 to 10000"),
    .edit(
      "an unknown key of an agent", settings, "email: chen@example.cn", "email: chen@example.cn, abscent: [2026-01-01]",
      "postroom.yaml:5: error: `agents.chen-chen.abscent` is not known here — did you mean `absent`?"),
    .edit(
      "an absence that is no day", settings, "email: chen@example.cn", "email: chen@example.cn, absent: [2026-02-30]",
      "postroom.yaml:5: error: \"2026-02-30\" is no day — write 2026-10-01 or 2026-10-01..2026-10-07"),
    .edit(
      "an absence that ends before it begins", settings, "email: chen@example.cn",
      "email: chen@example.cn, absent: [2026-02-10..2026-02-03]",
      "postroom.yaml:5: error: \"2026-02-10..2026-02-03\" is no day — write 2026-10-01 or 2026-10-01..2026-10-07"),
    .edit(
      "a member nobody knows", settings, "members: [wang-fang, chen-chen]", "members: [wang-fang, chen-chan]",
      "postroom.yaml:7: error: `teams.service.members` names \"chen-chan\", who is not under `agents` — did you mean "
        + "chen-chen?"),
    .edit(
      "a fallback owner nobody knows", settings, "fallback: wang-fang", "fallback: boss",
      "postroom.yaml:7: error: `teams.service.fallback` names \"boss\", who is not under `agents`"),
    .edit(
      "a team of nobody", settings, "members: [wang-fang, chen-chen]", "members: []",
      "postroom.yaml:7: error: `teams.service.members` names nobody"),
    .add(
      "a weekday that is none", settings, "hours:\n  open: { mon-fry: \"09:00-18:00\", sat: \"09:00-12:00\" }",
      "postroom.yaml:9: error: `mon-fry` is no weekday — write mon, tue … sun or a range such as mon-fri"),
    .add(
      "hours over midnight", settings, "hours:\n  open:\n    mon: \"09:00-18:00\"\n    tue: \"22:00-06:00\"",
      "postroom.yaml:11: error: the hours of `tue` must look like \"09:00-18:00\""),
    .add(
      "a clock time that does not exist", settings, "hours:\n  open:\n    mon: \"09:00-24:30\"",
      "postroom.yaml:10: error: the hours of `mon` must look like \"09:00-18:00\"",
      "postroom.yaml:9: error: `hours.open` names no weekday: no promise could ever be kept"),
    .add(
      "hours without days", settings, "hours:\n  open: {}",
      "postroom.yaml:9: error: `hours.open` names no weekday: no promise could ever be kept"),
    .add(
      "a weekday named twice", settings,
      "hours:\n  open:\n    mon-fri: \"09:00-18:00\"\n    fri: \"09:00-12:00\"",
      "postroom.yaml:10: error: `fri` and `mon-fri` name the same weekday, which can have one pair of hours"),
    .add(
      "a holiday that is no day", settings,
      "hours:\n  open: { mon-fri: \"09:00-18:00\" }\n  holidays:\n    - 2026-10-01\n    - 2026-13-01",
      "postroom.yaml:12: error: \"2026-13-01\" is no day — write 2026-10-01 or 2026-10-01..2026-10-07"),
    .edit(
      "a tab instead of spaces", settings, "  wang-fang: {", "\twang-fang: {",
      "postroom.yaml:4: error: is not valid YAML: found character that cannot start any token"),
    .add("the same key twice", settings, "company: B", "postroom.yaml:1: error: the key company stands there twice"),
    .init(
      name: "a file that is a list", files: [settings: "- a\n- b\n"],
      complaints: ["postroom.yaml:1: error: is not a list of `key: value` lines"]),
    .init(
      name: "a signing key that is too short", files: ["secrets/signing-key": "short\n"],
      complaints: [
        "postroom.yaml:1: error: the signing key secrets/signing-key has 6 bytes, but needs at least 32"
      ]),
    .add(
      "a signing key that is not there", settings, "signing_key_file: nowhere",
      "postroom.yaml:8: error: the signing key nowhere cannot be read — `postroom init` makes one; or: head -c 32 "
        + "/dev/urandom | base64 > FILE; chmod 600 FILE"),
  ]
}
