import Foundation
import MailFormat
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("The wording of callbacks, greetings and promotions")
struct OutreachWordingTests {
  private static let shipped = HomeFixture.distribution + "/templates"
  private static let kinds = TemplateKind.allCases.filter { !$0.isNeededAlways }
  private static let all = kinds.flatMap { kind in Language.allCases.map { (kind, $0) } }

  private static func values(_ language: Language) -> [String: String] {
    let isChinese = language == .chinese
    return [
      "customer.name": isChinese ? "欧阳春花" : "Christopher", "conversation.reference": "#1010492",
      "conversation.subject": "退款三天了还没到账", "hotline": "400-800-1234", "team.name": "客户服务部",
      "company.name": isChinese ? "示例商城" : "Example Store", "owner.name": "王芳",
      "festival.name": isChinese ? "春节" : "Mid-Autumn Festival", "promotion.name": isChinese ? "双十一" : "Double 11",
    ]
  }

  @Test("the distribution has all, in both languages, with nothing left open", arguments: all)
  func shipped(kind: TemplateKind, language: Language) throws {
    let templates = try Templates(folder: Self.shipped)
    let values = Self.values(language)
    for tier in Tier.allCases {
      let mail = try templates.render(kind, in: language, for: tier, values)
      let sms = try templates.renderText(kind, in: language, for: tier, values)
      for text in [mail.subject, mail.text, sms.text] {
        #expect(!text.isEmpty && !text.contains("{{") && !text.contains("CONTENT_TYPE") && !text.contains("Subject:"))
      }
      let usual = values["customer.name"] ?? ""
      #expect(mail.text.contains(usual) && sms.text.contains(usual))
      #expect(mail.text.contains("400-800-1234") && mail.text.hasSuffix((values["company.name"] ?? "") + "\n"))
    }
  }

  @Test("each SMS fits in one segment, with signature and opt-out", arguments: all)
  func segments(kind: TemplateKind, language: Language) throws {
    let templates = try Templates(folder: Self.shipped)
    let isChinese = language == .chinese
    for tier in Tier.allCases {
      let text = try templates.renderText(kind, in: language, for: tier, Self.values(language)).text
      let plan = SMSText.plan(
        text, signature: isChinese ? "示例商城" : nil, optOut: kind == .callback ? nil : language, profile: SMSProfile())
      #expect(plan.segments.count == 1, "\(plan.units) units: \(plan.text)")
      #expect(isChinese || plan.encoding == .gsm7)
    }
  }

  @Test("a tier's own wording goes before that of all, and may be left out")
  func tiers() throws {
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    let file = "templates/en/greeting.birthday.senior.sms.mustache"
    try home.write(file, Data("{{customer.name}}, you are special.\r\n".utf8))
    let values = Self.values(.english)
    let templates = try Templates(folder: home.path + "/templates")
    func text(_ tier: Tier) throws -> RenderedText {
      try templates.renderText(.birthday, in: .english, for: tier, values)
    }
    #expect(try text(.senior).text == "Christopher, you are special.")
    #expect(try text(.vip).text.contains("loyalty"))
    #expect(!(try text(.regular).text.contains("loyalty")))
    #expect(Set(try Tier.allCases.map { try text($0).templateHash }).count == 3)
  }

