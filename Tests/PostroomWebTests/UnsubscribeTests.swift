import PostroomCore
import SQLAccess
import Testing

@testable import PostroomWeb

@Suite("Links to unsubscribe", .timeLimit(.minutes(10)))
struct UnsubscribeTests {
  private func isUnsubscribed(_ front: Front, _ token: UnsubscribeToken) async throws -> Bool {
    try await front.database.read { try $0.isUnsubscribed(token) }
  }

  @Test("looking changes nothing, however often and by whatever: people, scanners, previews")
  func looking() async throws {
    try await withFront { front in
      let (_, path) = try await front.customer()
      let before = try await front.state()
      let first = try await front.ask("GET", path)
      #expect(first.status == 200)
      #expect(first.fields["content-type"] == "text/html; charset=utf-8")
      for query in ["", "?confirm=1", "?List-Unsubscribe=One-Click", "?resume=1"] {
        #expect(try await front.ask("GET", path + query).body == first.body)
      }
      let head = try await front.ask("HEAD", path)
      #expect(head.status == 200)
      #expect(head.body.isEmpty)
      #expect(head.fields["content-length"] == first.fields["content-length"])
      _ = try await front.ask("GET", path, ["Content-Type: application/x-www-form-urlencoded"], body: "confirm=1")
      #expect(try await front.ask("OPTIONS", path).status == 405)
      #expect(try await front.state() == before)
    }
  }

