import Foundation
import Testing

@testable import CurlClient

/// What a server does to a request decides nothing but how it ends; how often it was sent never changes.
@Suite("Nothing is sent twice, nothing sent is called unsent", .timeLimit(.minutes(10)))
struct HTTPLedgerTests {
  /// Good and bad answers by turns, so that kept connections end in every state.
  private static func steps(_ request: ScriptedHTTPServer.Request) -> [ScriptedHTTPServer.Step] {
    switch (request.connection * 7 + request.number * 3) % 11 {
    case 0: [.close]
    case 1: [.reset]
    case 2: ScriptedHTTPServer.ok + [.close]
    case 3: ScriptedHTTPServer.ok + [.reset]
    case 4: [.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"), .close]
    case 5: [.pause(milliseconds: 5)] + ScriptedHTTPServer.ok
    default: ScriptedHTTPServer.ok
    }
  }

  private static func stepsBeforeBody(_ request: ScriptedHTTPServer.Request) -> [ScriptedHTTPServer.Step] {
    (request.connection * 5 + request.number) % 13 == 0 ? [.reset] : []
  }

  @Test("Whatever the server does, and whenever the caller gives up", arguments: ["POST", "GET"])
  func ledger(method: String) async throws {
    let engine = CurlEngine()
    let server = try ScriptedHTTPServer(answer: Self.steps, beforeBody: Self.stepsBeforeBody)
    var settings = HTTPClient.Settings()
    settings.maxConnectionsPerHost = 8
    let client = HTTPClient(engine: engine, settings: settings)
    let port = server.port
    let outcomes = await withTaskGroup(of: (Int, HTTPOutcome).self) { group in
      for number in 0..<1000 {
        // No body, a short one, and one that takes several writes.
        let body = String(repeating: "x", count: [0, 100, 3_000_000][number % 50 == 0 ? 2 : number % 2])
        let item = request(method, port, path: "/\(number)", body: body)
        group.addTask {
          let sending = Task { await client.send(item) }
          if number % 5 == 0 {
            try? await Task.sleep(for: .microseconds(number % 97 * 100))
            sending.cancel()
          }
          return (number, await sending.value)
        }
      }
      return await group.reduce(into: [Int: HTTPOutcome]()) { $0[$1.0] = $1.1 }
    }
    await engine.shutdown()
    while server.seen.ended < server.seen.connections { try await Task.sleep(for: .milliseconds(5)) }
    let seen = Dictionary(server.seen.requests.map { ($0.path, 1) }, uniquingKeysWith: +)
    for (number, outcome) in outcomes {
      let times = seen["/\(number)", default: 0]
      switch outcome {
      case .answered: #expect(times == 1)
      case .notSent: #expect(times == 0, "\(outcome)")
      case .uncertain: #expect(times <= 1)
      }
    }
    #expect(outcomes.values.contains { $0.isUncertain } && outcomes.values.contains { $0.response != nil })
    server.stop()
  }
}
