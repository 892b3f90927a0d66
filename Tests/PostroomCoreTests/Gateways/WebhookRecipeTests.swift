import Foundation
import Testing

@testable import PostroomCore

@Suite("What vendors tell of their own accord, told as files")
struct WebhookRecipeTests {
  private static let now: Instant = 1_700_000_000_000
  private static let path = "https://postroom.example/hooks/sms/receipts/t0ken"

  /// A gateway's file with these sections, checked by the path.
  private static func recipe(_ sections: String) throws -> WebhookRecipe {
    let home = try HomeFixture([
      "mailboxes/gateways/sms.yaml": """
      file: { folder: sent }
      check: { scheme: path_token, password_file: \(SecretFixture.file("t0ken")) }
      \(sections)
      """
    ])
    guard let recipe = try home.load().settings.gateways["sms"]?.webhooks else { throw RecipeFault("no webhooks") }
    return recipe
  }

  private static func read(
    _ recipe: WebhookRecipe, _ body: String, url: String = path, type: String = "application/json",
    section: WebhookRecipe.Section = .receipts
  ) -> WebhookReading {
    recipe.events(in: webhook(url: url, body: body, type: type), for: section, now: now)
  }

  private static let receipts = """
    receipts:
      format: json
      ours: [/ours, "?m"]
      theirs: /id
      theirs_until: "."
      address: to
      status: [state, /result/state]
      detail: code
      time: at
      zone: "+08:00"
      words: [text]
      delivered: [DELIVRD, "0"]
      under_way: ACCEPTD
      failed: [UNDELIV]
      dead_address: ["UNDELIV 001", "true"]
      complaint: spam
      opt_out: stop
      opt_in: start
      ignored: open
      answer: { status: 202, content_type: application/json, body: '{"code":0}' }
    """

  @Test("a receipt becomes an event, and the vendor hears what it wants to hear")
  func readsReceipt() throws {
    let recipe = try Self.recipe(Self.receipts)
    let reading = Self.read(
      recipe,
      #"{"id":"<77.filter>","to":"13800000001","state":"UNDELIV","code":"001","at":"2026-11-22 10:45:08","text":"a\nb"}"#,
      url: Self.path + "?m=r-1")
    let event = try #require(reading.news.first)
    #expect(event.news == .failed(addressIsDead: true))
    #expect(event.reference == "r-1")
    #expect(event.gatewayReference == "77")
    #expect(event.address == "13800000001")
    #expect(event.at == Instant(iso8601: "2026-11-22T02:45:08Z"))
    #expect(event.words == "UNDELIV 001 a b")
    #expect(reading.answer == WebhookAnswer(status: 202, contentType: "application/json", body: #"{"code":0}"#))
  }

