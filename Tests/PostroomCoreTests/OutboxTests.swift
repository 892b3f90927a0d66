import Foundation
import SQLAccess
import Synchronization
import Testing

@testable import PostroomCore

@Suite("What leaves the house")
struct OutboxTests {
  private static let settings = GatewaySettings(
    name: "mail", kind: .file(folder: ""), backoff: Backoff(first: 30, limit: 3600), maxAttempts: 12,
    rules: SendingRules(), resendUncertainAfter: 600)

  @Test("a natural key is queued once", arguments: Engine.available)
  func naturalKey(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let again = try await office.database.write { tx in
        try tx.enqueue(.sample("mail/1/1", 1, 1), now: .now)
      }
      #expect(!again)
      #expect(try await office.count("delivery") == 1)
    }
  }

  @Test("accepted is accepted, with the gateway's words", arguments: Engine.available)
  func accepted(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let gateway = ScriptedGateway(.accepted("250 queued as 7"))
      let tally = try await office.dispatcher(["mail": gateway]).sendDue()
      #expect(tally.accepted == 1)
      #expect(gateway.sent.map(\.recipient) == ["r1@customer.example"])
      #expect(try await office.states == [.accepted: 1])
      #expect(try await office.texts("SELECT reason FROM delivery") == ["250 queued as 7"])
      #expect(try await office.texts("SELECT outcome || ' ' || answer FROM attempt") == ["accepted 250 queued as 7"])
      #expect(try await office.number("SELECT finished_at FROM delivery") > 0)
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().sent == 0)
    }
  }

  @Test("deferred comes again until the attempts are used up", arguments: Engine.available)
  func deferred(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let gateway = ScriptedGateway(.deferred("451 later"), .deferred("451 later"), .deferred("452 full"))
      for attempt in 1...3 as ClosedRange<Int64> {
        let before = Instant.now
        _ = try await office.dispatcher(["mail": gateway], maxAttempts: 3).sendDue()
        #expect(try await office.number("SELECT attempts FROM delivery") == attempt)
        if attempt < 3 {
          #expect(try await office.states == [.deferred: 1])
          #expect(try await office.number("SELECT due_at FROM delivery") >= before.adding(20 << (attempt - 1)))
        }
        // Not due: nothing is sent.
        #expect(try await office.dispatcher(["mail": gateway], maxAttempts: 3).sendDue().sent == 0)
        try await office.makeDue()
      }
      #expect(try await office.states == [.rejected: 1])
      #expect(
        try await office.texts("SELECT reason FROM delivery") == ["given up after 3 attempts; last answer: 452 full"])
      #expect(try await office.count("attempt") == 3)
      #expect(gateway.sent.map(\.attempt) == [1, 2, 3])
    }
  }

  @Test("the pause grows to its limit")
  func backoff() {
    var delivery = Delivery(
      id: 1, gateway: "mail", sender: "", recipient: "a@b.example", content: [], attempt: 1, uncertainties: 0)
    for (attempt, seconds) in [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (11, 3600)] as [(Int64, Seconds)] {
      delivery.attempt = attempt
      let next = Dispatcher.settlement(delivery, .deferred("451"), Self.settings, now: monday).nextAt ?? 0
      #expect(next <= monday.adding(seconds))
      #expect(next >= monday + seconds * 1000 * 2 / 3)
    }
  }

  @Test("rejected is final", arguments: Engine.available)
  func rejected(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let gateway = ScriptedGateway(.rejected("550 no such user"))
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().rejected == 1)
      #expect(try await office.states == [.rejected: 1])
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().sent == 0)
    }
  }

  @Test("a lost answer: sent once more, the same bytes; then a person decides", arguments: Engine.available)
  func uncertain(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let gateway = ScriptedGateway(.uncertain("the line was cut"), .uncertain("the line was cut"))
      let before = Instant.now
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().uncertain == 1)
      #expect(try await office.states == [.deferred: 1])
      #expect(try await office.number("SELECT due_at FROM delivery") >= before.adding(600))
      try await office.makeDue()
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().uncertain == 1)
      #expect(try await office.states == [.uncertain: 1])
      try await office.makeDue()
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().sent == 0)
      #expect(gateway.sent.count == 2)
      #expect(gateway.sent.first?.content == gateway.sent.last?.content)
      #expect(try await office.texts("SELECT outcome FROM attempt ORDER BY number") == ["uncertain", "uncertain"])
    }
  }

  @Test("a gateway that cannot be used is paused, costs no attempt, and others go on", arguments: Engine.available)
  func unavailable(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(5, gateway: "down")
      try await office.enqueue(5, gateway: "mail")
      let down = ScriptedGateway(.unavailable("mx:25: connection refused"))
      let up = ScriptedGateway { _, _ in .accepted("250") }
      let tally = try await office.dispatcher(["down": down, "mail": up], maxAttempts: 1).sendDue()
      #expect(tally.accepted == 5)
      #expect(down.sent.count == 1)
      #expect(try await office.states == [.accepted: 5, .deferred: 5])
      #expect(try await office.number("SELECT SUM(attempts) FROM delivery WHERE gateway = 'down'") == 0)
      #expect(try await office.count("attempt") == 5)
      try await office.makeDue()
      let mended = ScriptedGateway { _, _ in .accepted("250") }
      #expect(try await office.dispatcher(["down": mended]).sendDue().accepted == 5)
      #expect(Set(mended.sent.map(\.attempt)) == [1])
    }
  }

  @Test("what is past its time is not sent", arguments: Engine.available)
  func expired(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(expiresAt: Instant.now - 1)
      #expect(try await office.dispatcher(["mail": ScriptedGateway()]).sendDue().expired == 1)
      #expect(try await office.states == [.expired: 1])
    }
  }

  @Test("a gateway without settings is not touched", arguments: Engine.available)
  func unknownGateway(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(gateway: "gone")
      #expect(try await office.dispatcher(["mail": ScriptedGateway()]).sendDue().sent == 0)
      #expect(try await office.states == [.queued: 1])
    }
  }

  // MARK: Several at once

  @Test("two nodes on one database never send the same message", arguments: Engine.available)
  func twoNodes(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(500)
      let gateway = ScriptedGateway(concurrency: 8) { _, _ in
        await Task.yield()
        return .accepted("250")
      }
      let second = try await Database.open(office.url, options: .init(durability: .normal, connections: 2))
      async let one = office.dispatcher(["mail": gateway], node: "a").sendDue()
      async let two = office.dispatcher(["mail": gateway], node: "b", database: second).sendDue()
      let accepted = try await one.accepted + two.accepted
      await second.close()
      #expect(accepted == 500)
      #expect(gateway.sent.count == 500)
      #expect(Set(gateway.sent.map(\.id)).count == 500)
      #expect(try await office.states == [.accepted: 500])
    }
  }

  @Test("no more are under way than the gateway allows", arguments: Engine.available)
  func concurrency(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(60)
      let underWay = Mutex((now: 0, most: 0))
      let gateway = ScriptedGateway(concurrency: 3) { _, _ in
        underWay.withLock {
          $0.now += 1; $0.most = max($0.most, $0.now)
        }
        for _ in 0..<5 { await Task.yield() }
        underWay.withLock { $0.now -= 1 }
        return .accepted("250")
      }
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().accepted == 60)
      #expect(underWay.withLock { $0.most } <= 3)
    }
  }

  @Test("of long mails few are in memory at a time; all go out, whole", arguments: Engine.available)
  func longMails(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(12)
      let content = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
      try await office.database.write { tx in
        _ = try tx.execute("UPDATE delivery SET content = $1 WHERE id % 2 = 0", [.blob(content)])
        try tx.execute("UPDATE delivery SET content = $1 WHERE id % 2 = 1", [.blob(content + [10])])
      }
      let claimed = try await office.claimAndDie(leaseSeconds: 0)
      #expect(claimed.count == 6)
      let gateway = ScriptedGateway(concurrency: 2) { delivery, _ in
        .accepted("\(delivery.content == (delivery.id % 2 == 0 ? content : content + [10]))")
      }
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().accepted == 12)
      #expect(try await office.texts("SELECT DISTINCT reason FROM delivery") == ["true"])
    }
  }

  @Test("a node that lost its lease changes nothing", arguments: Engine.available)
  func lostLease(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let claimed = try #require(try await office.claimAndDie(node: "sleeper", leaseSeconds: -1).first)
      // Its lease has run out; nobody knows whether it sent the message, so it is sent once more.
      let gateway = ScriptedGateway(.accepted("250"))
      #expect(try await office.dispatcher(["mail": gateway], node: "b").sendDue().accepted == 1)
      let late = try await office.database.write { tx in
        try tx.settle(
          [Settlement(claimed, .rejected)], terms: ClaimTerms(holder: "sleeper", leaseSeconds: 900), now: .now)
      }
      #expect(late == 0)
      #expect(try await office.states == [.accepted: 1])
      #expect(try await office.number("SELECT uncertainties FROM delivery") == 1)
    }
  }

  @Test("one message tells whether a gateway that failed works again, whoever asks", arguments: Engine.available)
  func canary(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(3)
      try await office.database.write { tx in try tx.pauseGateway("mail", until: 0, reason: "down", now: 0) }
      let canary = try #require(try await office.claimAndDie(node: "b").first)
      #expect(try await office.claimAndDie(node: "c").isEmpty)
      var ending = Settlement(canary, .uncertain)
      ending.isUncertain = true
      try await office.database.write { [ending] tx in
        try tx.settle([ending], terms: ClaimTerms(holder: "b", leaseSeconds: 900), now: .now)
      }
      #expect(try await office.number("SELECT failures FROM gateway") == 1, "a lost answer says nothing good")
      #expect(try await office.claimAndDie(node: "b").count == 1)
      try await office.execute("UPDATE delivery SET state = 'accepted' WHERE state = 'sending'")
      let gateway = ScriptedGateway(.uncertain("cut"))
      _ = try await office.dispatcher(["mail": gateway]).sendDue()
      #expect(gateway.sent.count == 1)
      #expect(try await office.number("SELECT failures FROM gateway") == 2)
      #expect(try await office.number("SELECT COUNT(*) FROM gateway WHERE paused_until > 1000") == 1)
    }
  }

  @Test("what another node is sending is left alone while its lease lasts", arguments: Engine.available)
  func livingLease(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      _ = try await office.claimAndDie(node: "b")
      #expect(try await office.dispatcher(["mail": ScriptedGateway()], node: "a").sendDue().sent == 0)
      #expect(try await office.states == [.sending: 1])
    }
  }

  // MARK: Ends

  @Test("at the end of the program what is under way is finished and written down", arguments: Engine.available)
  func cancellation(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue(3)
      let (started, start) = AsyncStream<Void>.makeStream()
      let (released, release) = AsyncStream<Void>.makeStream()
      let gateway = ScriptedGateway(concurrency: 1) { _, _ in
        start.yield()
        for await _ in released { break }
        return .accepted("250")
      }
      let dispatcher = try office.dispatcher(["mail": gateway])
      let running = Task { await dispatcher.run(pollMilliseconds: 10) }
      for await _ in started { break }
      running.cancel()
      release.yield()
      release.finish()
      await running.value
      let states = try await office.states
      #expect(states[.accepted] == Int64(gateway.sent.count))
      #expect(states[.sending] == nil)
      // The rest is due again at once, with no attempt counted.
      #expect(try await office.number("SELECT COALESCE(SUM(attempts), 0) FROM delivery WHERE state <> 'accepted'") == 0)
    }
  }

  @Test("an outcome that cannot be written down is kept, and the message not sent again", arguments: Engine.available)
  func unwrittenOutcome(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let gateway = ScriptedGateway(.accepted("250"))
      let dispatcher = try office.dispatcher(["mail": gateway])
      let isSQLite = office.database.dialect == .sqlite
      try await office.execute(
        isSQLite
          ? """
          CREATE TRIGGER refuse BEFORE UPDATE ON delivery WHEN NEW.state = 'accepted' BEGIN
            SELECT RAISE(ABORT, 'refused');
          END
          """ : "ALTER TABLE delivery ADD CONSTRAINT refuse CHECK (state <> 'accepted')")
      await #expect(throws: SQLError.self) { try await dispatcher.sendDue() }
      try await office.execute(isSQLite ? "DROP TRIGGER refuse" : "ALTER TABLE delivery DROP CONSTRAINT refuse")
      #expect(try await dispatcher.sendDue().accepted == 1)
      #expect(gateway.sent.count == 1)
      #expect(try await office.states == [.accepted: 1])
    }
  }

  @Test("of several outcomes one that cannot be written down is settled by the journal", arguments: Engine.available)
  func givenUpOutcome(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let last = try await office.enqueue(3)
      // One place, and no pause between the three: they end together.
      let gateway = ScriptedGateway(concurrency: 1) { _, progress in
        progress(.committed)
        progress(.accepted("250"))
        return .accepted("250")
      }
      let isSQLite = office.database.dialect == .sqlite
      try await office.execute(
        isSQLite
          ? """
          CREATE TRIGGER refuse BEFORE UPDATE ON delivery WHEN NEW.state = 'accepted' AND NEW.id = \(last) BEGIN
            SELECT RAISE(ABORT, 'refused');
          END
          """ : "ALTER TABLE delivery ADD CONSTRAINT refuse CHECK (state <> 'accepted' OR id <> \(last))")
      let dispatcher = try office.dispatcher(["mail": gateway], searchSeconds: 0)
      // On a busy machine the last may end alone: then it is kept, and the error is the database's.
      _ = try? await dispatcher.sendDue()
      #expect(try await office.states == [.accepted: 2, .sending: 1])
      // The program that gave it up looks for what dead ones left.
      try await office.execute("UPDATE delivery SET lease_expires_at = 0 WHERE id = \(last)")
      _ = try? await dispatcher.sendDue()
      #expect(gateway.sent.count == 3)
      try await office.execute(isSQLite ? "DROP TRIGGER refuse" : "ALTER TABLE delivery DROP CONSTRAINT refuse")
      // The program is started again.
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().sent == 0)
      #expect(gateway.sent.count == 3)
      #expect(try await office.states == [.accepted: 3])
    }
  }

  @Test("the file gateway writes the mail", arguments: Engine.available)
  func fileGateway(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let id = try await office.enqueue()
      let folder = office.folder + "/sent"
      #expect(try await office.dispatcher(["mail": FileGateway(folder: folder)]).sendDue().accepted == 1)
      let written = try Data(contentsOf: URL(filePath: "\(folder)/\(id).eml"))
      #expect(written.starts(with: Data("Message-ID: <mail/1/1@postroom.example>\r\n".utf8)))
    }
  }
}
