import Foundation
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Promotions")
struct PromotionTests {
  private func mailshot(_ office: Office, _ promotion: Promotion, now: Instant = monday) async throws -> Mailshot {
    try await office.outreach.mailshot(promotion, now: now)
  }

  /// Three with a number (one a VIP), one with mail alone, one who agreed to nothing.
  private func fill(_ office: Office) async throws {
    try await office.add(Acquaintance("李雷", number: "+8613800000001") { $0.tier = .vip })
    try await office.add(Acquaintance("韩梅", number: "+8613800000002"))
    try await office.add(Acquaintance("王芳", number: "+8613800000003", address: "wang@c.example"))
    try await office.add(Acquaintance("Ann", address: "ann@c.example") { $0.language = .english })
    try await office.add(Acquaintance("无", number: "+8613800000005") { $0.consents = [:] })
  }

  @Test("what the plan says is what is enqueued, under the campaign's name, once", arguments: Engine.available)
  func once(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await fill(office)
      let promotion = Promotion(name: "双十一 Sale!")
      let plan = try await office.outreach.plan(try await mailshot(office, promotion), now: monday)
      #expect(plan.messages == 4)
      #expect(plan.obstacles[.gate(.noConsent)]?.count == 1)
      #expect(plan.leaves == monday...monday)
      #expect(try await office.count("delivery") == 0)
      let sent = try await office.outreach.send(try await mailshot(office, promotion), now: monday)
      #expect(sent.messages == plan.messages)
      #expect(try await office.texts("SELECT DISTINCT campaign FROM delivery") == ["双十一-sale-2026-11-23"])
      // The next day it is the same campaign, which still runs.
      let tomorrow = monday.adding(24 * hour)
      let again = try await office.outreach.send(try await mailshot(office, promotion, now: tomorrow), now: tomorrow)
      #expect(again.messages == 0)
      #expect(again.enqueuedBefore == 4)
      // A year later it is another.
      let nextYear = monday.adding(365 * 24 * hour)
      let next = try await office.outreach.send(try await mailshot(office, promotion, now: nextYear), now: nextYear)
      #expect(next.messages == 4)
      #expect(try await office.number("SELECT COUNT(DISTINCT campaign) FROM delivery") == 2)
    }
  }

  @Test("a segment, a channel and a beginning are kept to", arguments: Engine.available)
  func choices(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await fill(office)
      let vip = Promotion(name: "VIP", segment: .tier(.vip))
      #expect(try await office.outreach.plan(try await mailshot(office, vip), now: monday).audience == 1)
      let mail = Promotion(name: "Mail", channel: .mail)
      let byMail = try await office.outreach.plan(try await mailshot(office, mail), now: monday)
      #expect(byMail.messages == 2)
      #expect(byMail.obstacles[.unreachable]?.count == 3)
      // Begun at night, it leaves in the morning, and what is valid for too short a time not at all.
      var night = Promotion(name: "Night", startsAt: monday.adding(13 * hour))
      let plan = try await office.outreach.plan(try await mailshot(office, night), now: monday)
      #expect(plan.waiting[.quietHours]?.count == 4)
      #expect(plan.leaves == monday.adding(22 * hour)...monday.adding(23 * hour))
      night.validity = 2 * hour
      let short = try await office.outreach.plan(try await mailshot(office, night), now: monday)
      #expect(short.messages == 0)
      #expect(short.obstacles[.gate(.quietHours)]?.count == 4)
      await #expect(throws: SettingsError.self) { try await mailshot(office, Promotion(name: "!?")) }
    }
  }

  @Test("it ends as long after its beginning as it is valid, and the same command does not begin it anew")
  func ended() async throws {
    try await withOutreach(.sqlite) { office in
      try await fill(office)
      let promotion = Promotion(name: "双十一", startsAt: monday)
      let late = monday.adding(48 * hour)
      _ = try await office.outreach.send(try await mailshot(office, promotion, now: late), now: late)
      #expect(try await office.texts("SELECT DISTINCT campaign FROM delivery") == ["双十一-2026-11-23"])
      #expect(
        try await office.number("SELECT MAX(expires_at) FROM delivery") == Int(monday.adding(72 * hour)))
      await #expect {
        try await mailshot(office, promotion, now: monday.adding(73 * hour))
      } throws: {
        "\($0)".hasPrefix("the promotion ended on 2026-11-26: ")
      }
    }
  }

  @Test("nobody is woken of whom only the number is known, also in a country of several zones")
  func severalZones() async throws {
    try await withOutreach(.sqlite) { office in
      try await office.add(Acquaintance("Ann", number: "+12125550100") { $0.language = .english })
      try await office.add(Acquaintance("Ivan", number: "+79161234567") { $0.language = .english })
      let plan = try await office.outreach.plan(try await mailshot(office, Promotion(name: "Sale")), now: monday)
      // In Chicago it is Sunday, 20:00, in Yekaterinburg Monday, 07:00.
      #expect(plan.waiting[.quietHours]?.count == 2)
      #expect(plan.leaves == monday.adding(2 * hour)...monday.adding(13 * hour))
    }
  }

  @Test("status counts by state and reason, and cancelling gives up what has not left", arguments: Engine.available)
  func statusAndCancel(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await fill(office)
      let running = try await mailshot(office, Promotion(name: "双十一"))
      _ = try await office.outreach.send(running, now: monday)
      try await office.execute("UPDATE delivery SET state = 'accepted', reason = 'ok 1' WHERE customer_id = 1")
      try await office.execute("UPDATE delivery SET state = 'held', reason = 'pressure' WHERE customer_id = 2")
      let (campaign, before) = try await office.outreach.campaign("双十一")
      #expect(campaign == "双十一-2026-11-23")
      #expect(try await office.outreach.campaign("双十一-2026-11-23").name == campaign)
      #expect(
        before == [
          CampaignShare(channel: .mail, state: .queued, reason: nil, messages: 1, segments: 1, cost: 0),
          CampaignShare(channel: .sms, state: .accepted, reason: nil, messages: 1, segments: 1, cost: 45_000),
          CampaignShare(channel: .sms, state: .held, reason: "pressure", messages: 1, segments: 1, cost: 45_000),
          CampaignShare(channel: .sms, state: .queued, reason: nil, messages: 1, segments: 1, cost: 45_000),
        ])
      #expect(try await office.outreach.cancel(campaign: campaign, now: monday) == 3)
      #expect(try await office.outreach.cancel(campaign: campaign, now: monday) == 0)
      #expect(
        try await office.outreach.campaign("双十一").shares.map { "\($0.channel) \($0.state) \($0.reason ?? "")" }
          == ["mail cancelled campaign_cancelled", "sms accepted ", "sms cancelled campaign_cancelled"])
      await #expect(throws: SettingsError.self) { try await office.outreach.campaign("双十二") }
      // A command that is still enqueuing it stops, and another one is not told that everybody has it already.
      try await office.add(Acquaintance("Joe", number: "+8613800000006"))
      await #expect(throws: SettingsError.self) { try await office.outreach.send(running, now: monday) }
      #expect(try await office.count("delivery") == 4)
      await #expect {
        try await mailshot(office, Promotion(name: "双十一"))
      } throws: {
        "\($0)".hasPrefix("双十一-2026-11-23 was cancelled: ")
      }
    }
  }

  @Test("two promotions on the heels of each other: the gate keeps the customer's peace", arguments: Engine.available)
  func pressure(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await office.add(Acquaintance("李雷", number: "+8613800000001"))
      _ = try await office.outreach.send(try await mailshot(office, Promotion(name: "一")), now: monday)
      #expect(try await office.claim("sms", now: monday).deliveries.count == 1)
      let next = Promotion(name: "二")
      let plan = try await office.outreach.plan(try await mailshot(office, next), now: monday.adding(hour))
      #expect(plan.messages == 0)
      #expect(plan.obstacles[.gate(.pressure)]?.names == ["李雷"])
    }
  }

  // MARK: Own words

  private func faults(_ text: String) async throws -> [String] {
    var found: [String] = []
    try await withFolder { folder in
      let file = folder + "/words"
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      let templates = try Templates(folder: HomeFixture.distribution + "/templates")
      do {
        _ = try templates.replacing(.promotion, withFile: file)
      } catch let error as Problems {
        found = error.list.map { ($0.line.map { "\($0): " } ?? "") + $0.message }
      }
    }
    return found
  }

  @Test("a file's words are checked before anything is enqueued")
  func lint() async throws {
    #expect(try await faults("{{customer.name}}，全场{{promotion.name}}八折！").isEmpty)
    #expect(
      try await faults("Hello\n{{customer.nam}}") == ["2: {{customer.nam}} is no variable of promotion"])
    #expect(try await faults("\n") == ["says nothing"])
    #expect(try await faults("Hi {{hotline") == ["1: `{{` is not closed"])
  }

  @Test("a file is an SMS, and a mail when it begins with a subject", arguments: Engine.available)
  func ownWords(engine: Engine) async throws {
    try await withOutreach(engine) { office in
      try await fill(office)
      let file = office.folder + "/words"
      func outreach(_ text: String) throws -> Outreach {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return Outreach(
          database: office.database, settings: office.settings,
          templates: try office.templates.replacing(.promotion, withFile: file), signer: office.signer)
      }
      let sale = Promotion(name: "Sale", segment: .tier(.vip), channel: .sms)
      let sms = try await outreach("{{customer.name}}，八折！\n").send(try await mailshot(office, sale), now: monday)
      #expect(sms.examples.map(\.text) == ["【示例公司】李雷，八折！拒收请回复R"])
      let mail = Promotion(name: "Post", channel: .mail)
      let withSubject = try outreach("Subject: {{promotion.name}}!\n\nDear {{customer.name}}, come.\n")
      let plan = try await withSubject.plan(try await mailshot(office, mail), now: monday)
      #expect(plan.examples.map(\.subject) == ["Post!", "Post!"])
      #expect(plan.examples.map(\.text) == ["Dear 王芳, come.\n", "Dear Ann, come.\n"])
      await #expect(throws: SettingsError.self, "a mail needs a subject") {
        try await outreach("come").plan(try await mailshot(office, mail), now: monday)
      }
    }
  }
}
