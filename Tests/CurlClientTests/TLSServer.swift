import Foundation

/// `openssl s_server` with a certificate of its own for localhost. What it decrypts is read, and what it
/// encrypts written, by a session in this process, one for all connections.
final class TLSServer {
  let directory = FileManager.default.temporaryDirectory.appending(path: "curlclient-\(UUID().uuidString)")
  let port: Int
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  static let openssl = URL(filePath: "/usr/bin/openssl")
  static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: openssl.path) }

  var certificate: String { directory.appending(path: "cert.pem").path }

  init(options: [String] = [], session: @escaping @Sendable (_ read: Int32, _ write: Int32) -> Void) throws {
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
    let (read, write) = (output.fileHandleForReading.fileDescriptor, input.fileHandleForWriting.fileDescriptor)
    Thread { session(read, write) }.start()
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

  func stop() {
    // The child inherits a signal mask in which SIGTERM may be blocked.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: directory)
  }
}