  @Test(
    "a status means what the file says, the one with its detail first",
    arguments: [
      (#""state":"DELIVRD","code":"x""#, GatewayEvent.News.delivered), (#""state":0"#, .delivered),
      (#""state":"ACCEPTD""#, .underWay), (#""state":"UNDELIV","code":"002""#, .failed(addressIsDead: false)),
      (#""result":{"state":true}"#, .failed(addressIsDead: true)), (#""state":"spam""#, .complaint),
      (#""state":"stop""#, .optOut), (#""state":"start""#, .optIn),
    ])
  func understands(members: String, news: GatewayEvent.News) throws {
    #expect(Self.read(try Self.recipe(Self.receipts), "{\"id\":1,\(members)}").news.map(\.news) == [news])
  }

  @Test("a repetition has the same key, another status or message another one")
  func keys() throws {
    let recipe = try Self.recipe(Self.receipts)
    func key(_ body: String) -> String? { Self.read(recipe, body).news.first?.key }
    let first = key(#"{"id":"7","state":"DELIVRD","at":"1700000000"}"#)
    #expect(first != nil)
    #expect(first == key(#"{"state":"DELIVRD","at":"1700000009","id":7,"text":"again"}"#))
    #expect(first != key(#"{"id":"7","state":"ACCEPTD"}"#))
    #expect(first != key(#"{"id":"8","state":"DELIVRD"}"#))
    #expect(key(#"{"ours":"7","state":"DELIVRD"}"#) == first, "the vendor's reference or ours")
    #expect(
      key(#"{"to":"a","state":"spam","at":"1700000000"}"#) != key(#"{"to":"a","state":"spam","at":"1700000001"}"#))
  }

  @Test("one bad element does not cost the others, and no news is no fault")
  func batches() throws {
    let recipe = try Self.recipe(Self.receipts)
    let reading = Self.read(
      recipe,
      #"[{"id":1,"state":"DELIVRD"},{"id":2},null,7,{"state":"DELIVRD"},{"id":3,"state":"LOST"},{"id":4,"state":"open"},"#
        + #"{"id":"\u0000","state":"DELIVRD"},{"id":5,"state":"ACCEPTD"}]"#)
    #expect(reading.news.map(\.gatewayReference) == ["1", "5"])
    #expect(
      reading.faults == [
        "it tells no status", "it tells no status", "it tells no status", "it names no message and no address",
        "the status \"LOST\" stands in no list", "a reference, number or address has no sensible form",
      ])
    #expect(Self.read(recipe, "[]").news.isEmpty)
    #expect(Self.read(recipe, "[]").answer != nil)
    // A genuine word that the file does not know is not sent again and again.
    #expect(Self.read(recipe, #"{"id":3,"state":"LOST"}"#).answer != nil)
    #expect(Self.read(recipe, #"{"id":3}"#).refusal == 400)
  }

  @Test("events stand in a query, a form, a form's JSON, a list within, or JSON in JSON")
  func places() throws {
    func recipe(_ source: String) throws -> WebhookRecipe {
      try Self.recipe("receipts:\n  \(source)\n  theirs: id\n  status: state\n  delivered: ok")
    }
    let form = "application/x-www-form-urlencoded"
    let one = #"{"id":"1","state":"ok"}"#
    let escaped = one.replacing("\"", with: "\\\"")
    let asForm = one.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let cases: [(String, String, String, String)] = [
      ("format: query", Self.path + "?id=1&state=ok", "", "text/plain"),
      ("format: form", Self.path, "id=1&state=ok", form),
      ("format: form\n  inside: /status", Self.path, "status=" + asForm, form),
      ("format: form\n  inside: /status", Self.path, "status=%5B\(asForm)%5D", form),
      ("format: json\n  each: /a/0/b", Self.path, "{\"a\":[{\"b\":[\(one)]}]}", "application/json"),
      ("format: json\n  each: /a", Self.path, "{\"a\":\(one)}", "application/json"),
      ("format: json\n  inside: /Message", Self.path, "{\"Message\":\"\(escaped)\"}", "application/json"),
    ]
    for (source, url, body, type) in cases {
      let reading = Self.read(try recipe(source), body, url: url, type: type)
      #expect(reading.news.first?.gatewayReference == "1", "\(source): \(reading)")
    }
    let twice = Self.read(try recipe("format: form"), "id=1&state=ok&state=no", type: form)
    #expect(twice.refusal == 400)
  }

  private static let inbound = """
    inbound:
      format: json
      from: /from
      to: to
      text: text
      id: id
      time: at
    """

  @Test("what a person wrote becomes a message, the same one at each repetition")
  func readsInbound() throws {
    let recipe = try Self.recipe(Self.inbound)
    func event(_ body: String) -> GatewayEvent? { Self.read(recipe, body, section: .inbound).news.first }
    let event1 = try #require(
      event(#"{"from":"+8613800000001","to":1069,"text":"您好\nR","id":"m1","at":1700000000123}"#))
    #expect(event1.news == .message(text: "您好\nR", to: "1069"))
    #expect(event1.address == "+8613800000001")
    #expect(event1.gatewayReference == "m1")
    #expect(event1.at == 1_700_000_000_123)
    #expect(event(#"{"from":"1","text":"\u0000","id":"m1"}"#)?.key == event1.key)
    let without = event(#"{"from":"1","text":"a","at":"1700000000"}"#)?.key
    #expect(without == event(#"{"at":1700000000,"text":"a","from":"1"}"#)?.key)
    #expect(without != event(#"{"from":"1","text":"b","at":"1700000000"}"#)?.key)
    #expect(Self.read(recipe, #"{"from":"1"}"#, section: .inbound).refusal == 400)
    #expect(Self.read(recipe, #"{"text":"a"}"#, section: .inbound).refusal == 400)
  }

  @Test("who does not know the path is not read, and what nobody declared is not there")
  func refuses() throws {
    let recipe = try Self.recipe(Self.receipts)
    let body = #"{"id":1,"state":"DELIVRD"}"#
    #expect(Self.read(recipe, body, url: Self.path + "x").refusal == 403)
    #expect(Self.read(recipe, body, section: .inbound).refusal == 404)
    let large = body + String(repeating: " ", count: 256 << 10)
    #expect(Self.read(recipe, large).refusal == 413)
    var unreadable = recipe
    unreadable.check.secret = .passwordFile("/nonexistent")
    #expect(Self.read(unreadable, body).refusal == 503)
  }

  @Test("of two secrets in one file each is good")
  func rotates() throws {
    var recipe = try Self.recipe(Self.receipts)
    recipe.check.secret = .passwordFile(SecretFixture.file("n3w\nt0ken"))
    let body = #"{"id":1,"state":"DELIVRD"}"#
    #expect(Self.read(recipe, body).news.count == 1)
    #expect(Self.read(recipe, body, url: Self.path.replacing("t0ken", with: "n3w")).news.count == 1)
  }

  @Test("hostile webhooks are refused or passed over, in linear time and without a crash")
  func hostile() throws {
    let recipes = try [
      Self.recipe(Self.receipts + "\n" + Self.inbound),
      Self.recipe(Self.receipts.replacing("format: json", with: "format: form\n  inside: /a\n  each: /b/0")),
      Self.recipe(Self.receipts.replacing("format: json", with: "format: query")),
    ]
    func read(_ body: String) {
      for recipe in recipes {
        for section in WebhookRecipe.Section.allCases { _ = Self.read(recipe, body, section: section) }
      }
    }
    for body in [
      "", "{", "nul", "[1,]", "{\"a\"}", "{\"a\":}", "\"", "\"\\u12\"", "\"\\ud800\\u0041\"", "\"\\ud800", "\\", "[}",
      "{]",
      "\u{FEFF}[]", "-", "1e", "[1 2]", "{\"id\":{},\"state\":[]}", "a=%7B%22b%22%3A%5B", "a=1&a=2", "&=&=", "\0",
    ] { read(body) }
    let receipts = { "[" + String(repeating: #"{"id":1,"state":"DELIVRD"},"#, count: $0 / 28) + "{}]" }
    let bodies: [(Int) -> String] = [
      { String(repeating: "[", count: $0) }, { String(repeating: "{\"a\":", count: $0 / 5) },
      { "[" + String(repeating: "{},", count: $0 / 3) + "{}]" },
      { "[" + String(repeating: "1,", count: $0 / 2) + "1]" },
      receipts, { "{\"id\":\"" + String(repeating: "e\u{301}\u{302}", count: $0 / 6) + "\",\"state\":\"DELIVRD\"}" },
      { "\"" + String(repeating: "\\", count: $0) }, { String(repeating: "9", count: $0) },
      { String(repeating: " ", count: $0) },
      { "{\"id\":1,\"state\":\"" + String(repeating: "x", count: $0) + "\"}" },
    ]
    for (number, body) in bodies.enumerated() {
      #expect(isLinear(from: 15 << 10) { read(body($0)) }, "body \(number)")
    }
    #expect(Self.read(recipes[0], receipts(60 << 10)).news.count == (60 << 10) / 28)
  }

  @Test("JSON is read as it is written, and nothing else is JSON")
  func readsJSON() {
    func read(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }
    #expect(
      read(#" {"a" : [1.50, -2e3, true, null, "\u00e9\uD83D\uDE00\/\n", {}, []], "a\"b": "您好" } "#)
        == .object([
          "a": .list([
            .scalar("1.50"), .scalar("-2e3"), .scalar("true"), .null, .scalar("é😀/\n"), .object([:]), .list([]),
          ]),
          "a\"b": .scalar("您好"),
        ]))
    #expect(read("12345678901234567890") == .scalar("12345678901234567890"))
    #expect(read(#"{"a":1,"a":2}"#) == .object(["a": .scalar("2")]))
    for text in ["", "01x", "0x1", "nan", "inf", "tru", "[1,]", "{,}", "{\"a\":1,}", "[1]]", "'a'", "\"\\x\""] {
      #expect(read(text) == nil, "\(text)")
    }
    let nested = read(#"{"m":[{"s":0},{},{"s":[1]}]}"#)
    #expect(nested?.values(at: "/m/*/s").map { $0?.text } == ["0", nil, nil])
    #expect(nested?.values(at: "/m/*/s/*").count == 3)
    #expect(nested?.value(at: "")?.value(at: "/m/0/s")?.text == "0")
  }

  @Test(
    "moments are understood as vendors write them",
    arguments: [
      ("1700000000", 1_700_000_000_000), ("1700000000.907", 1_700_000_000_000), ("1700000000123", 1_700_000_000_123),
      ("2023-11-14 22:13:20", 1_699_971_200_000), ("2023-11-14T22:13:20Z", 1_700_000_000_000),
      ("2023-11-14T22:13:20.123Z", 1_700_000_000_000), ("2023-11-14 22:13:20 +0000", 1_700_000_000_000),
      ("2023-11-15T06:13:20+08:00", 1_700_000_000_000), ("Tue, 14 Nov 2023 22:13:20 +0000", 1_700_000_000_000),
      ("", nil), ("soon", nil), ("99999999999999999999", nil), ("2311142213", 2_311_142_213_000),
    ] as [(String, Int64?)])
  func times(text: String, moment: Int64?) {
    #expect(EventTime.instant(text, zone: 8 * 3600) == moment)
  }

  @Test("zones are offsets")
  func zones() {
    #expect(EventTime.zone("+08:00") == 28_800)
    #expect(EventTime.zone("-0530") == -19_800)
    #expect(EventTime.zone("Z") == 0)
    for text in ["", "8", "+8", "+08:60", "+99:00", "08:00", "Asia/Shanghai"] { #expect(EventTime.zone(text) == nil) }
  }
}

extension WebhookReading {
  var news: [GatewayEvent] { if case .events(let events, _, _, _) = self { events } else { [] } }
  var faults: [String] { if case .events(_, let faults, _, _) = self { faults } else { [] } }
  var answer: WebhookAnswer? { if case .events(_, _, _, let answer) = self { answer } else { nil } }
  var refusal: Int? { if case .refused(_, let status) = self { status } else { nil } }
}
