import Foundation

extension Settings {
  /// Reads and checks everything below `home`. Throws ``Problems`` with all faults of all files; warnings alone do not
  /// stop it and come back beside the settings.
  ///
  /// - Parameter withSecrets: whether passwords and tokens must be there. Who logs in nowhere does without: whoever reads
  ///   one later is told then.
  package static func load(
    home: String, withSecrets: Bool = true
  ) throws(Problems) -> (settings: Settings, warnings: [Problem]) {
    let log = ProblemLog()
    let settings = Loader(home: absolute(home), log: log, wantsSecrets: withSecrets).load()
    let problems = Problems(log.list)
    guard let settings, !problems.hasErrors else { throw problems }
    return (settings, log.list)
  }

  static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}

/// Reads `postroom.yaml`; mailboxes and gateways are read by extensions in their own files.
struct Loader {
  let home: String
  let log: ProblemLog
  /// Whether it is a fault when a password or token is not there.
  var wantsSecrets = true

  func load() -> Settings? {
    let file = home + "/postroom.yaml"
    guard FileManager.default.fileExists(atPath: file) else {
      log.add(
        Problem(
          "there is no such file", file: shown(file),
          advice: "`postroom init` makes a home folder; --home DIR names another one"))
      return nil
    }
    let reader = SettingsReader(text: text(of: file), file: shown(file), log: log)
    let language = reader.language("language") ?? .chinese
    let zone = zone(reader) ?? TimeZone(identifier: "Asia/Shanghai") ?? .gmt
    let calendar = calendar(reader, zone: zone) ?? .standard(zone: zone)
    let company = reader.localized("company", required: true)
    let hotline = reader.text("hotline", required: true)
    let data = path(reader.text("data") ?? "data", of: file)
    let database = databaseURL(reader, file: file, data: data)
    let templates = path(reader.text("templates") ?? "templates", of: file)
    let signingKey = signingKey(reader, file: file)
    let agents = agents(reader)
    let teams = teams(reader, agents: reader.names(in: "agents"))
    let pressure = pressure(reader)
    let (gateways, gatewayNames, smsNames) = gateways()
    let outreach = outreach(reader, mail: gatewayNames, sms: smsNames)
    let http = http(reader)
    let secondOpinion = secondOpinion(reader, file: file)
    reader.finish()

    let common = MailboxDefaults(
      language: language, calendar: calendar, hotline: hotline ?? "", company: company,
      teamNames: reader.names(in: "teams"), gatewayNames: gatewayNames, smsGatewayNames: smsNames)
    let mailboxes = mailboxes(defaults: common)
    checkMailboxes(of: gateways, known: definitions(in: home + "/mailboxes", reports: false).map(\.name))
    guard let company, let hotline, let database, let signingKey else { return nil }
    return Settings(
      home: home, company: company, hotline: hotline, database: database, data: data, templates: templates,
      language: language, zone: zone, pressure: pressure, signingKey: signingKey, agents: agents, teams: teams,
      mailboxes: mailboxes, gateways: gateways, outreach: outreach, http: http,
      secondOpinion: secondOpinion
    )
  }

  // MARK: Parts of postroom.yaml

  private func databaseURL(_ reader: SettingsReader, file: String, data: String) -> String? {
    guard let url = reader.text("database") else { return "sqlite:\(data)/postroom.db" }
    if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") { return url }
    if url.hasPrefix("sqlite:") { return "sqlite:" + path(String(url.dropFirst(7)), of: file) }
    reader.fault(
      "`database` must be sqlite:PATH or postgres://USER@HOST/NAME", at: "database",
      advice: "passwords belong into ~/.pgpass or PGPASSWORD")
    return nil
  }

