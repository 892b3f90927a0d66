import Foundation
import Logging
import SQLAccess
import Synchronization
import Testing

@testable import PostroomCore

@Suite("An IMAP folder as a source")
struct IntakeSourceTests {
  private static func letters(_ count: Int) -> [Letter] {
    (1...count).map { Letter("\($0)@c", from: "c\($0)@d\($0).example") }
  }

  private func withServer(
    _ letters: [Letter], _ engine: Engine = .sqlite, _ body: (Office, MailServer) async throws -> Void
  ) async throws {
    let server = try MailServer(letters)
    defer { server.stop() }
    try await withOffice(engine) { office in try await body(office, server) }
  }

  private func poller(_ office: Office, _ source: any MailSource, _ log: RecordedLog) throws -> Poller {
    Poller(
      intake: try office.intake(), database: office.database, source: source, dataFolder: office.folder, node: "a",
      log: log.logger)
  }

  private func failure(_ body: () async throws -> Void) async -> String? {
    do { try await body() } catch { return "\(error)" }
    return nil
  }

  // MARK: After intake

  @Test("a missing folder to move to stops nothing, is said once, and is made up for when it is there")
  func missingTarget() async throws {
    try await withServer(Self.letters(3)) { office, server in
      let source = server.source(.move("Done"))
      let log = RecordedLog()
      #expect(try await poller(office, source, log).pollOnce().outcomes == [.conversation: 3])
      #expect(log.sentences.count == 1)
      #expect(log.sentences.first?.contains("moved to Done") == true)
      let fault = await failure { _ = try await source.check() }
      #expect(fault?.contains("Done") == true)
      server.change {
        $0.folders["Done"] = MailServer.Folder()
        $0.inbox.add(Letter("4@c", from: "d@d.example"))
        $0.commands = []
      }
      #expect(try await poller(office, source, log).pollOnce().mails == 1)
      #expect(server.change { ($0.inbox.mails.count, $0.folders["Done"]?.mails.count) } == (0, 4))
      let commands = server.commands
      let move = try #require(commands.firstIndex { $0.hasPrefix("UID MOVE") })
      let fetch = try #require(commands.lastIndex { $0.contains("BODY.PEEK[]") })
      #expect(fetch < move, "new mail comes first")
      #expect(try await source.check().contains("0 mails"))
      try await office.expectInvariants(ledger: 4)
    }
  }

  @Test("a connection that breaks while mails are marked fails no look; a new one selects the folder and goes on")
  func cutWhileMarking() async throws {
    try await withServer(Self.letters(3)) { office, server in
      let source = server.source(.markSeen)
      server.change { $0.cuts = ["UID STORE"] }
      let log = RecordedLog()
      let source1 = KeptOpen(source)
      #expect(try await poller(office, source1, log).pollOnce().mails == 3)
      #expect(log.sentences.count == 1)
      #expect(server.change { $0.seen }.isEmpty)
      server.change {
        $0.before = { state, command in
          guard command == "IDLE" else { return "" }
          return "* \(state.inbox.mails.count) EXISTS\r\n"
        }
      }
      try await source.waitForMail(atMost: 60)
      #expect(try await poller(office, source1, log).pollOnce().mails == 0)
      #expect(server.change { $0.seen } == [1, 2, 3])
      #expect(server.change { $0.connections } == 2)
      await source.close()
    }
  }

  @Test("a session that lives on after a refusal is kept")
  func livingSession() async throws {
    try await withServer(Self.letters(2)) { office, server in
      let source = server.source(.move("Done"))
      for _ in 0..<3 { _ = try await poller(office, KeptOpen(source), RecordedLog()).pollOnce() }
      #expect(server.change { $0.connections } == 1)
      await source.close()
    }
  }

  @Test("a mail that comes while others are marked is not slept through")
  func lostWakeUp() async throws {
    try await withServer(Self.letters(2)) { office, server in
      let source = server.source(.markSeen)
      server.change {
        $0.before = { state, command in
          guard command.hasPrefix("UID STORE"), state.inbox.mails.count == 2 else { return "" }
          state.inbox.add(Letter("late@c", from: "late@late.example"))
          return "* 3 EXISTS\r\n"
        }
      }
      #expect(try await poller(office, KeptOpen(source), RecordedLog()).pollOnce().mails == 2)
      try await source.waitForMail(atMost: 60)
      #expect(!server.commands.contains("IDLE"))
      #expect(try await poller(office, source, RecordedLog()).pollOnce().mails == 1)
    }
  }

