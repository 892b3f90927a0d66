import Foundation
import MailFormat
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Greetings")
struct GreetingTests {
  /// Monday, 23 November 2026, 06:00 in Shanghai.
  private static let dawn = monday.adding(-4 * hour)
  private static let today = CivilDate(daysSinceEpoch: Int(monday / 86_400_000))
  private static let birthdays = Mailshot.greeting(.birthday, on: today)

  private static func born(
    _ name: String, _ month: Int = 11, _ day: Int = 23, number: String? = nil, address: String? = nil,
    _ change: (inout Acquaintance) -> Void = { _ in }
  ) -> Acquaintance {
    Acquaintance(name, number: number, address: address) {
      $0.birthday = (month, day)
      change(&$0)
    }
  }

  private func texts(_ office: Office) async throws -> [String] {
    try await office.database.read { tx in
      try tx.rows("SELECT content FROM delivery ORDER BY id").map { String(decoding: try $0.blob(0), as: UTF8.self) }
    }
  }

  @Test("a plan enqueues nothing, sending enqueues what it said, and a second time nobody", arguments: Engine.available)
  func once(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Self.born("李雷", number: "+8613800000001", address: "li@c.example"))
      try await office.add(Self.born("Ann", address: "ann@c.example") { $0.language = .english })
      try await office.add(Self.born("韩梅", number: "+8613800000002") { $0.consents = [.greeting: []] })
      try await office.add(Self.born("无名"))
      try await office.add(Self.born("明天", 11, 24, number: "+8613800000003"))
      let plan = try await office.outreach.plan(Self.birthdays, now: Self.dawn)
      #expect(try await office.count("delivery") == 0)
      #expect(plan.audience == 4)
      #expect(plan.messages == 2)
      #expect(plan.obstacles[.gate(.noConsent)]?.names == ["韩梅"])
      #expect(plan.obstacles[.unreachable]?.names == ["无名"])
      #expect(plan.loads["sms"]?.messages == 1)
      #expect(plan.loads["sms"]?.segments == 1)
      #expect(plan.loads["sms"]?.cost == 45_000)
      #expect(plan.loads["mail"]?.messages == 1)
      #expect(plan.examples.map(\.channel) == [.sms, .mail])
      #expect(plan.examples.first?.text == "【示例公司】李雷，您好！今天是您的生日，示例公司祝您生日快乐，健康顺心！拒收请回复R")

