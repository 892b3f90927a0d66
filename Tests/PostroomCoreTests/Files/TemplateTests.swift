import Foundation
import MailFormat
import Testing

@testable import PostroomCore

@Suite("Templates")
struct TemplateTests {
  private static let shipped = HomeFixture.distribution + "/templates"

  private static let values = [
    "customer.name": "李雷", "conversation.reference": "#10492", "conversation.subject": "退款三天了还没到账",
    "promise.within": "24 小时（工作日）", "promise.date": "2026年11月24日（星期二）15:00（北京时间）",
    "hotline": "400-800-1234", "team.name": "客户服务部", "company.name": "示例商城", "owner.name": "王芳",
  ]

  private static let all = TemplateKind.allCases.filter(\.isNeededAlways)
    .flatMap { kind in Language.allCases.map { (kind, $0) } }

  @Test("those of the distribution say everything, in both languages", arguments: all)
  func shipped(kind: TemplateKind, language: Language) throws {
    let mail = try Templates(folder: Self.shipped).render(kind, in: language, Self.values)
    let html = try #require(mail.html)
    #expect(mail.subject == "Re: 退款三天了还没到账 [#10492]")
    for text in [mail.text, html] {
      for (name, value) in Self.values { #expect(text.contains(value), "\(name)") }
      #expect(!text.contains("{{") && !text.contains("}}") && !text.contains("CONTENT_TYPE"))
      #expect(!text.contains("Subject:"))
    }
    #expect(html.contains("lang=\"\(language.rawValue)\""))
    #expect(mail.text.hasPrefix(language == .chinese ? "李雷，您好" : "Dear 李雷,"))
    #expect(mail.templateHash.utf8.count == 16)
    #expect(mail.templateHash.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
  }

  @Test("the hash names the wording: another for each file, the same each time")
  func hash() throws {
    let hashes = try Self.all.map {
      try Templates(folder: Self.shipped).render($0.0, in: $0.1, Self.values).templateHash
    }
    #expect(Set(hashes).count == Self.all.count)
    let again = try Self.all.map {
      try Templates(folder: Self.shipped).render($0.0, in: $0.1, Self.values).templateHash
    }
    #expect(hashes == again)
  }

  @Test("hostile values are escaped in HTML and stay themselves in text", arguments: all)
  func escaping(kind: TemplateKind, language: Language) throws {
    let templates = try Templates(folder: Self.shipped)
    var values = Self.values
    for name in values.keys { values[name] = "<script>alert(\"\(name)\")</script> A&B's" }
    let mail = try templates.render(kind, in: language, values)
    let html = try #require(mail.html)
    let plain = try #require(try templates.render(kind, in: language, Self.values).html)
    #expect(!html.contains("<script"))
    #expect(html.contains("&lt;script&gt;alert(&quot;customer.name&quot;)&lt;/script&gt; A&amp;B&#39;s"))
    // No value adds markup of its own.
    #expect(html.filter { $0 == "<" }.count == plain.filter { $0 == "<" }.count)
    #expect(mail.text.contains("<script>alert(\"customer.name\")</script> A&B's"))
    #expect(!mail.text.contains("&amp;") && !mail.subject.contains("&amp;"))
  }

  @Test("braces in a value stay as they are: nobody reads another's data by his name")
  func injection() throws {
    var values = Self.values
    for name in ["{{hotline}}", "{{{hotline}}}", "{{> signature}}", "{{#customer}}x{{/customer}}", "{{=<% %>=}}", "{{"]
    {
      values["customer.name"] = name
      let mail = try Templates(folder: Self.shipped).render(.acknowledgeInquiry, in: .english, values)
      #expect(mail.text.hasPrefix("Dear \(name),"))
    }
  }

  @Test("a subject of several lines cannot start a header of its own")
  func headerInjection() throws {
    var values = Self.values
    values["conversation.subject"] = "Hi\r\nBcc: everyone@example.cn\r\n\r\nboo"
    let rendered = try Templates(folder: Self.shipped).render(.acknowledgeInquiry, in: .english, values)
    let mail = OutgoingMail(
      from: MailAddress(name: "", address: "s@example.cn"), to: MailAddress(name: "", address: "c@example.cn"),
      replyTo: nil, subject: rendered.subject, text: rendered.text, html: rendered.html,
      date: 1_795_405_500_000, zoneOffset: 0, messageID: "a@example.cn", inReplyTo: nil, references: [],
      automatic: nil, extraHeaders: [])
    let text = String(decoding: try mail.composed(), as: UTF8.self)
    let header = try #require(text.components(separatedBy: "\r\n\r\n").first)
    #expect(header.contains("\r\nSubject: Re: Hi Bcc: everyone@example.cn boo [#10492]\r\n"))
    #expect(!header.lowercased().contains("\r\nbcc:"))
  }

  @Test("a missing or empty value is an error that names it, never a hole", arguments: values.keys.sorted())
  func missing(name: String) throws {
    let templates = try Templates(folder: Self.shipped)
    var values = Self.values
    values[name] = ""
    #expect { try templates.render(.acknowledgeComplaint, in: .chinese, values) } throws: {
      "\($0)" == "the template acknowledgement.complaint got no value for {{\(name)}}"
    }
    values[name] = nil
    #expect(throws: TemplateError.self) { try templates.render(.acknowledgeComplaint, in: .chinese, values) }
  }

  // MARK: Own templates

  private static let mail = """
    {{% CONTENT_TYPE: TEXT}}
    Subject: Re: {{conversation.subject}} [{{conversation.reference}}]

    Dear {{customer.name}}, within {{promise.within}}, by {{promise.date}}, {{conversation.reference}}, {{hotline}}.

    """

