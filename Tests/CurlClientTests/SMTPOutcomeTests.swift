import Foundation
import Synchronization
import Testing

@testable import CurlClient

func mail(to recipient: String = "customer@example.com", _ text: String = "Subject: Hi\r\n\r\nHello\r\n") -> SMTPMail {
  SMTPMail(sender: "desk@example.org", recipient: recipient, content: Array(text.utf8))
}

extension ScriptedServer {
  func settings(
    security: SMTPServer.Security = .plain, user: String? = nil, responseTimeout: Int = 20_000, maxConnections: Int = 4
  ) -> SMTPServer {
    SMTPServer(
      host: "127.0.0.1", port: port, security: security, user: user, password: user.map { _ in "secret" },
      heloName: "desk.example.org", connectTimeout: 20_000, responseTimeout: responseTimeout,
      maxConnections: maxConnections)
  }
}

@Suite("What becomes of one mail", .timeLimit(.minutes(10)))
struct SMTPOutcomeTests {
  let engine = CurlEngine()

  /// Sends one mail to a server with these answers.
  func send(
    _ item: SMTPMail = mail(), extensions: [String] = ["PIPELINING"], responseTimeout: Int = 20_000,
    answer: @escaping ScriptedServer.Answer
  ) async throws -> (SMTPOutcome, ScriptedServer.Record) {
    let server = try ScriptedServer(extensions: extensions, answer: answer)
    let outcome = await engine.send(item, via: server.settings(responseTimeout: responseTimeout))
    await engine.shutdown()
    server.stop()
    return (outcome, server.seen)
  }

  @Test("An accepted mail gives the queue reply", arguments: [["PIPELINING", "SIZE 1000"], []])
  func accepted(extensions: [String]) async throws {
    let (outcome, seen) = try await send(extensions: extensions) { _, _ in nil }
    let reply = SMTPReply(code: 250, enhancedStatus: "2.0.0", text: "2.0.0 Ok: queued as 4F2K1")
    #expect(outcome == .accepted(reply))
    #expect(seen.messages == [mail().content])
    let size = extensions.isEmpty ? "" : " SIZE=\(mail().content.count)"
    let expected = [
      "EHLO desk.example.org", "MAIL FROM:<desk@example.org>" + size, "RCPT TO:<customer@example.com>", "DATA",
    ]
    #expect(Array(seen.commands.prefix(4)) == expected)
  }

  @Test(
    "A refused recipient is decided by the code, with and without pipelining",
    arguments: ["450 4.2.1 Later", "550 5.1.1 Unknown"], [["PIPELINING"], []])
  func recipientRefused(text: String, extensions: [String]) async throws {
    let (outcome, seen) = try await send(extensions: extensions) { event, _ in
      switch event {
      case .command(let line) where line.hasPrefix("RCPT"): .say(text)
      case .command("DATA"): .say("503 5.5.1 No recipients")
      default: nil
      }
    }
    let reply = SMTPReply(
      code: Int(text.prefix(3)) ?? 0, enhancedStatus: String(text.dropFirst(4).prefix(5)),
      text: String(text.dropFirst(4)))
    #expect(outcome == (reply.code < 500 ? .deferred(reply, reason: text) : .rejected(reply)))
    #expect(seen.messages.isEmpty)
  }

  @Test("A server that asks for the message of a refused recipient gets none")
  func dataAfterRefusal() async throws {
    let (outcome, seen) = try await send { event, _ in
      if case .command(let line) = event, line.hasPrefix("RCPT") { .say("550 No") } else { nil }
    }
    #expect(outcome == .rejected(SMTPReply(code: 550, enhancedStatus: nil, text: "No")))
    #expect(seen.messages.isEmpty)
  }

  @Test("A refusal after the final dot is decided by the code", arguments: ["451 4.3.0 Later", "550 5.7.1 Spam"])
  func messageRefused(text: String) async throws {
    let (outcome, _) = try await send { event, _ in if case .message = event { .say(text) } else { nil } }
    let reply = SMTPReply(
      code: Int(text.prefix(3)) ?? 0, enhancedStatus: String(text.dropFirst(4).prefix(5)),
      text: String(text.dropFirst(4)))
    #expect(outcome == (reply.code < 500 ? .deferred(reply, reason: text) : .rejected(reply)))
  }

  @Test("A reset in answer to the final dot is uncertain, and the mail is not sent again")
  func resetAfterDot() async throws {
    let (outcome, seen) = try await send { event, _ in if case .message = event { .reset } else { nil } }
    guard case .uncertain = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(seen.messages.count == 1)
  }

  @Test("Silence after the final dot is uncertain once the time is over")
  func silenceAfterDot() async throws {
    let (outcome, seen) = try await send(responseTimeout: 300) { event, _ in
      if case .message = event { .silence } else { nil }
    }
    #expect(outcome == .uncertain(reason: "no answer within 300 ms"))
    #expect(seen.messages.count == 1)
  }

  @Test("Silence before the message is a deferral")
  func silenceBeforeData() async throws {
    let (outcome, _) = try await send(responseTimeout: 300) { event, _ in
      if case .command("DATA") = event { .silence } else { nil }
    }
    #expect(outcome == .deferred(nil, reason: "no answer within 300 ms"))
  }

