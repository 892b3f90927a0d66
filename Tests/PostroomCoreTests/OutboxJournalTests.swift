import Foundation
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("After a crash the journal of attempts tells what to do")
struct OutboxJournalTests {
  /// One message claimed by a process that died; what it noted is done by `note`.
  private func afterCrash(
    _ engine: Engine, _ note: (AttemptJournal, Delivery) -> Void, _ body: (Office, Delivery) async throws -> Void
  ) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      do {
        let journal = try office.journal()
        let delivery = try #require(try await office.claimAndDie().first)
        note(journal, delivery)
        try await body(office, delivery)
      }
    }
  }

  @Test("nothing was handed over: it is sent, and no attempt counts", arguments: Engine.available)
  func beforeData(engine: Engine) async throws {
    try await afterCrash(engine, { _, _ in }) { office, _ async throws in
      let gateway = ScriptedGateway(.accepted("250"))
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().accepted == 1)
      #expect(gateway.sent.map(\.attempt) == [1])
      #expect(try await office.number("SELECT uncertainties FROM delivery") == 0)
      #expect(try await office.count("attempt") == 1)
    }
  }

  @Test("the answer had come: it is accepted without being sent", arguments: Engine.available)
  func afterAnswer(engine: Engine) async throws {
    try await afterCrash(
      engine,
      { journal, delivery in
        journal.note(delivery: delivery.id, attempt: delivery.attempt, .committed)
        journal.note(delivery: delivery.id, attempt: delivery.attempt, .accepted("queued\r\nas\u{0} 9 9"))
      }
    ) { office, _ async throws in
      #expect(try await office.dispatcher(["mail": ScriptedGateway()]).sendDue().sent == 0)
      #expect(try await office.states == [.accepted: 1])
      #expect(try await office.texts("SELECT reason FROM delivery") == ["queuedas 9 9"])
    }
  }

  @Test(
    "in between nobody can know: it is sent once more, and after a second crash a person decides",
    arguments: Engine.available)
  func inBetween(engine: Engine) async throws {
    try await afterCrash(
      engine,
      { journal, delivery in
        journal.note(delivery: delivery.id, attempt: delivery.attempt, .committed)
      }
    ) { office, first async throws in
      let gateway = ScriptedGateway(.deferred("451"))
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().deferred == 1)
      #expect(gateway.sent.first?.content == first.content)
      #expect(gateway.sent.first?.attempt == 2)
      try await office.makeDue()
      let second = try #require(try await office.claimAndDie().first)
      try office.journal().note(delivery: second.id, attempt: second.attempt, .committed)
      #expect(try await office.dispatcher(["mail": ScriptedGateway()]).sendDue().sent == 0)
      #expect(try await office.states == [.uncertain: 1])
      #expect(try await office.number("SELECT uncertainties FROM delivery") == 2)
    }
  }

  @Test(
    "a journal of another boot, or none, says nothing about an attempt", arguments: Engine.available, [true, false])
  func otherBoot(engine: Engine, isThere: Bool) async throws {
    try await afterCrash(engine, { _, _ in }) { office, _ async throws in
      let file = office.journalFile()
      try FileManager.default.removeItem(atPath: file)
      if isThere { try Data("boot 00000000-0000-0000-0000-000000000000\n".utf8).write(to: URL(filePath: file)) }
      let gateway = ScriptedGateway(.accepted("250"))
      #expect(try await office.dispatcher(["mail": gateway]).sendDue().accepted == 1)
      #expect(try await office.number("SELECT uncertainties FROM delivery") == 1)
    }
  }

  @Test("but what it names is believed", arguments: Engine.available)
  func otherBootNamed(engine: Engine) async throws {
    try await afterCrash(engine, { _, _ in }) { office, delivery async throws in
      let text = "boot 00000000-0000-0000-0000-000000000000\n\(delivery.id) 1 committed\n\(delivery.id) 1 accepted ok\n"
      try Data(text.utf8).write(to: URL(filePath: office.journalFile()))
      #expect(try await office.dispatcher(["mail": ScriptedGateway()]).sendDue().sent == 0)
      #expect(try await office.states == [.accepted: 1])
    }
  }

  @Test("a torn last line is no line; nonsense is skipped")
  func tornLine() async throws {
    try await withFolder { folder in
      let file = folder + "/attempts"
      let journal = try AttemptJournal(file: file)
      journal.note(delivery: 1, attempt: 1, .committed)
      let whole = try String(contentsOfFile: file, encoding: .utf8)
      try Data((whole + "\u{0}\n7\n1 x accepted\n1 1 acce").utf8).write(to: URL(filePath: file))
      let next = try AttemptJournal(file: file)
      #expect(next.finding(delivery: 1, attempt: 1) == .unknown)
      #expect(next.finding(delivery: 1, attempt: 2) == .neverCommitted)
      // What it writes now is not glued to the torn line.
      next.note(delivery: 2, attempt: 1, .accepted("ok"))
      #expect(try AttemptJournal(file: file).finding(delivery: 2, attempt: 1) == .accepted("ok"))
    }
  }

  @Test("a journal that is never emptied grows, and forgets nothing")
  func grows() async throws {
    try await withFolder { folder in
      let file = folder + "/attempts"
      let journal = try AttemptJournal(file: file)
      let words = String(repeating: "中", count: 200)
      for delivery in 1...Int64(8_000) { journal.note(delivery: delivery, attempt: 1, .accepted(words)) }
      #expect(!journal.hasFailed)
      let next = try AttemptJournal(file: file)
      #expect([1, 4_000, 8_000].allSatisfy { next.finding(delivery: $0, attempt: 1) == .accepted(words) })
      #expect(next.finding(delivery: 8_001, attempt: 1) == .neverCommitted)
      next.reset()
      next.note(delivery: 9, attempt: 1, .committed)
      let last = try AttemptJournal(file: file)
      #expect(last.finding(delivery: 9, attempt: 1) == .unknown)
      #expect(last.finding(delivery: 8_000, attempt: 1) == .neverCommitted)
    }
  }

  @Test("a journal whose attempts end stays small, and remembers those that have not")
  func staysSmall() async throws {
    try await withFolder { folder in
      let file = folder + "/attempts"
      let journal = try AttemptJournal(file: file)
      journal.note(delivery: 0, attempt: 1, .committed)
      let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
      for delivery in 1...Int64(20_000) {
        journal.note(delivery: delivery, attempt: 1, .committed)
        journal.note(delivery: delivery, attempt: 1, .accepted("ok"))
        if delivery % 100 == 0 { journal.forget((delivery - 99...delivery).map { ($0, 1) }) }
      }
      journal.note(delivery: 20_001, attempt: 3, .accepted("ok"))
      #expect(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int == size)
      let next = try AttemptJournal(file: file)
      #expect(next.finding(delivery: 0, attempt: 1) == .unknown)
      #expect(next.finding(delivery: 20_000, attempt: 1) == .neverCommitted)
      #expect(next.finding(delivery: 20_001, attempt: 3) == .accepted("ok"))
    }
  }

  @Test("an emptied journal knows its boot and nothing else")
  func reset() async throws {
    try await withFolder { folder in
      let file = folder + "/attempts"
      let journal = try AttemptJournal(file: file)
      journal.note(delivery: 1, attempt: 1, .accepted("ok"))
      journal.reset()
      #expect(try AttemptJournal(file: file).finding(delivery: 1, attempt: 1) == .neverCommitted)
      #expect(throws: SettingsError.self) { try AttemptJournal(file: folder + "/missing/attempts") }
    }
  }

  @Test("attempts of other nodes are not looked up in this node's journal", arguments: Engine.available)
  func otherNode(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let journal = try office.journal()
      let delivery = try #require(try await office.claimAndDie(node: "b", leaseSeconds: -1).first)
      journal.note(delivery: delivery.id, attempt: delivery.attempt, .accepted("ours, of another database"))
      let gateway = ScriptedGateway(.accepted("250"))
      #expect(try await office.dispatcher(["mail": gateway], node: "a").sendDue().accepted == 1)
      #expect(gateway.sent.count == 1)
    }
  }
}
