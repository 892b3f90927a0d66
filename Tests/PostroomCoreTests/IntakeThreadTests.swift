import MailFormat
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Which conversation a mail belongs to")
struct IntakeThreadTests {
  private static let stranger = "mallory@elsewhere.example"

  /// The office with one conversation of Li Wei's, and our Message-ID in it.
  private func withConversation(
    _ engine: Engine, _ body: (Office, _ ourID: String) async throws -> Void
  ) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      try await body(office, try #require(try await office.sent.first?.messageID))
      try await office.expectInvariants()
    }
  }

  @Test("our signed Message-ID in In-Reply-To or References", arguments: Engine.available)
  func signedMessageID(engine: Engine) async throws {
    try await withConversation(engine) { office, ourID async throws in
      #expect(try await office.take(Letter("2@c", subject: "Other words").answering(ourID)).outcome == .reply)
      let deep = Letter("3@c").with("References", "<x@y> <\(ourID)> <z@y>")
      #expect(try await office.take(deep).outcome == .reply)
      // Also from another address: the mark is signed, so he got it from us or from the customer.
      #expect(
        try await office.take(Letter("4@c", from: "colleague@customer.example").answering(ourID)).outcome == .reply)
      #expect(try await office.conversation().messages == 4)
    }
  }

  @Test("a Message-ID with a forged signature opens another conversation", arguments: Engine.available)
  func forgedMessageID(engine: Engine) async throws {
    try await withConversation(engine) { office, ourID async throws in
      let forged = [
        ourID.replacing("p.1.", with: "p.2."), "p.1.abc.aaaaaaaaaaaaaaaa@postroom.example", "p.1@postroom.example",
        ReplySigner(secret: Array(repeating: 9, count: 32)).messageID(conversation: 1, nonce: 1, domain: "d.example"),
      ]
      for (number, id) in forged.enumerated() {
        let letter = Letter("f\(number)@c", from: Self.stranger).answering(id)
        #expect(try await office.take(letter).outcome == .conversation, "\(id)")
      }
      #expect(try await office.conversation().messages == 1)
    }
  }

  @Test("our signed reply address, in any case of letters; not a forged one", arguments: Engine.available)
  func plusAddress(engine: Engine) async throws {
    try await withConversation(engine) { office, _ async throws in
      let address = try #require(try await office.sent.first?.replyTo.first?.address)
      #expect(address.hasPrefix("support+p1-"))
      #expect(try await office.take(Letter("2@c", from: Self.stranger).to(address)).outcome == .reply)
      #expect(try await office.take(Letter("3@c").to(address.uppercased())).outcome == .reply)
      let forged = address.replacing("+p1-", with: "+p2-")
      #expect(try await office.take(Letter("4@c", from: "x@elsewhere.example").to(forged)).outcome == .conversation)
    }
  }

  @Test("the customer's own Message-ID, and nobody else's use of it", arguments: Engine.available)
  func ownMessageID(engine: Engine) async throws {
    try await withConversation(engine) { office, _ async throws in
      #expect(try await office.take(Letter("2@c", subject: "Also").answering("1@c")).outcome == .reply)
      #expect(try await office.take(Letter("3@c", from: Self.stranger).answering("1@c")).outcome == .conversation)
    }
  }

  @Test("the number in the subject, only from those who take part", arguments: Engine.available)
  func tag(engine: Engine) async throws {
    try await withConversation(engine) { office, ourID async throws in
      let tagged = "Re: Opening hours [#10001]"
      #expect(try await office.take(Letter("2@c", subject: tagged)).outcome == .reply)
      let foreign = Letter("3@c", from: Self.stranger, subject: tagged)
      #expect(try await office.take(foreign).outcome == .conversation)
      #expect(try await office.conversation(2).subject == "Opening hours")
      // Who joined by a signed mark takes part from then on.
      try await office.take(Letter("4@c", from: "colleague@customer.example").answering(ourID))
      let colleague = Letter("5@c", from: "colleague@customer.example", subject: tagged)
      #expect(try await office.take(colleague).outcome == .reply)
      #expect(try await office.conversation().messages == 4)
    }
  }

  @Test("marks of a conversation that does not exist open a new one", arguments: Engine.available)
  func unknownConversation(engine: Engine) async throws {
    try await withConversation(engine) { office, _ async throws in
      let id = office.signer.messageID(conversation: 999, nonce: 1, domain: "postroom.example")
      #expect(try await office.take(Letter("2@c").answering(id)).outcome == .conversation)
      let tagged = Letter("3@c", subject: "[#99999999999999999] [#10999] hello")
      #expect(try await office.take(tagged).outcome == .conversation)
    }
  }

  @Test("an out-of-office note to our reply is attached and changes nothing", arguments: Engine.available)
  func outOfOffice(engine: Engine) async throws {
    try await withConversation(engine) { office, ourID async throws in
      try await office.desk.reply(ConversationNumber(id: 1), text: "At nine.", by: "anna", resolving: true, now: monday)
      let note = Letter("ooo@c", subject: "Automatic reply: Opening hours").answering(ourID)
        .with("Auto-Submitted", "auto-replied")
      #expect(try await office.take(note) == Receipt(outcome: .automatic, repliesQueued: 0))
      #expect(try await office.conversation().state == .resolved)
      #expect(try await office.conversation().promisedAt == nil)
      #expect(try await office.number("SELECT conversation_id FROM message ORDER BY id DESC LIMIT 1") == 1)
      #expect(try await office.number("SELECT COUNT(*) FROM delivery WHERE purpose = 'acknowledgement'") == 1)
      #expect(try await office.texts("SELECT what FROM event ORDER BY id").last == "machine_mail")
    }
  }

  @Test("a bounce of our reply is attached to its conversation", arguments: Engine.available)
  func bounce(engine: Engine) async throws {
    try await withConversation(engine) { office, ourID async throws in
      #expect(try await office.take(Letter.bounce(of: ourID)) == Receipt(outcome: .bounce, repliesQueued: 0))
      #expect(try await office.number("SELECT conversation_id FROM message ORDER BY id DESC LIMIT 1") == 1)
      #expect(try await office.texts("SELECT what FROM event ORDER BY id").suffix(2) == ["bounced", "undelivered"])
      #expect(try await office.conversation().state == .open)
      // A report about somebody else's mail belongs to nobody's conversation.
      let foreign = try await office.take(Letter.bounce(of: "spoofed@elsewhere.example").map { $0 == 49 ? 50 : $0 })
      #expect(foreign.outcome == .bounce)
      #expect(try await office.number("SELECT COUNT(*) FROM message WHERE conversation_id IS NULL") == 1)
    }
  }

  @Test("an agent's answer that bounces opens its conversation and its promise again", arguments: Engine.available)
  func bouncedAnswer(engine: Engine) async throws {
    try await withConversation(engine) { office, _ async throws in
      try await office.desk.reply(ConversationNumber(id: 1), text: "At nine.", by: "anna", resolving: true, now: monday)
      #expect(try await office.conversation().promisedAt == nil)
      let answer = try await office.texts("SELECT reference FROM delivery WHERE purpose = 'reply'")
      try await office.take(Letter.bounce(of: try #require(answer.first)))
      #expect(try await office.conversation().state == .open)
      #expect(try await office.conversation().promisedAt != nil)
      try await office.expectInvariants()
    }
  }

  @Test("what waits for an agent who left goes to the fallback owner", arguments: Engine.available)
  func formerAgent(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...4 { try await office.take(Letter("\(number)@c", from: "c@d\(number).example")) }
      let leaving = try await office.conversation().owner
      let staying = office.settings.agents.keys.sorted().filter { $0 != leaving }
      let fallback = try #require(staying.first)
      try await office.database.write { tx in
        try tx.execute("UPDATE agent SET active = 0 WHERE name = $1", [.text(leaving)])
        #expect(try tx.handOverFromFormerAgents(fallbacks: ["support": fallback], now: monday) > 0)
        #expect(try tx.handOverFromFormerAgents(fallbacks: ["support": fallback], now: monday) == 0)
      }
      #expect(
        try await office.number(
          "SELECT COUNT(*) FROM conversation c JOIN agent a ON a.id = c.owner_id WHERE a.name = '\(leaving)'") == 0)
      try await office.expectInvariants()
    }
  }

  @Test("a mail to a resolved conversation opens it again with a new promise", arguments: Engine.available)
  func reopening(engine: Engine) async throws {
    try await withConversation(engine) { office, ourID async throws in
      try await office.desk.reply(ConversationNumber(id: 1), text: "At nine.", by: "anna", resolving: true, now: monday)
      #expect(try await office.number("SELECT SUM(open_count) FROM agent") == 0)
      let later = monday.adding(25 * hour)
      let receipt = try await office.take(Letter("2@c", body: "And on Sunday?").answering(ourID), now: later)
      #expect(receipt == Receipt(outcome: .reply, repliesQueued: 1))
      #expect(try await office.conversation().state == .open)
      #expect(try await office.conversation().promisedAt == later.adding(24 * hour))
      #expect(try await office.count("promise") == 2)
      #expect(try await office.number("SELECT open_count FROM agent WHERE name = 'anna'") == 1)
    }
  }
}
