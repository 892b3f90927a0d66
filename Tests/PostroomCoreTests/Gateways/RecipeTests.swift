import CurlClient
import Foundation
import Testing

@testable import PostroomCore

@Suite("Gateways told as files")
struct RecipeTests {
  /// What customers and attackers write.
  static let hostile = [
    "您好，订单 #1 & 退款", "a\r\nX-Evil: 1", "\n.\n", "nul\0", "[1-9] {a}", "@/etc/passwd", "{{7*7}}", "{{json.text}}",
    "\u{2028}\u{2029}\u{85}", "\"}],\"to\":\"+1\"", "&to=+1", "</text><to>1</to>", "%0d%0a", "\\", "😀é",
  ]

  @Test("a value stays a value, whatever it says", arguments: hostile)
  func encodes(text: String) throws {
    let json = try RecipeText(#"{"a":{{json.text}},"b":[{{ json.text }}]}"#).filled(["text": .text(text)])
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["a"] as? String == text)
    #expect((object?["b"] as? [String])?.first == text)
    let form = try RecipeText("x=1&text={{url.text}}&y=2").filled(["text": .text(text)])
    let parts = form.split(separator: "&")
    #expect(parts.count == 3)
    #expect(parts[1].dropFirst(5).removingPercentEncoding == text)
    let xml = try RecipeText("<m><text>{{xml.text}}</text></m>").filled(["text": .text(text)])
    #expect(xml.count { $0 == "<" } == 4 && xml.unicodeScalars.allSatisfy { $0.value >= 0x20 })
  }

  @Test("a hole must name an encoder that exists")
  func refusesBareHoles() {
    for source in ["{{to}}", "{{html.to}}", "{{.to}}", "{{to"] {
      #expect(throws: RecipeFault.self) { try RecipeText(source) }
    }
    #expect(throws: RecipeFault("there is no value for id")) { try RecipeText("{{url.id}}").filled(["to": "1"]) }
  }

  private static func recipe(_ http: String) throws -> HTTPRecipe {
    let home = try HomeFixture(["mailboxes/gateways/sms.yaml": http])
    guard case .http(let recipe, _)? = try home.load().settings.gateways["sms"]?.kind else {
      throw RecipeFault("no recipe")
    }
    return recipe
  }

  private static let provider = """
    http:
      url: https://sms.example.cn/send
      content_type: application/json
      headers: { X-Key: "{{raw.secret.key}}" }
      body: '{"to":{{json.to.digits}},"text":{{json.text}},"uid":{{json.id}}}'
      secrets: { key: { password_file: \(SecretFixture.file("correct horse")) } }
      accepted: { status: [200], json: /code, in: ["0"] }
      id: { json: /data/0/id }
      later: { json: /code, in: ["-1"] }
      unusable: { json: /code, in: [NO_BALANCE] }

    """

  @Test("a message becomes the provider's request")
  func makesRequests() throws {
    let draft = SMSDraft(to: try PhoneNumber("13800000001"), text: "您好", encoding: .ucs2, reference: "r-1")
    let request = try Self.recipe(Self.provider).request(for: draft)
    #expect(request.url == "https://sms.example.cn/send")
    #expect(String(decoding: request.body, as: UTF8.self) == #"{"to":"8613800000001","text":"您好","uid":"r-1"}"#)
    #expect(request.fields["x-key"] == "correct horse")
    #expect(request.fields["content-type"] == "application/json")
    #expect(!request.mayBePlain && !request.mayReachPrivateAddresses)
  }

