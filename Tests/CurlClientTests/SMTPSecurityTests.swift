import Foundation
import Testing

@testable import CurlClient

/// `openssl s_server` with a certificate of its own for localhost; the session behind it is a scripted server's.
private final class TLSServer {
  let directory = FileManager.default.temporaryDirectory.appending(path: "curlclient-\(UUID().uuidString)")
  let port: Int
  let script: ScriptedServer
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  static let openssl = URL(filePath: "/usr/bin/openssl")
  static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: openssl.path) }

  var certificate: String { directory.appending(path: "cert.pem").path }

  init(options: [String] = []) throws {
    script = try ScriptedServer()
    port = Self.freePort()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let key = directory.appending(path: "key.pem").path
    let request = try Process.run(
      Self.openssl,
      arguments: [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
      ])
    request.waitUntilExit()
    process.executableURL = Self.openssl
    process.arguments =
      ["s_server", "-quiet", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key] + options
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let (script, read, write) = (
      script, output.fileHandleForReading.fileDescriptor, input.fileHandleForWriting.fileDescriptor
    )
    Thread { script.serve(read: read, write: write, connection: 1) }.start()
  }

  /// Below the range from which the tests beside this one get theirs.
  private static func freePort() -> Int {
    while true {
      let candidate = UInt16.random(in: 20_000..<32_000)
      guard let (listener, port) = try? ScriptedServer.listen(on: candidate, onlyBound: true) else { continue }
      close(listener)
      return port
    }
  }

  func settings(_ host: String, caFile: String?) -> SMTPServer {
    SMTPServer(host: host, port: port, security: .tls, caFile: caFile, heloName: "desk", connectTimeout: 20_000)
  }

  func stop() {
    script.stop()
    // The child inherits a signal mask in which SIGTERM may be blocked.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: directory)
  }
}

@Suite("TLS", .timeLimit(.minutes(1)), .enabled(if: TLSServer.isAvailable))
struct SMTPSecurityTests {
  let engine = CurlEngine()

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
    let server = try TLSServer()
    let text = "Subject: Long\r\n\r\n" + String(repeating: ".0123456789abcdef\r\n", count: 100_000)
    let settings = server.settings("localhost", caFile: server.certificate)
    for item in [mail(), mail(text)] {
      let outcome = try await send(server, settings, item)
      guard case .accepted = outcome else { return #expect(Bool(false), "\(outcome)") }
    }
    let unstuffed = server.script.seen.messages.last.map {
      String(decoding: $0, as: UTF8.self).replacing("\r\n..", with: "\r\n.")
    }
    #expect(unstuffed == text)
    await engine.shutdown()
    server.stop()
  }

  @Test("An unknown authority and another host's name are certificate failures; nothing is said")
  func untrusted() async throws {
    let server = try TLSServer()
    for settings in [
      server.settings("localhost", caFile: nil), server.settings("127.0.0.1", caFile: server.certificate),
    ] {
      let outcome = try await send(server, settings)
      guard case .failed(.certificate, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    }
    #expect(server.script.seen.commands.isEmpty)
    server.stop()
  }

  @Test("TLS 1.1 is refused")
  func oldProtocol() async throws {
    let server = try TLSServer(options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    let outcome = try await send(server, server.settings("localhost", caFile: server.certificate))
    guard case .failed(.tls, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    server.stop()
  }

  @Test("A missing CA file is a fault of the configuration")
  func missingAuthorities() async throws {
    let server = try TLSServer()
    let outcome = try await send(server, server.settings("localhost", caFile: "/nonexistent/ca.pem"))
    guard case .failed(.configuration, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    server.stop()
  }
}
