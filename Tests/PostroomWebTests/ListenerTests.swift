import PostroomCore
import SQLAccess
import Testing

@testable import PostroomWeb

@Suite("The HTTP listener", .timeLimit(.minutes(10)))
struct ListenerTests {
  @Test("it lives, and is ready while the database answers")
  func health() async throws {
    try await withFront { front in
      #expect(try await front.ask("GET", "/health/live").status == 200)
      let ready = try await front.ask("GET", "/health/ready")
      #expect(ready.status == 200)
      #expect(ready.body == #"{"healthy":true,"issues":[]}"#)
      await front.database.close()
      let broken = try await front.ask("GET", "/health/ready")
      #expect(broken.status == 503)
      #expect(broken.fields["content-type"] == "application/json")
      #expect(broken.body == #"{"healthy":false,"issues":["the database does not answer"]}"#)
      #expect(try await front.ask("GET", "/health/live").status == 200)
    }
  }

  @Test(
    "there is nothing else",
    arguments: [
      "/", "/u", "/u/", "/hooks", "/hooks/", "/health", "/health/", "/health/x", "//", "//u/x", "/hooks/a/b/c", "/U/x",
      "/hooks/a%2Fb", "/hooks/a%0d%0ab", "/hooks/%E4%BD%A0", "/hooks/../u/x", "/../../etc/passwd", "/favicon.ico",
      "*", "http://evil.example/x", "/hooks/" + String(repeating: "a", count: 65),
    ])
  func nothingElse(target: String) async throws {
    try await withFront { front in
      let answer = try await front.ask("GET", target)
      #expect([400, 404].contains(answer.status), "\(answer.text)")
      #expect(front.received.all.isEmpty)
    }
  }

