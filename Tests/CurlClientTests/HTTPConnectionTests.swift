import Foundation
import Testing

@testable import CurlClient

@Suite("Connections of HTTP", .timeLimit(.minutes(10)))
struct HTTPConnectionTests {
  let engine = CurlEngine()

  func client(connections: Int = 4, idleTimeout: Int = 60_000) -> HTTPClient {
    var settings = HTTPClient.Settings()
    settings.maxConnectionsPerHost = connections
    settings.idleTimeout = idleTimeout
    return HTTPClient(engine: engine, settings: settings)
  }

  /// Waits until `condition` holds; the suite's time limit ends a wait in vain.
  func until(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test("Thousands of requests wait for few connections, each is sent once")
  func reuse() async throws {
    let server = try ScriptedHTTPServer()
    let client = client(connections: 3)
    let port = server.port
    let answered = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<3000 {
        group.addTask { await client.send(request(port, body: "\(number)")).response?.status == 200 }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(answered == 3000)
    #expect(server.seen.connections <= 3)
    #expect(server.seen.requests.count == 3000 && Set(server.seen.requests.map(\.body)).count == 3000)
    server.stop()
  }

  @Test("A folded line that begins an answer belongs to no field of the answer before")
  func foldedFirst() async throws {
    let server = try ScriptedHTTPServer { request in
      let fold = request.number % 2 == 0 ? " folded\r\n" : ""
      return [.say("HTTP/1.1 200 OK\r\n\(fold)Content-Length: 2\r\nX-Last: a\r\n\r\nok")]
    }
    let client = client(connections: 1)
    for _ in 1...20 {
      let outcome = await client.send(request(server.port))
      let fields: HTTPFields = ["Content-Length": "2", "X-Last": "a"]
      #expect(outcome.isUncertain || outcome.response?.fields == fields, "\(outcome)")
    }
    #expect(server.seen.requests.count == 20)
    server.stop()
  }

  @Test("A connection that the server closed after its answer costs nothing", arguments: ["GET", "POST"])
  func closedWhileIdle(method: String) async throws {
    let server = try ScriptedHTTPServer { _ in ScriptedHTTPServer.ok + [.close] }
    for number in 1...5 {
      let outcome = await client().send(request(method, server.port, body: method == "GET" ? "" : "a"))
      #expect(outcome.response?.status == 200, "\(outcome)")
      try await until { server.seen.ended == number }
    }
    #expect(server.seen.requests.count == 5 && server.seen.connections == 5)
    server.stop()
  }

  @Test(
    "A kept connection that ends when the next request was read leaves it uncertain, and nothing is sent twice",
    arguments: ["GET", "POST", "PUT"], ["", "to=s3cret"])
  func closedWhenUsed(method: String, body: String) async throws {
    for end in [ScriptedHTTPServer.Step.close, .reset] {
      let server = try ScriptedHTTPServer { $0.number == 1 ? ScriptedHTTPServer.ok : [end] }
      let client = client()
      let item = request(method, server.port, body: body)
      #expect(await client.send(item).response?.status == 200)
      let second = await client.send(item)
      #expect(second.isUncertain && !second.reason.contains("s3cret"), "\(second)")
      #expect(server.seen.requests.count == 2)
      #expect(await client.send(item).response?.status == 200)
      #expect(server.seen.requests.count == 3)
      server.stop()
    }
  }

  @Test("A kept connection that ends before a long request was read costs nothing")
  func closedBeforeRead() async throws {
    let server = try ScriptedHTTPServer(beforeBody: { $0.number == 1 ? [] : [.reset] })
    let client = client()
    let long = request(server.port, body: String(repeating: "x", count: 16_000_000))
    for _ in 1...3 {
      let outcome = await client.send(long)
      #expect(outcome.response?.status == 200, "\(outcome)")
    }
    #expect(server.seen.requests.count == 3)
    server.stop()
  }

  @Test("A long request that a server began to answer on a kept connection is not sent again")
  func answeredInPart() async throws {
    let server = try ScriptedHTTPServer(beforeBody: {
      $0.number == 1 ? [] : [.say("HTTP/1.1 413 Too large\r\nContent-Le"), .pause(milliseconds: 200), .reset]
    })
    let client = client()
    let long = request(server.port, body: String(repeating: "x", count: 16_000_000))
    #expect(await client.send(long).response?.status == 200)
    let outcome = await client.send(long)
    #expect(outcome.failure == .interrupted && outcome.reason.contains("413"), "\(outcome)")
    #expect(server.seen.connections == 1)
    server.stop()
  }

  @Test("Connections that servers close while nobody uses them leave nothing that their successors trip over")
  func closedByTurns() async throws {
    let servers = try (0..<4).map { number in
      try ScriptedHTTPServer { request in ScriptedHTTPServer.ok + (request.number % (number + 2) == 0 ? [.close] : []) }
    }
    let client = client(connections: 2)
    for round in 0..<60 {
      let answered = await withTaskGroup(of: Bool.self) { group in
        for server in servers {
          for _ in 0...round % 3 {
            let port = server.port
            // A request can cross the end of its connection.
            group.addTask {
              let outcome = await client.send(request("GET", port, body: ""))
              return outcome.response?.status == 200 || outcome.isUncertain
            }
          }
        }
        return await group.allSatisfy { $0 }
      }
      #expect(answered)
    }
    for server in servers { server.stop() }
  }

  @Test("Connections that are not used are closed when their time is over")
  func idle() async throws {
    let server = try ScriptedHTTPServer()
    let client = client(idleTimeout: 300)
    for _ in 1...3 { _ = await client.send(request(server.port)) }
    let connections = server.seen.connections
    try await until { server.seen.ended == connections }
    #expect(await client.send(request(server.port)).response?.status == 200)
    #expect(server.seen.connections == connections + 1)
    server.stop()
  }

  @Test("Cancelling ends a written request as uncertain and a waiting one as not sent, at once")
  func cancel() async throws {
    let server = try ScriptedHTTPServer { _ in [.hold] }
    let client = client(connections: 1)
    let item = request(server.port)
    let first = Task { await client.send(item) }
    try await until { server.seen.requests.count == 1 }
    let second = Task { await client.send(item) }
    try await Task.sleep(for: .milliseconds(20))
    second.cancel()
    #expect(await second.value == .notSent(.cancelled, reason: "cancelled"))
    first.cancel()
    #expect(await first.value == .uncertain(reason: "cancelled"))
    try await until { server.seen.ended == 1 }
    let third = Task { await client.send(item) }
    try await until { server.seen.requests.count == 2 }
    third.cancel()
    #expect(await third.value == .uncertain(reason: "cancelled"))
    let cancelled = Task {
      while !Task.isCancelled { await Task.yield() }
      return await client.send(item)
    }
    cancelled.cancel()
    #expect(await cancelled.value == .notSent(.cancelled, reason: "cancelled"))
    #expect(server.seen.requests.count == 2)
    server.stop()
  }

  @Test("A silent host stops no other, whether mail or request")
  func silentHost() async throws {
    let silent = try ScriptedHTTPServer { _ in [.hold] }
    let (quick, mails) = (try ScriptedHTTPServer(), try ScriptedServer())
    let client = client(connections: 1)
    let item = request(silent.port)
    let stuck = Task { await client.send(item) }
    try await until { silent.seen.requests.count == 1 }
    for _ in 0..<20 {
      #expect(await client.send(request(quick.port)).response?.status == 200)
      guard case .accepted = await engine.send(mail(), via: mails.settings()) else { return #expect(Bool(false)) }
    }
    stuck.cancel()
    #expect(await stuck.value.isUncertain)
    for server in [silent, quick] { server.stop() }
    mails.stop()
  }

  @Test("Shutting down ends requests under way, waiting ones and later ones")
  func shutdown() async throws {
    let server = try ScriptedHTTPServer { _ in [.hold] }
    let client = client(connections: 1)
    let item = request(server.port)
    let sent = Task { await client.send(item) }
    try await until { server.seen.requests.count == 1 }
    let waiting = Task { await client.send(item) }
    try await Task.sleep(for: .milliseconds(20))
    await engine.shutdown()
    #expect(await sent.value == .uncertain(reason: "the engine was shut down"))
    #expect(await waiting.value.failure == .cancelled)
    #expect(await client.send(item).failure == .cancelled)
    server.stop()
  }
}
