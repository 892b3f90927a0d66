import Foundation
import Testing

@testable import CurlClient

/// A request to a server of this machine, with a secret wherever one can be.
func request(
  _ method: String, _ port: Int, path: String = "/send?key=s3cret", body: String = "to=s3cret"
) -> HTTPRequest {
  var request = HTTPRequest(
    method, "http://127.0.0.1:\(port)\(path)", fields: ["Authorization": "Bearer s3cret"], body: Array(body.utf8))
  request.mayBePlain = true
  request.mayReachPrivateAddresses = true
  request.timeout = 20_000
  return request
}

func request(_ port: Int, path: String = "/send?key=s3cret", body: String = "to=s3cret") -> HTTPRequest {
  request("POST", port, path: path, body: body)
}

extension HTTPOutcome {
  var response: HTTPResponse? { if case .answered(let response) = self { response } else { nil } }
  var failure: HTTPFailure? { if case .notSent(let failure, _) = self { failure } else { nil } }
  var isUncertain: Bool { if case .uncertain = self { true } else { false } }
  var reason: String {
    switch self {
    case .answered: ""
    case .notSent(_, let reason), .uncertain(let reason): reason
    }
  }
}

@Suite("What becomes of one request", .timeLimit(.minutes(10)))
struct HTTPOutcomeTests {
  let engine = CurlEngine()

  /// Sends one request to a server with these answers.
  func send(
    _ method: String = "POST", body: String = "to=s3cret", beforeBody: ScriptedHTTPServer.Answer? = nil,
    change: (inout HTTPRequest) -> Void = { _ in }, _ answer: @escaping ScriptedHTTPServer.Answer
  ) async throws -> (HTTPOutcome, ScriptedHTTPServer.Record) {
    let server = try ScriptedHTTPServer(answer: answer, beforeBody: beforeBody)
    var item = request(method, server.port, body: body)
    change(&item)
    let outcome = await HTTPClient(engine: engine).send(item)
    let seen = server.seen
    server.stop()
    #expect(!outcome.reason.contains("s3cret"))
    return (outcome, seen)
  }

  @Test("A request arrives as it was described")
  func request_() async throws {
    let change = { (item: inout HTTPRequest) in
      item.fields.append(name: "X-Empty", value: "")
      item.fields.append(name: "Content-Type", value: "text/plain")
    }
    let (outcome, seen) = try await send(change: change) { _ in
      [.say("HTTP/1.1 202 Accepted\r\nX-ID: a\r\nx-id:b\r\nFolded: c\r\n  d \r\nContent-Length: 2\r\n\r\nok")]
    }
    let fields: HTTPFields = ["X-ID": "a", "x-id": "b", "Folded": "c d", "Content-Length": "2"]
    #expect(outcome == .answered(HTTPResponse(status: 202, fields: fields, body: Array("ok".utf8))))
    #expect(outcome.response?.fields.values("X-Id") == ["a", "b"])
    #expect(outcome.response?.fields["content-LENGTH"] == "2")
    let lines = try #require(seen.requests.first).head.components(separatedBy: "\r\n")
    #expect(lines.first == "POST /send?key=s3cret HTTP/1.1")
    let names = Set(lines.dropFirst().compactMap { $0.components(separatedBy: ":").first })
    #expect(names == ["Host", "Accept", "Authorization", "X-Empty", "Content-Type", "Content-Length"])
    #expect(seen.requests.map(\.body) == [Array("to=s3cret".utf8)])
  }