  @Test("methods that mean nothing here are refused")
  func methods() async throws {
    try await withFront { front in
      for method in ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
        for target in ["/hooks/kannel/receipts", "/health/live", "/u/x"] {
          let answer = try await front.ask(method, target)
          #expect(answer.status == 405)
          #expect(answer.fields["allow"]?.hasPrefix("GET") == true)
        }
      }
      #expect(front.received.all.isEmpty)
    }
  }

  @Test("every answer keeps browsers from keeping, guessing and loading")
  func securityFields() async throws {
    try await withFront { front in
      for target in ["/health/live", "/u/x", "/nothing", "/hooks/kannel/receipts"] {
        let fields = try await front.ask("GET", target).fields
        #expect(fields["cache-control"] == "no-store")
        #expect(fields["referrer-policy"] == "no-referrer")
        #expect(fields["x-content-type-options"] == "nosniff")
        #expect(fields["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        #expect(fields["server"] == nil)
      }
    }
  }

  // MARK: Webhooks

  @Test("a webhook arrives as it was sent, under the public address and not the one that Host names")
  func webhook() async throws {
    try await withFront { front in
      let body = "{\"text\":\"您好\", \"odd\":  1}\u{0}\r\n"
      let answer = try await front.ask(
        "POST", "/hooks/kannel/receipts/to%2Dken?a=%20b&a=2&c", ["X-Twilio-Signature: abc=", "X-Odd:  two  words "],
        body: body)
      #expect(answer.status == 200)
      #expect(answer.fields["content-type"] == "text/plain")
      #expect(answer.body == "ACK")
      let got = try #require(front.received.all.first)
      #expect(got.gateway == "kannel")
      #expect(got.webhook.method == "POST")
      #expect(got.webhook.url == "https://mail.example.cn/hooks/kannel/receipts/to%2Dken?a=%20b&a=2&c")
      #expect(got.webhook.body == Array(body.utf8))
      let fields = got.webhook.fields.map { "\($0.name.lowercased())=\($0.value)" }
      #expect(fields.contains("x-twilio-signature=abc="))
      #expect(fields.contains("x-odd=two  words"))
    }
  }

  @Test("GET is a webhook, too")
  func getWebhook() async throws {
    try await withFront { front in
      let answer = try await front.ask("GET", "/hooks/kannel/receipts?from=%2B86138&text=hi")
      #expect(answer.body == "ACK")
      #expect(
        front.received.all.first?.webhook.url == "https://mail.example.cn/hooks/kannel/receipts?from=%2B86138&text=hi")
    }
  }

  @Test("what is refused is one line in the log, without token, query and body")
  func refusals() async throws {
    try await withFront { front in
      let forged = try await front.ask("POST", "/hooks/strict/receipts/s3cret?key=s3cret", body: "s3cret")
      let unknown = try await front.ask("POST", "/hooks/unknown/receipts/s3cret", body: "s3cret")
      #expect([forged.status, unknown.status] == [403, 404])
      #expect(
        front.log.all.filter { $0.hasPrefix("warning") } == [
          "warning a request to /hooks/strict was refused with 403: the signature is not right",
          "warning a request to /hooks/unknown was refused with 404",
        ])
      #expect(!front.log.all.contains { $0.contains("s3cret") })
    }
  }

  @Test("a flood of forgeries does not fill the log")
  func flood() async throws {
    try await withFront { front in
      for _ in 0..<150 { _ = try await front.ask("GET", "/hooks/strict/receipts") }
      #expect(front.received.all.count == 150)
      #expect(front.log.all.filter { $0.contains("refused") }.count <= 120)
    }
  }

  // MARK: Limits

  @Test("a body is taken up to 256 KB, whether its length is told or not")
  func sizes() async throws {
    try await withFront { front in
      let most = String(repeating: "a", count: 262_144)
      #expect(try await front.ask("POST", "/hooks/kannel/receipts", body: most).status == 200)
      #expect(front.received.all.first?.webhook.body.count == 262_144)
      let announced = try await front.ask("POST", "/hooks/kannel/receipts", body: most + "a")
      #expect(announced.status == 413)
      #expect(announced.fields["connection"] == "close")
      let chunk = "10000\r\n" + String(repeating: "a", count: 65_536) + "\r\n"
      let chunked = try await front.ask(
        "POST", "/hooks/kannel/receipts",
        ["Transfer-Encoding: chunked", "", String(repeating: chunk, count: 5) + "0\r\n"])
      #expect(chunked.status == 413)
      #expect(front.received.all.count == 1)
      #expect(
        front.log.all.filter { $0.hasPrefix("warning") }
          == Array(repeating: "warning a request to /hooks/kannel was refused with 413: it is too large", count: 2))
    }
  }

  @Test("a length that was only claimed costs no memory and is answered at once")
  func claimed() async throws {
    try await withFront({ $0.bodySeconds = 1 }) { front in
      let text = "POST /hooks/kannel/receipts HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n"
      let answer = Answer(try await Wire.exchange(front.port, text))
      #expect(answer.status == 413)
    }
  }

  @Test(
    "what is no HTTP is answered with 400 and closed",
    arguments: [
      "hello\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n", "GET /health/live HTTP/1.1\r\nbad field\r\n\r\n",
      "POST /hooks/kannel/receipts HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
      "POST /hooks/kannel/receipts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 40_000) + "\r\n\r\n",
      "GET / HTTP/1.1\r\n" + String(repeating: "A: a\r\n", count: 200) + "\r\n",
      "POST /hooks/kannel/receipts HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
  func garbage(text: String) async throws {
    try await withFront({ $0.idleSeconds = 10 }) { front in
      let answer = Answer(try await Wire.exchange(front.port, text))
      #expect([400, 431].contains(answer.status), "\(answer.text)")
      #expect(front.received.all.isEmpty)
    }
  }

  @Test("a client that sends its header or its body byte by byte is cut off")
  func slow() async throws {
    try await withFront({ ($0.idleSeconds, $0.bodySeconds) = (1, 1) }) { front in
      async let header = Wire.trickle(front.port, "GET /health/live HTTP/1.1\r\nX: ", drip: 0x61)
      async let body = Wire.trickle(
        front.port, "POST /hooks/kannel/receipts HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", drip: 0x61)
      async let chunks = Wire.trickle(
        front.port, "POST /hooks/kannel/receipts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
        drip: 0x61)
      let seconds = try await [header, body, chunks]
      #expect(seconds.allSatisfy { $0 < 50 }, "\(seconds)")
      #expect(front.received.all.isEmpty)
      let next = try await front.ask("GET", "/health/live")
      #expect(next.status == 200)
    }
  }

  @Test("so many connections at once, the next waits until one is closed")
  func connections() async throws {
    try await withFront({ $0.connections = 2 }) { front in
      let order = LogLines()
      let third = try await Wire.held(front.port, "GET /") {
        try await Wire.held(front.port, "GET /") {
          let third = Task {
            let answer = try await front.ask("GET", "/health/live")
            order.add("answered")
            return answer
          }
          try await Task.sleep(for: .milliseconds(300))
          order.add("closed")
          return third
        }
      }
      #expect(try await third.value.status == 200)
      #expect(order.all == ["closed", "answered"])
    }
  }

  @Test("what is being received has a limit for all together, and room is given back")
  func bodies() async throws {
    try await withFront({ $0.allBodiesBytes = 1_000 }) { front in
      let half = "POST /hooks/kannel/receipts HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"
      let text = String(repeating: "y", count: 400)
      try await Wire.held(front.port, half + String(repeating: "x", count: 800)) {
        while try await front.ask("POST", "/hooks/kannel/receipts", body: text).status != 503 {}
      }
      #expect(
        front.log.all.filter { $0.hasPrefix("warning") }
          == ["warning a request to /hooks/kannel was refused with 503: too much is being received"])
      while try await front.ask("POST", "/hooks/kannel/receipts", body: text).status != 200 {}
      #expect(try await front.ask("POST", "/hooks/kannel/receipts", body: text + text).status == 200)
      #expect(try await front.ask("POST", "/hooks/kannel/receipts", body: text + text + text).status == 503)
    }
  }

  @Test("a connection that would be kept is given up when most places are taken")
  func crowd() async throws {
    try await withFront({ ($0.connections, $0.idleSeconds) = (4, 8) }) { front in
      let request = "GET /health/live HTTP/1.1\r\nHost: post.example\r\n\r\n"
      func isClosed() async throws -> Bool {
        try await Wire.exchange(front.port, request).lowercased().contains("connection: close")
      }
      // Whoever connects later is taken later: the fourth comes when three are there.
      let isCrowdClosed = try await Wire.held(front.port, "GET /") {
        try await Wire.held(front.port, "GET /") {
          try await Wire.held(front.port, "GET /") { try await isClosed() }
        }
      }
      #expect(isCrowdClosed)
      // Alone it is kept until it has been idle for long.
      var start = ContinuousClock.now
      while try await isClosed() { start = .now }
      #expect(start.duration(to: .now) > .seconds(5))
    }
  }

  @Test("several requests on one connection are answered in their order")
  func pipelining() async throws {
    try await withFront { front in
      let text =
        "POST /hooks/kannel/receipts?1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        + "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
      let answer = try await Wire.exchange(front.port, text)
      let statuses = answer.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
      #expect(statuses == ["200", "200", "404"])
    }
  }

  @Test("a port that is taken is a sentence")
  func taken() async throws {
    try await withFront { front in
      let endpoint = HTTPSettings.Endpoint(host: "127.0.0.1", port: front.port)
      let second = WebListener(endpoint, log: front.log.logger) { _ in
        WebAnswer(status: 200)
      } refuse: { _, status in
        WebAnswer(status: status)
      }
      let error = await #expect(throws: SettingsError.self) { try await second.run() }
      #expect(error?.description.hasPrefix("nothing can listen on 127.0.0.1:\(front.port): ") == true)
    }
  }
}
