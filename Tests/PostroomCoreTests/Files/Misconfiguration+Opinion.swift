/// `second_opinion` with faults.
extension Misconfiguration {
  private static func opinion(_ name: String, _ lines: String, _ complaints: String...) -> Misconfiguration {
    let file = HomeFixture.settings
    return Misconfiguration(
      name: name, files: [file: (HomeFixture.files[file] ?? "") + "second_opinion:\n" + lines + "\n"],
      complaints: complaints)
  }

  private static let least = "  url: https://api.example.com/v1\n  model: small\n"

  static let opinions: [Misconfiguration] = [
    opinion(
      "an opinion of nobody", "  timeout: 5s",
      "postroom.yaml:9: error: `second_opinion.url` is missing",
      "postroom.yaml:9: error: `second_opinion.model` is missing"),
    opinion(
      "an opinion in the clear", "  url: http://models.example.com/v1\n  model: small",
      "postroom.yaml:9: error: `second_opinion.url` is not encrypted: everybody on the way could read what customers "
        + "write — use https://, or plain: true for a model on this machine"),
    opinion(
      "an opinion of the house's own network", "  url: https://10.0.0.7:8443/v1\n  model: small",
      "postroom.yaml:9: error: `second_opinion.url` leads into this house's own network — private: true allows that, "
        + "for a model of your own"),
    opinion(
      "an address with a key in it", "  url: https://api.example.com/v1?key=s3cret\n  model: small",
      "postroom.yaml:9: error: `second_opinion.url` must be an address like https://api.example.com/v1 — without "
        + "/chat/completions, name, password and query"),
    opinion(
      "an address that goes too far", "  url: https://api.example.com/v1/chat/completions\n  model: small",
      "postroom.yaml:9: error: `second_opinion.url` must end before /chat/completions, which is added"),
    opinion(
      "a secret in the file", least + "  password: s3cret",
      "postroom.yaml:11: error: `password` does not belong into this file — write password_file: PATH or "
        + "password_env: NAME"),
    opinion(
      "a secret that is not there", least + "  password_file: secrets/none",
      "postroom.yaml:11: error: the file HOME/secrets/none, which should hold a password or token, cannot be read"),
    opinion(
      "a question that outlasts the end", least + "  timeout: 5m",
      "postroom.yaml:11: error: `second_opinion.timeout` is longer than 60s, for which `serve` would not end"),
    opinion(
      "a limit of nothing", least + "  daily_limit: 0",
      "postroom.yaml:11: error: `second_opinion.daily_limit` is \"0\", but must be a whole number from 1 to 1000000"),
    opinion(
      "opinions about a mailbox nobody knows", least + "  mailboxes: [supprot]",
      "postroom.yaml:11: error: `second_opinion.mailboxes` names \"supprot\", which is not in mailboxes/ — did you "
        + "mean support?"),
    opinion(
      "an unknown key of the second opinion", least + "  modell: x",
      "postroom.yaml:11: error: `second_opinion.modell` is not known here — did you mean `model`?"),
  ]
}