  /// The distribution's templates with one file of English inquiries replaced; its complaints.
  private func complaints(_ ending: String, _ text: String?) throws -> [String] {
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    let file = "templates/en/acknowledgement.inquiry.\(ending).mustache"
    try FileManager.default.removeItem(atPath: home.path + "/" + file)
    if let text { try home.write(file, Data(text.utf8)) }
    do {
      _ = try Templates(folder: home.path + "/templates")
      return []
    } catch {
      return error.list.map { problem in
        #expect(problem.file == home.path + "/" + file)
        return (problem.line.map { "\($0): " } ?? "") + problem.message + (problem.advice.map { " — \($0)" } ?? "")
      }
    }
  }

  private let unsafe =
    " is not allowed — use plain {{variable}} only: sections, partials and unescaped values would hide what a customer "
    + "gets"

  @Test("a plain one of one's own is fine, with Windows line ends too, and without HTML")
  func own() throws {
    #expect(try complaints("mail", Self.mail) == [])
    #expect(try complaints("html", nil) == [])
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    let file = "templates/en/acknowledgement.inquiry.mail.mustache"
    try home.write(file, Data(Self.mail.replacing("\n", with: "\r\n").utf8))
    let mail = try Templates(folder: home.path + "/templates").render(.acknowledgeInquiry, in: .english, Self.values)
    #expect(mail.subject == "Re: 退款三天了还没到账 [#10492]")
    #expect(mail.text.hasPrefix("Dear 李雷, within 24 小时"))
  }

  @Test("one that is not there is missed, and so is its subject")
  func absent() throws {
    #expect(try complaints("mail", nil) == ["there is no such template — templates/ of the distribution has one"])
    let faults = try complaints("mail", Self.mail.replacing("Subject: ", with: "Betreff: "))
    #expect(faults == ["2: has no `Subject: …` line before the first empty line"])
  }

  @Test("what would hide what a customer gets is refused, with its line")
  func refused() throws {
    for tag in [
      "{{{hotline}}}", "{{&hotline}}", "{{#customer}}", "{{^customer}}", "{{/customer}}", "{{>signature}}",
      "{{>*which}}",
      "{{<base}}", "{{$block}}", "{{=<% %>=}}",
    ] {
      let name = tag.hasPrefix("{{{") ? "{hotline" : String(tag.dropFirst(2).dropLast(2))
      #expect(try complaints("mail", Self.mail + "line 5\n\(tag)\n") == ["6: `{{\(name)}}`" + unsafe])
    }
    #expect(
      try complaints("html", Self.html("<p>ok</p>\n{{% CONTENT_TYPE: TEXT}}")) == [
        "3: `{{% CONTENT_TYPE: TEXT}}`" + unsafe
      ])
  }

  @Test("a variable that does not exist is named with its line and the one that was meant")
  func unknown() throws {
    let faults = try complaints("mail", Self.mail + "{{customer.nmae}}\n\n{{secret}} {{ hotline }} {{}}\n{{! a note }}")
    #expect(faults.count == 3)
    #expect(
      faults.first
        == "5: {{customer.nmae}} is no variable of acknowledgement.inquiry — did you mean {{customer.name}}?")
    #expect(faults.dropFirst().allSatisfy { $0.hasPrefix("7: {{") && $0.contains(" — known are: company.name, ") })
  }

  @Test("a brace that is left open is found")
  func unclosed() throws {
    #expect(try complaints("mail", Self.mail + "text\n{{hotline") == ["6: `{{` is not closed"])
  }

  @Test("reference, promise and hotline may not be left out")
  func incomplete() throws {
    #expect(
      try complaints("mail", "Subject: Hello\n\nDear {{customer.name}}\n") == [
        "never says {{conversation.reference}}, which every acknowledgement.inquiry must",
        "never says {{hotline}}, which every acknowledgement.inquiry must",
        "never says {{promise.date}}, which every acknowledgement.inquiry must",
        "never says {{promise.within}}, which every acknowledgement.inquiry must",
      ])
  }

  private static func html(_ body: String) -> String {
    "<p>{{conversation.reference}} {{promise.within}} {{promise.date}} {{hotline}}</p>\n" + body
  }

  @Test(
    "a variable stands in the text of HTML, not in its markup",
    arguments: [
      "<a href=\"{{hotline}}\">x</a>", "<a href={{hotline}}>x</a>", "<p title='{{hotline}}'>", "<{{hotline}}>",
      "<style>\np > a { color: {{hotline}} }\n</style>", "<SCRIPT>\n  var a = 1 > 0;\n  {{hotline}}</SCRIPT>",
    ])
  func markup(body: String) throws {
    let line = 2 + body.components(separatedBy: "{{")[0].filter { $0 == "\n" }.count
    #expect(
      try complaints("html", Self.html(body)) == [
        "\(line): {{hotline}} stands inside a tag or style, where escaping does not protect"
      ])
    #expect(try complaints("html", Self.html("<style>p > a { }</style>\n<p>{{hotline}}</p>")) == [])
  }

  @Test("all faults of all files are told in one run")
  func allAtOnce() throws {
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    try home.write("templates/en/acknowledgement.inquiry.mail.mustache", Data("Subject: {{x}}\n".utf8))
    try home.write("templates/zh-Hans/acknowledgement.complaint.html.mustache", Data("<p>{{>y}}</p>".utf8))
    try FileManager.default.removeItem(atPath: home.path + "/templates/en/acknowledgement.suggestion.mail.mustache")
    do {
      _ = try Templates(folder: home.path + "/templates")
      Issue.record("faulty templates were taken")
    } catch {
      #expect(Set(error.list.map(\.file)).count == 3)
      #expect(error.list.count == 11)
    }
  }
}
