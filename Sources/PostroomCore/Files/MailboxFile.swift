import Foundation

/// What a mailbox takes from `postroom.yaml` when its own file is silent.
struct MailboxDefaults {
  var language: Language
  var calendar: WorkCalendar
  var hotline: String
  var company: Localized?
  /// What a mailbox may name, even if it is faulty itself; nil when nobody knows.
  var teamNames: [String]?
  var gatewayNames: [String]
  var smsGatewayNames: [String]
}

/// `mailboxes/<name>.yaml`.
extension Loader {
  func mailboxes(defaults: MailboxDefaults) -> [String: MailboxSettings] {
    let folder = home + "/mailboxes"
    let files = definitions(in: folder)
    if files.isEmpty {
      log.add(
        Problem(
          "defines no mailbox", file: shown(folder),
          advice:
            "put a file such as mailboxes/support.yaml there; mailboxes/example.yaml of the distribution explains it"))
    }
    var mailboxes: [String: MailboxSettings] = [:]
    var addresses: [String: String] = [:]
    for (name, file) in files {
      let reader = SettingsReader(text: text(of: file), file: shown(file), log: log)
      guard let mailbox = mailbox(name, file, reader, defaults) else { continue }
      for address in mailbox.ownAddresses.sorted() {
        if let other = addresses.updateValue(name, forKey: address) {
          reader.fault(
            "\(address) already belongs to the mailbox \(other): its mail would have two owners", at: "address")
        }
      }
      mailboxes[name] = mailbox
    }
    return mailboxes
  }

  private func mailbox(
    _ name: String, _ file: String, _ reader: SettingsReader, _ defaults: MailboxDefaults
  ) -> MailboxSettings? {
    let address = address(reader, "address")
    let source = reader.section("source", required: true).flatMap { self.source($0, file: file) }
    let team = reader.text("team", required: true)
    reference(team, "team", "teams of postroom.yaml", defaults.teamNames, reader)
    let gateway = reader.text("gateway", required: true)
    reference(gateway, "gateway", "the mail gateways of mailboxes/gateways/", defaults.gatewayNames, reader)
    let zone = zone(reader) ?? defaults.calendar.zone
    let inherited = WorkCalendar(
      zone: zone, weekdays: defaults.calendar.weekdays, holidays: defaults.calendar.holidays,
      workdays: defaults.calendar.workdays)
    let calendar = calendar(reader, zone: zone) ?? inherited
    let aliases = (reader.list("aliases") ?? []).filter { isAddress($0, "aliases", reader) }
    let language = reader.language("language") ?? defaults.language
    let level = serviceLevel(reader)
    let policy = policy(reader)
    let hotline = reader.text("hotline") ?? defaults.hotline
    let sender = reader.localized("sender") ?? defaults.company ?? Localized(chinese: name, english: name)
    let plus = reader.boolean("plus_addressing") ?? false
    let interval = reader.duration("poll", atLeast: 1) ?? 60
    let callback = callback(reader, mail: defaults.gatewayNames, sms: defaults.smsGatewayNames)
    let classifier = classifier(reader, file: file)
    reader.finish()
    guard let address, let source, let team, let gateway else { return nil }
    return MailboxSettings(
      name: name, address: address, aliases: aliases, source: source, team: team, language: language,
      calendar: calendar, serviceLevel: level, hotline: hotline, senderName: sender, gateway: gateway, policy: policy,
      plusAddressing: plus, pollInterval: interval, callback: callback,
      classifier: classifier)
  }

  private func address(_ reader: SettingsReader, _ key: String) -> String? {
    reader.text(key, required: true).flatMap { isAddress($0, key, reader) ? $0 : nil }
  }

