import Foundation
import SQLAccess

/// A server of Tests/Servers that misbehaves, and the ledger of what it really stored.
final class FaultServer: Sendable {
  /// What it noted of one message.
  struct Entry {
    var seconds: Double
    var mode: String
    var isStored: Bool
    var reference: String
  }

  enum Kind: String {
    case http = "fault_http.py"
    case smtp = "fault_smtp.py"
  }

  let port: Int
  private let kind: Kind
  private let ledgerFile: String
  private let process: Process

  /// Returns when it listens. It goes on with the ledger of an earlier one.
  init(_ kind: Kind, port: Int, ledger: String, arguments: [String]) async throws {
    self.port = port
    self.kind = kind
    ledgerFile = ledger
    process = Process()
    process.executableURL = URL(fileURLWithPath: Servers.checkout + "/Tests/Servers/" + kind.rawValue)
    process.arguments = ["\(port)", ledger] + arguments
    try process.run()
    for _ in 0..<3_600 {
      if Self.answers(port) { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    end()
    throw Failure("\(kind.rawValue) does not answer")
  }

  deinit { end() }

  func stop() async throws {
    end()
    while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
  }

  /// Not by SIGTERM: a child of a dispatch thread inherits that it is blocked.
  private func end() { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  var ledger: [Entry] {
    get throws {
      let lines = try String(contentsOfFile: ledgerFile, encoding: .utf8).split(separator: "\n")
      return lines.compactMap { line in
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        switch kind {
        case .http:
          return Entry(
            seconds: Double(fields[0]) ?? 0, mode: fields[1], isStored: fields[2] == "1", reference: fields[3])
        case .smtp:
          guard fields[1] == "mail" else { return nil }
          return Entry(
            seconds: Double(fields[0]) ?? 0, mode: fields[3], isStored: fields[4] == "1",
            reference: fields[5].trimmingCharacters(in: ["<", ">"]))
        }
      }
    }
  }

  /// A port that nobody listens on.
  static func freePort() throws -> Int {
    try withSocket { socket, address in
      guard bind(socket, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 else { throw Failure("no free port") }
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      getsockname(socket, address, &size)
      let port = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_port }
      return Int(UInt16(bigEndian: port))
    }
  }

  private static func answers(_ port: Int) -> Bool {
    withSocket(port: port) { connect($0, $1, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
  }

  private static func withSocket<Result>(
    port: Int = 0, _ body: (Int32, UnsafeMutablePointer<sockaddr>) throws -> Result
  ) rethrows -> Result {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return try withUnsafeMutablePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body(socket, $0) }
    }
  }
}

/// A home folder with a gateway for SMS and one for mail that both lead to a misbehaving server, and messages to send.
final class FaultHouse: Sendable {
  struct Message {
    var state: String
    var reason: String
    var attempts: Int
    var uncertainties: Int
  }

  let port: Int
  private let installation: Installation

  init(connections: Int = 250) async throws {
    port = try FaultServer.freePort()
    installation = try Installation(user: "nobody")
    for folder in ["new", "cur", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: "\(installation.home)/mail/\(folder)", withIntermediateDirectories: true)
    }
    try installation.write(
      "mailboxes/support.yaml",
      "{ address: support@perf.test, source: { maildir: ../mail }, team: service, gateway: mail }")
    try FileManager.default.removeItem(atPath: "\(installation.home)/mailboxes/gateways/out.yaml")
    let retry = "retry: { first: 1s, most: 1s, attempts: 4, resend_uncertain_after: 1s }"
    try installation.write(
      "mailboxes/gateways/mail.yaml",
      """
      smtp: { host: 127.0.0.1, port: \(port), security: plain, connections: \(connections), response_timeout: 3s }
      \(retry)
      """)
    try installation.write(
      "mailboxes/gateways/sms.yaml",
      """
      http:
        url: "http://127.0.0.1:\(port)/send"
        plain: true
        private: true
        content_type: application/json
        body: '{"id": {{json.id}}, "to": {{json.to}}, "text": {{json.text}}}'
        connections: \(connections)
        timeout: 3s
        accepted: { status: [200], json: /code, in: ["0"] }
        id: { json: /id }
      \(retry)
      """)
    try await run("migrate")
  }

  /// Starts the server that the gateways lead to.
  func server(_ kind: FaultServer.Kind, _ mode: String, rest: [String] = []) async throws -> FaultServer {
    try await FaultServer(
      kind, port: port, ledger: installation.home + "/ledger", arguments: [mode, "--hang", "20"] + rest)
  }

  /// Starts one that they do not lead to.
  func bystander() async throws -> FaultServer {
    try await FaultServer(
      .http, port: FaultServer.freePort(), ledger: installation.home + "/bystander", arguments: ["ok"])
  }

  /// Every fifth recipient of a mail begins with `special`, the others are ordinary.
  func enqueue(_ count: Int, _ channel: String, special: String = "r") async throws {
    try await write("INSERT INTO customer (id, name, created_at) VALUES (1, 'Li Wei', 0)", [])
    try await write(
      """
      WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $2)
      INSERT INTO delivery (natural_key, purpose, channel, gateway, priority, customer_id, sender, recipient, subject,
        reference, content, state, created_at, due_at)
      SELECT 'fault/' || n, 'notice', $1, $1, 0, 1, 'support@perf.test',
        CASE WHEN $1 = 'sms' THEN '+86138' || printf('%08d', n) WHEN n % 5 = 0 THEN $3 || '.' || n || '@fault.test'
          ELSE 'r@fault.test' END, '',
        n || '@perf.test',
        CAST(CASE WHEN $1 = 'sms' THEN 'Your order is on its way.'
          ELSE 'Message-ID: <' || n || '@perf.test>' || char(13, 10, 13, 10) || 'At nine.' || char(13, 10) END AS BLOB),
        'queued', 0, 0
      FROM numbers
      """, [.text(channel), .integer(Int64(count)), .text(special)])
  }

  /// Lets the program send what is due, once.
  func sendOnce() async throws { try await run("send", "--once") }

  /// Lets it send until nothing waits any more; false when something still does after five minutes.
  func sendAll() async throws -> Bool {
    let end = ContinuousClock.now + .seconds(300)
    while ContinuousClock.now < end {
      try await sendOnce()
      let next = try await number(
        """
        SELECT MAX(MIN(due_at), (SELECT COALESCE(MAX(paused_until), 0) FROM gateway)) FROM delivery
        WHERE state IN ('queued', 'held', 'deferred')
        """)
      guard let next else { return true }
      let pause = next - Int64(Date().timeIntervalSince1970 * 1000)
      if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
    }
    return false
  }

  var messages: [String: Message] {
    get async throws {
      try await database { tx in
        var messages: [String: Message] = [:]
        for row in try tx.rows("SELECT reference, state, reason, attempts, uncertainties FROM delivery") {
          messages[try row.text(0)] = Message(
            state: try row.text(1), reason: try row.optionalText(2) ?? "", attempts: Int(try row.int(3)),
            uncertainties: Int(try row.int(4)))
        }
        return messages
      }
    }
  }

  /// One number from the database; nil for NULL.
  func number(_ sql: String) async throws -> Int64? { try await database { try $0.row(sql)?.optionalInt(0) } }

  private func write(_ sql: String, _ values: [SQLValue]) async throws {
    let database = try await Database.open(installation.databaseURL)
    try await database.write { tx in _ = try tx.execute(sql, values) }
    await database.close()
  }

  private func database<Result: Sendable>(
    _ body: @escaping @Sendable (Transaction) throws -> Result
  ) async throws -> Result {
    let database = try await Database.open(installation.databaseURL)
    let result = try await database.read(body)
    await database.close()
    return result
  }

  private func run(_ arguments: String...) async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Servers.program)
    process.arguments = arguments + ["--home", installation.home]
    let log = "\(installation.home)/log"
    if !FileManager.default.fileExists(atPath: log) { try installation.write("log", "") }
    process.standardError = FileHandle(forWritingAtPath: log)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
    guard process.terminationStatus == 0 else { throw Failure("\(arguments): \(installation.log)") }
  }
}
