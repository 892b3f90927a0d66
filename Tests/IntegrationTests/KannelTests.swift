import Foundation
import Testing

/// What script/test starts.
private enum Kannel {
  private static let environment = ProcessInfo.processInfo.environment
  static let port = environment["POSTROOM_TEST_KANNEL_PORT"] ?? ""
  static let log = environment["POSTROOM_TEST_KANNEL_LOG"] ?? ""
  static let isRunning = !port.isEmpty
  /// Where Kannel sends what telephones write.
  static let hooks = environment["POSTROOM_TEST_HOOKS_PORT"]

  /// Texts in UCS-2 that reached the SMSC for this number, in order.
  static func received(by number: String) throws -> [String] {
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    return lines.compactMap { line in
      guard let start = line.firstRange(of: " \(number) ucs-2 "), line.hasSuffix(">") else { return nil }
      return decode(line[start.upperBound...].dropLast())
    }
  }

  /// `%XX` for bytes that are no letters or digits, `+` for blanks.
  private static func decode(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    return String(decoding: units, as: UTF16.self)
  }
}

/// SMS through a real Kannel, whose fake SMSC tells the exact bytes that a telephone would get.
@Suite(.serialized, .enabled(if: Kannel.isRunning))
struct KannelTests {
  private func home() throws -> String {
    let home = FileManager.default.temporaryDirectory.path + "/postroom-kannel-\(UUID().uuidString.prefix(8))"
    let made = try Servers.run(["init", home])
    guard made.status == 0 else { throw Failure(made.output) }
    let example = Servers.checkout + "/mailboxes/gateways/kannel.yaml.example"
    let recipe = try String(contentsOfFile: example, encoding: .utf8).replacing(":13013/", with: ":\(Kannel.port)/")
    try recipe.write(toFile: home + "/mailboxes/gateways/sms.yaml", atomically: true, encoding: .utf8)
    for (name, secret) in [("kannel-password", "secret"), ("kannel-path", "t0ken"), ("imap-password", "none")] {
      try secret.write(toFile: home + "/secrets/" + name, atomically: true, encoding: .utf8)
    }
    return home
  }

  @Test("an SMS arrives letter for letter, whatever stands in it")
  func sendsSMS() async throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let text = "您好，[1-9] {a} @/etc/passwd {{7*7}} 100%&to=+1 \u{2028}😀"
    let sent = try Servers.run(["send-test", "sms", "--to", "139 0000 0077", "--text", text, "--home", home])
    #expect(sent.status == 0, "\(sent.output)")
    #expect(sent.output.contains("taken: HTTP 202: 0: Accepted for delivery"))
    #expect(!sent.output.contains("13900000077"), "numbers are shown masked")
    for _ in 0..<1_800 where try Kannel.received(by: "+8613900000077").isEmpty {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(try Kannel.received(by: "+8613900000077") == ["【示例商城】" + text])
  }

  @Test("a wrong password is told as the gateway's trouble, a wrong number as ours")
  func tellsTrouble() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    try "wrong".write(toFile: home + "/secrets/kannel-password", atomically: true, encoding: .utf8)
    let refused = try Servers.run(["send-test", "sms", "--to", "13900000078", "--home", home])
    #expect(refused.status == 1)
    #expect(refused.output.contains("the gateway cannot be used: HTTP 403"))
    #expect(!refused.output.contains("wrong"), "secrets are not shown")
    let number = try Servers.run(["send-test", "sms", "--to", "12", "--home", home])
    #expect(number.status == 1)
    #expect(number.output.contains("--to: "))
    #expect(
      try Servers.run(["send-test", "none", "--to", "13900000078", "--home", home]).output.contains(
        "known are out, sms"))
  }
}

/// The whole line: customers, a promotion, receipts, a stop word, a question, all through a real Kannel and the real
/// listener.
@Suite(.serialized, .enabled(if: Kannel.isRunning && Kannel.hooks != nil))
struct KannelLineTests {
  private static func home() throws -> String {
    let home = FileManager.default.temporaryDirectory.path + "/postroom-line-\(UUID().uuidString.prefix(8))"
    let made = try Servers.run(["init", home])
    guard made.status == 0 else { throw Failure(made.output) }
    let hooks = Kannel.hooks ?? ""
    let example = try String(
      contentsOfFile: Servers.checkout + "/mailboxes/gateways/kannel.yaml.example", encoding: .utf8)
    let recipe =
      example.replacing(":13013/", with: ":\(Kannel.port)/").replacing("%3A8080%2F", with: "%3A\(hooks)%2F")
      + "mailbox: support\nsend_hours: { marketing: always, callbacks: always }\nprice: 0.05\n"
    let settings = try String(contentsOfFile: home + "/postroom.yaml", encoding: .utf8)
    let files = [
      "mailboxes/gateways/kannel.yaml": recipe, "secrets/kannel-password": "secret", "secrets/kannel-path": "path",
      "mailboxes/support.yaml":
        "address: support@example.cn\nsource: { maildir: ../Maildir }\nteam: service\ngateway: out\n",
      "mailboxes/gateways/out.yaml": "file: { folder: ../../sent }\n",
      "postroom.yaml": settings
        + "\nhttp: { listen: 127.0.0.1:\(hooks) }\noutreach: { sms: kannel, mail: out, mailbox: support }\n",
      "customers.csv": "姓名,手机,同意短信\n李雷,13900000201,是\n韩梅梅,13900000202,是\n王芳,13900000203,否\n",
      "words.txt": "{{customer.name}}，{{company.name}}{{promotion.name}}九折。\n",
    ]
    for folder in ["Maildir/new", "Maildir/cur", "Maildir/tmp"] {
      try FileManager.default.createDirectory(atPath: "\(home)/\(folder)", withIntermediateDirectories: true)
    }
    for (name, text) in files { try text.write(toFile: "\(home)/\(name)", atomically: true, encoding: .utf8) }
    for secret in ["kannel-password", "kannel-path"] { chmod("\(home)/secrets/\(secret)", 0o600) }
    _ = FileManager.default.createFile(atPath: home + "/log", contents: nil)
    return home
  }

