import Foundation
import Testing

@testable import CurlClient

extension TLSServer {
  /// A scripted mail server behind TLS.
  convenience init(script: ScriptedServer, options: [String] = []) throws {
    try self.init(options: options) { script.serve(read: $0, write: $1, connection: 1) }
  }

  func settings(_ host: String, caFile: String?) -> SMTPServer {
    SMTPServer(host: host, port: port, security: .tls, caFile: caFile, heloName: "desk", connectTimeout: 20_000)
  }
}

@Suite("TLS", .timeLimit(.minutes(10)), .enabled(if: TLSServer.isAvailable))
struct SMTPSecurityTests {
  let engine = CurlEngine()
  let script: ScriptedServer

  init() throws { script = try ScriptedServer() }

  /// Sends once the server listens.
  private func send(_ server: TLSServer, _ settings: SMTPServer, _ item: SMTPMail = mail()) async throws -> SMTPOutcome
  {
    while true {
      let outcome = await engine.send(item, via: settings)
      guard case .failed(.connect, _) = outcome else { return outcome }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @Test("A trusted certificate for this name: accepted, a long mail too")
  func trusted() async throws {
    let server = try TLSServer(script: script)
    let text = "Subject: Long\r\n\r\n" + String(repeating: ".0123456789abcdef\r\n", count: 100_000)
    let settings = server.settings("localhost", caFile: server.certificate)
    for item in [mail(), mail(text)] {
      let outcome = try await send(server, settings, item)
      guard case .accepted = outcome else { return #expect(Bool(false), "\(outcome)") }
    }
    let unstuffed = script.seen.messages.last.map {
      String(decoding: $0, as: UTF8.self).replacing("\r\n..", with: "\r\n.")
    }
    #expect(unstuffed == text)
    await engine.shutdown()
    server.stop()
    script.stop()
  }

  @Test("An unknown authority and another host's name are certificate failures; nothing is said")
  func untrusted() async throws {
    let server = try TLSServer(script: script)
    for settings in [
      server.settings("localhost", caFile: nil), server.settings("127.0.0.1", caFile: server.certificate),
    ] {
      let outcome = try await send(server, settings)
      guard case .failed(.certificate, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    }
    #expect(script.seen.commands.isEmpty)
    server.stop()
    script.stop()
  }

  @Test("TLS 1.1 is refused")
  func oldProtocol() async throws {
    let server = try TLSServer(script: script, options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    let outcome = try await send(server, server.settings("localhost", caFile: server.certificate))
    guard case .failed(.tls, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    server.stop()
    script.stop()
  }

  @Test("A missing CA file is a fault of the configuration")
  func missingAuthorities() async throws {
    let server = try TLSServer(script: script)
    let outcome = try await send(server, server.settings("localhost", caFile: "/nonexistent/ca.pem"))
    guard case .failed(.configuration, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    server.stop()
    script.stop()
  }
}
