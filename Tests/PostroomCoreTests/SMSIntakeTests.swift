import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("SMS of customers")
struct SMSIntakeTests {
  private static let gateway = GatewaySettings(
    name: "sms", kind: .file(folder: ""), mailbox: "support", backoff: Backoff(first: 30, limit: 3600),
    maxAttempts: 12, rules: SendingRules(), resendUncertainAfter: 600)

  private func hear(
    _ office: Office, _ text: String, key: String = "1", from: String = "8613800000001", now: Instant = monday
  ) async throws -> Bool {
    let intake = SMSIntake(
      intake: try office.intake(), gateway: Self.gateway, company: Localized(chinese: "示例公司", english: "Example"))
    let event = GatewayEvent(.message(text: text, to: "10690000"), address: from, at: now, words: "", key: key)
    return try await office.database.write { tx in try intake.take(event, in: tx, now: now) }
  }

  @Test(
    "a question opens a conversation with an owner and a promise; its repetition does nothing",
    arguments: Engine.available)
  func question(engine: Engine) async throws {
    try await withOffice(engine) { office in
      #expect(try await hear(office, "请问你们周末几点开门？"))
      #expect(try await !hear(office, "请问你们周末几点开门？"))
      let conversation = try await office.conversation()
      #expect(conversation.customer.address == "+8613800000001")
      #expect(conversation.kind == .inquiry && conversation.owner == "anna")
      #expect(try await office.texts("SELECT preview FROM message") == ["请问你们周末几点开门？"])
      let said = try await office.database.read { tx in try tx.row("SELECT content FROM delivery")?.blob(0) ?? [] }
      let words = String(decoding: said, as: UTF8.self)
      #expect(words.contains("#10001") && words.contains("24 小时") && words.contains("400-820-8820"), "\(words)")
      #expect(try await office.texts("SELECT purpose || channel FROM delivery") == ["acknowledgementsms"])
      #expect(try await office.count("conversation") == 1)
      #expect(try await office.count("promise") == 1)
      #expect(try await hear(office, "还有，可以停车吗？", key: "2"))
      #expect(try await office.conversation().messages == 2)
      try await office.expectInvariants()
    }
  }