  @Test("an older home folder without them is no fault; the missing one is named when it is to be used")
  func absent() throws {
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    try FileManager.default.removeItem(atPath: home.path + "/templates/en/callback.sms.mustache")
    let templates = try Templates(folder: home.path + "/templates")
    #expect(!templates.has(.callback, in: .english, .sms))
    #expect(templates.has(.callback, in: .english, .mail))
    #expect { try templates.renderText(.callback, in: .english, Self.values(.english)) } throws: {
      "\($0)" == "there is no template callback in en"
    }
    #expect { try templates.renderText(.festival, in: .english, ["customer.name": "A"]) } throws: {
      "\($0)" == "the template greeting.festival got no value for {{company.name}}"
    }
  }

  @Test("a check warns of wordings that the settings will ask for")
  func gaps() throws {
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    var settings = Settings.sample(database: "", data: "")
    settings.templates = home.path + "/templates"
    #expect(try Templates(folder: settings.templates).gaps(for: settings).isEmpty)
    for name in ["callback.mail", "callback.sms", "greeting.birthday.mail", "greeting.festival.sms"] {
      try FileManager.default.removeItem(atPath: home.path + "/templates/en/\(name).mustache")
    }
    func gaps() throws -> [String] {
      try Templates(folder: settings.templates).gaps(for: settings).map { problem in
        #expect(problem.severity == .warning)
        return String(problem.file.dropFirst(settings.templates.utf8.count + 1))
      }
    }
    #expect(try gaps() == ["en/callback.mail.mustache"])
    settings.outreach.sms = "sms"
    settings.outreach.festivals = [.lantern]
    #expect(
      try gaps() == ["en/callback.mail.mustache", "en/callback.sms.mustache", "en/greeting.festival.sms.mustache"])
    settings.mailboxes = [:]
    #expect(try gaps() == ["en/greeting.festival.sms.mustache"])
  }

  @Test("marketing mail says how to end it in its text and in its HTML, also where no page is configured")
  func wayOut() async throws {
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    let html = "<html><body><p>Dear {{customer.name}}</p></body></html>\n"
    try home.write("templates/en/promotion.html.mustache", Data(html.utf8))
    let templates = try Templates(folder: home.path + "/templates")
    try await withOutreach(.sqlite) { office in
      try await office.add(Acquaintance("Ann", address: "ann@c.example") { $0.language = .english })
      var settings = office.settings
      for (url, link) in [(nil, "mailto:support+unsub-"), ("https://m.example.cn", "https://m.example.cn/u/")] {
        settings.http = url.map { HTTPSettings(listen: .init(host: "127.0.0.1", port: 0), publicURL: $0) }
        let outreach = Outreach(
          database: office.database, settings: settings, templates: templates, signer: office.signer)
        _ = try await outreach.send(
          try await outreach.mailshot(Promotion(name: link), now: monday), now: monday)
        let content = try await office.database.read { tx in
          try tx.row("SELECT content FROM delivery ORDER BY id DESC LIMIT 1")?.blob(0)
        }
        let mail = MessageParser.parse(try #require(content))
        #expect(mail.text?.contains("\n\nUnsubscribe: \(link)") == true, "\(mail.text ?? "")")
        #expect(mail.html?.contains("<p>Unsubscribe: <a href=\"\(link)") == true, "\(mail.html ?? "")")
        #expect(mail.html?.contains("</a></p>\n</body></html>") == true, "\(mail.html ?? "")")
      }
    }
  }

  @Test("faults of an SMS template are told with file and line")
  func lint() throws {
    func faults(_ name: String, _ text: String) throws -> [String] {
      let home = try HomeFixture(distributed: "example", mailbox: "support")
      try home.write("templates/en/" + name, Data(text.utf8))
      do {
        _ = try Templates(folder: home.path + "/templates")
        return []
      } catch {
        return error.list.map { problem in
          #expect(problem.file == home.path + "/templates/en/" + name)
          return (problem.line.map { "\($0): " } ?? "") + problem.message
        }
      }
    }
    #expect(
      try faults("callback.sms.mustache", "Hello\n{{promise.date}} {{conversation.reference}} {{hotline}}")
        == ["2: {{promise.date}} is no variable of callback"])
    #expect(
      try faults("greeting.festival.sms.mustache", "Hello!") == [
        "never says {{festival.name}}, which every greeting.festival must"
      ])
    #expect(try faults("greeting.birthday.vip.sms.mustache", "{{#vip}}Hi") != [])
    #expect(
      try faults("greeting.birthday.vip.mail.mustache", "Hi") == [
        "2: has no `Subject: …` line before the first empty line"
      ])
    #expect(try faults("promotion.sms.mustache", "\n \n") == ["says nothing"])
  }
}
