import Foundation
import SQLAccess
import Synchronization
import Testing

@testable import PostroomCore

@Suite("Reading a mailbox")
struct IntakePollerTests {
  private static func letters(_ count: Int) -> [Letter] {
    (1...count).map { Letter("\($0)@c", from: "c\($0)@d\($0).example") }
  }

  private func failure(_ body: () async throws -> Void) async -> String? {
    do { try await body() } catch { return "\(error)" }
    return nil
  }

  @Test("each mail gets one row, and a second look finds nothing new", arguments: Engine.available)
  func twice(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let source = ScriptedSource(Self.letters(7))
      let first = try await office.poller(source).pollOnce()
      #expect(first.outcomes == [.conversation: 7])
      #expect(first.repliesQueued == 7)
      #expect(try await office.poller(source).pollOnce().mails == 0)
      #expect(await source.asked.cursors == [FolderCursor(), FolderCursor(uidValidity: 1, lastUID: 7)])
      #expect(try await office.number("SELECT last_success_at FROM mailbox WHERE name = 'support'") > 0)
      try await office.expectInvariants(ledger: 7)
    }
  }

  @Test("what came before the line was cut is kept, and the next look goes on there", arguments: Engine.available)
  func cutLine(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var source = ScriptedSource(Self.letters(9))
      source.failsAfter = 2
      for kept in [4, 8] as [Int64] {
        let cut = source
        #expect(await failure { _ = try await office.poller(cut).pollOnce() } == "the line was cut")
        try await office.expectInvariants(ledger: kept)
      }
      source.failsAfter = nil
      #expect(try await office.poller(source).pollOnce().mails == 1)
      #expect(await source.asked.cursors.map(\.lastUID) == [0, 4, 8])
      try await office.expectInvariants(ledger: 9)
    }
  }

  @Test("a new UIDVALIDITY is read from the beginning and changes nothing", arguments: Engine.available)
  func newUIDValidity(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var source = ScriptedSource(Self.letters(5))
      _ = try await office.poller(source).pollOnce()
      source.uidValidity = 2
      #expect(try await office.poller(source).pollOnce().outcomes == [.duplicate: 5])
      #expect(try await office.count("conversation") == 5)
      #expect(try await office.count("delivery") == 5)
      try await office.expectInvariants(ledger: 10)
    }
  }

  @Test("one node reads a mailbox at a time", arguments: Engine.available)
  func lease(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var source = ScriptedSource(Self.letters(4))
      source.beforeBatch = { number in
        guard number == 0 else { return }
        let other = try office.poller(ScriptedSource(Self.letters(4)), node: "b")
        await #expect(throws: SourceError.self) { try await other.pollOnce() }
      }
      #expect(try await office.poller(source, node: "a").pollOnce().mails == 4)
      // It was given back at the end.
      #expect(try await office.poller(source, node: "b").pollOnce().mails == 0)
      try await office.expectInvariants(ledger: 4)
    }
  }

  @Test("a node that slept past its lease commits nothing more", arguments: Engine.available)
  func fence(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var source = ScriptedSource(Self.letters(8))
      source.beforeBatch = { number in
        guard number == 2 else { return }
        let other = try office.poller(ScriptedSource(Self.letters(8)), node: "b")
        repeat {
          // Commits that are still in hand prolong it.
          try await office.execute("UPDATE lease SET expires_at = 0 WHERE holder = 'a'")
        } while await failure { _ = try await other.pollOnce() }?.contains("another process") == true
      }
      let sleeper = source
      let words = await failure { _ = try await office.poller(sleeper, node: "a").pollOnce() }
      #expect(words?.contains("taken over") == true)
      #expect(try await office.texts("SELECT holder FROM lease WHERE name LIKE 'poll:%'") == ["b"])
      #expect(try await office.count("conversation") == 8)
      #expect(try await office.count("delivery") == 8)
      try await office.expectInvariants(ledger: 8)
    }
  }

  @Test(
    "a poller that is told to stop gives the mailbox back; a fault is noted for people", arguments: Engine.available)
  func running(engine: Engine) async throws {
    try await withOffice(engine) { office in
      func run(_ source: ScriptedSource, node: String, until sql: String) async throws {
        let poller = try office.poller(source, node: node)
        let running = Task { await poller.run() }
        while try await office.number(sql) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        running.cancel()
        await running.value
      }
      var broken = ScriptedSource(Self.letters(2))
      broken.failsAfter = 0
      try await run(broken, node: "a", until: "SELECT last_error_at FROM mailbox WHERE name = 'support'")
      #expect(try await office.texts("SELECT last_error FROM mailbox WHERE name = 'support'") == ["the line was cut"])
      let source = ScriptedSource(Self.letters(2))
      try await run(source, node: "b", until: "SELECT last_success_at FROM mailbox WHERE name = 'support'")
      #expect(try await office.texts("SELECT last_error FROM mailbox WHERE name = 'support'") == [""])
      #expect(try await office.number("SELECT expires_at FROM lease WHERE name LIKE 'poll:%'") == 0)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("a look that takes longer than a lease keeps it")
  func longLook() async throws {
    try await withOffice(.sqlite) { office in
      var source = ScriptedSource(Self.letters(1))
      source.beforeBatch = { _ in
        let expiry = "SELECT expires_at FROM lease WHERE name LIKE 'poll:%'"
        let first = try await office.number(expiry)
        while try await office.number(expiry) == first { try await Task.sleep(for: .milliseconds(20)) }
      }
      let poller = Poller(
        intake: try office.intake(), database: office.database, source: source, dataFolder: nil, node: "a",
        log: .quiet, leaseSeconds: 3)
      #expect(try await poller.pollOnce().mails == 1)
    }
  }

  @Test("a node that lost the mailbox to another closes its session and stands by")
  func standby() async throws {
    try await withOffice(.sqlite) { office in
      let source = ClosingSource()
      source.whileWaiting.withLock { action in
        action = { try await office.execute("UPDATE lease SET holder = 'b', token = token + 1") }
      }
      let poller = try office.poller(source, node: "a")
      let running = Task { await poller.run() }
      while source.closed.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
      #expect(try await office.texts("SELECT holder FROM lease WHERE name LIKE 'poll:%'") == ["b"])
      running.cancel()
      await running.value
    }
  }

  @Test("the token grows with each holder", arguments: Engine.available)
  func tokens(engine: Engine) async throws {
    try await withOffice(engine) { office in
      func take(_ holder: String, _ now: Instant) async throws -> Int64? {
        try await office.database.write { tx in try tx.takeLease("poll", holder: holder, seconds: 120, now: now) }
      }
      #expect(try await take("a", monday) == 1)
      #expect(try await take("b", monday.adding(120) - 1) == nil)
      #expect(try await take("a", monday.adding(60)) == 1)
      #expect(try await take("b", monday.adding(120)) == nil, "it was prolonged")
      #expect(try await take("b", monday.adding(180)) == 2)
      #expect(try await take("a", monday.adding(181)) == nil)
      let holds = try await office.database.read { tx in
        (try tx.holdsLease("poll", token: 1), try tx.holdsLease("poll", token: 2))
      }
      #expect(holds == (false, true))
      try await office.database.write { tx in try tx.releaseLease("poll", holder: "a") }
      #expect(try await take("a", monday.adding(182)) == nil, "only the holder gives it back")
      try await office.database.write { tx in try tx.releaseLease("poll", holder: "b") }
      #expect(try await take("a", monday.adding(182)) == 3)
    }
  }

  // MARK: Mail that ends the program

  @Test("a mail that ended the program three times is quarantined unread", arguments: Engine.available)
  func crashMarker(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let folder = try await office.number(
        "SELECT id FROM folder WHERE mailbox_id = (SELECT id FROM mailbox WHERE name = 'support')")
      let file = office.folder + "/intake.support.marker"
      for _ in 1...CrashMarker.limit {
        // Another process each time; none gets to clear it.
        let marker = CrashMarker(file: file)
        #expect(marker.begin(folder: folder, uidValidity: 1, uid: 1))
        #expect(marker.begin(folder: folder, uidValidity: 1, uid: 2))
      }
      let letters = Self.letters(3)
      #expect(
        try await office.poller(ScriptedSource(letters)).pollOnce().outcomes == [.conversation: 2, .quarantine: 1])
      let quarantined = try await office.database.read { tx in try tx.quarantined() }
      #expect(quarantined.first?.cause.contains("ended the program") == true)
      let bytes = try await office.database.read { tx in try tx.quarantinedBytes(1)?.bytes }
      #expect(bytes == letters[1].bytes)
      try await office.expectInvariants(ledger: 3)
      let intakes = ["support": try office.intake()]
      let retried = try await QuarantineRetry(database: office.database).retry(1, intakes: intakes, now: monday)
      #expect(retried?.outcome == .conversation)
    }
  }

  @Test("a database that refuses, however often, is not taken for the fault of a mail", arguments: Engine.available)
  func failuresAreNoDeaths(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var source = ScriptedSource(Self.letters(2))
      source.beforeBatch = { _ in try await office.execute("UPDATE lease SET token = token + 1") }
      let refused = source
      for _ in 0...CrashMarker.limit {
        #expect(await failure { _ = try await office.poller(refused).pollOnce() } != nil)
      }
      #expect(try await office.count("ledger") == 0)
      source.beforeBatch = { _ in }
      #expect(try await office.poller(source).pollOnce().outcomes == [.conversation: 2])
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("a marker file that is torn or cannot be written stops nothing")
  func brokenMarker() async throws {
    try await withFolder { folder in
      let file = folder + "/marker"
      for text in ["", "1/1/1", "1/1/1 x\n", "1/1/1 99999999999999999999\n"] {
        try Data(text.utf8).write(to: URL(filePath: file))
        #expect(CrashMarker(file: file).begin(folder: 1, uidValidity: 1, uid: 1))
      }
      let nowhere = CrashMarker(file: folder + "/missing/marker")
      for _ in 0..<9 { #expect(nowhere.begin(folder: 1, uidValidity: 1, uid: 1)) }
      nowhere.clear()
    }
  }

  // MARK: Maildir

  private func withMaildir(
    _ engine: Engine, _ body: (Office, MaildirSource, _ drop: (String, Letter) throws -> Void) async throws -> Void
  ) async throws {
    try await withOffice(engine) { office in
      let path = office.folder + "/Maildir"
      for part in ["new", "cur", "tmp"] {
        try FileManager.default.createDirectory(atPath: "\(path)/\(part)", withIntermediateDirectories: true)
      }
      try await body(office, MaildirSource(path: path, batchSize: 2)) { name, letter in
        try Data(letter.bytes).write(to: URL(filePath: "\(path)/\(name)"))
      }
    }
  }

  @Test("files are read in the order of their names, whatever folder they are in", arguments: Engine.available)
  func maildirOrder(engine: Engine) async throws {
    try await withMaildir(engine) { office, source, drop in
      let letters = Self.letters(5)
      for (name, letter) in zip(["new/5.a", "cur/1.a:2,S", "new/3.a", "cur/2.a:2,", "new/4.a"], letters) {
        try drop(name, letter)
      }
      try drop("new/.hidden", letters[0])
      #expect(try await office.poller(source).pollOnce().mails == 5)
      #expect(try await office.texts("SELECT name FROM ledger ORDER BY uid") == ["1.a", "2.a", "3.a", "4.a", "5.a"])
      #expect(
        try await office.texts("SELECT rfc_message_id FROM message ORDER BY id") == ["2@c", "4@c", "3@c", "5@c", "1@c"])
      try await office.expectInvariants(ledger: 5)
    }
  }

  @Test("a renamed file is the same mail, a new one is found", arguments: Engine.available)
  func maildirFlags(engine: Engine) async throws {
    try await withMaildir(engine) { office, source, drop in
      try drop("new/1.a", Letter("1@c"))
      #expect(try await office.poller(source).pollOnce().mails == 1)
      try FileManager.default.moveItem(atPath: source.path + "/new/1.a", toPath: source.path + "/cur/1.a:2,RS")
      #expect(try await office.poller(source).pollOnce().mails == 0)
      try drop("new/0.a", Letter("2@c", from: "b@b.example"))
      #expect(try await office.poller(source).pollOnce().outcomes == [.conversation: 1])
      try await office.expectInvariants(ledger: 2)
      let account = try await Reconciliation(database: office.database).account(
        of: try office.intake().mailbox.settings, id: try office.intake().mailbox.id, source: source)
      #expect(account.isBalanced)
      #expect(account.server == 2)
    }
  }

  @Test("a mail that comes during a look is taken in by the next", arguments: Engine.available)
  func maildirNewcomer(engine: Engine) async throws {
    try await withMaildir(engine) { office, source, drop in
      for number in 1...3 { try drop("new/\(number).a", Self.letters(3)[number - 1]) }
      let late = Letter("late@c", from: "late@late.example").bytes
      let path = source.path
      let tally = try await office.poller(source).pollOnce { _ in
        try? Data(late).write(to: URL(filePath: path + "/new/2.b"))
      }
      #expect(tally.mails == 3)
      #expect(try await office.poller(source).pollOnce().mails == 1)
      try await office.expectInvariants(ledger: 4)
    }
  }

  @Test("a missing folder is a sentence that names it", arguments: Engine.available)
  func maildirMissing(engine: Engine) async throws {
    try await withMaildir(engine) { office, source, drop in
      try drop("new/1.a", Letter("1@c"))
      try FileManager.default.removeItem(atPath: source.path + "/cur")
      let words = await failure { _ = try await office.poller(source).pollOnce() }
      #expect(words == "the Maildir \(source.path) cannot be read: cur/ is missing or not permitted")
      try await office.expectInvariants(ledger: 0)
    }
  }

  // MARK: The account

  @Test("the account names what the ledger lacks", arguments: Engine.available)
  func reconciliation(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var source = ScriptedSource(Self.letters(3))
      let reconciliation = Reconciliation(database: office.database)
      let mailbox = try office.intake().mailbox
      func account() async throws -> FolderAccount {
        try await reconciliation.account(of: mailbox.settings, id: mailbox.id, source: source)
      }
      #expect(try await account().missing == ["1", "2", "3"])
      _ = try await office.poller(source).pollOnce()
      let balanced = try await account()
      #expect(balanced.isBalanced)
      #expect(balanced.outcomes == ["conversation": 3])
      try await office.execute("DELETE FROM ledger WHERE uid = 2")
      source.mails.append(Letter("4@c").bytes)
      let account = try await account()
      #expect(!account.isBalanced)
      #expect((account.server, account.ledger) == (4, 2))
      #expect(account.missing == ["2", "4"])
    }
  }
}

/// A source without mail that counts how often it was closed.
private final class ClosingSource: MailSource {
  let folder = "INBOX"
  let closed = Mutex(0)
  let whileWaiting = Mutex<@Sendable () async throws -> Void>({})

  func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {}
  func waitForMail(atMost seconds: Seconds) async throws { try await whileWaiting.withLock { $0 }() }
  func markStored(_ mails: [FetchedMail]) async throws {}
  func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws {}
  func close() async { closed.withLock { $0 += 1 } }
}
