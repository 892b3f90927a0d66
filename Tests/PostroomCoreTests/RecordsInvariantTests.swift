import SQLAccess
import Testing

@testable import PostroomCore

@Suite("What always holds")
struct RecordsInvariantTests {
  @Test("whatever happens in whatever order, the counts are right", arguments: Engine.available, [1, 2, 3])
  func randomSequence(engine: Engine, seed: UInt64) async throws {
    try await withOffice(engine) { office in
      var random = SeededGenerator(seed: seed)
      let agents = ["anna", "bo", "chen"]
      var mails: Int64 = 0
      var now = monday
      for _ in 0..<120 {
        now = now.adding(.random(in: 0...7200, using: &random))
        let conversations = try await office.count("conversation")
        let number = ConversationNumber(id: .random(in: 1...max(1, conversations), using: &random))
        let agent = agents[Int.random(in: 0..<3, using: &random)]
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2:
          mails += 1
          let customer = Int.random(in: 1...12, using: &random)
          var letter = Letter("\(mails)@c", from: "c\(customer)@d.example", body: "Mail \(mails). When?")
          if Bool.random(using: &random) { letter.subject = "Re: Opening hours [\(number)]" }
          if Int.random(in: 0..<6, using: &random) == 0 { letter = letter.with("Auto-Submitted", "auto-replied") }
          try await office.take(letter, now: now)
        case 3:
          let old = try await office.database.read { tx in
            try tx.rows("SELECT bytes FROM raw_mail ORDER BY message_id").map { try $0.blob(0) }
          }
          guard let bytes = old.randomElement(using: &random) else { continue }
          mails += 1
          #expect(try await office.take(bytes, now: now).outcome == .duplicate)
        case 4: try? await office.desk.assign(number, to: agent, by: "anna", now: now)
        case 5, 6:
          let resolving = Bool.random(using: &random)
          try? await office.desk.reply(number, text: "Answer.", by: agent, resolving: resolving, now: now)
        default: try? await office.desk.resolve(number, by: agent, force: Bool.random(using: &random), now: now)
        }
        try await office.expectInvariants(ledger: mails)
      }
    }
  }

  @Test("new customers are spread evenly over the team", arguments: Engine.available)
  func balance(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let letters = (1...90).map { Letter("\($0)@c", from: "c\($0)@d\($0).example") }
      var source = ScriptedSource(letters)
      source.batchSize = 20
      _ = try await office.poller(source).pollOnce()
      #expect(
        try await office.texts("SELECT name || ' ' || open_count FROM agent ORDER BY name")
          == ["anna 30", "bo 30", "chen 30"])
      try await office.expectInvariants(ledger: 90)
    }
  }

  @Test("who is absent or has enough for today gets nothing; then the fallback owner does", arguments: Engine.available)
  func capacity(engine: Engine) async throws {
    let today = try #require(CivilDate(year: 2026, month: 11, day: 23))
    try await withOffice(
      engine,
      { settings in
        settings.agents["anna"]?.capacity = 1
        settings.agents["bo"]?.absent = [today...today]
        settings.agents["chen"]?.capacity = 2
      }
    ) { office in
      for number in 1...5 { try await office.take(Letter("\(number)@c", from: "c\(number)@d\(number).example")) }
      let owners = try await office.database.read { tx in
        try tx.conversations(ConversationFilter()).map { "\($0.owner) \($0.ownerReason)" }
      }
      #expect(
        owners.sorted() == [
          "anna fallback", "anna fallback", "anna least_loaded", "chen least_loaded", "chen least_loaded",
        ])
      // Tomorrow all have room again.
      try await office.take(Letter("6@c", from: "c6@d6.example"), now: monday.adding(24 * hour))
      #expect(try await office.conversation(6).owner == "bo")
      try await office.expectInvariants(ledger: 6)
    }
  }

  @Test("an agent who left keeps what is his and gets nothing new", arguments: Engine.available)
  func leaving(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      let rest = office.settings.agents.values.filter { $0.id != "anna" }
      try await office.database.write { tx in try tx.syncAgents(rest) }
      try await office.take(Letter("2@c", subject: "Another matter"))
      #expect(try await office.conversation(1).owner == "anna")
      #expect(try await office.conversation(2).owner == "bo")
      try await office.database.write { [settings = office.settings] tx in
        try tx.syncAgents(Array(settings.agents.values))
      }
      #expect(try await office.number("SELECT open_count FROM agent WHERE name = 'anna'") == 1)
    }
  }

  @Test("the schema refuses what must never be", arguments: Engine.available)
  func constraints(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      for statement in [
        "UPDATE conversation SET owner_id = NULL", "UPDATE agent SET open_count = -1",
        "UPDATE message SET conversation_id = NULL", "UPDATE message SET owner_id = 1",
        "UPDATE ledger SET message_id = NULL", "UPDATE ledger SET outcome = 'lost'",
        "INSERT INTO promise (conversation_id, due_at, told, made_at) VALUES (1, 1, 0, 1)",
        "INSERT INTO ledger SELECT * FROM ledger", "UPDATE delivery SET state = 'gone'",
      ] {
        await #expect(throws: SQLError.self, "\(statement)") { try await office.execute(statement) }
      }
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("counters that no cap looks at are forgotten", arguments: Engine.available)
  func forgetting(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      #expect(try await office.count("reply_count") == 2)
      func forget(_ now: Instant) async throws {
        try await office.database.write { tx in
          try tx.forgetReplyCounts(mailbox: try tx.mailboxIDs()["support"] ?? 0, before: now)
        }
      }
      try await forget(monday.adding(24 * hour))
      #expect(try await office.count("reply_count") == 1)
      #expect(try await office.count("replied_sender") == 1)
      try await forget(monday.adding(91 * 24 * hour))
      #expect(try await office.count("reply_count") == 0)
      #expect(try await office.count("replied_sender") == 0)
    }
  }
}
