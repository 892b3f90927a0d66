import Foundation
import PostroomCore
import Testing

/// What script/test starts: see Tests/Servers/moto-up.
private enum Moto {
  private static let environment = ProcessInfo.processInfo.environment
  static let port = environment["POSTROOM_TEST_MOTO_PORT"] ?? ""
  static let folder = environment["POSTROOM_TEST_MOTO"] ?? ""
  static let isRunning = !port.isEmpty

  struct Received: Decodable {
    struct Mail: Decodable { let source, raw: String }
    let sms: [[String]]
    let mail: [Mail]
  }

  /// A bounce as SNS pushes it to who subscribed.
  struct Push: Decodable {
    let body, url, pem: String
  }

  static func push() throws -> Push {
    try JSONDecoder().decode(Push.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/push.json")))
  }

  /// The access key that is valid: its name and its secret.
  static func key() throws -> (id: String, secret: String) {
    let words = try String(contentsOfFile: folder + "/key", encoding: .utf8).split(separator: " ")
    guard words.count == 2 else { throw Failure("there is no key in \(folder)") }
    return (String(words[0]), String(words[1]))
  }

  /// What arrived, as soon as `isThere` holds; after three minutes whatever there is.
  static func received(_ isThere: (Received) -> Bool) async throws -> Received {
    let file = URL(fileURLWithPath: folder + "/received.json")
    for _ in 0..<3_600 {
      let received = try JSONDecoder().decode(Received.self, from: Data(contentsOf: file))
      if isThere(received) { return received }
      try await Task.sleep(for: .milliseconds(50))
    }
    return try JSONDecoder().decode(Received.self, from: Data(contentsOf: file))
  }
}

/// SMS and mail through moto, which computes every signature itself and refuses wrong ones.
@Suite(.serialized, .enabled(if: Moto.isRunning))
struct AmazonTests {
  /// A home folder with the gateways of the distribution, led to moto.
  private func home(secret: String? = nil) throws -> String {
    let home = FileManager.default.temporaryDirectory.path + "/postroom-moto-\(UUID().uuidString.prefix(8))"
    let made = try Servers.run(["init", home])
    guard made.status == 0 else { throw Failure(made.output) }
    let key = try Moto.key()
    for (name, kind, host) in [("sns", "http", "sns.us-east-1"), ("ses", "mail_http", "email.us-east-1")] {
      let example = Servers.checkout + "/mailboxes/gateways/\(name).yaml.example"
      let file = try String(contentsOfFile: example, encoding: .utf8)
        .replacing("https://\(host).amazonaws.com", with: "http://127.0.0.1:\(Moto.port)")
        .replacing("AKIA0000000000000000", with: key.id)
        .replacing("\n\(kind):\n", with: "\n\(kind):\n  plain: true\n  private: true\n")
      try file.write(toFile: home + "/mailboxes/gateways/\(name).yaml", atomically: true, encoding: .utf8)
    }
    for (name, text) in [("aws-key", secret ?? key.secret), ("imap-password", "none")] {
      try text.write(toFile: home + "/secrets/" + name, atomically: true, encoding: .utf8)
    }
    return home
  }

  @Test("an SMS that we signed is taken, and arrives letter for letter")
  func sendsSMS() async throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    // moto signs forms as Python writes them, so there is no blank, for which it writes `+`; Amazon takes both.
    let text = "您好，[1-9]{a}@/etc/passwd{{7*7}}100%&PhoneNumber=+1~*'()\u{2028}😀"
    let sent = try Servers.run(["send-test", "sns", "--to", "139 0000 0077", "--text", text, "--home", home])
    #expect(sent.status == 0, "\(sent.output)")
    #expect(sent.output.contains("the gateway's reference: "))
    let wanted = ["+8613900000077", text]
    #expect(try await Moto.received { $0.sms.contains(wanted) }.sms.contains(wanted))
  }

  @Test("a mail that we signed is taken, and arrives as it was composed")
  func sendsMail() async throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let marker = "A test with number \(UUID().uuidString)"
    let sent = try Servers.run([
      "send-test", "ses", "--from", "support@example.cn", "--to", "li@example.com", "--text", marker, "--home", home,
    ])
    #expect(sent.status == 0, "\(sent.output)")
    let mail = try await Moto.received { $0.mail.contains { $0.raw.contains(marker) } }.mail
    let arrived = try #require(mail.first { $0.raw.contains(marker) })
    #expect(arrived.source == "support@example.cn")
    #expect(arrived.raw.contains("To: li@example.com\r\n"))
    #expect(arrived.raw.contains("\r\nAuto-Submitted: auto-generated\r\n"))
    #expect(arrived.raw.contains("\r\nMessage-ID: <"))
  }

  @Test("a bounce that a topic pushes is believed by its signature, and read; a changed one is not")
  func readsBounce() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let recipe = try #require(try Settings.load(home: home).settings.gateways["ses"]?.webhooks)
    let push = try Moto.push()
    func reading(_ body: String, _ certificates: [String: [UInt8]]) -> WebhookReading {
      recipe.events(
        in: IncomingWebhook(
          method: "POST", url: "https://mail.example.cn/hooks/ses/receipts", fields: [], body: Array(body.utf8)),
        for: .receipts, certificates: certificates, now: .now)
    }
    #expect(reading(push.body, [:]) == .certificateNeeded(url: push.url))
    let certificates = [push.url: Array(push.pem.utf8)]
    guard case .events(let events, let faults, _, _) = reading(push.body, certificates) else {
      Issue.record("\(reading(push.body, certificates))")
      return
    }
    #expect(faults.isEmpty)
    #expect(events.map(\.address) == ["gone@example.com"])
    #expect(events.map(\.news) == [.failed(addressIsDead: true)])
    let forged = push.body.replacing("gone@example.com", with: "good@example.com")
    #expect(reading(forged, certificates) == .refused(WebhookRefusal.wrongSignature.words, status: 403))
  }

  @Test("a wrong secret is the gateway's trouble, a sender who is not allowed ours")
  func tellsTrouble() throws {
    let wrong = try home(secret: "wrong")
    defer { try? FileManager.default.removeItem(atPath: wrong) }
    let sms = try Servers.run(["send-test", "sns", "--to", "13900000078", "--home", wrong])
    #expect(sms.status == 1)
    #expect(sms.output.contains("the gateway cannot be used: HTTP 403"), "\(sms.output)")
    #expect(sms.output.contains("SignatureDoesNotMatch"))
    let options = ["--to", "li@example.com", "--home"]
    let mail = try Servers.run(["send-test", "ses", "--from", "support@example.cn"] + options + [wrong])
    #expect(mail.status == 1)
    #expect(mail.output.contains("the gateway cannot be used: HTTP 403"), "\(mail.output)")
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let stranger = try Servers.run(["send-test", "ses", "--from", "stranger@example.org"] + options + [home])
    #expect(stranger.status == 1)
    #expect(stranger.output.contains("refused: HTTP 400"), "\(stranger.output)")
  }
}
