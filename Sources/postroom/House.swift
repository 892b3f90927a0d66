import CurlClient
import Foundation
import Logging
import PostroomCore
import PostroomWeb
import SQLAccess

/// Everything wired together for one home folder. The one place that chooses implementations.
struct House: Sendable {
  let settings: Settings
  let database: Database
  let templates: Templates
  let signer: ReplySigner
  let tokens = AccessTokens()
  let log: Logger

  /// For commands that look or do an agent's work: reads and checks the settings and opens the database as it is.
  ///
  /// - Parameters:
  ///   - withSecrets: for those that log in or ask somebody.
  ///   - beginsDatabase: makes the schema when there is none at all. A schema that is only old may be a running server's.
  static func open(_ home: String, withSecrets: Bool = false, beginsDatabase: Bool = false) async throws -> House {
    let settings = try loadSettings(home, withSecrets: withSecrets)
    let templates = try Templates(folder: settings.templates)
    try makeFolders(settings)
    let database = try await Database.open(settings.database)
    let applied = try await database.schemaVersion().count
    if beginsDatabase, applied == 0 {
      try await database.migrate(Schema.migrations)
    } else if applied < Schema.migrations.count {
      throw SettingsError("the database's schema is not up to date: `postroom migrate` or `postroom serve` makes it so")
    }
    return House(settings, database, templates, log: quietLog)
  }

  /// For the one process that reads and sends: takes the home folder's lock, and only then brings the schema up to date
  /// and makes the rows of agents and mailboxes match the settings. A process that is refused changes nothing.
  static func openForWork(_ home: String, log: Logger = quietLog) async throws -> (House, NodeLock) {
    let settings = try loadSettings(home)
    let templates = try Templates(folder: settings.templates)
    try makeFolders(settings)
    let lock = try NodeLock(dataFolder: settings.data)
    let database = try await Database.open(settings.database)
    try await database.migrate(Schema.migrations)
    let fallbacks = settings.mailboxes.compactMapValues { settings.teams[$0.team]?.fallback }
    let moved = try await database.write { tx in
      try tx.syncAgents(settings.agents.values.sorted { $0.id < $1.id })
      try tx.syncMailboxes(settings.mailboxes.values.sorted { $0.name < $1.name })
      return try tx.handOverFromFormerAgents(fallbacks: fallbacks, now: .now)
    }
    if moved > 0 { log.warning("\(moved) conversations of agents who left the settings went to their fallback owners") }
    return (House(settings, database, templates, log: log), lock)
  }

  private init(_ settings: Settings, _ database: Database, _ templates: Templates, log: Logger) {
    self.settings = settings
    self.database = database
    self.templates = templates
    self.log = log
    signer = ReplySigner(secret: settings.signingKey)
  }

  /// Warnings go to standard error; errors are thrown together.
  static func loadSettings(_ home: String, withSecrets: Bool = true) throws(Problems) -> Settings {
    let (settings, warnings) = try Settings.load(home: home, withSecrets: withSecrets)
    for warning in warnings { Console.error(warning.description) }
    return settings
  }

  static func makeFolders(_ settings: Settings) throws {
    var folders = [settings.data]
    if settings.database.hasPrefix("sqlite:") {
      folders.append(URL(fileURLWithPath: String(settings.database.dropFirst(7))).deletingLastPathComponent().path)
    }
    for folder in folders {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
      } catch {
        throw SettingsError("the folder \(folder) cannot be made: \(error.localizedDescription)")
      }
    }
  }

  var desk: Desk {
    Desk(database: database, settings: settings, replies: ReplyWriter(templates: templates, signer: signer))
  }

  /// With templates other than the installation's, when given.
  func outreach(_ own: Templates? = nil) -> Outreach {
    Outreach(database: database, settings: settings, templates: own ?? templates, signer: signer)
  }

  var labels: LabelDesk {
    LabelDesk(database: database, settings: settings, replies: ReplyWriter(templates: templates, signer: signer))
  }
  var models: ModelDesk { ModelDesk(database: database, settings: settings) }
  var outbox: OutboxDesk { OutboxDesk(database: database, settings: settings) }
  var filed: FiledDesk { FiledDesk(database: database, settings: settings) }

  func intakes(_ names: [String]? = nil) async throws -> [Intake] {
    let (mailboxIDs, agentIDs) = try await database.read { tx in (try tx.mailboxIDs(), try tx.agentIDs()) }
    return try (names ?? settings.mailboxes.keys.sorted()).map { name in
      guard let mailbox = settings.mailboxes[name], let id = mailboxIDs[name] else {
        throw SettingsError(
          "there is no mailbox \(name); known are \(settings.mailboxes.keys.sorted().joined(separator: ", "))")
      }
      return Intake(
        mailbox: try IntakeMailbox(mailbox, of: settings, id: id, agentIDs: agentIDs), templates: templates,
        signer: signer, log: log)
    }
  }

  func intakesByName() async throws -> [String: Intake] {
    Dictionary(uniqueKeysWithValues: try await intakes().map { ($0.mailbox.settings.name, $0) })
  }

  func source(of mailbox: MailboxSettings) -> any MailSource {
    switch mailbox.source {
    case .imap(let imap): IMAPSource(imap, tokens: tokens)
    case .maildir(let path): MaildirSource(path: path)
    }
  }

  func poller(_ intake: Intake, lock: NodeLock) -> Poller {
    Poller(
      intake: intake, database: database, source: source(of: intake.mailbox.settings), dataFolder: settings.data,
      node: lock.node, log: log)
  }

  func gateways(_ engine: CurlEngine) -> [String: any Gateway] {
    settings.gateways.mapValues { gateway in
      switch gateway.kind {
      case .smtp(let smtp): SMTPGateway(smtp, engine: engine, tokens: tokens)
      case .file(let folder): FileGateway(folder: folder)
      case .http(let recipe, let sms): SMSGateway(recipe, sms, engine: engine)
      case .mailHTTP(let recipe): HTTPMailGateway(recipe, engine: engine)
      }
    }
  }

  func dispatcher(_ engine: CurlEngine, lock: NodeLock) throws -> Dispatcher {
    Dispatcher(
      database: database, gateways: gateways(engine), settings: settings.gateways,
      journal: try AttemptJournal(file: settings.data + "/attempts.journal"), node: lock.node, log: log,
      pressure: settings.pressure, zone: settings.zone,
      mailboxZones: settings.mailboxes.mapValues(\.calendar.zone).filter { $0.value != settings.zone })
  }

  /// Nil when the settings have no `http`.
  func listener(_ engine: CurlEngine, intakes: [String: Intake]) -> WebListener? {
    guard let http = settings.http else { return nil }
    let news = GatewayNews(database: database, settings: settings, intakes: intakes, engine: engine, log: log)
    let routes = WebRoutes(database: database, settings: settings, http: http, signer: signer, log: log) {
      await news.answer($2, gateway: $0, section: $1, now: .now)
    }
    return WebListener(http.listen, log: log) { request in
      await routes.answer(request, now: .now)
    } refuse: { request, status in
      routes.refused(request, status: status, now: .now)
    }
  }

  /// For commands that answer at once: warnings and worse.
  static var quietLog: Logger {
    var log = Logger(label: "postroom") { _ in StreamLogHandler.standardError(label: "postroom") }
    log.logLevel = .warning
    return log
  }

  static var serverLog: Logger {
    var log = quietLog
    log.logLevel = .info
    return log
  }
}
