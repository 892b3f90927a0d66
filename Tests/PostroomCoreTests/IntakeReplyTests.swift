import MailFormat
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Whether a mail is answered automatically")
struct IntakeReplyTests {
  @Test("one reply to a sender in 24 hours, and again at exactly 24 hours", arguments: Engine.available)
  func oncePerSender(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c", subject: "First"))
      let second = try await office.take(Letter("2@c", subject: "Second"), now: monday.adding(24 * hour) - 1)
      #expect(second == Receipt(outcome: .conversation, repliesQueued: 0))
      #expect(try await office.conversation(2).promisedAt != nil, "the promise stands although nobody was told")
      #expect(try await office.number("SELECT told FROM promise WHERE conversation_id = 2") == 0)
      let third = try await office.take(Letter("3@c", subject: "Third"), now: monday.adding(24 * hour))
      #expect(third.repliesQueued == 1)
      // Another mailbox of the company counts by itself.
      #expect(
        try await office.take(Letter("4@c", subject: "Fourth").to("sales@postroom.example"), at: "sales").repliesQueued
          == 1)
      #expect(try await office.decisions == ["answered", "sender_answered", "answered", "answered"])
      try await office.expectInvariants(ledger: 4)
    }
  }

  @Test(
    "a stranger whose words look like spam gets an owner and a promise, but no answer; who is known is answered",
    arguments: Engine.available)
  func likelySpam(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let offer = Letter(
        "1@c", from: "sales@stranger.example", subject: "Cheap SEO backlinks for your website",
        body:
          "Dear sir, we offer guaranteed first page Google ranking with 5000 backlinks at the lowest price. Reply now!")
      #expect(try await office.take(offer) == Receipt(outcome: .conversation, repliesQueued: 0))
      #expect(try await office.conversation(1).promisedAt != nil)
      try await office.take(Letter("2@c", from: "known@c.example"))
      var again = offer
      again.from = "known@c.example"
      again.id = "3@c"
      try await office.take(again, now: monday.adding(25 * hour))
      #expect(try await office.decisions == ["likely_spam", "answered", "answered"])
      #expect(
        try await office.number("SELECT COUNT(*) FROM message WHERE spam_score > 0.5") == 1,
        "the score is a stranger's only")
    }
  }

  @Test("the cap of a domain does not hold for public mail providers", arguments: Engine.available)
  func domainCap(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.policy.perDomainPerDay = 2 }) { office in
      for number in 1...3 {
        try await office.take(Letter("a\(number)@c", from: "c\(number)@firm.example"))
        try await office.take(Letter("b\(number)@c", from: "c\(number)@QQ.com"))
      }
      #expect(
        try await office.decisions == ["answered", "answered", "answered", "answered", "domain_cap", "answered"])
      let tomorrow = monday.adding(24 * hour)
      #expect(try await office.take(Letter("n@c", from: "new@firm.example"), now: tomorrow).repliesQueued == 1)
      try await office.expectInvariants(ledger: 7)
    }
  }

  @Test(
    "beyond the cap of a minute answers wait for later minutes; beyond an hour's worth none is sent",
    arguments: Engine.available)
  func minuteCap(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.policy.perMinute = 1 }) { office in
      for number in 1...61 {
        try await office.take(Letter("\(number)@c", from: "c@d\(number).example"), now: monday + Int64(number))
      }
      let decisions = try await office.decisions
      #expect(decisions.dropLast().allSatisfy { $0 == "answered" })
      #expect(decisions.last == "minute_cap")
      #expect(try await office.number("SELECT COUNT(DISTINCT due_at / 60000) FROM delivery") == 60)
      #expect(try await office.number("SELECT MIN(due_at) FROM delivery") == monday + 1)
      try await office.expectInvariants(ledger: 61)
    }
  }

  @Test("a web form's mail belongs to the customer in Reply-To, who gets all answers", arguments: Engine.available)
  func webForm(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for sender in ["noreply@forms.example", "support@postroom.example"] {
        let number = try await office.count("conversation") + 1
        let customer = "li\(number)@customer.example"
        let form = Letter("\(number)@c", from: sender).with("Reply-To", customer)
        #expect(try await office.take(form) == Receipt(outcome: .conversation, repliesQueued: 1))
        #expect(try await office.texts("SELECT address FROM contact ORDER BY customer_id").last == customer)
        try await office.desk.reply(ConversationNumber(id: number), text: "At nine.", by: "anna", now: monday)
        #expect(
          try await office.texts("SELECT recipient FROM delivery WHERE conversation_id = \(number)") == [
            customer, customer,
          ])
      }
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("a reply to an address that the mail merely names repeats nothing of the mail", arguments: Engine.available)
  func backscatter(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let lure = Letter("1@c", from: "BUY NOW <a@attacker.example>", subject: "Cheap pills").with(
        "Reply-To", "victim@other.example")
      #expect(try await office.take(lure).repliesQueued == 1)
      let content = try await office.database.read { tx in try tx.row("SELECT content FROM delivery")?.blob(0) ?? [] }
      let reply = MessageParser.parse(content)
      #expect(reply.to.map(\.address) == ["victim@other.example"])
      #expect(!(reply.subject + reply.bodyText + (reply.html ?? "")).contains("pills"))
      #expect(!reply.bodyText.contains("BUY NOW"))
    }
  }

  @Test("a mail from the future is promised an answer from now", arguments: Engine.available)
  func future(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c").bytes, arrivedAt: monday.adding(9 * 365 * 24 * hour))
      #expect(try await office.number("SELECT due_at FROM promise") < monday.adding(4 * 24 * hour))
    }
  }

  @Test("mail that arrived too long ago is promised an answer from now, but not told so", arguments: Engine.available)
  func tooOld(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let old = monday.adding(-3 * 24 * hour) - 1
      try await office.take(Letter("1@c").bytes, arrivedAt: old)
      #expect(try await office.decisions == ["too_old"])
      #expect(try await office.conversation().promisedAt == monday.adding(24 * hour))
      let recent = Letter("2@c", from: "b@b.example").bytes
      #expect(try await office.take(recent, arrivedAt: monday.adding(-3 * 24 * hour)).repliesQueued == 1)
    }
  }

  @Test(
    "mail that must not be answered still gets an owner and a promise", arguments: Engine.available,
    [
      (Letter("1@c").to("undisclosed-recipients:;"), "not_addressed"),
      (Letter("1@c", from: "no-reply@shop.example"), "forbidden"),
      (Letter("1@c").with("Return-Path", "<>"), "forbidden"),
      (Letter("1@c").with("X-Auto-Response-Suppress", "All"), "forbidden"),
      (Letter("1@c", from: "李伟 <李伟@例子.中国>"), "unsendable"),
    ])
  func suppressed(engine: Engine, mail: (letter: Letter, decision: String)) async throws {
    try await withOffice(engine) { office in
      #expect(try await office.take(mail.letter) == Receipt(outcome: .conversation, repliesQueued: 0))
      #expect(try await office.decisions == [mail.decision])
      #expect(try await office.conversation().promisedAt != nil)
      #expect(try await office.number("SELECT told FROM promise") == 0)
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("support+anything@ is the mailbox, and Reply-To gets the reply", arguments: Engine.available)
  func addresses(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let letter = Letter("1@c").to("Support+Shop@Postroom.example").with("Reply-To", "office@customer.example")
      #expect(try await office.take(letter).repliesQueued == 1)
      #expect(try await office.texts("SELECT recipient FROM delivery") == ["office@customer.example"])
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("a reply that cannot be written stops nothing but the reply", arguments: Engine.available)
  func brokenTemplate(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.hotline = "" }) { office in
      #expect(try await office.take(Letter("1@c")) == Receipt(outcome: .conversation, repliesQueued: 0))
      #expect(try await office.decisions == ["template_failed"])
      #expect(try await office.conversation().owner == "anna")
      #expect(try await office.number("SELECT told FROM promise") == 0)
      let detail = try await office.texts("SELECT detail FROM event WHERE what = 'reply_failed'")
      #expect(detail.count == 1 && detail[0].contains("hotline"))
      #expect(try await office.count("replied_sender") == 0, "nothing was sent, so nothing is counted")
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("the reply speaks the language of the mail", arguments: Engine.available)
  func language(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c", subject: "=?utf-8?B?5ZKo6K+i?=", body: "你好，请问你们几点开门？周末营业吗？谢谢。"))
      let reply = try #require(try await office.sent.first)
      #expect(reply.bodyText.contains("小时（工作日）"))
      #expect(reply.from.first?.name == "客服中心")
    }
  }

  @Test("a reply leaves with a time after which it is not sent any more", arguments: Engine.available)
  func expiry(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"))
      let promised = try await office.conversation().promisedAt
      #expect(try await office.number("SELECT expires_at FROM delivery") == promised)
    }
  }
}
