import Foundation
import Logging
import MailFormat
import SQLAccess
import Synchronization
import Testing
import TextClassifier

@testable import PostroomCore

/// The engines that every test runs on. PostgreSQL takes part when POSTROOM_TEST_POSTGRES names a database in which
/// schemas may be created.
enum Engine: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite
  case postgres

  static let postgresURL = ProcessInfo.processInfo.environment["POSTROOM_TEST_POSTGRES"]
  static let available = allCases.filter { $0 == .sqlite || postgresURL != nil }

  var testDescription: String { rawValue }

  /// The URL of a new, empty database of this engine, gone afterwards.
  func withURL(folder: String, _ body: (String) async throws -> Void) async throws {
    switch self {
    case .sqlite: try await body("sqlite:\(folder)/test.db")
    case .postgres:
      let base = try #require(Self.postgresURL)
      let schema = "c" + UUID().uuidString.replacing("-", with: "").lowercased()
      try await Self.administer(base, "CREATE SCHEMA \(schema)")
      let result: Result<Void, any Error>
      do {
        let url = base + (base.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(schema)"
        result = .success(try await body(url))
      } catch {
        result = .failure(error)
      }
      try await Self.administer(base, "DROP SCHEMA \(schema) CASCADE")
      try result.get()
    }
  }

  private static func administer(_ url: String, _ sql: String) async throws {
    let database = try await Database.open(url, options: .init(connections: 1))
    try await database.write { try $0.execute(sql) }
    await database.close()
  }
}

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
    database = try await Database.open(url, options: .init(durability: .normal, connections: 3))
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
        templates: templates, signer: signer, classifier: TextClassifier())
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
    let mail = intake.preparation.prepare(
      FetchedMail(uid: number, bytes: bytes, arrivedAt: arrivedAt ?? now))
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
      resendUncertainAfter: 600)
    let templates = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../templates")
    return Settings(
      home: data, company: Localized(chinese: "示例公司", english: "Example Ltd."), hotline: "400-820-8820",
      database: database, data: data, templates: templates.standardizedFileURL.path, language: .english,
      signingKey: Array(repeating: 7, count: 32), agents: Dictionary(uniqueKeysWithValues: agents.map { ($0.id, $0) }),
      teams: [team.id: team], mailboxes: Dictionary(uniqueKeysWithValues: mailboxes.map { ($0.name, $0) }),
      gateways: ["mail": gateway])
  }
}

/// A mail to be written: fields as values, bytes as a server would give them.
struct Letter {
  var from = "Li Wei <li.wei@customer.example>"
  var to = "support@postroom.example"
  var subject = "Opening hours"
  var body = "Could you tell me when the shop opens? Thank you."
  /// Without angle brackets; nil for none.
  var id: String?
  /// Further header fields.
  var fields: [(name: String, value: String)] = []

  init(_ id: String?, from: String? = nil, subject: String? = nil, body: String? = nil) {
    self.id = id
    if let from { self.from = from }
    if let subject { self.subject = subject }
    if let body { self.body = body }
  }

  /// With one more header field.
  func with(_ name: String, _ value: String) -> Letter {
    var letter = self
    letter.fields.append((name, value))
    return letter
  }

  func answering(_ messageID: String?) -> Letter { with("In-Reply-To", "<\(messageID ?? "")>") }

  func to(_ address: String) -> Letter {
    var letter = self
    letter.to = address
    return letter
  }

  var bytes: [UInt8] {
    var lines = ["From: \(from)", "To: \(to)", "Subject: \(subject)", "Date: Mon, 23 Nov 2026 10:00:00 +0800"]
    if let id { lines.append("Message-ID: <\(id)>") }
    lines += fields.map { "\($0.name): \($0.value)" }
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", body, ""]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  /// A delivery report about the mail with that Message-ID.
  static func bounce(of messageID: String) -> [UInt8] {
    let text = """
      Return-Path: <>
      From: MAILER-DAEMON@mx.customer.example
      To: support@postroom.example
      Subject: Undelivered Mail Returned to Sender
      Message-ID: <bounce-1@mx.customer.example>
      MIME-Version: 1.0
      Content-Type: multipart/report; report-type=delivery-status; boundary=b

      --b
      Content-Type: text/plain

      The mail could not be delivered.
      --b
      Content-Type: message/delivery-status

      Reporting-MTA: dns; mx.customer.example

      Final-Recipient: rfc822; li.wei@customer.example
      Action: failed
      Status: 5.1.1

      --b
      Content-Type: message/rfc822

      From: support@postroom.example
      Message-ID: <\(messageID)>
      Subject: Re: Opening hours

      Hello
      --b--

      """
    return Array(text.replacing("\n", with: "\r\n").utf8)
  }
}

/// A gateway that does as the test says and remembers what it got. A message that no answer is left for is a fault of
/// the program: nothing is sent unexpectedly.
final class ScriptedGateway: Gateway {
  typealias Script = @Sendable (Delivery, @Sendable (SendProgress) -> Void) async -> SendOutcome

  let concurrency: Int
  private let script: Script
  private let record = Mutex<[Delivery]>([])

  init(concurrency: Int = 4, _ script: @escaping Script) {
    self.concurrency = concurrency
    self.script = script
  }

  /// One answer for each message, in order.
  convenience init(_ outcomes: SendOutcome...) {
    let rest = Mutex(outcomes)
    self.init(concurrency: 1) { delivery, _ in
      let next = rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if let next { return next }
      Issue.record("an unexpected message to \(delivery.recipient)")
      return .rejected("unexpected")
    }
  }

  var sent: [Delivery] { record.withLock { $0 } }

  func send(_ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void) async -> SendOutcome {
    record.withLock { $0.append(delivery) }
    return await script(delivery, progress)
  }

  func check() async -> String? { nil }
}

/// A source that shows prepared mails with UIDs from 1, in batches, and may break on the way.
struct ScriptedSource: MailSource {
  let folder = "INBOX"
  var mails: [[UInt8]]
  var uidValidity: Int64 = 1
  var batchSize = 2
  /// Fails once so many batches were handed over.
  var failsAfter: Int?
  /// What happens before a batch is handed over; its number counts from 0.
  var beforeBatch: @Sendable (Int) async throws -> Void = { _ in }
  /// The cursors that it was asked to continue at.
  let asked = Asked()

  actor Asked {
    private(set) var cursors: [FolderCursor] = []
    func note(_ cursor: FolderCursor) { cursors.append(cursor) }
  }

  init(_ mails: [[UInt8]]) { self.mails = mails }
  init(_ letters: [Letter]) { self.init(letters.map(\.bytes)) }

  func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {
    await asked.note(cursor)
    let last = cursor.uidValidity == uidValidity ? Int(cursor.lastUID) : 0
    for (number, start) in stride(from: last, to: mails.count, by: batchSize).enumerated() {
      if number == failsAfter { throw SourceError("the line was cut") }
      try await beforeBatch(number)
      let end = min(start + batchSize, mails.count)
      let batch = (start..<end).map { FetchedMail(uid: Int64($0 + 1), bytes: mails[$0], arrivedAt: .now) }
      try await handOver(
        MailBatch(mails: batch, cursor: FolderCursor(uidValidity: uidValidity, lastUID: Int64(end))))
    }
  }

  func waitForMail(atMost seconds: Seconds) async throws { try await Task.sleep(for: .seconds(seconds)) }
  func markStored(_ mails: [FetchedMail]) async throws {}
  func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws {
    try await page(
      SourceListing(uidValidity: uidValidity, uids: mails.indices.map { Int64($0 + 1) }, names: []))
  }
  func close() async {}
}
