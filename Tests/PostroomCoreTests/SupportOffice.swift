import Foundation
import Logging
import MailFormat
import SQLAccess
import Synchronization
import Testing

@testable import PostroomCore

/// A company on a real database: three agents, two mailboxes, and all that takes mail in and answers it. Nothing is sent
/// but through the gateway that a test hands over.
final class Office: Sendable {
  let database: Database
  let url: String
  let folder: String
  let settings: Settings
  let templates: Templates
  let agentIDs: [String: Int64]
  private let intakes: [String: Intake]
  private let folders: [String: Int64]
  private let lastUID = Mutex<[String: Int64]>([:])

  let signer = ReplySigner(secret: Array(repeating: 7, count: 32))

  init(url: String, folder: String, settings: Settings) async throws {
    self.url = url
    self.folder = folder
    self.settings = settings
    database = try await Database.open(url, options: .init(durability: .normal, connections: 2))
    try await database.migrate(Schema.migrations)
    templates = try Templates(folder: settings.templates)
    let (agents, mailboxes, folders) = try await database.write { tx in
      try tx.syncAgents(settings.agents.values.sorted { $0.id < $1.id })
      try tx.syncMailboxes(settings.mailboxes.values.sorted { $0.name < $1.name })
      let mailboxes = try tx.mailboxIDs()
      let folders = try mailboxes.mapValues { try tx.folder(mailbox: $0, name: "INBOX").id }
      return (try tx.agentIDs(), mailboxes, folders)
    }
    agentIDs = agents
    self.folders = folders
    var intakes: [String: Intake] = [:]
    for mailbox in settings.mailboxes.values {
      intakes[mailbox.name] = Intake(
        mailbox: try IntakeMailbox(
          mailbox, of: settings, id: try #require(mailboxes[mailbox.name]), agentIDs: agents),
        templates: templates, signer: signer)
    }
    self.intakes = intakes
  }

  func intake(_ mailbox: String = "support") throws -> Intake { try #require(intakes[mailbox]) }

  var desk: Desk {
    Desk(database: database, settings: settings, replies: ReplyWriter(templates: templates, signer: signer))
  }

  /// Takes one mail in, as a batch of its own; it arrives `now` unless told otherwise.
  @discardableResult
  func take(
    _ bytes: [UInt8], at mailbox: String = "support", uid: Int64? = nil, uidValidity: Int64 = 1,
    arrivedAt: Instant? = nil, now: Instant = monday
  ) async throws -> Receipt {
    let intake = try intake(mailbox)
    let number =
      uid
      ?? lastUID.withLock {
        $0[mailbox, default: 0] += 1; return $0[mailbox, default: 0]
      }
    let key = LedgerKey(folder: try #require(folders[mailbox]), uidValidity: uidValidity, uid: number)
    let model = try await database.read { tx in try intake.shelf.model(tx) }
    let mail = intake.preparation.prepare(
      FetchedMail(uid: number, bytes: bytes, arrivedAt: arrivedAt ?? now), with: model)
    return try await database.write { tx in try intake.take(mail, key: key, in: tx, now: now) }
  }

  @discardableResult
  func take(_ letter: Letter, at mailbox: String = "support", now: Instant = monday) async throws -> Receipt {
    try await take(letter.bytes, at: mailbox, now: now)
  }

  func poller(_ source: any MailSource, node: String = "a", mailbox: String = "support") throws -> Poller {
    Poller(
      intake: try intake(mailbox), database: database, source: source, dataFolder: folder, node: node, log: .quiet)
  }

  // MARK: Looking things up

  func number(_ sql: String, _ values: [SQLValue] = []) async throws -> Int64 {
    try await database.read { tx in try tx.row(sql, values)?.optionalInt(0) ?? 0 }
  }

  func texts(_ sql: String, _ values: [SQLValue] = []) async throws -> [String] {
    try await database.read { tx in try tx.rows(sql, values).map { try $0.optionalText(0) ?? "" } }
  }

  func count(_ table: String) async throws -> Int64 { try await number("SELECT COUNT(*) FROM \(table)") }

  func execute(_ sql: String, _ values: [SQLValue] = []) async throws {
    try await database.write { tx in try tx.execute(sql, values) }
  }

  func conversation(_ id: Int64 = 1) async throws -> Conversation {
    try #require(try await database.read { tx in try tx.conversation(id) })
  }

  /// Decisions about replies in the order of the mails.
  var decisions: [String] {
    get async throws { try await texts("SELECT reply_decision FROM message ORDER BY id") }
  }

  /// What is or was queued, parsed back.
  var sent: [MailMessage] {
    get async throws {
      try await database.read { tx in
        try tx.rows("SELECT content FROM delivery ORDER BY id").map { MessageParser.parse(try $0.blob(0)) }
      }
    }
  }

  /// What must hold after every step, whatever happened before.
  func expectInvariants(ledger: Int64? = nil, _ location: SourceLocation = #_sourceLocation) async throws {
    let wrong = try await texts(
      """
      SELECT name FROM agent a WHERE open_count <>
        (SELECT COUNT(*) FROM conversation c WHERE c.owner_id = a.id AND c.state <> 'resolved')
      """)
    #expect(wrong.isEmpty, "open_count is wrong", sourceLocation: location)
    let crowded = try await number(
      """
      SELECT COUNT(*) FROM (SELECT conversation_id FROM promise WHERE kept_at IS NULL GROUP BY conversation_id
        HAVING COUNT(*) > 1) AS crowded
      """)
    #expect(crowded == 0, "two open promises in a conversation", sourceLocation: location)
    let owed = try await number(
      """
      SELECT COUNT(*) FROM conversation c WHERE c.state = 'open'
        AND NOT EXISTS (SELECT 1 FROM promise p WHERE p.conversation_id = c.id AND p.kept_at IS NULL)
      """)
    #expect(owed == 0, "an open conversation without a promise", sourceLocation: location)
    let orphans = try await number(
      """
      SELECT COUNT(*) FROM message m LEFT JOIN conversation c ON c.id = m.conversation_id
      WHERE COALESCE(m.owner_id, c.owner_id) IS NULL
      """)
    #expect(orphans == 0, "a mail without an owner", sourceLocation: location)
    let twice = try await number(
      """
      SELECT COUNT(*) FROM (SELECT message_id FROM delivery WHERE purpose = 'acknowledgement' GROUP BY message_id
        HAVING COUNT(*) > 1) AS twice
      """)
    #expect(twice == 0, "two replies to one mail", sourceLocation: location)
    let unsaid = try await number(
      """
      SELECT COUNT(*) FROM message m WHERE (reply_decision = 'answered') <> EXISTS
        (SELECT 1 FROM delivery d WHERE d.message_id = m.id AND d.purpose = 'acknowledgement')
      """)
    #expect(unsaid == 0, "the decision and the queue disagree", sourceLocation: location)
    if let ledger { #expect(try await count("ledger") == ledger, sourceLocation: location) }
  }
}

/// Monday, 23 November 2026, 10:00 in Shanghai.
let monday: Instant = Int64((CivilDate(year: 2026, month: 11, day: 23)?.daysSinceEpoch ?? 0) * 86_400 + 7200) * 1000
let hour: Seconds = 3600

/// An office on a new database, gone afterwards. `adjust` changes the settings before it opens.
func withOffice(
  _ engine: Engine, _ adjust: (inout Settings) -> Void = { _ in }, _ body: (Office) async throws -> Void
) async throws {
  try await withFolder { folder in
    try await engine.withURL(folder: folder) { url in
      var settings = Settings.sample(database: url, data: folder)
      adjust(&settings)
      let office = try await Office(url: url, folder: folder, settings: settings)
      do {
        try await body(office)
      } catch {
        await office.database.close()
        throw error
      }
      await office.database.close()
    }
  }
}

/// A new folder, gone afterwards.
func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "postroom-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder.path)
}

extension Logger {
  static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension Settings {
  /// The templates of the distribution; Anna, Bo and Chen; the mailboxes support and sales with one team.
  static func sample(database: String, data: String) -> Settings {
    let agents = ["anna", "bo", "chen"].map { id in
      AgentSettings(
        id: id, name: id.capitalized, email: "\(id)@postroom.example", capacity: 1000, absent: [])
    }
    let team = TeamSettings(
      id: "service", name: Localized(chinese: "客服", english: "Service"), members: ["anna", "bo", "chen"],
      fallback: "anna")
    let zone = TimeZone(identifier: "Asia/Shanghai") ?? .gmt
    let mailboxes = ["support", "sales"].map { name in
      MailboxSettings(
        name: name, address: "\(name)@postroom.example", aliases: [], source: .maildir(data + "/Maildir"),
        team: team.id, language: .english, calendar: .standard(zone: zone), serviceLevel: .standard,
        hotline: "400-820-8820", senderName: Localized(chinese: "客服中心", english: "Customer Service"), gateway: "mail",
        policy: AutoReplyPolicy(), plusAddressing: true, pollInterval: 60)
    }
    let gateway = GatewaySettings(
      name: "mail", kind: .file(folder: data + "/sent"), backoff: Backoff(first: 30, limit: 3600), maxAttempts: 12,
      rules: SendingRules(), resendUncertainAfter: 600)
    let templates = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../templates")
    return Settings(
      home: data, company: Localized(chinese: "示例公司", english: "Example Ltd."), hotline: "400-820-8820",
      database: database, data: data, templates: templates.standardizedFileURL.path, language: .english,
      zone: zone, pressure: ContactPressure(), signingKey: Array(repeating: 7, count: 32),
      agents: Dictionary(uniqueKeysWithValues: agents.map { ($0.id, $0) }),
      teams: [team.id: team], mailboxes: Dictionary(uniqueKeysWithValues: mailboxes.map { ($0.name, $0) }),
      gateways: ["mail": gateway])
  }
}