      let sent = try await office.outreach.send(Self.birthdays, now: Self.dawn)
      #expect(sent.messages == plan.messages)
      #expect(sent.waiting[.quietHours]?.count == 2, "at six it is too early")
      #expect(try await office.count("delivery") == 2)
      #expect(
        try await office.texts("SELECT natural_key FROM delivery ORDER BY id")
          == ["greeting/birthday-2026/1", "greeting/birthday-2026/2"])
      let again = try await office.outreach.send(Self.birthdays, now: Self.dawn.adding(60))
      #expect(again.messages == 0)
      #expect(again.enqueuedBefore == 2)
      #expect(try await office.count("delivery") == 2)
    }
  }

  @Test("it is said in the morning, to the end of the customer's day", arguments: Engine.available)
  func window(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Self.born("李雷", number: "+8613800000001"))
      try await office.add(
        Self.born("Joe", number: "+12125550100") {
          $0.zone = "America/New_York"
          $0.language = .english
        })
      let plan = try await office.outreach.send(Self.birthdays, now: Self.dawn)
      #expect(plan.messages == 2)
      let rows = try await office.database.read { tx in
        try tx.rows("SELECT due_at, expires_at FROM delivery ORDER BY id").map { [try $0.int(0), try $0.int(1)] }
      }
      // 09:00 and midnight in Shanghai; the same in New York, 13 hours later.
      let morning = monday.adding(-hour)
      let midnight = monday.adding(14 * hour)
      #expect(rows == [[morning, midnight], [morning.adding(13 * hour), midnight.adding(13 * hour)]])
      #expect(plan.leaves == morning...morning.adding(13 * hour))
      #expect(try await office.claim("sms", now: morning).deliveries.count == 1)
      // What could not leave by then expires.
      let late = try await office.claim("sms", now: midnight.adding(14 * hour))
      #expect(late.deliveries.isEmpty && late.stopped == [.expired: 1])
    }
  }

  @Test("in the evening a greeting of the day is too late", arguments: Engine.available)
  func late(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Self.born("李雷", number: "+8613800000001"))
      let plan = try await office.outreach.send(Self.birthdays, now: monday.adding(11 * hour))
      #expect(plan.messages == 0)
      #expect(plan.obstacles[.gate(.quietHours)]?.count == 1)
      #expect(try await office.count("delivery") == 0)
    }
  }

  @Test("who was born on 29 February is greeted on the 28th in common years", arguments: Engine.available)
  func leapDay(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Self.born("李雷", 2, 29, number: "+8613800000001"))
      for (text, count) in [("2027-02-28", 1), ("2028-02-28", 0), ("2028-02-29", 1), ("2027-03-01", 0)] {
        let date = try #require(CivilDate(text))
        let morning = Int64(date.daysSinceEpoch) * 86_400_000
        let plan = try await office.outreach.plan(.greeting(.birthday, on: date), now: morning)
        #expect(plan.messages == count, "\(text)")
      }
    }
  }

  @Test("an open complaint holds a greeting until it expires: it is not sent", arguments: Engine.available)
  func openComplaint(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.take(Letter("1@c", subject: "退款", body: "我要投诉，东西是坏的！"), now: monday.adding(-24 * hour))
      try await office.execute("UPDATE customer SET birth_month = 11, birth_day = 23")
      try await office.execute("UPDATE delivery SET state = 'accepted', sent_at = due_at")
      try await office.database.write { tx in
        try tx.setConsent(of: 1, .mail, .greeting, given: true, source: "form", now: monday)
      }
      let plan = try await office.outreach.send(Self.birthdays, now: Self.dawn)
      #expect(plan.messages == 1)
      #expect(plan.waiting[.openComplaint]?.count == 1)
      for step in 0..<5 as Range<Int64> {
        let now = monday.adding(step * 3 * hour)
        let claim = try await office.claim("mail", now: now)
        #expect(claim.deliveries.isEmpty)
      }
      #expect(
        try await office.texts("SELECT state || ' ' || reason FROM delivery WHERE purpose = 'greeting'")
          == ["expired open_complaint"])
    }
  }

  @Test("a tier has words of its own where there are some, a senior VIP those of VIPs", arguments: Engine.available)
  func tiers(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      for (number, tier) in Tier.allCases.enumerated() {
        try await office.add(Self.born("客户\(number)", number: "+861380000000\(number)") { $0.tier = tier })
      }
      let plan = try await office.outreach.send(Self.birthdays, now: Self.dawn)
      #expect(plan.examples.map(\.tier) == [.regular, .vip, .senior])
      #expect(plan.examples.map { $0.text.contains("一路以来的信任") } == [false, true, true])
      #expect(try await texts(office).allSatisfy { $0.hasSuffix("拒收请回复R") })
    }
  }

  @Test("marketing by mail says that it is, and comes from an address that takes bounces", arguments: Engine.available)
  func mail(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Acquaintance("Ann", address: "ann@c.example") { $0.language = .english })
      let date = try #require(Festival.springFestival.next(from: Self.today))
      let plan = try await office.outreach.send(.greeting(.festival(.springFestival), on: date), now: Self.dawn)
      #expect(plan.messages == 1)
      let mail = try #require(try await office.sent.first)
      #expect(mail.subject == "Happy Spring Festival from Example Ltd.")
      #expect(mail.first("Precedence") == "bulk")
      #expect(mail.first("Auto-Submitted") == "auto-generated")
      #expect(mail.from.first?.address == "support@postroom.example")
      #expect(mail.to.first?.address == "ann@c.example")
      #expect(mail.bodyText.hasPrefix("Dear Ann,"))
      #expect(office.signer.conversation(ofMessageID: mail.messageID ?? "") == nil)
      #expect(
        try await office.texts("SELECT sender || ' ' || campaign FROM delivery")
          == ["support@postroom.example spring-festival-2027"])
      // 08:00 on 6 February in Shanghai.
      #expect(try await office.number("SELECT due_at FROM delivery") == Int64(date.daysSinceEpoch) * 86_400_000)
    }
  }

  @Test("whose number is dead is greeted at the one before it, or by mail", arguments: Engine.available)
  func deadNumber(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Self.born("李雷", number: "+8613800000001", address: "li@c.example"))
      let han = try await office.add(Self.born("韩梅", number: "+8613800000002", address: "han@c.example"))
      try await office.add(Self.born("王芳", number: "+8613800000003"))
      try await office.database.write { tx in
        try tx.addContact(.sms, "+8613800000004", to: han, now: monday.adding(-hour))
        for number in 1...3 { try tx.suppress(.dead("+861380000000\(number)")) }
      }
      let plan = try await office.outreach.send(Self.birthdays, now: Self.dawn)
      #expect(
        try await office.texts("SELECT recipient FROM delivery ORDER BY id") == ["li@c.example", "+8613800000004"])
      #expect(plan.obstacles[.gate(.deadAddress)]?.names == ["王芳"])
    }
  }

  @Test("a customer without a name is still spoken to politely", arguments: Engine.available)
  func nameless(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Self.born("", number: "+8613800000001"))
      _ = try await office.outreach.send(Self.birthdays, now: Self.dawn)
      #expect(try await texts(office).first?.hasPrefix("【示例公司】尊敬的客户，您好！") == true)
    }
  }

  @Test("more than a page of people is gone through, and a broken run is continued", arguments: Engine.available)
  func pages(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.database.write { tx in
        for number in 1...1203 {
          let id = try tx.insertCustomer(name: "c\(number)", now: monday)
          try tx.addContact(.sms, "+86138\(10_000_000 + number)", to: id, now: monday)
          try tx.setConsent(of: id, .sms, .greeting, given: true, source: "form", now: monday)
        }
      }
      let date = try #require(Festival.christmas.next(from: Self.today))
      let christmas = Mailshot.greeting(.festival(.christmas), on: date)
      #expect(try await office.outreach.send(christmas, now: Self.dawn).messages == 1203)
      try await office.execute("DELETE FROM delivery WHERE id > 700")
      let rest = try await office.outreach.send(christmas, now: Self.dawn)
      #expect(rest.messages == 503)
      #expect(rest.enqueuedBefore == 700)
      #expect(try await office.number("SELECT COUNT(DISTINCT customer_id) FROM delivery") == 1203)
    }
  }

  @Test("serve enqueues the day's greetings, and those of the next for the east", arguments: Engine.available)
  func daily(engine: Engine) async throws {
    try await withOutreach(
      engine,
      {
        $0.outreach.greetsBirthdays = true
        $0.outreach.festivals = [.christmas]
      }
    ) { office in
      try await office.add(Self.born("李雷", number: "+8613800000001"))
      try await office.add(
        Self.born("Kiri", 11, 24, number: "+6421000001") {
          $0.zone = "Pacific/Auckland"
          $0.language = .english
        })
      let daily = DailyGreetings(office.outreach, log: .quiet)
      #expect(daily.isWanted)
      for _ in 1...2 { try await daily.greet(now: Self.dawn) }
      #expect(
        try await office.texts("SELECT natural_key FROM delivery ORDER BY id")
          == ["greeting/birthday-2026/1", "greeting/birthday-2026/2"])
      let eve = Int64(try #require(CivilDate("2026-12-24")).daysSinceEpoch) * 86_400_000
      try await daily.greet(now: eve)
      #expect(try await office.number("SELECT COUNT(*) FROM delivery WHERE campaign = 'christmas-2026'") == 2)
    }
  }

  @Test("without a way out it says so before anything is begun", arguments: Engine.available)
  func refusals(engine: Engine) async throws {
    try await withOffice(engine) { office in
      await #expect {
        try await office.outreach.plan(Self.birthdays, now: Self.dawn)
      } throws: { "\($0)".contains("`outreach.sms` or `outreach.mailbox`") }
    }
  }
}
