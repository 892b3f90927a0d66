import Foundation
import Testing

@testable import CurlClient

@Suite("What may be sent, and where to", .timeLimit(.minutes(10)))
struct HTTPSecurityTests {
  let engine = CurlEngine()

  @Test(
    "Header fields that would end their line or change the framing are refused",
    arguments: [
      ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\0b"), ("X", "\u{1B}"), ("X\r\nY", "a"), ("X:", "a"),
      ("X Y", "a"), ("", "a"), ("Ünicode", "a"), ("X\0", "a"), ("content-length", "3"),
      ("Transfer-Encoding", "chunked"),
      ("Connection", "close"), ("EXPECT", "100-continue"),
    ])
  func fields(name: String, value: String) async throws {
    let server = try ScriptedHTTPServer()
    var item = request(server.port)
    item.fields.append(name: name, value: value)
    let outcome = await HTTPClient(engine: engine).send(item)
    #expect(outcome.failure == .request && !outcome.reason.contains("s3cret"), "\(outcome)")
    #expect(server.seen.connections == 0)
    server.stop()
  }

  @Test("HEAD with a body is refused")
  func headWithBody() async {
    #expect(await HTTPClient(engine: engine).send(request("HEAD", 1)).failure == .request)
  }

  @Test("A method that is not one word is refused", arguments: ["", "GET /x", "GET\r\n", "G\0", "GÉT", "CONNECT"])
  func methods(method: String) async {
    #expect(await HTTPClient(engine: engine).send(request(method, 1)).failure == .request)
  }

  @Test(
    "URLs of other kinds, with control characters or with credentials are refused",
    arguments: [
      "", "/path", "127.0.0.1/x", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "smtp://127.0.0.1/",
      "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\0", "http://127.0.0.1/é",
      "http://user:s3cret@127.0.0.1/", "http://127.0.0.1:99999/", "http://[::1/", "http://",
      "http://a b/", "http://[fe80::1%25eth0]/", "data:,x", "dict://127.0.0.1:11211/stat",
    ])
  func urls(url: String) async {
    var item = request(1)
    item.url = url
    let outcome = await HTTPClient(engine: engine).send(item)
    #expect(outcome.failure == .request && !outcome.reason.contains("s3cret"), "\(outcome)")
  }

  @Test(
    "A path is sent as it stands, whatever it looks like; a part of the page is kept back",
    arguments: [
      ("/a/../b/./%2e?text=[1-5]{a,b}&x=%0d%0a", "/a/../b/./%2e?text=[1-5]{a,b}&x=%0d%0a"),
      ("/a/../b/./%2e?text=[1-5]{a,b}&x=%0d%0a#part", "/a/../b/./%2e?text=[1-5]{a,b}&x=%0d%0a"),
      ("", "/"), ("/", "/"), ("?to=1", "/?to=1"), ("#part", "/"), ("//evil.example/x", "//evil.example/x"),
      ("/a?next=http://evil.example/b", "/a?next=http://evil.example/b"), ("/a?#part", "/a?"), ("/a\\b", "/a\\b"),
    ])
  func targets(path: String, target: String) async throws {
    let server = try ScriptedHTTPServer()
    let client = HTTPClient(engine: engine)
    // The second time the destination is known.
    for _ in 1...2 {
      #expect(await client.send(request("GET", server.port, path: path, body: "")).response?.status == 200)
    }
    #expect(server.seen.requests.map(\.path) == [target, target])
    #expect(server.seen.requests.allSatisfy { $0.head.contains("\r\nHost: 127.0.0.1:\(server.port)\r\n") })
    server.stop()
  }

  @Test("In the clear only if allowed")
  func plain() async throws {
    let server = try ScriptedHTTPServer()
    var item = request(server.port)
    item.mayBePlain = false
    #expect(await HTTPClient(engine: engine).send(item).failure == .request)
    #expect(server.seen.connections == 0)
    server.stop()
  }

