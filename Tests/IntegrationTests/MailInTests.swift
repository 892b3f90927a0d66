import Foundation
import Testing

/// The program itself, a real Dovecot and a real SMTP sink.
@Suite(.enabled(if: Servers.areRunning, "script/test starts the servers"), .serialized)
struct MailInTests {
  static let accepted = "SELECT COUNT(*) FROM delivery WHERE state = 'accepted'"
  static let ledger = "SELECT COUNT(*) FROM ledger"

  @Test(
    "500 mails from Dovecot get one outcome, one owner and at most one reply each", arguments: ["sqlite", "postgres"])
  func fiveHundredMails(engine: String) async throws {
    let user = "flow-\(engine)-\(UUID().uuidString.prefix(6).lowercased())"
    let count = engine == "sqlite" ? 500 : 120
    try Servers.fill(user, count, seed: 7, options: ["--duplicates", "0.05", "--poison", "0.02"])
    let url = engine == "postgres" ? try await PostgresSchema.make() : nil
    let office = try Installation(user: user, databaseURL: url)
    let server = try office.start("serve")
    #expect(try await office.eventually(Self.ledger, is: count), "\(office.log)")
    let queued = try await office.number("SELECT COUNT(*) FROM delivery")
    #expect(queued > count / 2)
    #expect(try await office.eventually(Self.accepted, is: queued), "\(office.log)")
    #expect(Installation.stop(server) == 0)
    try await expectSound(office, mails: count)
    let account = try office.run("ledger", "--json")
    #expect(account.status == 0, "\(account.output)")
  }

  /// What the database must show after any run.
  private func expectSound(_ office: Installation, mails: Int) async throws {
    #expect(try await office.number(Self.ledger) == mails)
    #expect(
      try await office.number("SELECT COUNT(*) FROM ledger WHERE (message_id IS NULL) = (quarantine_id IS NULL)") == 0)
    #expect(
      try await office.number("SELECT COUNT(*) FROM message WHERE (conversation_id IS NULL) = (owner_id IS NULL)") == 0)
    #expect(
      try await office.number(
        "SELECT COUNT(*) FROM (SELECT message_id FROM delivery GROUP BY message_id HAVING COUNT(*) > 1) t") == 0)
    #expect(
      try await office.number(
        """
        SELECT COUNT(*) FROM agent a WHERE open_count <>
          (SELECT COUNT(*) FROM conversation c WHERE c.owner_id = a.id AND c.state <> 'resolved')
        """) == 0)
    #expect(
      try await office.number("SELECT COUNT(*) FROM message WHERE mail_kind <> 'human' AND label IS NOT NULL") == 0)
  }

  @Test("new mail is answered at once through IDLE, though the poll interval is ten minutes")
  func idle() async throws {
    let user = "idle-\(UUID().uuidString.prefix(6).lowercased())"
    try Servers.deliver(mail("first", subject: "请问发货时间"), to: user)
    let office = try Installation(user: user)
    let server = try office.start("serve")
    #expect(try await office.eventually(Self.accepted, is: 1), "\(office.log)")
    // Give the session time to enter IDLE, then measure.
    try await Task.sleep(for: .seconds(1))
    let start = ContinuousClock.now
    try Servers.deliver(mail("second", subject: "How do I reset my password?"), to: user)
    #expect(try await office.eventually(Self.accepted, is: 2), "\(office.log)")
    print("answered \(ContinuousClock.now - start) after its arrival")
    #expect(Installation.stop(server) == 0)
  }

  @Test("a certificate of nobody we trust is refused before the password is sent")
  func wrongCertificate() async throws {
    let user = "cert-\(UUID().uuidString.prefix(6).lowercased())"
    let other = try OtherCertificate()
    let office = try Installation(user: user, certificate: other.file)
    let check = try office.run("check", "--live")
    #expect(check.status == 69)
    #expect(check.output.contains("certificate"))
    let dovecotLog = (Servers.mailRoot ?? "") + "/../log"
    #expect(try !String(contentsOfFile: dovecotLog, encoding: .utf8).contains("user=<\(user)>"))
  }

  @Test("a wrong password is a sentence, and goes on without a restart once it is right")
  func wrongPassword() async throws {
    let user = "pass-\(UUID().uuidString.prefix(6).lowercased())"
    try Servers.deliver(mail("one", subject: "投诉：态度差"), to: user)
    let office = try Installation(user: user)
    try office.write("secrets/imap", "wrong\n")
    let server = try office.start("serve")
    for _ in 0..<1_800 where !office.log.contains("password") { try await Task.sleep(for: .milliseconds(100)) }
    #expect(office.log.contains("localhost"), "\(office.log)")
    #expect(!office.log.contains("wrong\n"))
    try office.write("secrets/imap", "secret\n")
    #expect(try await office.eventually(Self.accepted, is: 1), "\(office.log)")
    #expect(Installation.stop(server) == 0)
  }

  @Test("killed in the middle, it goes on where it stopped: nothing lost, nothing twice")
  func killed() async throws {
    let user = "kill-\(UUID().uuidString.prefix(6).lowercased())"
    try Servers.fill(user, 300, seed: 11, options: ["--cases"])
    let office = try Installation(user: user)
    for kill in 0..<4 {
      let server = try office.start("serve")
      try await Task.sleep(for: .milliseconds(250 + kill * 180))
      Foundation.kill(server.processIdentifier, SIGKILL)
      server.waitUntilExit()
    }
    let server = try office.start("serve")
    // Until its signal handler stands, SIGTERM ends a process as SIGKILL does.
    try await Task.sleep(for: .seconds(1))
    #expect(try await office.eventually(Self.ledger, is: 300), "\(office.log)")
    let queued = try await office.number("SELECT COUNT(*) FROM delivery")
    #expect(try await office.eventually(Self.accepted, is: queued), "\(office.log)")
    #expect(Installation.stop(server) == 0)
    try await expectSound(office, mails: 300)
  }

  @Test("two servers for one home folder: the second says so and ends")
  func secondServer() async throws {
    let office = try Installation(user: "two-\(UUID().uuidString.prefix(6).lowercased())")
    let first = try office.start("serve")
    for _ in 0..<1_800 where !office.log.contains("serving") { try await Task.sleep(for: .milliseconds(100)) }
    let second = try office.run("serve")
    #expect(second.status == 1)
    #expect(second.output.contains("another postroom process"))
    #expect(Installation.stop(first) == 0)
  }

  private func mail(_ id: String, subject: String) -> String {
    """
    From: Li Lei <li.\(id)@customer.test>
    To: support@perf.test
    Subject: =?UTF-8?B?\(Data(subject.utf8).base64EncodedString())?=
    Message-ID: <\(id).\(UUID().uuidString)@customer.test>
    Date: Mon, 23 Nov 2026 10:00:00 +0800
    Content-Type: text/plain; charset=utf-8

    \(subject)

    """
  }
}

/// A self-signed certificate that no server here has.
struct OtherCertificate {
  let file: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/postroom-cert-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    file = folder + "/cert.pem"
    let openssl = Process()
    openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    openssl.arguments = [
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=elsewhere", "-keyout",
      folder + "/key.pem", "-out", file,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    guard openssl.terminationStatus == 0 else { throw Failure("openssl made no certificate") }
  }
}
