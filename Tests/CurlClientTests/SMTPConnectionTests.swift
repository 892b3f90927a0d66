import Foundation
import Synchronization
import Testing

@testable import CurlClient

@Suite("Connections", .timeLimit(.minutes(10)))
struct SMTPConnectionTests {
  let engine = CurlEngine()

  /// Waits until `condition` holds; the suite's time limit ends a wait in vain.
  func until(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test("Many mails go over few connections, each mail once")
  func reuse() async throws {
    let server = try ScriptedServer()
    let settings = server.settings(maxConnections: 3)
    let accepted = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<300 {
        group.addTask {
          let outcome = await engine.send(
            mail(to: "c\(number)@example.com", "Subject: \(number)\r\n\r\n"), via: settings)
          if case .accepted = outcome { return true } else { return false }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(accepted == 300)
    #expect(server.seen.connections <= 3)
    #expect(Set(server.seen.messages).count == 300 && server.seen.messages.count == 300)
    server.stop()
  }

  @Test("After a refused recipient the connection serves the next mail")
  func reuseAfterRefusal() async throws {
    let server = try ScriptedServer { event, _ in
      if case .command("RCPT TO:<bad@example.com>") = event { .say("550 No") } else { nil }
    }
    for extensions in [true, false] {
      let settings = server.settings(maxConnections: extensions ? 1 : 2)
      // DATA is answered 354 here, so the connection is given up; the next mail gets a new one.
      guard case .rejected = await engine.send(mail(to: "bad@example.com"), via: settings) else {
        return #expect(Bool(false))
      }
      guard case .accepted = await engine.send(mail(), via: settings) else { return #expect(Bool(false)) }
    }
    let strict = try ScriptedServer(extensions: []) { event, _ in
      if case .command("RCPT TO:<bad@example.com>") = event { .say("550 No") } else { nil }
    }
    _ = await engine.send(mail(to: "bad@example.com"), via: strict.settings())
    guard case .accepted = await engine.send(mail(), via: strict.settings()) else { return #expect(Bool(false)) }
    #expect(strict.seen.connections == 1)
    #expect(strict.seen.commands.contains("RSET"))
    server.stop()
    strict.stop()
  }

  @Test(
    "A kept connection that the server closes costs nothing and doubles nothing", arguments: ["421 4.4.2 Idle", ""])
  func idleClosed(farewell: String) async throws {
    // The second MAIL on each connection is answered as by a server that has just closed it.
    let mails = Mutex<[Int: Int]>([:])
    let server = try ScriptedServer { event, connection in
      guard case .command(let line) = event, line.hasPrefix("MAIL") else { return nil }
      let count = mails.withLock { mails in
        mails[connection, default: 0] += 1
        return mails[connection, default: 0]
      }
      return count == 1 ? nil : farewell.isEmpty ? .reset : .sayAndClose(farewell)
    }
    let started = Mutex(0)
    for number in 0..<5 {
      let outcome = await engine.send(mail("Subject: \(number)\r\n\r\n"), via: server.settings()) {
        if $0 == .dataStarted { started.withLock { $0 += 1 } }
      }
      guard case .accepted = outcome else { return #expect(Bool(false), "\(outcome)") }
    }
    #expect(server.seen.connections == 5)
    #expect(server.seen.messages.count == 5 && Set(server.seen.messages).count == 5)
    #expect(started.withLock { $0 } == 5)
    server.stop()
  }

  @Test("A server that is silent after the dot stops nobody else")
  func slowServer() async throws {
    let slow = try ScriptedServer { event, _ in if case .message = event { .silence } else { nil } }
    let quick = try ScriptedServer()
    let stuck = Task { await engine.send(mail(), via: slow.settings()) }
    try await until { slow.seen.messages.count == 1 }
    for _ in 0..<20 {
      guard case .accepted = await engine.send(mail(), via: quick.settings()) else { return #expect(Bool(false)) }
    }
    stuck.cancel()
    guard case .uncertain = await stuck.value else { return #expect(Bool(false)) }
    slow.stop()
    quick.stop()
  }

  @Test("Cancelling before the message is a deferral, waiting mails included")
  func cancelEarly() async throws {
    let server = try ScriptedServer { event, _ in if case .command("DATA") = event { .silence } else { nil } }
    let settings = server.settings(maxConnections: 1)
    let first = Task { await engine.send(mail(), via: settings) }
    try await until { server.seen.commands.contains("DATA") }
    let second = Task { await engine.send(mail(), via: settings) }
    second.cancel()
    #expect(await second.value == .deferred(nil, reason: "cancelled"))
    first.cancel()
    #expect(await first.value == .deferred(nil, reason: "cancelled"))
    #expect(server.seen.messages.isEmpty)
    server.stop()
  }

  @Test("Shutting down ends mails under way, waiting ones and later ones")
  func shutdown() async throws {
    let server = try ScriptedServer { event, _ in if case .message = event { .silence } else { nil } }
    let settings = server.settings(maxConnections: 1)
    let sent = Task { await engine.send(mail(), via: settings) }
    try await until { server.seen.messages.count == 1 }
    let waiting = Task { await engine.send(mail(), via: settings) }
    await engine.shutdown()
    #expect(await sent.value == .uncertain(reason: "the engine was shut down"))
    guard case .deferred = await waiting.value else { return #expect(Bool(false)) }
    guard case .deferred = await engine.send(mail(), via: settings) else { return #expect(Bool(false)) }
    await engine.shutdown()
    server.stop()
  }

  @Test("A check logs in, tells what the server offers and sends nothing")
  func check() async throws {
    let server = try ScriptedServer(extensions: ["SIZE 1000", "AUTH PLAIN", "PIPELINING"]) { event, _ in
      switch event {
      case .command(let line) where line.hasPrefix("AUTH"): .say("334 ")
      case .command(let line) where !line.contains(" ") && line != "QUIT": .say("235 2.7.0 Welcome")
      default: nil
      }
    }
    let expected = SMTPCheck.ready(extensions: ["SIZE 1000", "AUTH PLAIN", "PIPELINING"])
    #expect(await engine.check(server.settings(user: "desk")) == expected)
    try await until { server.seen.commands.last == "QUIT" }
    #expect(!server.seen.commands.contains { $0.hasPrefix("MAIL") })
    server.stop()
  }

  @Test("More connections than the server allows: the others carry the mails")
  func connectionLimit() async throws {
    let server = try ScriptedServer { event, connection in
      switch event {
      case .connected where connection > 1: return .sayAndClose("421 Too many")
      case .message:
        Thread.sleep(forTimeInterval: 0.02)
        return nil
      default: return nil
      }
    }
    let settings = server.settings()
    guard case .accepted = await engine.send(mail(), via: settings) else { return #expect(Bool(false)) }
    await withTaskGroup(of: SMTPOutcome.self) { group in
      for _ in 0..<12 { group.addTask { await engine.send(mail(), via: settings) } }
      for await outcome in group {
        guard case .accepted = outcome else { return #expect(Bool(false), "\(outcome)") }
      }
    }
    #expect(server.seen.messages.count == 13)
    server.stop()
  }
}