  @Test(
    "Private addresses are not reached unless allowed, however they are written",
    arguments: [
      "127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::1]",
      "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "169.254.169.254", "[fe80::1]", "10.1.2.3",
    ])
  func privateAddresses(host: String) async throws {
    let server = try ScriptedHTTPServer()
    var item = request(server.port)
    item.url = "http://\(host):\(server.port)/"
    item.mayReachPrivateAddresses = false
    var settings = HTTPClient.Settings()
    for proxy in [nil, ""] as [String?] {
      settings.proxy = proxy
      let outcome = await HTTPClient(engine: engine, settings: settings).send(item)
      #expect(outcome.failure == .address, "\(outcome)")
    }
    #expect(server.seen.connections == 0)
    server.stop()
  }

  @Test("A connection that one request was allowed to open is not lent to another")
  func notLent() async throws {
    let server = try ScriptedHTTPServer()
    let client = HTTPClient(engine: engine)
    var item = request(server.port)
    item.url = "http://localhost:\(server.port)/"
    #expect(await client.send(item).response?.status == 200)
    item.mayReachPrivateAddresses = false
    #expect(await client.send(item).failure == .address)
    #expect(server.seen.requests.count == 1)
    server.stop()
  }

  /// script/test names a proxy that does not exist.
  @Test("A proxy in the environment is not used, one in the settings is", .enabled(if: getenv("http_proxy") != nil))
  func proxy() async throws {
    let server = try ScriptedHTTPServer { request in
      guard request.head.hasPrefix("CONNECT") else { return ScriptedHTTPServer.ok }
      return [.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")]
    }
    #expect(await HTTPClient(engine: engine).send(request(server.port)).response?.status == 200)
    var settings = HTTPClient.Settings()
    settings.proxy = "http://user:s%40cret@127.0.0.1:\(server.port)"
    var item = request(server.port)
    item.url = "http://gateway.example/send"
    item.mayReachPrivateAddresses = false
    let client = HTTPClient(engine: engine, settings: settings)
    #expect(await client.send(item).response?.status == 200)
    #expect(server.seen.requests.last?.path == "http://gateway.example/send")
    #expect(server.seen.requests.last?.head.contains("\r\nHost: gateway.example\r\n") == true)
    let credentials = Data("user:s@cret".utf8).base64EncodedString()
    #expect(server.seen.requests.last?.head.contains("\r\nProxy-Authorization: Basic \(credentials)\r\n") == true)
    // A proxy that refuses the tunnel: nothing of the request was sent.
    item.url = "https://gateway.example/send?key=s3cret"
    let outcome = await client.send(item)
    #expect(outcome.failure == .connect && !outcome.reason.contains("s3cret"), "\(outcome)")
    server.stop()
  }

  @Test("A trusted certificate for this name is needed", .enabled(if: TLSServer.isAvailable))
  func certificates() async throws {
    let script = try ScriptedHTTPServer()
    let server = try TLSServer { script.serve(read: $0, write: $1, connection: 1) }
    var trusting = HTTPClient.Settings()
    trusting.caFile = server.certificate
    // `openssl s_server` serves one connection at a time.
    trusting.idleTimeout = 100
    let cases: [(String, HTTPClient.Settings, HTTPFailure?)] = [
      ("localhost", trusting, nil), ("localhost", HTTPClient.Settings(), .certificate),
      ("127.0.0.1", trusting, .certificate), ("localhost", trusting, nil),
    ]
    for (host, settings, failure) in cases {
      var item = request(server.port)
      item.url = "https://\(host):\(server.port)/send"
      let outcome = try await untilListening { await HTTPClient(engine: engine, settings: settings).send(item) }
      #expect(outcome.failure == failure, "\(outcome)")
      #expect(outcome.response?.status == (failure == nil ? 200 : nil))
    }
    #expect(script.seen.requests.count == 2)
    var missing = HTTPClient.Settings()
    missing.caFile = "/nonexistent/ca.pem"
    var item = request(server.port)
    item.url = "https://localhost:\(server.port)/send"
    #expect(await HTTPClient(engine: engine, settings: missing).send(item).failure == .request)
    server.stop()
    script.stop()
  }

  private func untilListening(_ send: () async -> HTTPOutcome) async throws -> HTTPOutcome {
    while true {
      let outcome = await send()
      guard outcome.failure == .connect else { return outcome }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
