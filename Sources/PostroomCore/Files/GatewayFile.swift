/// `mailboxes/gateways/<name>.yaml`.
extension Loader {
  /// With the names of those that carry mail and of those that carry SMS, faulty ones too.
  func gateways() -> (gateways: [String: GatewaySettings], mailNames: [String], smsNames: [String]) {
    var gateways: [String: GatewaySettings] = [:]
    var mailNames: [String] = []
    var smsNames: [String] = []
    let files = definitions(in: home + "/mailboxes/gateways")
    for (name, file) in files {
      let reader = SettingsReader(text: text(of: file), file: shown(file), log: log)
      if reader.has("http") { smsNames.append(name) } else { mailNames.append(name) }
      let kind = kind(reader, file: file)
      var backoff = Backoff(first: 30, limit: 3600)
      var attempts = 100
      var resend: Seconds = 600
      if let retry = reader.section("retry") {
        if let first = retry.duration("first", atLeast: 1) { backoff.first = first }
        if let most = retry.duration("most", atLeast: 1) { backoff.limit = most }
        attempts = retry.integer("attempts", in: 1...1000) ?? attempts
        resend = retry.duration("resend_uncertain_after") ?? resend
        retry.finish()
      }
      let mailbox = reader.text("mailbox")
      let rules = rules(reader, isSMS: reader.has("http"))
      let webhooks = webhooks(reader, file: file)
      reader.finish()
      guard let kind else { continue }
      gateways[name] = GatewaySettings(
        name: name, kind: kind, mailbox: mailbox, backoff: backoff, maxAttempts: attempts, rules: rules,
        webhooks: webhooks,
        resendUncertainAfter: resend)
    }
    return (gateways, mailNames, smsNames)
  }

  /// A gateway's SMS go to a mailbox that there is.
  func checkMailboxes(of gateways: [String: GatewaySettings], known: [String]) {
    for gateway in gateways.values.sorted(by: { $0.name < $1.name }) {
      guard let mailbox = gateway.mailbox, !known.contains(mailbox) else { continue }
      log.add(
        Problem(
          "`mailbox` names \"\(mailbox)\", which is no mailbox", file: "mailboxes/gateways/\(gateway.name).yaml",
          advice: SettingsReader.nearest(mailbox, known).map { "did you mean \($0)?" }
            ?? "known are: \(known.joined(separator: ", "))"))
    }
  }

  private func kind(_ reader: SettingsReader, file: String) -> GatewaySettings.Kind? {
    let kinds = ["smtp", "file", "http", "mail_http"].filter(reader.has)
    if kinds.count > 1 {
      reader.fault("must be one of smtp, file, http and mail_http, not \(kinds.joined(separator: " and "))")
      for kind in kinds { _ = reader.section(kind) }
    }
    if let section = reader.section("file") {
      defer { section.finish() }
      return section.text("folder", required: true).map { .file(folder: path($0, of: file)) }
    }
    if let section = reader.section("smtp") { return smtp(section, file: file).map { .smtp($0) } }
    if let section = reader.section("http") {
      let sms = sms(reader)
      return recipe(section, file: file, cargo: .sms).map { .http($0, sms) }
    }
    if let section = reader.section("mail_http") {
      return recipe(section, file: file, cargo: .mail).map { .mailHTTP($0) }
    }
    reader.fault("must hold smtp, mail_http or file for mail, or http for SMS")
    return nil
  }

  private func sms(_ reader: SettingsReader) -> SMSSettings {
    var settings = SMSSettings(profile: SMSProfile(), signature: nil)
    guard let section = reader.section("sms") else { return settings }
    defer { section.finish() }
    let names = SMSProfile.named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    if let profile = section.choice("profile", names) { settings.profile = profile }
    settings.signature = section.text("signature")
    if let wording = section.localized("opt_out") { settings.profile.optOut = wording }
    return settings
  }

  private func smtp(_ smtp: SettingsReader, file: String) -> SMTPSettings? {
    defer { smtp.finish() }
    let security =
      smtp.choice("security", SMTPSettings.Security.allCases.map { ($0.rawValue, $0) }) ?? SMTPSettings.Security.tls
    let host = smtp.text("host", required: true)
    let port = smtp.integer("port", in: 1...65_535) ?? [.tls: 465, .starttls: 587, .plain: 25][security, default: 25]
    let user = smtp.text("user")
    let secret = mailSecret(smtp, file: file, user: user, required: user != nil)
    let caFile = certificateFile(smtp, file: file)
    let helo = smtp.text("helo")
    let connections = smtp.integer("connections", in: 1...256) ?? 8
    let timeout = smtp.duration("response_timeout", atLeast: 1) ?? 300
    warnAboutPlain(smtp, isPlain: security == .plain, host: host)
    guard let host else { return nil }
    return SMTPSettings(
      host: host, port: port, security: security, user: user, secret: secret, caFile: caFile, heloName: helo,
      connections: connections, responseTimeout: timeout)
  }
}