  @Test(
    "stop words end marketing at once, with one confirmation a day",
    arguments: ["退订", "ＴＤ", " t d ", "STOP", "拒收"], Engine.available)
  func stop(word: String, engine: Engine) async throws {
    try await withOffice(engine) { office in
      let customer = try await office.customer(sms: "+8613800000001")
      #expect(try await hear(office, word))
      #expect(try await hear(office, word, key: "2"))
      #expect(try await office.texts("SELECT reason || scope FROM suppression") == ["opt_outmarketing"])
      #expect(try await office.number("SELECT SUM(given) FROM consent WHERE customer_id = \(customer)") == 0)
      #expect(
        try await office.texts("SELECT purpose || channel || recipient FROM delivery") == ["noticesms+8613800000001"])
      #expect(try await office.count("conversation") == 0)
      #expect(try await office.count("message") == 2)
      #expect(try await hear(office, "恢复", key: "3"))
      #expect(try await office.count("suppression") == 0)
      try await office.expectInvariants()
    }
  }

  @Test("a lone letter is an opt-out only after marketing", arguments: Engine.available)
  func letter(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let customer = try await office.customer(sms: "+8613800000001")
      #expect(try await hear(office, "R"))
      #expect(try await office.count("suppression") == 0)
      #expect(try await office.count("conversation") == 1)
      try await office.promote(customer, "+8613800000001", now: monday.adding(3600))
      try await office.execute("UPDATE delivery SET state = 'accepted', sent_at = $1", [.integer(monday.adding(3600))])
      #expect(try await hear(office, "R", key: "2", now: monday.adding(2 * 3600)))
      #expect(try await office.count("suppression") == 1)
    }
  }

  @Test("who answers a callback speaks of that complaint", arguments: Engine.available)
  func callback(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c", subject: "Complaint", body: "This is unacceptable, I want a refund."))
      let customer = try await office.number("SELECT customer_id FROM conversation")
      try await office.database.write { tx in
        try tx.addContact(.sms, "+8613800000001", to: customer, now: monday)
        try tx.execute("UPDATE conversation SET state = 'resolved'")
        try tx.execute("UPDATE agent SET open_count = 0")
        try tx.execute("UPDATE promise SET kept_at = 1")
        let sms = OutgoingSMS(
          naturalKey: "sms/callback/1", purpose: .callback, to: try PhoneNumber("+8613800000001"), text: "满意吗？",
          language: .chinese, customer: customer, conversation: 1)
        try tx.enqueue(sms.delivery(through: Self.gateway), now: monday)
        try tx.execute("UPDATE delivery SET state = 'delivered', sent_at = \(monday) WHERE purpose = 'callback'")
      }
      #expect(try await hear(office, "没有解决，还是坏的", now: monday.adding(7200)))
      #expect(try await office.count("conversation") == 1)
      #expect(try await office.conversation().state == .open)
      try await office.expectInvariants()
    }
  }

  @Test("a number without its plus is the one that we know", arguments: Engine.available)
  func numbers(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.customer(sms: "+14155550100")
      for (key, written) in ["13900000201", "8613900000202", "14155550100", "14155550101", "+4915112345678"]
        .enumerated()
      {
        #expect(try await hear(office, "When do you open? \(key)", key: "\(key)", from: written))
      }
      #expect(
        try await office.texts("SELECT sender FROM message ORDER BY id") == [
          "+8613900000201", "+8613900000202", "+14155550100", "+8614155550101", "+4915112345678",
        ])
    }
  }

  @Test("what a gateway makes up does no harm", arguments: Engine.available)
  func hostile(engine: Engine) async throws {
    try await withOffice(engine) { office in
      #expect(try await hear(office, "a\r\nBcc: x@y\r\n\r\n.\r\n\u{0}", key: "1", from: "10086\r\nBcc: x@evil.test"))
      #expect(try await hear(office, String(repeating: "长", count: 100_000), key: "2"))
      #expect(try await !hear(office, "hello", key: "3", from: "\r\n"))
      #expect(try await office.texts("SELECT sender FROM message ORDER BY id").first?.contains("@") == false)
      try await office.expectInvariants()
    }
  }

  @Test("an agent answers an SMS by SMS", arguments: Engine.available)
  func answer(engine: Engine) async throws {
    let recipe = try HTTPRecipe.sample()
    try await withOffice(engine) { settings in
      var gateway = Self.gateway
      gateway.kind = .http(recipe, SMSSettings(profile: SMSProfile(), signature: "示例"))
      settings.gateways["sms"] = gateway
    } _: { office in
      #expect(try await hear(office, "请问几点开门？"))
      try await office.desk.reply(ConversationNumber(id: 1), text: "九点。", by: "anna", now: monday)
      #expect(
        try await office.texts("SELECT channel || recipient FROM delivery WHERE purpose = 'reply'") == [
          "sms+8613800000001"
        ])
      let content = try await office.database.read { tx in
        try tx.row("SELECT content FROM delivery WHERE purpose = 'reply'")?.blob(0)
      }
      #expect(content == Array("【示例】九点。".utf8))
      #expect(try await office.conversation().state == .waiting)
    }
  }
}

extension HTTPRecipe {
  /// One that takes everything.
  static func sample() throws -> HTTPRecipe {
    HTTPRecipe(
      method: "POST", url: try RecipeText("https://sms.example.cn/send?to={{url.to}}&text={{url.text}}"),
      accepted: [AnswerRule()])
  }
}

extension Office {
  /// Queues a promotion by SMS.
  func promote(
    _ customer: Int64, _ number: String, key: String = "1", gateway: String = "sms", cost: Int64 = 0,
    now: Instant = .now, expiresAt: Instant? = nil
  ) async throws {
    try await database.write { tx in
      var draft = DeliveryDraft(
        naturalKey: "sms/promotion/\(key)/\(customer)", purpose: .promotion, channel: .sms, gateway: gateway,
        customer: customer, sender: "", recipient: number, subject: "", reference: "\(key)-\(customer)",
        content: Array("九折".utf8))
      draft.cost = cost
      draft.expiresAt = expiresAt
      try tx.enqueue(draft, now: now)
    }
  }
}
