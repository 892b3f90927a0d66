import Foundation
import Testing

/// What script/test starts.
private enum Kannel {
  private static let environment = ProcessInfo.processInfo.environment
  static let port = environment["POSTROOM_TEST_KANNEL_PORT"] ?? ""
  static let log = environment["POSTROOM_TEST_KANNEL_LOG"] ?? ""
  static let isRunning = !port.isEmpty

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
    for _ in 0..<100 where try Kannel.received(by: "+8613900000077").isEmpty {
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