  @Test(
    "an answer means what the file says, and doubt is doubt",
    arguments: [
      (200, #"{"code":0,"data":[{"id":77}]}"#, "accepted"), (200, #"{"code":"-1"}"#, "deferred"),
      (200, #"{"code":"NO_BALANCE"}"#, "unavailable"), (200, #"{"code":4,"message":"bad number"}"#, "rejected"),
      (200, "<html>hotel wifi</html>", "uncertain"), (200, "", "uncertain"), (429, "", "deferred"),
      (503, "", "deferred"),
      (400, "{}", "rejected"), (401, "", "unavailable"), (302, "", "unavailable"), (500, "", "uncertain"),
      (504, "", "uncertain"),
    ])
  func judges(status: Int, body: String, expected: String) throws {
    let recipe = try Self.recipe(Self.provider)
    let outcome = recipe.judge(.answered(HTTPResponse(status: status, body: Array(body.utf8))), now: 0)
    let name =
      switch outcome.outcome {
      case .accepted: "accepted"
      case .deferred: "deferred"
      case .rejected: "rejected"
      case .uncertain: "uncertain"
      case .unavailable: "unavailable"
      }
    #expect(name == expected, "\(outcome)")
    if case .accepted = outcome.outcome { #expect(outcome.gatewayReference == "77") }
  }

  @Test("of answers told by their text, a refusal refuses, and a page of something in between is doubt")
  func textAnswers() throws {
    var recipe = try Self.recipe(Self.provider)
    recipe.accepted = [AnswerRule(statuses: [200], prefix: "OK")]
    func judge(_ body: String) -> SendOutcome {
      recipe.judge(.answered(HTTPResponse(status: 200, body: Array(body.utf8))), now: 0).outcome
    }
    #expect(judge("OK 77") == .accepted("HTTP 200: OK 77"))
    #expect(judge("ERR 105") == .rejected("HTTP 200: ERR 105"))
    for page in ["<html><body>Log in</body></html>", "\u{FEFF}\r\n<!DOCTYPE HTML><title>Wi-Fi</title>"] {
      guard case .uncertain = judge(page) else {
        Issue.record("\(judge(page))")
        continue
      }
    }
  }

  @Test("an answer that repeats the request shows no secret of it")
  func hidesSecrets() throws {
    let recipe = try Self.recipe(Self.provider)
    for status in [200, 404, 500] {
      let body = "Cannot GET /send?key=correct%20horse&to=1 (correct horse)"
      let judgement = recipe.judge(.answered(HTTPResponse(status: status, body: Array(body.utf8))), now: 0)
      #expect("\(judgement)".contains("Cannot GET /send?key=•••&to=1 (•••)"), "\(judgement)")
    }
  }

  @Test("what never left is not in doubt, and what left without an answer is")
  func judgesTransport() throws {
    let recipe = try Self.recipe(Self.provider)
    #expect(recipe.judge(.uncertain(reason: "cut"), now: 0) == Judgement(.uncertain("cut")))
    #expect(recipe.judge(.notSent(.connect, reason: "refused"), now: 0) == Judgement(.unavailable("refused")))
    #expect(recipe.judge(.notSent(.interrupted, reason: "half"), now: 0) == Judgement(.deferred("half")))
    #expect(recipe.judge(.notSent(.request, reason: "CR"), now: 0) == Judgement(.rejected("CR")))
  }

  @Test("the reference stands in JSON or behind a mark")
  func findsReferences() {
    let answer = GatewayAnswer(status: 200, body: Array(#"{"a/b":{"~":["x",true,2.5,null]}}"#.utf8))
    #expect(answer.value(at: "/a~1b/~0/0") == "x")
    #expect(answer.value(at: "/a~1b/~0/1") == "true")
    #expect(answer.value(at: "/a~1b/~0/2") == "2.5")
    #expect(answer.value(at: "/a~1b/~0/3") == nil)
    #expect(answer.value(at: "/a~1b/~0/9") == nil)
    let plain = GatewayAnswer(status: 200, body: Array("OK ID=abc-1, queued".utf8))
    #expect(plain.reference(at: .behind("ID=")) == "abc-1")
    #expect(plain.reference(at: .behind("REF=")) == nil)
  }

  @Test("what the message does not have is left out, and an address stands within an address")
  func conditions() throws {
    let text = try RecipeText(#"{"a":1{{?b}},"b":{{json.b}}{{/}},"c":{{json.c}}}"#)
    #expect(try text.filled(["b": "x", "c": .list(["y", "\""])]) == #"{"a":1,"b":"x","c":["y","\""]}"#)
    #expect(try text.filled(["b": .nothing, "c": .nothing]) == #"{"a":1,"c":null}"#)
    #expect(try text.filled(["c": "y"]) == #"{"a":1,"c":"y"}"#)
    #expect(text.conditions == ["b"])
    for source in ["{{?a}}", "{{/}}", "{{?a}}{{?b}}{{/}}{{/}}"] {
      #expect(throws: RecipeFault.self) { try RecipeText(source) }
    }
    #expect(try RecipeText("u={{url.url.id}}").filled(["id": "a&b"]) == "u=a%2526b")
    let object = RecipeValue.object([Parameter(name: "n", value: "张\n")])
    #expect(try RecipeText("p={{url.o}}").filled(["o": object]) == "p=%7B%22n%22%3A%22%E5%BC%A0%5Cn%22%7D")
  }

  @Test("no value of a form can end it")
  func multipart() throws {
    for text in Self.hostile + ["\r\n--=_"] {
      let part = HTTPRecipe.Part(name: "a\"b", value: try RecipeText("x"), fileName: "f\r\n")
      let form = MultipartForm([(part, text), (part, "\r\n")])
      let boundary = form.contentType.split(separator: "\"")[1]
      let body = String(decoding: form.body, as: UTF8.self)
      #expect(body.components(separatedBy: "--" + boundary).count == 4)
      #expect(body.hasSuffix("\r\n--\(boundary)--\r\n"))
      #expect(body.contains("name=\"a%22b\"; filename=\"f%0D%0A\"\r\n\r\n" + text + "\r\n--"))
    }
  }
}
