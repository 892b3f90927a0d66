import IMAPClient
import Testing

@Suite("Sessions with servers that misbehave")
struct HostileServerTests {
  /// An answer to a fetch, named so that a report does not print it.
  struct Answer: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let text: String
  }

  private static let parentheses = String(repeating: "(", count: 200_000)
  private static let answers: [Answer] = [
    ("deep nesting", "* 1 FETCH (UID 1 BODYSTRUCTURE \(parentheses)\r\n"),
    ("deep nesting behind a space", " * 1 FETCH (UID 1 BODYSTRUCTURE \(parentheses)\r\n"),
    ("deep nesting behind a quote", "* OK \"x\r\n* 1 FETCH (UID 1 BODYSTRUCTURE \(parentheses)\r\n"),
    ("literal in free text", "* OK {9}\r\n* 1 FETCH (UID 1 BODYSTRUCTURE ((\r\n"),
    ("literal without a line end", "* 1 FETCH (UID 1 BODY[] {3}  abc BODYSTRUCTURE \(parentheses)\r\n"),
    ("huge literal", "* 1 FETCH (UID 1 BODY[] {4294967000}\r\nabc"),
    ("literal beyond all numbers", "* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\nabc)\r\n"),
    ("long line", "* OK \(String(repeating: "x", count: 1 << 20))\r\n"),
    ("flood of lines", String(repeating: "* 1 EXISTS\r\n", count: 30_000)),
    ("null byte", "* 1 FETCH (UID 1 FLAGS (a\0b))\r\n"),
    ("broken NAMESPACE", "* NAMESPACE ((xyz\r\n"),
    ("broken NAMESPACE with a quote", "* NAMESPACE ((\"x\r\n"),
    ("ALERT without text", "* OK [ALERT]\r\n"),
    ("unknown item", "* 1 FETCH (UID 1 X-FOO \"bar\" BODY[] {3}\r\nabc FLAGS ())\r\n"),
    ("item without value", "* 1 FETCH (UID 1 UID UID)\r\n"),
    ("UID without number", "* 1 FETCH (UID x)\r\n"),
    ("tag of another command", "9999 OK of another\r\n"),
  ].map { Answer(testDescription: $0, text: $1) }

  @Test("end with a protocol violation when a fetch is answered by what libetpan must not see", arguments: answers)
  func violation(_ answer: Answer) async throws {
    try await withSession { command in
      command.hasPrefix("UID FETCH") ? .raw(Array((answer.text + "TAG OK done\r\n").utf8)) : nil
    } _: { session, server in
      #expect(await failure { _ = try await session.fetch([1]) } == .protocolViolation)
      // The session is dead and says nothing more, not even LOGOUT.
      #expect(await failure { try await session.noop() } == .protocolViolation)
      await session.logOut()
      #expect(server.commands.last?.hasPrefix("UID FETCH") == true)
    }
  }

  @Test("take no part of a mail for the whole when the server hangs up inside a literal or before the tagged OK")
  func shortLiteral() async throws {
    for bytes in ["* 1 FETCH (UID 1 BODY[] {1000}\r\nabc", "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n", ""] {
      try await withSession {
        $0.hasPrefix("UID FETCH") ? .hangUp(Array(bytes.utf8)) : nil
      } _: { session, _ in
        #expect(await failure { _ = try await session.fetch([1]) } == .closed)
      }
    }
  }

  @Test("notice a server that hangs up between commands")
  func dropAfterSelect() async throws {
    try await withSession {
      $0 == "NOOP" ? .hangUp([]) : nil
    } _: { session, _ in
      #expect(await failure { try await session.noop() } == .closed)
      #expect(await failure { try await session.noop() } == .closed)
    }
  }

  @Test("give up on a server that is silent, or that talks without end")
  func silence() async throws {
    let mute = try FakeServer(script: { _ in .silence })
    defer { mute.stop() }
    var patience = endpoint(mute)
    patience.readTimeout = .milliseconds(200)
    let waiting = IMAPSession(patience)
    // A busy machine may be silent at the greeting already: that is a timeout as well.
    let kind = await failure {
      try await waiting.connect()
      try await waiting.logIn(.password(user: "u", password: "secret"))
    }
    #expect(kind == .timeout)
    var limits = IMAPLimits()
    limits.bytes = 10_000
    let chatter = [UInt8](Array(repeating: Array("* OK still here\r\n".utf8), count: 1000).joined())
    try await withSession({ $0 == "NOOP" ? .raw(chatter) : nil }, limits: limits) { session, _ in
      #expect(await failure { try await session.noop() } == .protocolViolation)
    }
  }

  @Test("are cancelled from another thread, and say so")
  func cancellation() async throws {
    try await withSession {
      $0 == "NOOP" ? .silence : nil
    } _: { session, server in
      async let result = failure { try await session.noop() }
      while server.commands.last != "NOOP" { try await Task.sleep(for: .milliseconds(2)) }
      session.cancel()
      #expect(await result == .cancelled)
    }
    let server = try FakeServer()
    defer { server.stop() }
    let session = IMAPSession(endpoint(server))
    session.cancel()
    #expect(await failure { try await session.connect() } == .cancelled)
  }

  @Test("refuse PREAUTH, and BYE as a greeting")
  func greetings() async throws {
    for (greeting, kind) in [
      ("* PREAUTH welcome\r\n", IMAPError.Kind.protocolViolation), ("* BYE too busy\r\n", .closed),
      ("220 smtp.example.org ESMTP\r\n", .protocolViolation),
      ("* OK \(String(repeating: "x", count: 70_000))\r\n", .protocolViolation),
    ] {
      let server = try FakeServer(greeting: greeting)
      defer { server.stop() }
      #expect(await failure { try await IMAPSession(endpoint(server)).connect() } == kind)
    }
  }

  @Test("insist on STARTTLS: missing, refused, PREAUTH and text injected behind it all fail before the password")
  func startTLS() async throws {
    let capability = "* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n"
    let ready = "* OK ready\r\n"
    let refused: FakeServer.Reaction = .raw(Array("TAG NO\r\n".utf8))
    let injected: FakeServer.Reaction = .raw(Array("TAG OK\r\n* OK injected\r\n".utf8))
    let cases: [(String, FakeServer.Script, IMAPError.Kind)] = [
      (ready, { _ in nil }, .unsupported),
      ("* PREAUTH welcome\r\n", { _ in nil }, .unsupported),
      (ready, { $0 == "CAPABILITY" ? .answer(capability) : refused }, .unsupported),
      (ready, { $0 == "CAPABILITY" ? .answer(capability) : injected }, .protocolViolation),
    ]
    for (greeting, script, expected) in cases {
      let server = try FakeServer(greeting: greeting, script: script)
      defer { server.stop() }
      let session = IMAPSession(endpoint(server, .startTLS))
      let kind = await failure {
        try await session.connect()
        try await session.logIn(.password(user: "u", password: "secret"))
      }
      #expect(kind == expected)
      #expect(!server.commands.contains { $0.hasPrefix("LOGIN") || $0.hasPrefix("AUTHENTICATE") })
    }
  }

  @Test("do not take a plain port for a TLS port")
  func plainPort() async throws {
    let server = try FakeServer()
    defer { server.stop() }
    #expect(await failure { try await IMAPSession(endpoint(server, .tls)).connect() } == .connect)
  }
}