  @Test(
    "one click acts at once, without cookie or redirect, and again the same",
    arguments: [
      ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
      (
        "multipart/form-data; boundary=---FormBoundaryjWmhtjORrn",
        "-----FormBoundaryjWmhtjORrn\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n"
          + "-----FormBoundaryjWmhtjORrn--\r\n"
      ),
    ])
  func oneClick(type: String, body: String) async throws {
    try await withFront { front in
      let (token, path) = try await front.customer()
      let answer = try await front.ask("POST", path, ["Content-Type: \(type)"], body: body)
      #expect(answer.status == 200)
      #expect(answer.fields["set-cookie"] == nil)
      #expect(answer.fields["location"] == nil)
      #expect(try await isUnsubscribed(front, token))
      let after = try await front.state()
      #expect(after.allSatisfy { $0.contains("one-click") })
      #expect(
        try await front.ask("POST", path, ["Content-Type: \(type)"], body: body).text.prefix(15)
          == answer.text.prefix(15))
      #expect(try await front.state() == after)
    }
  }

  @Test("the button acts, says so, and shows the way back, which only its own button goes")
  func button() async throws {
    try await withFront { front in
      let (token, path) = try await front.customer()
      let page = try await front.ask("GET", path, ["Accept-Language: en"])
      #expect(page.body.contains(#"<form method="post"><button name="confirm" value="1">"#))
      let done = try await front.post(path, "confirm=1", ["Accept-Language: en"])
      #expect(done.status == 200)
      #expect(done.body.contains("<h1>Stopped</h1>"))
      #expect(done.body.contains(#"name="resume""#))
      #expect(try await isUnsubscribed(front, token))
      #expect(try await front.state().allSatisfy { $0.contains("unsubscribe link") })
      _ = try await front.ask("GET", path)
      _ = try await front.post(path, "confirm=1")
      #expect(try await isUnsubscribed(front, token))
      let back = try await front.post(path, "resume=1", ["Accept-Language: en"])
      #expect(back.body.contains("<h1>Welcome back</h1>"))
      #expect(try await isUnsubscribed(front, token) == false)
      let state = try await front.state()
      #expect(state.filter { $0.hasPrefix("mail") && $0.contains(" 1 unsubscribe link") }.count == 3)
    }
  }

  @Test(
    "a POST that says nothing changes nothing and shows the question", arguments: ["", "confirm=0", "x=1", "confirm"])
  func vague(body: String) async throws {
    try await withFront { front in
      let (_, path) = try await front.customer()
      let before = try await front.state()
      let answer = try await front.post(path, body)
      #expect(answer.status == 400)
      #expect(answer.body.contains(#"name="confirm""#))
      #expect(try await front.state() == before)
    }
  }

  @Test("a token that is none gets a page that tells nothing")
  func forgeries() async throws {
    try await withFront { front in
      let (_, path) = try await front.customer()
      let before = try await front.state()
      let foreign =
        "/u/" + UnsubscribeSigner(secret: Array(repeating: 1, count: 32)).text(of: UnsubscribeToken(customer: 1))
      let forged = [
        foreign, String(path.dropLast()), path + "a", path + "/", path + "%0d%0aSet-Cookie:%20a=b", "/u/%00", "/u/..",
        "/u/'%20OR%201=1--",
      ]
      var bodies: Set<String> = []
      for target in forged {
        let answer = try await front.post(target, "List-Unsubscribe=One-Click")
        #expect(answer.status == 404)
        #expect(answer.fields["set-cookie"] == nil)
        #expect(!answer.body.contains("<form"))
        if target != path + "/" { bodies.insert(answer.body) }
      }
      #expect(bodies.count == 1)
      #expect(try await front.state() == before)
    }
  }

  @Test("a link is good in capitals, too")
  func capitals() async throws {
    try await withFront { front in
      let (token, path) = try await front.customer()
      let answer = try await front.post("/u/" + path.dropFirst(3).uppercased(), "confirm=1")
      #expect(answer.status == 200)
      #expect(try await isUnsubscribed(front, token))
    }
  }

  @Test("who guesses is slowed down, by the address that our proxy names; good links go on working")
  func guessing() async throws {
    try await withFront { front in
      let (_, path) = try await front.customer()
      var statuses: Set<Int> = []
      for number in 0..<80 {
        let forwarded = "X-Forwarded-For: 10.0.0.\(number), 192.0.2.7"
        statuses.insert(try await front.ask("GET", "/u/guess\(number)", [forwarded]).status)
      }
      #expect(statuses == [404, 429])
      #expect(try await front.ask("GET", path, ["X-Forwarded-For: 192.0.2.7"]).status == 200)
      #expect(try await front.ask("GET", "/u/guess", ["X-Forwarded-For: 192.0.2.8"]).status == 404)
    }
  }

  @Test("the holder of a link cannot keep the database busy")
  func hammering() async throws {
    try await withFront { front in
      let (_, path) = try await front.customer()
      var answers: [Answer] = []
      for number in 0..<60 { answers.append(try await front.post(path, number % 2 == 0 ? "confirm=1" : "resume=1")) }
      #expect(Set(answers.map(\.status)) == [200, 429])
      #expect(answers.first { $0.status == 429 }?.fields["retry-after"] == "60")
    }
  }

  @Test("when nothing can be written, nobody is told that it was")
  func trouble() async throws {
    try await withFront { front in
      let (_, path) = try await front.customer()
      await front.database.close()
      for body in ["List-Unsubscribe=One-Click", "confirm=1", "resume=1"] {
        let answer = try await front.post(path, body, ["Accept-Language: en"])
        #expect(answer.status == 503)
        #expect(answer.fields["retry-after"] == "120")
        #expect(!answer.body.contains("Stopped"))
      }
      #expect(front.log.all.contains { $0.hasPrefix("error an unsubscription could not be written down") })
    }
  }

  @Test("the page speaks the reader's language first, and both")
  func languages() async throws {
    try await withFront { front in
      let (_, path) = try await front.customer()
      let chinese = try await front.ask("GET", path, ["Accept-Language: zh-CN,zh;q=0.9,en;q=0.8"]).body
      let english = try await front.ask("GET", path, ["Accept-Language: en-GB"]).body
      #expect(chinese.contains("<html lang=\"zh-Hans\">"))
      #expect(english.contains("<html lang=\"en\">"))
      #expect(english.contains("greetings, offers and surveys"))
      #expect(english.contains("<section lang=\"zh-Hans\">"))
      #expect(chinese.contains("节日和生日问候、优惠信息和满意度调查"))
      #expect(chinese.contains("<section lang=\"en\">"))
      #expect(try await front.ask("GET", path, ["Accept-Language: fr"]).body == chinese, "the house's own language")
    }
  }

  @Test("names are text, the style is the one that its hash allows, and nothing is loaded")
  func safety() async throws {
    try await withFront { front in
      let (_, path) = try await front.customer("li.wei@customer.example")
      let answer = try await front.ask("GET", path)
      #expect(answer.body.contains("示例&lt;商城&gt;"))
      #expect(answer.body.contains("Example &amp; Sons"))
      #expect(!answer.body.contains("<商城>"))
      #expect(!answer.body.contains("li.wei"))
      #expect(!answer.body.contains("Li Wei"))
      for word in ["<script", "http:", "https:", "url(", "style=", "src="] { #expect(!answer.body.contains(word)) }
      let policy = try #require(answer.fields["content-security-policy"])
      let style = answer.body.split(separator: "<style>")[1].split(separator: "</style>")[0]
      let hash = MessageHash.sha256.digest(of: Array(style.utf8))
      #expect(policy.contains("style-src 'sha256-\(base64(hash))'"))
      #expect(policy.contains("default-src 'none'"))
      #expect(policy.contains("form-action 'self'"))
      #expect(answer.fields["vary"] == "Accept-Language")
    }
  }

  private func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    return stride(from: 0, to: bytes.count, by: 3).map { start in
      let group = bytes[start...].prefix(3)
      let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      let text = stride(from: 18, through: 0, by: -6).map { digits[value >> $0 & 63] }
      return String(text.prefix(group.count + 1)) + String(repeating: "=", count: 3 - group.count)
    }.joined()
  }
}
