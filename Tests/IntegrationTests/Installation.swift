import Foundation
import SQLAccess

/// What script/test starts; tests that need it are disabled without it.
enum Servers {
  private static let environment = ProcessInfo.processInfo.environment
  static let imapsPort = environment["POSTROOM_TEST_IMAPS_PORT"]
  static let certificate = environment["POSTROOM_TEST_CA"]
  static let mailRoot = environment["POSTROOM_TEST_MAIL_ROOT"]
  static let smtpPort = environment["POSTROOM_TEST_SMTP_PORT"]
  static let postgres = environment["POSTROOM_TEST_POSTGRES"]
  static let areRunning = [imapsPort, certificate, mailRoot, smtpPort].allSatisfy { $0 != nil }
  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  static let program = environment["POSTROOM_TEST_PROGRAM"] ?? checkout + "/.build/debug/postroom"

  /// The program as a user runs it, with the files of this checkout.
  static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment.merging(["POSTROOM_SHARE": checkout]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.everything()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// Drops mails into a user's Maildir as a delivery agent does.
  static func fill(_ user: String, _ count: Int, seed: Int = 1, options: [String] = []) throws {
    let fill = Process()
    fill.executableURL = URL(fileURLWithPath: checkout + "/Tests/Servers/mailfill")
    fill.arguments =
      [
        "\(count)", "--maildir", "\(mailRoot ?? "")/\(user)", "--seed", "\(seed)", "--to", "support@perf.test",
        "--max-att", "20",
      ]
      + options
    fill.standardOutput = FileHandle.nullDevice
    try fill.run()
    fill.waitUntilExit()
    guard fill.terminationStatus == 0 else { throw Failure("mailfill ended with \(fill.terminationStatus)") }
  }

  /// Delivers one mail: written to tmp/, then moved to new/.
  static func deliver(_ text: String, to user: String) throws {
    let root = "\(mailRoot ?? "")/\(user)"
    let name = "\(Int(Date().timeIntervalSince1970)).M\(Int.random(in: 0..<1_000_000))P\(getpid()).test"
    for part in ["", "/new", "/cur", "/tmp"] {
      try? FileManager.default.createDirectory(atPath: root + part, withIntermediateDirectories: true)
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(root)/tmp/\(name)"))
    try giveToDovecot(root, file: "\(root)/tmp/\(name)")
    try FileManager.default.moveItem(atPath: "\(root)/tmp/\(name)", toPath: "\(root)/new/\(name)")
  }

  /// Dovecot serves mail as the owner of the mail folder.
  private static func giveToDovecot(_ root: String, file: String) throws {
    var status = stat()
    guard getuid() == 0, stat(mailRoot ?? "", &status) == 0 else { return }
    for path in [root, root + "/new", root + "/cur", root + "/tmp", file] {
      chown(path, status.st_uid, status.st_gid)
    }
  }
}

extension Pipe {
  /// What comes until the other side closes. `readDataToEndOfFile` ends the whole run when a signal interrupts it.
  func everything() -> Data {
    var data = Data()
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(fileHandleForReading.fileDescriptor, &piece, piece.count)
      if count > 0 { data.append(contentsOf: piece[..<count]) } else if count == 0 || errno != EINTR { return data }
    }
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A home folder made for one test, and the program run in it as a user does.
final class Installation: Sendable {
  let home: String
  let databaseURL: String

  init(
    user: String, smtpPort: String? = nil, certificate: String? = nil, databaseURL: String? = nil,
    replies: String = "per_domain_per_day: 100000, per_minute: 100000, not_older_than: 20000d"
  ) throws {
    home = FileManager.default.temporaryDirectory.path + "/postroom-it-\(UUID().uuidString.prefix(8))"
    self.databaseURL = databaseURL ?? "sqlite:\(home)/data/postroom.db"
    for folder in ["mailboxes/gateways", "secrets"] {
      try FileManager.default.createDirectory(atPath: "\(home)/\(folder)", withIntermediateDirectories: true)
    }
    try write("secrets/imap", "secret\n")
    try write("secrets/signing-key", String(repeating: "0123456789abcdef", count: 3))
    try write(
      "postroom.yaml",
      """
      company: { zh-Hans: 示例商城, en: Example Store }
      hotline: "400-800-1234"
      database: \(self.databaseURL)
      templates: \(Servers.checkout)/templates
      agents:
        wang-fang: { name: 王芳, email: wang.fang@example.cn, capacity: 5000 }
        chen-chen: { name: 陈晨, email: chen.chen@example.cn, capacity: 5000 }
      teams:
        service: { name: { zh-Hans: 客户服务部, en: Customer Service }, members: [wang-fang, chen-chen], fallback: wang-fang }
      """)
    try write(
      "mailboxes/support.yaml",
      """
      address: support@perf.test
      source:
        imap: { host: localhost, port: \(Servers.imapsPort ?? "993"), security: tls, user: \(user),
                password_file: ../secrets/imap, ca_file: \(certificate ?? Servers.certificate ?? "") }
      team: service
      gateway: out
      poll: 10m
      replies: { \(replies) }
      """)
    try write(
      "mailboxes/gateways/out.yaml",
      """
      smtp: { host: localhost, port: \(smtpPort ?? Servers.smtpPort ?? "25"), security: plain, connections: 8 }
      retry: { first: 1s, most: 5s, resend_uncertain_after: 1s }
      """)
  }

  deinit { try? FileManager.default.removeItem(atPath: home) }

  func write(_ name: String, _ text: String) throws {
    let file = "\(home)/\(name)"
    guard
      FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    else { throw Failure("\(file) cannot be written") }
  }

  /// Starts the program; its standard error goes to `log`.
  func start(_ arguments: String...) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Servers.program)
    process.arguments = arguments + ["--home", home]
    if !FileManager.default.fileExists(atPath: home + "/log") { try write("log", "") }
    let log = FileHandle(forWritingAtPath: home + "/log")
    try log?.seekToEnd()
    process.standardError = log
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs the program to its end.
  func run(_ arguments: String...) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Servers.program)
    process.arguments = arguments + ["--home", home]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.everything()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  var log: String { (try? String(contentsOfFile: home + "/log", encoding: .utf8)) ?? "" }

  /// One number from the database, read while the program runs.
  func number(_ sql: String) async throws -> Int {
    let database = try await Database.open(databaseURL)
    let value = try await database.read { tx in try tx.row(sql)?.int(0) ?? -1 }
    await database.close()
    return Int(value)
  }

  /// Waits until the query gives `expected`; false after three minutes.
  func eventually(_ sql: String, is expected: Int) async throws -> Bool {
    for _ in 0..<1_800 {
      if FileManager.default.fileExists(atPath: home + "/data"), (try? await number(sql)) == expected { return true }
      try await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  /// Ends a server in order and gives its exit status.
  static func stop(_ process: Process) -> Int32 {
    process.terminate()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