  // MARK: Mail that the server does not deliver

  @Test("a mail that the server refuses goes to quarantine and can be fetched later", arguments: Engine.available)
  func refusedMail(engine: Engine) async throws {
    try await withServer(Self.letters(5), engine) { office, server in
      server.change {
        $0.refused = [3]
        $0.folders["Done"] = MailServer.Folder()
      }
      let source = server.source(.move("Done"))
      let log = RecordedLog()
      #expect(try await poller(office, source, log).pollOnce().outcomes == [.conversation: 4, .quarantine: 1])
      let cause = try await office.texts("SELECT cause FROM quarantine").first
      #expect(cause?.contains("did not deliver it") == true)
      #expect(cause?.contains("internal error") == true)
      #expect(try await poller(office, source, log).pollOnce().mails == 0)
      #expect(server.change { $0.inbox.mails.map(\.uid) } == [3], "it stays where it can be fetched")
      #expect(log.sentences.isEmpty)

      let retry = QuarantineRetry(database: office.database) { _ in source }
      let intakes = ["support": try office.intake()]
      let still = try await retry.retry(1, intakes: intakes, now: monday)
      #expect(still?.outcome == .quarantine)
      #expect(still?.cause?.contains("did not deliver it") == true)
      server.change { $0.refused = [] }
      #expect(try await retry.retry(1, intakes: intakes, now: monday) == .init(outcome: .conversation))
      #expect(try await poller(office, source, log).pollOnce().mails == 0)
      #expect(server.change { $0.inbox.mails.isEmpty })
      try await office.expectInvariants(ledger: 5)
    }
  }

