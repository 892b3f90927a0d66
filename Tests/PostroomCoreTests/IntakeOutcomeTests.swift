import MailFormat
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("Every mail ends in exactly one outcome")
struct IntakeOutcomeTests {
  @Test("a person's mail opens a conversation with an owner, a promise and one reply", arguments: Engine.available)
  func conversation(engine: Engine) async throws {
    try await withOffice(engine) { office in
      #expect(try await office.take(Letter("1@c")) == Receipt(outcome: .conversation, repliesQueued: 1))
      let conversation = try await office.conversation()
      #expect(conversation.customer.address == "li.wei@customer.example")
      #expect(conversation.customer.name == "Li Wei")
      #expect(conversation.kind == .inquiry)
      #expect(conversation.state == .open)
      #expect(conversation.owner == "anna")
      #expect(conversation.promisedAt == monday.adding(24 * hour))
      #expect(try await office.number("SELECT told FROM promise") == 1)
      let reply = try #require(try await office.sent.first)
      #expect(reply.inReplyTo == ["1@c"])
      #expect(reply.references == ["1@c"])
      #expect(reply.first("Auto-Submitted") == "auto-replied")
      #expect(reply.subject.contains("[#10001]"))
      #expect(reply.bodyText.contains("400-820-8820"))
      #expect(office.signer.conversation(ofMessageID: reply.messageID ?? "") == 1)
      #expect(try await office.texts("SELECT sender FROM delivery") == [""])
      #expect(try await office.texts("SELECT recipient FROM delivery") == ["li.wei@customer.example"])
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("a follow-up joins, and gets no second reply while a promise is open", arguments: Engine.available)
  func reply(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      let receipt = try await office.take(Letter("2@c", body: "One more thing.").answering("1@c"))
      #expect(receipt == Receipt(outcome: .reply, repliesQueued: 0))
      #expect(try await office.decisions == ["answered", "already_promised"])
      #expect(try await office.conversation().messages == 2)
      #expect(try await office.count("promise") == 1)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("what a mail quotes says nothing of what its writer wants", arguments: Engine.available)
  func quotes(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let body = """
        Could you tell me when the shop opens?

        On Mon, Nov 23, 2026 at 9:00 AM Shop <shop@other.example> wrote:
        > This is unacceptable. I am very angry and demand a refund. Worst service ever, a complete scam!
        """
      try await office.take(Letter("1@c", subject: "Re: order", body: body))
      #expect(try await office.conversation().kind == .inquiry)
      #expect(try await office.texts("SELECT preview FROM message") == ["Could you tell me when the shop opens?"])
    }
  }

  @Test("the same mail twice is a duplicate without effects", arguments: Engine.available)
  func duplicate(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      #expect(try await office.take(Letter("1@c")) == Receipt(outcome: .duplicate, repliesQueued: 0))
      #expect(try await office.count("delivery") == 1)
      #expect(try await office.count("message") == 1)
      #expect(try await office.number("SELECT COUNT(DISTINCT message_id) FROM ledger") == 1)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("line ends and trace fields do not make another mail of it", arguments: Engine.available)
  func sameMailOnAnotherWay(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let letter = Letter("1@c")
      try await office.take(letter)
      #expect(try await office.take(letter.bytes.filter { $0 != 13 }).outcome == .duplicate)
      #expect(try await office.take(letter.with("Received", "by mx2.postroom.example")).outcome == .duplicate)
    }
  }

  @Test("the same mail in two mailboxes is one conversation", arguments: Engine.available)
  func twoMailboxes(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let letter = Letter("1@c").to("support@postroom.example, sales@postroom.example")
      try await office.take(letter)
      #expect(try await office.take(letter, at: "sales").outcome == .duplicate)
      #expect(try await office.count("conversation") == 1)
      #expect(try await office.count("delivery") == 1)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("two different mails with one Message-ID are two messages", arguments: Engine.available)
  func sharedMessageID(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      let other = Letter("1@c", from: "wang@other.example", body: "Where is my parcel?")
      #expect(try await office.take(other).outcome == .conversation)
      #expect(try await office.count("message") == 2)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test(
    "a mail without Message-ID is taken in, answered, and recognised when it comes again", arguments: Engine.available)
  func withoutMessageID(engine: Engine) async throws {
    try await withOffice(engine) { office in
      #expect(try await office.take(Letter(nil)) == Receipt(outcome: .conversation, repliesQueued: 1))
      #expect(try await office.take(Letter(nil)).outcome == .duplicate)
      #expect(try await office.take(Letter(nil, subject: "Another matter")).outcome == .conversation)
      #expect(try await office.sent.first?.inReplyTo == [])
      try await office.expectInvariants(ledger: 3)
    }
  }

  @Test("a new UIDVALIDITY lists all again without replies and conversations", arguments: Engine.available)
  func newUIDValidity(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let letters = (1...5).map { Letter("\($0)@c", from: "customer\($0)@c\($0).example") }
      for (index, letter) in letters.enumerated() { try await office.take(letter.bytes, uid: Int64(index + 1)) }
      for (index, letter) in letters.enumerated() {
        let again = try await office.take(letter.bytes, uid: Int64(index + 1), uidValidity: 2)
        #expect(again == Receipt(outcome: .duplicate, repliesQueued: 0))
      }
      #expect(try await office.count("conversation") == 5)
      #expect(try await office.count("delivery") == 5)
      try await office.expectInvariants(ledger: 10)
    }
  }

  @Test(
    "machine mail is kept by the fallback owner and never answered", arguments: Engine.available,
    [
      ("Auto-Submitted", "auto-generated", Outcome.automatic), ("List-Id", "<news.example>", .automatic),
      ("Precedence", "bulk", .automatic), ("X-Spam-Flag", "YES", .spam), ("X-Rspamd-Action", "reject", .spam),
    ])
  func machine(engine: Engine, field: (name: String, value: String, outcome: Outcome)) async throws {
    try await withOffice(engine) { office in
      let receipt = try await office.take(Letter("1@c").with(field.name, field.value))
      #expect(receipt == Receipt(outcome: field.outcome, repliesQueued: 0))
      #expect(try await office.count("conversation") == 0)
      #expect(try await office.count("delivery") == 0)
      #expect(try await office.number("SELECT owner_id FROM message") == office.agentIDs["anna"])
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("our own mail coming back is no customer's", arguments: Engine.available)
  func loop(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let own = Letter("1@c").with(ReplySigner.loopHeader, office.signer.loopToken)
      #expect(try await office.take(own).outcome == .automatic)
      #expect(try await office.take(Letter("2@c", from: "support@postroom.example")).outcome == .automatic)
      #expect(try await office.count("delivery") == 0)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test(
    "what is no mail goes to quarantine with its bytes and an owner", arguments: Engine.available,
    [[], Array("\u{0}\u{1}\u{2}".utf8), Array("Subject: nobody\r\n\r\nwrote this".utf8)])
  func quarantine(engine: Engine, bytes: [UInt8]) async throws {
    try await withOffice(engine) { office in
      #expect(try await office.take(bytes) == Receipt(outcome: .quarantine, repliesQueued: 0))
      let list = try await office.database.read { tx in try tx.quarantined() }
      #expect(list.map(\.owner) == ["anna"])
      #expect(list.map(\.size) == [Int64(bytes.count)])
      let stored = try await office.database.read { tx in try tx.quarantinedBytes(list.first?.id ?? 0)?.bytes }
      #expect(stored == bytes)
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("NUL and broken UTF-8 in a mail are no obstacle", arguments: Engine.available)
  func hostileBytes(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var bytes = Letter("1@c", from: "\"A\u{0}B\" <a@b.example>", subject: "Nul\u{0}l", body: "a\u{0}b").bytes
      bytes += [0xFF, 0xFE, 0x00, 0xC3, 0x28]
      #expect(try await office.take(bytes).outcome == .conversation)
      let stored = try await office.database.read { tx in try tx.row("SELECT bytes FROM raw_mail")?.blob(0) }
      #expect(stored == bytes)
      #expect(try await office.sent.count == 1)
    }
  }

  @Test("a mail that fails is quarantined, and the mails around it are not touched", arguments: Engine.available)
  func poison(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.breakMessages()
      let source = ScriptedSource([Letter("1@c"), Letter("2@c", subject: "poison"), Letter("3@c"), Letter("4@c")])
      let tally = try await office.poller(source).pollOnce()
      #expect(tally.outcomes == [.conversation: 3, .quarantine: 1])
      #expect(try await office.texts("SELECT outcome FROM ledger ORDER BY uid")[1] == "quarantine")
      #expect(try await office.count("delivery") == 1, "the sender is answered once a day")
      // Nothing of the failed attempt is left.
      #expect(try await office.number("SELECT COUNT(*) FROM message WHERE subject = 'poison'") == 0)
      try await office.expectInvariants(ledger: 4)

      let retry = QuarantineRetry(database: office.database)
      let intakes = ["support": try office.intake()]
      let still = try await retry.retry(1, intakes: intakes, now: monday)
      #expect(still?.outcome == .quarantine)
      #expect(try await office.number("SELECT attempts FROM quarantine") == 2)
      try await office.expectInvariants(ledger: 4)

      try await office.mendMessages()
      #expect(try await retry.retry(1, intakes: intakes, now: monday)?.outcome == .conversation)
      #expect(try await office.texts("SELECT outcome FROM ledger ORDER BY uid")[1] == "conversation")
      #expect(try await office.number("SELECT COUNT(*) FROM ledger WHERE quarantine_id IS NOT NULL") == 0)
      #expect(try await office.database.read { tx in try tx.quarantined() }.isEmpty)
      #expect(try await office.database.read { tx in try tx.quarantined(includingSettled: true) }.count == 1)
      #expect(try await retry.retry(1, intakes: intakes, now: monday) == nil)
      try await office.expectInvariants(ledger: 4)
    }
  }

  @Test(
    "two nodes that take the same mail in from two mailboxes at once make one conversation", arguments: Engine.available
  )
  func race(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let letters = (1...60).map { Letter("\($0)@c", from: "c\($0)@c\($0).example").to("support@postroom.example") }
      let (support, sales) = (ScriptedSource(letters), ScriptedSource(letters.reversed()))
      async let one = office.poller(support, node: "a").pollOnce()
      async let two = office.poller(sales, node: "b", mailbox: "sales").pollOnce()
      var tally = try await one
      tally.add(try await two)
      #expect(tally.outcomes == [.conversation: 60, .duplicate: 60])
      #expect(tally.repliesQueued == Int(try await office.count("delivery")))
      try await office.expectInvariants(ledger: 120)
    }
  }
}

extension Office {
  /// Makes the table of messages refuse the subject "poison".
  func breakMessages() async throws {
    try await execute(
      database.dialect == .sqlite
        ? """
        CREATE TRIGGER refuse BEFORE INSERT ON message WHEN NEW.subject = 'poison' BEGIN
          SELECT RAISE(ABORT, 'refused');
        END
        """ : "ALTER TABLE message ADD CONSTRAINT refuse CHECK (subject <> 'poison')")
  }

  func mendMessages() async throws {
    try await execute(
      database.dialect == .sqlite ? "DROP TRIGGER refuse" : "ALTER TABLE message DROP CONSTRAINT refuse")
  }
}
