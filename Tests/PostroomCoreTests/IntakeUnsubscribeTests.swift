import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Unsubscribing")
struct IntakeUnsubscribeTests {
  /// Li Wei with two addresses and a number, and his consent to everything.
  private func customer(_ office: Office) async throws -> Int64 {
    try await office.database.write { tx in
      let id = try tx.customer(address: "li.wei@customer.example", name: "Li Wei", now: monday).id
      for (channel, address) in [("mail", "li@home.example"), ("sms", "+8613800138000")] {
        try tx.execute(
          "INSERT INTO contact (channel, address, customer_id, added_at) VALUES ($1, $2, $3, 0)",
          [.text(channel), .text(address), .integer(id)])
      }
      for channel in Channel.allCases {
        for purpose in UnsubscribeToken.allMarketing {
          try tx.setConsent(of: id, channel, purpose, given: true, source: "form", now: monday)
        }
      }
      return id
    }
  }

  private func state(_ office: Office) async throws -> [String] {
    try await office.texts(
      """
      SELECT channel || ' ' || purpose || ' ' || given || ' ' || source || ' ' || said_at FROM consent
      UNION ALL SELECT channel || ' ' || address || ' ' || reason || ' ' || source || ' ' || created_at FROM suppression
      ORDER BY 1
      """)
  }

  @Test("all marketing ends on every channel; a second time nothing is written", arguments: Engine.available)
  func everything(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office))
      let didEnd = try await office.database.write { try $0.unsubscribe(token, source: "one-click", now: monday + 1) }
      #expect(didEnd)
      let after = try await state(office)
      #expect(after.filter { $0.contains(" 0 one-click") }.count == 6)
      #expect(after.filter { $0.contains("opt_out one-click") }.map { $0.prefix { $0 != "o" } }.count == 2)
      let again = try await office.database.write { try $0.unsubscribe(token, source: "again", now: monday + 2) }
      #expect(!again)
      #expect(try await state(office) == after)
    }
  }

  @Test("a link for some kinds ends these only", arguments: Engine.available)
  func some(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office), purposes: [.survey])
      let didEnd = try await office.database.write { try $0.unsubscribe(token, source: "link", now: monday) }
      #expect(didEnd)
      #expect(try await office.number("SELECT COUNT(*) FROM consent WHERE given = 0 AND purpose = 'survey'") == 2)
      #expect(try await office.number("SELECT COUNT(*) FROM consent WHERE given = 0") == 2)
      #expect(try await office.count("suppression") == 0)
    }
  }

  @Test("the way back holds for the channel of the link and lifts no other bar", arguments: Engine.available)
  func wayBack(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office))
      try await office.database.write { tx in
        try tx.suppress(
          Suppression(
            channel: .mail, address: "li@home.example", scope: .marketing, reason: .complaint, source: "arf",
            createdAt: monday))
        try tx.unsubscribe(token, source: "link", now: monday)
        try tx.resubscribe(token, source: "link", now: monday)
      }
      #expect(try await office.texts("SELECT reason FROM suppression") == ["complaint"])
      #expect(try await office.texts("SELECT DISTINCT channel FROM consent WHERE given = 1") == ["mail"])
    }
  }

  @Test("a token of a customer who is no more does nothing", arguments: Engine.available)
  func nobody(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: 99)
      let didEnd = try await office.database.write { try $0.unsubscribe(token, source: "link", now: monday) }
      #expect(!didEnd)
      try await office.database.write { try $0.resubscribe(token, source: "link", now: monday) }
      #expect(try await office.count("consent") == 0)
    }
  }

  // MARK: By mail

  @Test("a mail that the link wrote acts at once, is filed and is never answered", arguments: Engine.available)
  func byMail(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office))
      let text = office.signer.unsubscribe.text(of: token)
      let letter = Letter("1@c", subject: "unsubscribe", body: "").to("support+unsub-\(text)@postroom.example")
      #expect(try await office.take(letter).outcome == .automatic)
      let isUnsubscribed = try await office.database.read { try $0.isUnsubscribed(token) }
      #expect(isUnsubscribed)
      #expect(try await state(office).filter { $0.contains("unsubscribe mail") }.count == 8)
      #expect(try await office.count("conversation") == 0)
      #expect(try await office.sent.isEmpty)
      #expect(try await office.take(letter).outcome == .duplicate)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("the subject does the same; spam or not, the signature counts", arguments: Engine.available)
  func bySubject(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office))
      let text = office.signer.unsubscribe.text(of: token)
      let letter = Letter("1@c", subject: "Unsubscribe \(text)", body: "Sent from my phone").with("X-Spam-Flag", "YES")
      #expect(try await office.take(letter).outcome == .spam)
      let isUnsubscribed = try await office.database.read { try $0.isUnsubscribed(token) }
      #expect(isUnsubscribed)
    }
  }

  @Test("a forged token changes nothing, and its mail is a person's", arguments: Engine.available)
  func forged(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office))
      let text = UnsubscribeSigner(secret: Array(repeating: 8, count: 32)).text(of: token)
      let before = try await state(office)
      let letter = Letter("1@c", subject: "unsubscribe").to("support+unsub-\(text)@postroom.example")
      #expect(try await office.take(letter).outcome == .conversation)
      #expect(try await state(office) == before)
    }
  }

  @Test("a mail of ours that comes back does not unsubscribe the one it went to", arguments: Engine.available)
  func bounces(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office))
      let text = office.signer.unsubscribe.text(of: token)
      let bounce = String(decoding: Letter.bounce(of: "a@b"), as: UTF8.self)
        .replacing("To: support@", with: "To: support+unsub-\(text)@")
      try await office.take(Array(bounce.utf8))
      let isUnsubscribed = try await office.database.read { try $0.isUnsubscribed(token) }
      #expect(!isUnsubscribed)
    }
  }

  @Test("an agent can make a conversation of it: then it is a person's", arguments: Engine.available)
  func accepted(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let token = UnsubscribeToken(customer: try await customer(office))
      let text = office.signer.unsubscribe.text(of: token)
      try await office.take(Letter("1@c", subject: "unsubscribe \(text)", body: "And where is my parcel?"))
      let desk = FiledDesk(database: office.database, settings: office.settings)
      let intakes = ["support": try office.intake()]
      #expect(try await desk.accept(1, by: "anna", intakes: intakes, now: monday).receipt.outcome == .conversation)
    }
  }
}