  @Test("a retry says when the mail is gone or numbered anew, and keeps what it fetched")
  func hopelessRetry() async throws {
    try await withServer(Self.letters(2)) { office, server in
      server.change { $0.refused = [2] }
      let source = server.source()
      _ = try await office.poller(source).pollOnce()
      let retry = QuarantineRetry(database: office.database) { _ in source }
      let intakes = ["support": try office.intake()]
      server.change { $0.inbox.uidValidity = 8 }
      #expect(try await retry.retry(1, intakes: intakes, now: monday)?.cause?.contains("anew") == true)
      server.change {
        $0.inbox.uidValidity = 7
        $0.inbox.mails[1].bytes = Array("no mail at all".utf8)
        $0.refused = []
      }
      #expect(try await retry.retry(1, intakes: intakes, now: monday)?.outcome == .quarantine)
      #expect(try await office.number("SELECT LENGTH(bytes) FROM quarantine") == 14)
      try await office.execute("UPDATE quarantine SET bytes = $1", [.blob([])])
      server.change { _ = $0.inbox.mails.removeLast() }
      #expect(try await retry.retry(1, intakes: intakes, now: monday)?.cause == "the mail is not in INBOX any more")
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("mails left out of an answer are asked for alone")
  func omittedMails() async throws {
    try await withServer(Self.letters(4)) { office, server in
      server.change { $0.omitted = [1, 3] }
      let tally = try await office.poller(server.source()).pollOnce()
      #expect(tally.outcomes == [.conversation: 4])
    }
  }

  @Test("a server that delivers nothing at present puts no mail before a person")
  func busyServer() async throws {
    try await withServer(Self.letters(3)) { office, server in
      server.change { $0.refused = [1, 2, 3] }
      let source = server.source()
      let busy = await failure { _ = try await office.poller(source).pollOnce() }
      #expect(busy?.contains("internal error") == true)
      try await office.expectInvariants(ledger: 0)
      server.change { $0.refused = [] }
      #expect(try await office.poller(source).pollOnce().outcomes == [.conversation: 3])
      server.change {
        $0.inbox.add(Letter("4@c", from: "d@d.example"))
        $0.refused = [1, 2, 3, 4]
      }
      let still = await failure { _ = try await office.poller(source).pollOnce() }
      #expect(still != nil)
      server.change { $0.refused = [4] }
      #expect(try await office.poller(source).pollOnce().outcomes == [.quarantine: 1])
    }
  }

  @Test("a large mail is taken in by its beginning, also when it comes out of quarantine")
  func beginningOnly() async throws {
    let large = Letter("1@c", body: String(repeating: "All work and no play.\r\n", count: 100_000))
    try await withServer([large]) { office, server in
      try await office.breakMessages()
      let source = server.source(maxMailBytes: 1 << 20)
      #expect(try await office.poller(source).pollOnce().outcomes == [.conversation: 1])
      #expect(try await office.texts("SELECT defects FROM message").first?.contains("only its beginning") == true)
      server.change { $0.inbox.add(Letter("2@c", subject: "poison", body: large.body)) }
      #expect(try await office.poller(source).pollOnce().outcomes == [.quarantine: 1])
      try await office.mendMessages()
      let retry = QuarantineRetry(database: office.database) { _ in source }
      let intakes = ["support": try office.intake()]
      #expect(try await retry.retry(1, intakes: intakes, now: monday)?.outcome == .conversation)
      let defects = try await office.texts("SELECT defects FROM message WHERE subject = 'poison'").first
      #expect(defects?.contains("only its beginning") == true)
    }
  }

  // MARK: A server set back

  @Test("a server restored from a backup loses no mail, though it gives UIDs again", arguments: Engine.available)
  func setBack(engine: Engine) async throws {
    try await withServer(Self.letters(5), engine) { office, server in
      let source = server.source()
      let log = RecordedLog()
      #expect(try await poller(office, source, log).pollOnce().mails == 5)
      server.change {
        $0.inbox = MailServer.Folder(Self.letters(2))
        $0.inbox.add(Letter("new@c", from: "new@new.example"))
      }
      #expect(try await poller(office, source, log).pollOnce().outcomes == [.duplicate: 2, .conversation: 1])
      #expect(log.sentences.count == 1)
      #expect(log.sentences.first?.contains("older state") == true)
      let mailbox = try office.intake().mailbox
      let account = try await Reconciliation(database: office.database)
        .account(of: mailbox.settings, id: mailbox.id, source: source)
      #expect(account.isBalanced)
      #expect(account.server == 3)
      #expect(try await poller(office, source, log).pollOnce().mails == 0)
      // Emptied, then filled beyond the old cursor before the next look but one.
      server.change { $0.inbox = MailServer.Folder() }
      #expect(try await poller(office, source, log).pollOnce().mails == 0)
      server.change { for number in 11...19 { $0.inbox.add(Letter("\(number)@c", from: "x@x\(number).example")) } }
      #expect(try await poller(office, source, log).pollOnce().outcomes == [.conversation: 9])
      server.change { $0.inbox.uidValidity = 8 }
      #expect(try await poller(office, source, log).pollOnce().outcomes == [.duplicate: 9])
      #expect(log.sentences.count == 2)
      try await office.expectInvariants(ledger: 26)
    }
  }
}

/// A source that stays open when a look ends, as it does in a server.
struct KeptOpen: MailSource {
  let source: IMAPSource
  init(_ source: IMAPSource) { self.source = source }

  var folder: String { source.folder }
  func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws { try await source.takeMail(beyond: cursor, known: known, handOver) }
  func waitForMail(atMost seconds: Seconds) async throws { try await source.waitForMail(atMost: seconds) }
  func markStored(_ mails: [FetchedMail]) async throws { await source.markStored(mails) }
  func finishMarking(upTo cursor: FolderCursor, except undelivered: Set<Int64>) async throws {
    try await source.finishMarking(upTo: cursor, except: undelivered)
  }
  func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws { try await source.listing(page) }
  func close() async {}
}

/// Keeps what is logged.
final class RecordedLog: Sendable {
  private let record = Mutex<[String]>([])
  var sentences: [String] { record.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: RecordedLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) { log.record.withLock { $0.append("\(event.message)") } }
  }
}