  @Test(
    "Methods with and without body",
    arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "REPORT"], ["", "a\0b"])
  func methods(method: String, body: String) async throws {
    if method == "HEAD", !body.isEmpty { return }
    let (outcome, seen) = try await send(method, body: body) { _ in
      [.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\(method == "HEAD" ? "" : "ok")")]
    }
    #expect(outcome.response?.body == (method == "HEAD" ? [] : Array("ok".utf8)))
    let head = try #require(seen.requests.first).head
    #expect(head.hasPrefix("\(method) /send?key=s3cret HTTP/1.1\r\n"))
    #expect(
      head.contains("Content-Length: \(body.utf8.count)")
        == (!body.isEmpty || ["POST", "PUT", "PATCH"].contains(method)))
    #expect(seen.requests.map(\.body) == [Array(body.utf8)])
  }

  @Test(
    "Any status is an answer; no redirect is followed",
    arguments: [
      "429 Slow\r\nRetry-After: 1", "500 Oops", "503 Later", "504 Accepted all the same",
      "401 No\r\nWWW-Authenticate: Basic",
      "302 There\r\nLocation: http://127.0.0.1:1/internal", "307 There\r\nLocation: /internal",
      "100 Go on\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK",
    ])
  func status(line: String) async throws {
    let (outcome, seen) = try await send { _ in [.say("HTTP/1.1 \(line)\r\nContent-Length: 2\r\n\r\nok")] }
    let response = try #require(outcome.response)
    #expect(response.status == (line.hasPrefix("100") ? 200 : Int(line.prefix(3))))
    #expect(response.body == Array("ok".utf8))
    #expect(response.fields["Link"] == nil)
    if response.status == 429 { #expect(response.fields["retry-after"] == "1") }
    #expect(seen.requests.count == 1)
  }

  @Test(
    "A body is whole however its end is told",
    arguments: [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nTrailer: t\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nok", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok",
      "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    ])
  func bodies(text: String) async throws {
    let (outcome, _) = try await send { _ in [.say(text), .close] }
    let response = try #require(outcome.response)
    #expect(response.status == 200 && response.body == Array("ok".utf8))
    #expect(response.fields["Trailer"] == nil)
  }

  @Test(
    "A request that was read and not answered to the end is uncertain, and is not sent again",
    arguments: ["GET", "POST"],
    [
      "", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nok\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok", "HTTP/1.1 101 Other\r\nUpgrade: x\r\n\r\nok",
      "ok", "220 mail.example ESMTP\r\n",
      "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok",
    ])
  func cutAnswers(method: String, text: String) async throws {
    for end in [ScriptedHTTPServer.Step.close, .reset] {
      let (outcome, seen) = try await send(method, body: method == "GET" ? "" : "to=s3cret") { _ in
        [.say(text), .pause(milliseconds: 20), end]
      }
      #expect(outcome.isUncertain, "\(outcome)")
      #expect(seen.requests.count == 1)
    }
  }

  @Test("Silence and dripping end with the time limit, uncertain")
  func slowAnswers() async throws {
    let drip = [ScriptedHTTPServer.Step](repeating: .say("1\r\nx\r\n"), count: 200).flatMap {
      [$0, .pause(milliseconds: 10)]
    }
    for steps in [[.hold], [.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")] + drip] {
      let (outcome, seen) = try await send(change: { $0.timeout = 300 }) { _ in steps }
      #expect(outcome.isUncertain, "\(outcome)")
      #expect(seen.requests.count == 1)
    }
  }

  @Test("Answers beyond the limits are given up, uncertain")
  func largeAnswers() async throws {
    let long = String(repeating: "x", count: 60_000)
    let texts = [
      "Content-Length: 1048577\r\n\r\n" + String(repeating: "x", count: 1_048_577),
      "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: "EA60\r\n\(long)\r\n", count: 40),
      "A: \(long)\r\nB: \(long)\r\n\r\n", "A: " + String(repeating: "x", count: 400_000) + "\r\n\r\n",
      "Content-Length: 0\r\n" + String(repeating: "A: b\r\n", count: 20_000) + "\r\n",
      String(repeating: "\r\nHTTP/1.1 103 Hints\r\n", count: 5000),
    ]
    for text in texts {
      let (outcome, _) = try await send { _ in
        [.say("HTTP/1.1 \(text.hasSuffix("Hints\r\n") ? 103 : 200) OK\r\n" + text), .close]
      }
      #expect(outcome.isUncertain, "\(outcome)")
      #expect(!outcome.reason.contains("xxx") && !outcome.reason.isEmpty)
    }
    let (whole, _) = try await send { _ in
      [.say("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + String(repeating: "x", count: 1_048_576))]
    }
    #expect(whole.response?.body.count == 1_048_576)
  }

  @Test("A request that was not written to its end was not sent", arguments: [100_000, 16_000_000])
  func halfRequests(size: Int) async throws {
    let body = String(repeating: "s3cret", count: size)
    let (reset, seen) = try await send(body: body, beforeBody: { _ in [.reset] }) { _ in ScriptedHTTPServer.ok }
    #expect(reset.failure == .interrupted || (size < 1_000_000 && reset.isUncertain), "\(reset)")
    #expect(seen.requests.isEmpty)
    guard size > 1_000_000 else { return }
    let (late, _) = try await send(body: body, beforeBody: { _ in [.hold] }, change: { $0.timeout = 500 }) { _ in [] }
    #expect(late.failure == .interrupted, "\(late)")
  }

  @Test("An answer that comes before the body was sent is the answer")
  func earlyAnswer() async throws {
    let body = String(repeating: "x", count: 16_000_000)
    let text = "HTTP/1.1 413 Too large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
    let (outcome, seen) = try await send(body: body, beforeBody: { _ in [.say(text), .hold] }) { _ in [] }
    #expect(outcome.response?.status == 413, "\(outcome)")
    #expect(outcome.response?.body == Array("no".utf8))
    #expect(seen.requests.isEmpty)
  }

  @Test("A long body arrives whole, and so does the answer")
  func longBody() async throws {
    let body = String((0..<2_000_000).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
    let (outcome, seen) = try await send(body: body) { _ in ScriptedHTTPServer.ok }
    #expect(outcome.response?.status == 200)
    #expect(seen.requests.first?.body == Array(body.utf8))
  }

  @Test("Nobody listening and unknown names: not sent")
  func unreachable() async throws {
    let (listener, port) = try ScriptedServer.listen(onlyBound: true)
    defer { close(listener) }
    let client = HTTPClient(engine: engine)
    #expect(await client.send(request(port)).failure == .connect)
    var unknown = request(port)
    unknown.url = "http://s3cret-free.invalid/?key=s3cret"
    #expect(await client.send(unknown).failure == .connect)
    // Connected, but TLS never gets going.
    let server = try ScriptedHTTPServer { _ in [] }
    var silent = request(server.port)
    silent.url = "https://127.0.0.1:\(server.port)/?key=s3cret"
    silent.connectTimeout = 300
    let outcome = await client.send(silent)
    #expect(outcome.failure == .connect && !outcome.reason.contains("s3cret"), "\(outcome)")
    #expect(server.seen.requests.isEmpty)
    server.stop()
  }
}
