import MailFormat
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("Mail that opened no conversation")
struct DeskFiledTests {
  private func accept(_ id: Int64, _ office: Office, by agent: String = "bo") async throws -> FiledDesk.Acceptance {
    try await FiledDesk(database: office.database, settings: office.settings)
      .accept(
        id, by: agent, intakes: ["support": try office.intake(), "sales": try office.intake("sales")], now: monday)
  }

  private func list(_ office: Office, _ outcome: Outcome? = nil) async throws -> [FiledMail] {
    try await office.database.read { tx in try tx.filedMail(outcome: outcome, limit: 50) }
  }

  private static let spam = Letter("1@c").with("X-Spam-Flag", "YES")

  @Test("is listed by what it was taken for, with what gave it away", arguments: Engine.available)
  func lists(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.spam)
      try await office.take(Letter("2@c").with("Auto-Submitted", "auto-replied"))
      try await office.take(Letter.bounce(of: "unknown@elsewhere.example"))
      try await office.take(Letter("3@c"))
      #expect(try await list(office).map(\.outcome) == [.bounce, .automatic, .spam])
      #expect(try await list(office, .spam).map(\.subject) == ["Opening hours"])
      let note = try #require(try await list(office, .automatic).first)
      #expect(note.evidence == "Its Auto-Submitted field says auto-replied (RFC 3834).")
      #expect(note.owner == "anna")
      #expect(note.sender == "li.wei@customer.example")
    }
  }

  @Test("accepted, it is a customer's mail with owner, promise and reply", arguments: Engine.available)
  func acceptSpam(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.spam)
      try await office.take(Self.spam)
      let result = try await accept(1, office)
      #expect(result.receipt == Receipt(outcome: .conversation, repliesQueued: 1))
      #expect(result.conversation == ConversationNumber(id: 1))
      #expect(try await office.conversation().promisedAt != nil)
      #expect(try await office.conversation().customer.address == "li.wei@customer.example")
      #expect(try await office.texts("SELECT outcome FROM ledger ORDER BY uid") == ["conversation", "duplicate"])
      #expect(try await office.count("message") == 1)
      #expect(try await office.count("raw_mail") == 1)
      #expect(try await office.texts("SELECT label FROM message") == ["inquiry"])
      #expect(try await office.texts("SELECT actor FROM event WHERE what = 'accepted'") == ["bo"])
      #expect(try await list(office).isEmpty)
      #expect(try await office.sent.first?.inReplyTo == ["1@c"])
      // Shown once more by the server, it is still the same mail.
      #expect(try await office.take(Self.spam).outcome == .duplicate)
      try await office.expectInvariants(ledger: 3)
    }
  }

  @Test("what says of itself that a machine wrote it gets no automatic answer", arguments: Engine.available)
  func acceptMachineMail(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c", subject: "退款", body: "我要投诉，东西是坏的！").with("Auto-Submitted", "auto-generated"))
      let result = try await accept(1, office)
      #expect(result.receipt.repliesQueued == 0)
      #expect(try await office.decisions == ["forbidden"])
      #expect(try await office.conversation().kind == .complaint)
      #expect(try await office.texts("SELECT language FROM conversation") == ["zh-Hans"])
      #expect(try await office.conversation().promisedAt != nil)
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("joins the conversation that it answers", arguments: Engine.available)
  func acceptAnswer(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("0@c"))
      try await office.take(Self.spam.answering("0@c"))
      #expect(try await accept(2, office).receipt.outcome == .reply)
      #expect(try await office.conversation().messages == 2)
      #expect(try await office.count("conversation") == 1)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("a mail is accepted once, and only what was filed", arguments: Engine.available)
  func refusals(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.spam)
      try await office.take(Letter("2@c"))
      await #expect(throws: DeskRefusal.self) { try await accept(2, office) }
      await #expect(throws: DeskRefusal.self) { try await accept(9, office) }
      await #expect(throws: DeskRefusal.self) { try await accept(1, office, by: "ana") }
      async let first = try? accept(1, office)
      async let second = try? accept(1, office)
      #expect(await [first, second].compactMap { $0 }.count == 1)
      #expect(try await office.count("conversation") == 2)
      try await office.expectInvariants(ledger: 2)
    }
  }
}