  @Test("A connection lost in the middle of the message is a deferral: the dot was never sent")
  func resetDuringMessage() async throws {
    let long = mail("Subject: Long\r\n\r\n" + String(repeating: "0123456789abcdef\r\n", count: 2_000_000))
    let (outcome, seen) = try await send(long) { event, _ in
      if case .command("DATA") = event { .resetDuringMessage } else { nil }
    }
    guard case .deferred(nil, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(seen.messages.isEmpty)
  }

  @Test("A greeting with 421 is a deferral, one with 554 a failure of the server")
  func refusingGreeting() async throws {
    let (busy, _) = try await send { event, _ in
      if case .connected = event { .sayAndClose("421 4.3.2 Busy") } else { nil }
    }
    guard case .deferred(let reply, _) = busy else { return #expect(Bool(false), "\(busy)") }
    #expect(reply == SMTPReply(code: 421, enhancedStatus: "4.3.2", text: "4.3.2 Busy"))
    let server = try ScriptedServer { event, _ in if case .connected = event { .say("554 No service") } else { nil } }
    let other = CurlEngine()
    guard case .failed(.service, _) = await other.send(mail(), via: server.settings()) else {
      return #expect(Bool(false))
    }
    server.stop()
  }

  @Test("Nobody listening and answers that are not SMTP are failures")
  func unusable() async throws {
    let (listener, port) = try ScriptedServer.listen(onlyBound: true)
    defer { close(listener) }
    let nobody = SMTPServer(host: "127.0.0.1", port: port, security: .plain)
    guard case .failed(.connect, _) = await engine.send(mail(), via: nobody) else { return #expect(Bool(false)) }
    let (outcome, seen) = try await send { event, _ in
      if case .command(let line) = event, line.hasPrefix("MAIL") { .say("HTTP/1.1 400 Bad Request") } else { nil }
    }
    guard case .deferred = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(seen.messages.isEmpty)
  }

  @Test("Without STARTTLS nothing secret is said")
  func startTLSMissing() async throws {
    let server = try ScriptedServer(extensions: ["AUTH PLAIN LOGIN"])
    let outcome = await engine.send(mail(), via: server.settings(security: .startTLS, user: "desk"))
    guard case .failed(.tlsMissing, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(!server.seen.commands.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
    server.stop()
  }

  @Test("A refused login concerns the server, a temporary one is a deferral, and no login offered is refused")
  func login() async throws {
    for (text, extensions) in [("535 5.7.8 Wrong", ["AUTH PLAIN"]), ("454 4.7.0 Later", ["AUTH PLAIN"]), ("", [])] {
      let server = try ScriptedServer(extensions: extensions) { event, _ in
        switch event {
        case .command("QUIT"): .silence
        case .command(let line) where line.hasPrefix("AUTH"): .say("334 ")
        case .command(let line) where !line.contains(" ") && line != "DATA": .say(text)
        default: nil
        }
      }
      let outcome = await engine.send(mail(), via: server.settings(user: "desk"))
      switch outcome {
      case .failed(.authentication, _): #expect(text != "454 4.7.0 Later")
      case .deferred(let reply, _): #expect(reply?.code == 454)
      default: #expect(Bool(false), "\(outcome)")
      }
      #expect(!server.seen.commands.contains { $0.hasPrefix("MAIL") })
      server.stop()
    }
  }

  @Test(
    "An address that would end its command early is refused before anything is sent",
    arguments: ["a@b>\r\nRCPT TO:<x@y", "a@b\n", "a\0@b", "a b@c", "<a@b>", "", String(repeating: "a", count: 300)])
  func injection(recipient: String) async throws {
    let (outcome, seen) = try await send(mail(to: recipient)) { _, _ in nil }
    guard case .rejected(let reply) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(reply.code == 501)
    #expect(seen.connections == 0)
  }

  @Test("A non-ASCII address needs SMTPUTF8", arguments: [[], ["SMTPUTF8"]])
  func international(extensions: [String]) async throws {
    let (outcome, seen) = try await send(mail(to: "客服@example.com"), extensions: extensions) { _, _ in nil }
    if extensions.isEmpty {
      guard case .rejected(let reply) = outcome else { return #expect(Bool(false), "\(outcome)") }
      #expect(reply.enhancedStatus == "5.6.7")
    } else {
      #expect(seen.commands.contains("MAIL FROM:<desk@example.org> SMTPUTF8"))
      #expect(seen.messages.count == 1)
    }
  }

  @Test("The null return path is <>")
  func nullSender() async throws {
    let (_, seen) = try await send(SMTPMail(sender: "", recipient: "a@b.example", content: [])) { _, _ in nil }
    #expect(seen.commands.contains("MAIL FROM:<>"))
  }

  @Test("Progress is told in order, before the outcome")
  func progress() async throws {
    let server = try ScriptedServer()
    let told = Mutex<[SMTPProgress]>([])
    let outcome = await engine.send(mail(), via: server.settings()) { progress in
      if progress == .dataStarted { #expect(server.seen.messages.isEmpty) }
      told.withLock { $0.append(progress) }
    }
    guard case .accepted(let reply) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(told.withLock { $0 } == [.dataStarted, .finalReply(reply)])
    server.stop()
  }
}