  /// A telephone sends one SMS.
  private func write(_ text: String, from number: String) throws {
    let telephone = Process()
    telephone.executableURL = URL(fileURLWithPath: "/usr/lib/kannel/test/fakesmsc")
    telephone.arguments = [
      "-H", "127.0.0.1", "-r", String((Int(Kannel.port) ?? 0) + 4), "-i", "1", "-m", "1",
      "\(number) 10690000 text \(text)",
    ]
    let log = Pipe()
    telephone.standardOutput = FileHandle.nullDevice
    telephone.standardError = log
    try telephone.run()
    var said = Data()
    while said.firstRange(of: Data("sent message 1".utf8)) == nil {
      let more = log.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += more
    }
    // It does not end by itself, nor on SIGTERM.
    kill(telephone.processIdentifier, SIGKILL)
    telephone.waitUntilExit()
  }

  /// False when it does not hold after three minutes.
  private func wait(until holds: () throws -> Bool) async throws -> Bool {
    for _ in 0..<1_800 {
      if try holds() { return true }
      try await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  @Test("a promotion is delivered, its receipts come back, a stop word ends it, a question is answered by SMS")
  func line() async throws {
    let home = try Self.home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    func postroom(_ arguments: String...) throws -> String {
      let done = try Servers.run(arguments + ["--home", home])
      guard done.status == 0 else { throw Failure(done.output) }
      return done.output
    }
    _ = try postroom("migrate")
    let server = Process()
    server.executableURL = URL(fileURLWithPath: Servers.program)
    server.arguments = ["serve", "--home", home]
    server.environment = ProcessInfo.processInfo.environment.merging(["POSTROOM_SHARE": Servers.checkout]) { $1 }
    server.standardOutput = FileHandle.nullDevice
    server.standardError = FileHandle(forWritingAtPath: home + "/log") ?? .nullDevice
    try server.run()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    _ = try await wait { try Servers.run(["check", "--home", home]).status == 0 }
    _ = try postroom("customers", "import", home + "/customers.csv")
    let plan = try postroom(
      "promote", "plan", "--name", "双十二", "--segment", "all", "--text", home + "/words.txt", "--channel", "sms")
    #expect(plan.contains("0.1"), "two at 0.05: \(plan)")
    _ = try postroom(
      "promote", "send", "--name", "双十二", "--segment", "all", "--text", home + "/words.txt", "--channel", "sms")
    // Sent, and Kannel's receipt taken in.
    let isDelivered = try await wait {
      try postroom("outbox", "list", "--state", "delivered", "--json").split(separator: "\n").count == 2
    }
    let accepted = try postroom("outbox", "list", "--state", "accepted")
    #expect(isDelivered, "\(accepted)")
    #expect(try Kannel.received(by: "+8613900000201").first?.contains("李雷") == true)
    #expect(try Kannel.received(by: "+8613900000203").isEmpty, "who did not agree got something")
    try write("TD", from: "13900000201")
    let isListed = try await wait {
      try postroom("suppress", "list", "--json").contains("+8613900000201")
    }
    #expect(isListed)
    let isConfirmed = try await wait { try Kannel.received(by: "+8613900000201").count == 2 }
    #expect(isConfirmed)
    try write("hello", from: "13900000202")
    let isTakenIn = try await wait { try postroom("list", "--json").contains("hello") }
    #expect(isTakenIn)
    let isAnswered = try await wait {
      try postroom("outbox", "list", "--state", "delivered", "--json").contains("acknowledgement")
    }
    #expect(isAnswered)
    _ = try postroom(
      "promote", "send", "--name", "元旦", "--segment", "all", "--text", home + "/words.txt", "--channel", "sms")
    _ = try await Task.sleep(for: .seconds(1))
    #expect(try Kannel.received(by: "+8613900000201").count == 2, "no marketing after a stop word")
  }
}