  private func signingKey(_ reader: SettingsReader, file: String) -> [UInt8]? {
    let place = path(reader.text("signing_key_file") ?? "secrets/signing-key", of: file)
    guard let bytes = FileManager.default.contents(atPath: place) else {
      reader.fault(
        "the signing key \(shown(place)) cannot be read", at: "signing_key_file",
        advice: "`postroom init` makes one; or: head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE")
      return nil
    }
    warnWhenReadableByAll(place)
    guard bytes.count >= 32 else {
      reader.fault(
        "the signing key \(shown(place)) has \(bytes.count) bytes, but needs at least 32", at: "signing_key_file")
      return nil
    }
    return Array(bytes)
  }

  private func agents(_ reader: SettingsReader) -> [String: AgentSettings] {
    guard let section = reader.section("agents", required: true) else { return [:] }
    var agents: [String: AgentSettings] = [:]
    for id in section.keys {
      guard let agent = section.section(id) else { continue }
      let name = agent.text("name", required: true)
      let email = agent.text("email", required: true)
      let capacity = agent.integer("capacity", in: 1...10_000) ?? 50
      let absent = dateRanges("absent", agent)
      agent.finish()
      if let name, let email {
        if !email.contains("@") {
          agent.fault("`agents.\(id).email` is \"\(email)\", which is no address", at: "email")
        }
        agents[id] = AgentSettings(id: id, name: name, email: email, capacity: capacity, absent: absent)
      }
    }
    section.finish()
    return agents
  }

  private func teams(_ reader: SettingsReader, agents: [String]?) -> [String: TeamSettings] {
    guard let section = reader.section("teams", required: true) else { return [:] }
    var teams: [String: TeamSettings] = [:]
    for id in section.keys {
      guard let team = section.section(id) else { continue }
      let name = team.localized("name", required: true)
      let members = team.list("members") ?? []
      let fallback = team.text("fallback", required: true)
      for (key, who) in members.map({ ("members", $0) }) + [fallback].compactMap({ $0.map { ("fallback", $0) } })
      where agents?.contains(who) == false {
        team.fault(
          "`teams.\(id).\(key)` names \"\(who)\", who is not under `agents`", at: key,
          advice: SettingsReader.nearest(who, agents ?? []).map { "did you mean \($0)?" })
      }
      if members.isEmpty { team.fault("`teams.\(id).members` names nobody", at: "members") }
      team.finish()
      if let name, let fallback { teams[id] = TeamSettings(id: id, name: name, members: members, fallback: fallback) }
    }
    section.finish()
    return teams
  }

  func zone(_ reader: SettingsReader) -> TimeZone? {
    guard let name = reader.text("zone") else { return nil }
    if let zone = TimeZone(identifier: name) { return zone }
    reader.fault("`zone` is \"\(name)\", which is no time zone", at: "zone", advice: "for example Asia/Shanghai")
    return nil
  }

  /// `hours: { open: { mon-fri: "09:00-18:00" }, holidays: [2026-10-01], workdays: [2026-10-10] }`.
  func calendar(_ reader: SettingsReader, zone: TimeZone) -> WorkCalendar? {
    guard let hours = reader.section("hours") else { return nil }
    defer { hours.finish() }
    var weekdays: [Int: WorkCalendar.Hours] = [:]
    var namedBy: [Int: String] = [:]
    if let open = hours.section("open", required: true) {
      for key in open.keys {
        guard let days = weekdayRange(key) else {
          open.fault("`\(key)` is no weekday", at: key, advice: "write mon, tue … sun or a range such as mon-fri")
          _ = open.text(key)
          continue
        }
        guard let text = open.text(key), let span = openingHours(text) else {
          open.fault("the hours of `\(key)` must look like \"09:00-18:00\"", at: key)
          continue
        }
        if let other = days.compactMap({ namedBy[$0] }).first {
          open.fault("`\(other)` and `\(key)` name the same weekday, which can have one pair of hours", at: key)
        }
        for day in days {
          weekdays[day] = span
          namedBy[day] = key
        }
      }
      open.finish()
      if weekdays.isEmpty { hours.fault("`hours.open` names no weekday: no promise could ever be kept", at: "open") }
    }
    let holidays = dateRanges("holidays", hours).flatMap(days)
    let workdays = dateRanges("workdays", hours).flatMap(days)
    return WorkCalendar(zone: zone, weekdays: weekdays, holidays: Set(holidays), workdays: Set(workdays))
  }

