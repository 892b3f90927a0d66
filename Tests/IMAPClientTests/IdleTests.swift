import IMAPClient
import Testing

@Suite("IDLE")
struct IdleTests {
  @Test("ends when mail comes, even if the line trickles in or many lines come at once")
  func change() async throws {
    for pieces in [
      ["* OK Still here\r\n", "* 4 EX", "ISTS\r\n"], [(4...400).map { "* \($0) EXISTS\r\n" }.joined()],
      ["* 1 EXPUNGE\r\n"],
    ] {
      let script: FakeServer.Script = { command in
        if command == "IDLE" { return .slow(["+ idling\r\n"] + pieces, pause: 20) }
        return nil
      }
      try await withSession(script) { session, server in
        let event = try await session.idle(timeout: .seconds(60))
        #expect(event == .changed)
        try await session.noop()
        #expect(server.commands.suffix(2) == ["DONE", "NOOP"])
      }
    }
  }

  @Test("ends by time-out, by wake, and at once by a wake that came before")
  func endings() async throws {
    try await withSession({ _ in nil }) { session, server in
      var event = try await session.idle(timeout: .milliseconds(50))
      #expect(event == .timeout)
      async let waiting = session.idle(timeout: .seconds(60))
      while server.commands.last != "IDLE" { try await Task.sleep(for: .milliseconds(2)) }
      session.wake()
      event = try await waiting
      #expect(event == .woken)
      session.wake()
      session.wake()
      event = try await session.idle(timeout: .seconds(60))
      #expect(event == .woken)
      event = try await session.idle(timeout: .milliseconds(10))
      #expect(event == .timeout)
    }
  }

  @Test("tells a lost connection, BYE, a cancellation and a server that ends it by itself")
  func failures() async throws {
    for reaction: FakeServer.Reaction in [
      .hangUp(Array("+ idling\r\n".utf8)), .raw(Array("+ idling\r\n* BYE\r\n".utf8)),
      .raw(Array("+ idling\r\nTAG OK over\r\n".utf8)),
    ] {
      try await withSession({ $0 == "IDLE" ? reaction : nil }) { session, _ in
        #expect(await failure { _ = try await session.idle(timeout: .seconds(60)) } == .closed)
      }
    }
    try await withSession({ _ in nil }) { session, server in
      async let kind = failure { _ = try await session.idle(timeout: .seconds(60)) }
      while server.commands.last != "IDLE" { try await Task.sleep(for: .milliseconds(2)) }
      session.cancel()
      #expect(await kind == .cancelled)
    }
  }
}
