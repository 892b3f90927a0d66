import Foundation
import Testing

/// What the program does on a real Dovecot with mail that it has taken in.
@Suite(.enabled(if: Servers.areRunning, "script/test starts the servers"), .serialized)
struct SourceTests {
  @Test("with the folder to move to missing, mail is taken in; once it is there, all is moved")
  func moving() async throws {
    let user = "move-\(UUID().uuidString.prefix(6).lowercased())"
    for number in 1...3 { try deliver(number, to: user) }
    let office = try Installation(user: user)
    try office.write(
      "mailboxes/support.yaml",
      """
      address: support@perf.test
      source:
        imap: { host: localhost, port: \(Servers.imapsPort ?? "993"), security: tls, user: \(user), after: move:已处理,
                password_file: ../secrets/imap, ca_file: \(Servers.certificate ?? "") }
      team: service
      gateway: out
      poll: 10m
      replies: { per_domain_per_day: 100000, per_minute: 100000, not_older_than: 20000d }
      """)
    let check = try office.run("check", "--live")
    #expect(check.status != 0)
    #expect(check.output.contains("已处理"), "\(check.output)")
    let server = try office.start("serve")
    #expect(try await office.eventually(MailInTests.ledger, is: 3), "\(office.log)")
    let target = "\(Servers.mailRoot ?? "")/\(user)/.&XfJZBHQG-"
    for part in ["", "/new", "/cur", "/tmp"] {
      try FileManager.default.createDirectory(atPath: target + part, withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: target + part)
    }
    try deliver(4, to: user)
    #expect(try await office.eventually(MailInTests.ledger, is: 4), "\(office.log)")
    func moved() -> Int {
      ["new", "cur"].reduce(0) {
        $0 + ((try? FileManager.default.contentsOfDirectory(atPath: "\(target)/\($1)"))?.count ?? 0)
      }
    }
    for _ in 0..<1_800 where moved() < 4 { try await Task.sleep(for: .milliseconds(100)) }
    #expect(moved() == 4, "\(office.log)")
    #expect(Installation.stop(server) == 0)
    #expect(office.log.contains("could not be marked or moved"))
  }

  private func deliver(_ number: Int, to user: String) throws {
    try Servers.deliver(
      """
      From: Li Lei <li.\(number)@customer\(number).test>
      To: support@perf.test
      Subject: Delivery time
      Message-ID: <\(number).\(UUID().uuidString)@customer.test>
      Date: Mon, 23 Nov 2026 10:00:00 +0800
      Content-Type: text/plain; charset=utf-8

      When will my order \(number) arrive?

      """, to: user)
  }
}