  private func isAddress(_ text: String, _ key: String, _ reader: SettingsReader) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>\"(),;:\\".utf8.contains($0) }
    guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), isPlain else {
      reader.fault("`\(key)` is \"\(text)\", which is no mail address", at: key, advice: "such as support@example.cn")
      return false
    }
    return true
  }

  func reference(
    _ name: String?, _ key: String, _ place: String, _ known: [String]?, _ reader: SettingsReader
  ) {
    guard let name, let known, !known.contains(name) else { return }
    reader.fault(
      "`\(key)` names \"\(name)\", which is not in \(place)", at: key,
      advice: SettingsReader.nearest(name, known).map { "did you mean \($0)?" }
        ?? (known.isEmpty ? "there are none" : "known are: \(known.joined(separator: ", "))"))
  }

  private func source(_ section: SettingsReader, file: String) -> MailboxSettings.Source? {
    defer { section.finish() }
    if section.has("imap"), section.has("maildir") {
      section.fault("`source` must be either imap or maildir, not both")
      _ = section.text("maildir")
    }
    if let imap = section.section("imap") { return imapSource(imap, file: file).map { .imap($0) } }
    if let folder = section.text("maildir") {
      let place = path(folder, of: file)
      if !FileManager.default.fileExists(atPath: place + "/new")
        || !FileManager.default.fileExists(atPath: place + "/cur")
      {
        section.fault("\(shown(place)) is no Maildir: it has no new/ and cur/", at: "maildir")
      }
      return .maildir(place)
    }
    section.fault("`source` must hold imap or maildir")
    return nil
  }

  private func imapSource(_ imap: SettingsReader, file: String) -> IMAPSettings? {
    defer { imap.finish() }
    let security =
      imap.choice("security", IMAPSettings.Security.allCases.map { ($0.rawValue, $0) }) ?? IMAPSettings.Security.tls
    let host = imap.text("host", required: true)
    let port = imap.integer("port", in: 1...65_535) ?? (security == .tls ? 993 : 143)
    let user = imap.text("user", required: true)
    let secret = mailSecret(imap, file: file, user: user, required: true)
    let folder = imap.text("folder") ?? "INBOX"
    let caFile = certificateFile(imap, file: file)
    let proxy = imap.text("proxy")
    let megabytes = imap.integer("max_mail_mb", in: 1...1000) ?? 50
    let after = afterIntake(imap)
    warnAboutPlain(imap, isPlain: security == .plain, host: host)
    guard let host, let user, let secret else { return nil }
    return IMAPSettings(
      host: host, port: port, security: security, user: user, secret: secret, folder: folder, caFile: caFile,
      proxy: proxy, afterIntake: after, maxMailBytes: megabytes << 20)
  }

  func certificateFile(_ reader: SettingsReader, file: String) -> String? {
    let place = reader.text("ca_file").map { path($0, of: file) }
    if let place, !FileManager.default.isReadableFile(atPath: place) {
      reader.fault("the certificate file \(place) cannot be read", at: "ca_file")
    }
    return place
  }

  private func afterIntake(_ imap: SettingsReader) -> IMAPSettings.AfterIntake {
    switch imap.text("after") {
    case nil, "keep": return .keep
    case "seen": return .markSeen
    case .some(let text) where text.hasPrefix("move:") && text.count > 5: return .move(String(text.dropFirst(5)))
    case .some(let text):
      imap.fault("`after` is \"\(text)\", but must be keep, seen or move:FOLDER", at: "after")
      return .keep
    }
  }

  static let secretKeys = ["password_file", "password_env", "token_file"]

  /// `alternatives` are the keys that would do instead.
  func secret(
    _ reader: SettingsReader, file: String, required: Bool, alternatives: [String] = []
  ) -> SecretSource? {
    if reader.has("password") {
      for key in ["password"] + Self.secretKeys { _ = reader.text(key) }
      reader.fault(
        "`password` does not belong into this file", at: "password",
        advice: "write password_file: PATH or password_env: NAME")
      return nil
    }
    let sources: [SecretSource] = [
      reader.text("password_file").map { .passwordFile(path($0, of: file)) },
      reader.text("password_env").map { .passwordVariable($0) },
      reader.text("token_file").map { .tokenFile(path($0, of: file)) },
    ].compactMap { $0 }
    guard let source = sources.first, sources.count == 1 else {
      if required || sources.count > 1 {
        let keys = (Self.secretKeys + alternatives).joined(separator: ", ")
        reader.fault("needs exactly one of \(keys)")
      }
      return nil
    }
    let key = Self.secretKeys.first(where: reader.has)
    checkSecret(source, at: key, reader)
    if case .passwordFile(let place) = source { warnWhenReadableByAll(place) }
    if case .tokenFile(let place) = source { warnWhenReadableByAll(place) }
    return source
  }

  func checkSecret(_ source: SecretSource, at key: String?, _ reader: SettingsReader) {
    guard wantsSecrets else { return }
    do { _ = try source.read() } catch { reader.fault("\(error)", at: key) }
  }

  func warnAboutPlain(_ reader: SettingsReader, isPlain: Bool, host: String?) {
    guard isPlain, let host, !["localhost", "127.0.0.1", "::1"].contains(host) else { return }
    reader.fault(
      "security: plain sends the password and all mail unprotected to \(host)", at: "security",
      advice: "use tls or starttls", severity: .warning)
  }

  private func serviceLevel(_ reader: SettingsReader) -> ServiceLevel {
    var level = ServiceLevel.standard
    guard let section = reader.section("answer_within") else { return level }
    if let inquiry = section.duration("inquiry", atLeast: 60) { level.inquiry = inquiry }
    if let complaint = section.duration("complaint", atLeast: 60) { level.complaint = complaint }
    if let suggestion = section.duration("suggestion", atLeast: 60) { level.suggestion = suggestion }
    section.finish()
    return level
  }

  private func policy(_ reader: SettingsReader) -> AutoReplyPolicy {
    var policy = AutoReplyPolicy()
    guard let section = reader.section("replies") else { return policy }
    if let time = section.duration("one_per_sender", atLeast: 3600) { policy.onePerSender = time }
    if let count = section.integer("per_domain_per_day", in: 1...10_000_000) { policy.perDomainPerDay = Int64(count) }
    if let count = section.integer("per_minute", in: 1...10_000_000) { policy.perMinute = Int64(count) }
    if let time = section.duration("not_older_than", atLeast: 60) { policy.notOlderThan = time }
    section.finish()
    return policy
  }
}