  private func weekdayRange(_ text: String) -> ClosedRange<Int>? {
    let names = ["mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7]
    let ends = text.lowercased().split(separator: "-", omittingEmptySubsequences: false).map { names[String($0)] }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else { return nil }
    return first...last
  }

  func openingHours(_ text: String) -> WorkCalendar.Hours? {
    let ends = text.split(separator: "-").map { time -> Int? in
      let parts = time.split(separator: ":").map { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard parts.count == 2, let hour = parts[0], let minute = parts[1] else { return nil }
      guard (0...24).contains(hour), (0..<60).contains(minute), hour * 60 + minute <= 1440 else { return nil }
      return (hour * 60 + minute) * 60
    }
    guard ends.count == 2, let opens = ends[0], let closes = ends[1], opens < closes else { return nil }
    return WorkCalendar.Hours(opens: opens, closes: closes)
  }

  /// A list of `2026-10-01` and `2026-10-01..2026-10-07`.
  private func dateRanges(_ key: String, _ reader: SettingsReader) -> [ClosedRange<CivilDate>] {
    (reader.items(key) ?? []).compactMap { item in
      let ends = item.text.components(separatedBy: "..").map { CivilDate($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
        log.add(
          Problem(
            "\"\(item.text)\" is no day", file: reader.file, line: item.line,
            advice: "write 2026-10-01 or 2026-10-01..2026-10-07"))
        return nil
      }
      return first...last
    }
  }

  private func days(_ range: ClosedRange<CivilDate>) -> [CivilDate] {
    (range.lowerBound.daysSinceEpoch...range.upperBound.daysSinceEpoch).prefix(1000).map(
      CivilDate.init(daysSinceEpoch:))
  }

  // MARK: Files

  /// What a file says; nil when it cannot be read or is not UTF-8, which is reported.
  func text(of file: String) -> String? {
    guard let bytes = FileManager.default.contents(atPath: file) else {
      log.add(Problem("cannot be read", file: shown(file)))
      return nil
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      log.add(Problem("is not UTF-8", file: shown(file), advice: "save it with the encoding UTF-8"))
      return nil
    }
    // Editors of Windows begin with a byte order mark.
    return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// The `.yaml` files of a folder, by name without ending. A `.yml` is reported: it would be missed in silence.
  func definitions(in folder: String, reports: Bool = true) -> [(name: String, file: String)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() where reports && name.hasSuffix(".yml") && !name.hasPrefix(".") {
      log.add(Problem("is not read: its name must end in .yaml", file: shown(folder + "/" + name)))
    }
    return definitionNames(names).map { ($0, folder + "/" + $0 + ".yaml") }
  }

  /// The names alone.
  func definitionNames(in folder: String) -> [String] {
    definitionNames((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
  }

  private func definitionNames(_ files: [String]) -> [String] {
    files.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted().map { String($0.dropLast(5)) }
  }

  /// A path as written in `file`, made absolute.
  func path(_ text: String, of file: String) -> String {
    if text.hasPrefix("/") { return text }
    return URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent(text).standardizedFileURL.path
  }

  /// How a file is named to people: below home without home's own path.
  func shown(_ file: String) -> String {
    file.hasPrefix(home + "/") ? String(file.dropFirst(home.count + 1)) : file
  }

  func warnWhenReadableByAll(_ file: String) {
    var status = stat()
    guard stat(file, &status) == 0, status.st_mode & 0o044 != 0 else { return }
    log.add(
      Problem(
        "holds a secret but other users of this machine may read it", file: shown(file), advice: "chmod 600 \(file)",
        severity: .warning))
  }
}
