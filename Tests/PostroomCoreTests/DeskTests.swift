import MailFormat
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("The agents' verbs")
struct DeskTests {
  private static let first = ConversationNumber(id: 1)

  private func refusal(_ body: () async throws -> Void) async -> String? {
    do { try await body() } catch let refusal as DeskRefusal { return refusal.description } catch { return "\(error)" }
    return nil
  }

  private func openCounts(_ office: Office) async throws -> [String] {
    try await office.texts("SELECT name || ' ' || open_count FROM agent ORDER BY name")
  }

  @Test("handing over moves the conversation, the customer and the count", arguments: Engine.available)
  func assign(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      try await office.desk.assign(Self.first, to: "chen", by: "anna", now: monday)
      #expect(try await openCounts(office) == ["anna 0", "bo 0", "chen 1"])
      #expect(try await office.conversation().owner == "chen")
      #expect(try await office.conversation().ownerReason == "assigned")
      #expect(try await office.texts("SELECT detail FROM event WHERE what = 'assigned'") == ["chen"])
      #expect(await refusal { try await office.desk.assign(Self.first, to: "chen", by: "bo", now: monday) } != nil)
      // His next matter goes to the same person, although others have less to do.
      try await office.take(Letter("2@c", subject: "Another matter"))
      #expect(try await office.conversation(2).owner == "chen")
      #expect(try await office.conversation(2).ownerReason == "returning")
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("handing over a resolved conversation moves no count", arguments: Engine.available)
  func assignResolved(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      try await office.desk.assign(Self.first, to: "bo", by: "anna", now: monday)
      #expect(try await openCounts(office) == ["anna 0", "bo 0", "chen 0"])
      try await office.take(Letter("2@c").answering("1@c"))
      #expect(try await openCounts(office) == ["anna 0", "bo 1", "chen 0"])
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("a reply keeps the promise and belongs to the thread", arguments: Engine.available)
  func reply(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      try await office.take(Letter("2@c", subject: "Re: Opening hours", body: "Also on Sunday?").answering("1@c"))
      try await office.desk.reply(Self.first, text: "From nine.\n", by: "bo", now: monday.adding(60))
      #expect(try await office.conversation().state == .waiting)
      #expect(try await office.conversation().promisedAt == nil)
      #expect(try await office.number("SELECT kept_at FROM promise") == monday.adding(60))
      let sent = try await office.sent
      let reply = try #require(sent.last)
      #expect(sent.count == 2)
      #expect(reply.inReplyTo == ["2@c"])
      #expect(Set(reply.references) == ["1@c", "2@c", sent[0].messageID ?? ""])
      #expect(reply.subject == "Re: Opening hours [#10001]")
      #expect(reply.to.first?.address == "li.wei@customer.example")
      #expect(reply.from.first?.address == "support@postroom.example")
      #expect(reply.first("Auto-Submitted") == nil)
      #expect(reply.bodyText.hasPrefix("From nine."))
      #expect(reply.bodyText.contains("Bo"))
      #expect(office.signer.conversation(ofMessageID: reply.messageID ?? "") == 1)
      #expect(try await office.texts("SELECT sender FROM delivery ORDER BY id").last == "support@postroom.example")
      // Waiting still counts as the owner's.
      #expect(try await openCounts(office) == ["anna 1", "bo 0", "chen 0"])
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("a reply is refused when somebody wrote since its author looked", arguments: Engine.available)
  func staleReply(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      let seen = try await office.conversation().messages
      try await office.take(Letter("2@c", body: "Never mind.").answering("1@c"))
      let stale = await refusal {
        try await office.desk.reply(Self.first, text: "At nine.", by: "anna", lastSeen: seen, now: monday)
      }
      #expect(stale?.contains("new mail") == true)
      #expect(try await office.conversation().promisedAt != nil)

      let again = try await office.conversation().messages
      try await office.desk.reply(Self.first, text: "Thank you.", by: "anna", lastSeen: again, now: monday)
      let colleague = await refusal {
        try await office.desk.reply(Self.first, text: "At nine.", by: "bo", lastSeen: again, now: monday)
      }
      #expect(colleague != nil, "nobody answers past a colleague")
      #expect(try await office.number("SELECT COUNT(*) FROM delivery WHERE purpose = 'reply'") == 1)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("each reply is a message of its own, also the same words", arguments: Engine.available)
  func severalReplies(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      for _ in 1...3 { try await office.desk.reply(Self.first, text: "At nine.", by: "anna", now: monday) }
      #expect(try await office.number("SELECT COUNT(*) FROM delivery WHERE purpose = 'reply'") == 3)
      #expect(Set(try await office.sent.map(\.messageID)).count == 4)
    }
  }

  @Test("a conversation with an open promise is not resolved unless forced", arguments: Engine.available)
  func resolve(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      let owed = await refusal { try await office.desk.resolve(Self.first, by: "anna", now: monday) }
      #expect(owed?.contains("owes") == true)
      #expect(try await office.conversation().state == .open)
      try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday)
      #expect(try await office.conversation().state == .resolved)
      #expect(try await office.conversation().promisedAt == nil)
      #expect(try await openCounts(office) == ["anna 0", "bo 0", "chen 0"])
      #expect(await refusal { try await office.desk.resolve(Self.first, by: "anna", force: true, now: monday) } != nil)
      #expect(try await openCounts(office) == ["anna 0", "bo 0", "chen 0"])
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("refusals say what is wrong", arguments: Engine.available)
  func refusals(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      let typo = await refusal { try await office.desk.assign(Self.first, to: "chem", by: "anna", now: monday) }
      #expect(typo?.contains("did you mean chen?") == true)
      let author = await refusal { try await office.desk.reply(Self.first, text: "x", by: "ana", now: monday) }
      #expect(author?.contains("did you mean anna?") == true)
      let nobody = await refusal { try await office.desk.resolve(Self.first, by: "zacharias", now: monday) }
      #expect(nobody?.contains("did you mean") == false)
      let empty = await refusal { try await office.desk.reply(Self.first, text: " \n", by: "anna", now: monday) }
      #expect(empty?.contains("empty") == true)
      let unknown = ConversationNumber(id: 77)
      let missing = await refusal { try await office.desk.resolve(unknown, by: "anna", now: monday) }
      #expect(missing?.contains("#10077") == true)
      #expect(try await office.conversation().state == .open)
      #expect(try await office.count("delivery") == 1)
    }
  }

  @Test("lists and timelines show what happened", arguments: Engine.available)
  func lists(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...5 { try await office.take(Letter("\(number)@c", from: "c\(number)@d\(number).example")) }
      try await office.desk.reply(Self.first, text: "At nine.", by: "anna", now: monday.adding(60))
      func ids(_ adjust: @Sendable (inout ConversationFilter) -> Void) async throws -> [Int64] {
        var filter = ConversationFilter()
        adjust(&filter)
        let chosen = filter
        return try await office.database.read { tx in try tx.conversations(chosen).map(\.id) }
      }
      #expect(try await ids { _ in } == [5, 4, 3, 2, 1])
      #expect(try await ids { $0.state = .waiting } == [1])
      #expect(try await ids { $0.owner = "anna" } == [4, 1])
      #expect(try await ids { $0.kind = .complaint } == [])
      #expect(try await ids { $0.mailbox = "sales" } == [])
      #expect(
        try await ids {
          $0.limit = 2; $0.before = 4
        } == [3, 2])
      #expect(try await ids { $0.overdueAt = monday.adding(24 * hour) } == [])
      #expect(try await ids { $0.overdueAt = monday.adding(24 * hour) + 1 } == [5, 4, 3, 2])
      let kinds = try await office.database.read { tx in
        try tx.timeline(1).map { entry in
          switch entry.content {
          case .mail: "mail"
          case .delivery(let sent): sent.purpose
          case .event(_, let what, _): what
          }
        }
      }
      #expect(kinds == ["mail", "acknowledgement", "opened", "reply", "replied", "waiting"])
    }
  }
}
