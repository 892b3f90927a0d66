import Foundation
import IMAPClient
import Testing

/// A running Dovecot, told by environment variables: POSTROOM_TEST_IMAP_PORT (plain and STARTTLS),
/// POSTROOM_TEST_IMAPS_PORT, POSTROOM_TEST_CA (the certificate, for localhost) and POSTROOM_TEST_MAIL_ROOT (the folder
/// of Maildirs, one for each user). Every user exists, with the password "secret".
private struct Dovecot: Sendable {
  let port: UInt16
  let tlsPort: UInt16
  let certificate: String
  let root: URL

  static let running: Dovecot? = {
    let variables = ProcessInfo.processInfo.environment
    guard let port = variables["POSTROOM_TEST_IMAP_PORT"].flatMap(UInt16.init),
      let tlsPort = variables["POSTROOM_TEST_IMAPS_PORT"].flatMap(UInt16.init),
      let certificate = variables["POSTROOM_TEST_CA"], let root = variables["POSTROOM_TEST_MAIL_ROOT"]
    else { return nil }
    return Dovecot(port: port, tlsPort: tlsPort, certificate: certificate, root: URL(filePath: root))
  }()

  func endpoint(_ security: IMAPEndpoint.Security, host: String = "localhost") -> IMAPEndpoint {
    IMAPEndpoint(
      host: host, port: security == .tls ? tlsPort : port, security: security, caFile: certificate,
      readTimeout: .seconds(20))
  }

  /// A session of a user nobody had before.
  func session(_ security: IMAPEndpoint.Security = .tls) async throws -> (IMAPSession, user: String) {
    let user = "t\(UInt64.random(in: 0...UInt64.max))"
    let session = IMAPSession(endpoint(security))
    try await session.connect()
    try await session.logIn(.password(user: user, password: "secret"))
    _ = try await session.select("INBOX")
    return (session, user)
  }

  /// Puts a mail into a user's Maildir as a mail server does: complete, by rename.
  func deliver(_ bytes: [UInt8], to user: String, folder: String = "") throws {
    let maildir = root.appending(path: user).appending(path: folder)
    let name = "\(UInt64.random(in: 0...UInt64.max)).test"
    let temporary = maildir.appending(path: "tmp/\(name)")
    try Data(bytes).write(to: temporary)
    // The server runs as another user.
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: temporary.path)
    try FileManager.default.moveItem(at: temporary, to: maildir.appending(path: "new/\(name)"))
  }
}

@Suite("Against Dovecot", .enabled(if: Dovecot.running != nil))
struct DovecotTests {
  private func dovecot() throws -> Dovecot { try #require(Dovecot.running) }

  private func mail(_ number: Int, size: Int = 0) -> [UInt8] {
    let line = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\r\n"
    return Array(("Subject: \(number)\r\n\r\n" + String(repeating: line, count: size / line.utf8.count + 1)).utf8)
  }

  @Test("refuses an untrusted certificate and a certificate for another name before any command")
  func certificates() async throws {
    let dovecot = try dovecot()
    for security in [IMAPEndpoint.Security.tls, .startTLS] {
      var untrusting = dovecot.endpoint(security)
      untrusting.caFile = nil
      let named = dovecot.endpoint(security, host: "localhost.localdomain")
      let stranger = await failure { try await IMAPSession(untrusting).connect() }
      #expect(stranger == .certificate)
      // An address that the certificate does not name, for the hosts where the other name is not known.
      let other = await failure { try await IMAPSession(dovecot.endpoint(security, host: "127.0.0.2")).connect() }
      let name = await failure { try await IMAPSession(named).connect() }
      #expect([other, name].allSatisfy { $0 == .certificate || $0 == .connect })
    }
  }

  @Test("logs in by TLS, STARTTLS and plain TCP, and shows the server's words about a wrong password")
  func login() async throws {
    let dovecot = try dovecot()
    for security in [IMAPEndpoint.Security.tls, .startTLS, .plain] {
      let (session, _) = try await dovecot.session(security)
      let hasIdle = await session.hasIdle
      #expect(hasIdle)
      await session.logOut()
      await session.logOut()
    }
    let session = IMAPSession(dovecot.endpoint(.tls))
    try await session.connect()
    do {
      try await session.logIn(.password(user: "u", password: "wrong-one"))
      Issue.record("the wrong password was taken")
    } catch let error as IMAPError {
      #expect(error.kind == .refusedLogin && error.message.contains("Authentication failed"))
      #expect(!error.message.contains("wrong-one"))
    }
  }

  @Test("lists and fetches all mails, sets \\Seen only when told, and moves them to a Chinese folder")
  func mails() async throws {
    let dovecot = try dovecot()
    let (session, user) = try await dovecot.session()
    for number in 1...250 { try dovecot.deliver(mail(number), to: user) }
    try await session.noop()
    var (uids, cursor) = ([UInt32](), UInt32(0))
    while true {
      let page = try await session.list(after: cursor, window: 100)
      #expect(page.messages.allSatisfy { ($0.size ?? 0) > 60 && ($0.internalDate ?? 0) > 1_700_000_000_000 })
      uids += page.messages.map(\.uid)
      cursor = page.coveredUID
      if page.isLast { break }
    }
    #expect(uids == Array(1...250))
    let messages = try await session.fetch(uids)
    #expect(messages.map(\.uid) == uids)
    #expect(Set(messages.map(\.bytes)) == Set((1...250).map { mail($0) }))

    #expect(await failure { try await session.move([1], to: "已处理") } == .noFolder)
    try dovecot.makeFolder("已处理", encoded: "&XfJZBHQG-", user: user)
    try await session.markSeen([1, 2])
    try await session.move([1, 2, 3, 250], to: "已处理")
    let rest = try await session.fetch([1, 2, 3, 4, 250])
    #expect(rest.map(\.uid) == [4])
    let page = try await session.list(after: 0, window: 1000)
    #expect(page.messages.map(\.uid) == Array(4...249))
    let moved = try await session.select("已处理")
    #expect(moved.exists == 4)
    await session.logOut()
  }

  @Test("fetches a mail of 5 MB in parts")
  func parts() async throws {
    let dovecot = try dovecot()
    let (session, user) = try await dovecot.session()
    let whole = mail(1, size: 5 << 20)
    try dovecot.deliver(whole, to: user)
    let message = try #require(try await session.list(after: 0).messages.first)
    #expect(message.size == whole.count)
    var bytes: [UInt8] = []
    while let part = try await session.fetchPart(message.uid, offset: UInt32(bytes.count), count: 1 << 20),
      !part.isEmpty
    {
      bytes += part
    }
    #expect(bytes == whole)
    let missing = try await session.fetchPart(99, offset: 0, count: 10)
    #expect(missing == nil)
    await session.logOut()
  }

  @Test("is woken from IDLE by a mail, and by us")
  func idle() async throws {
    let dovecot = try dovecot()
    let (session, user) = try await dovecot.session()
    async let first = session.idle(timeout: .seconds(60))
    try await Task.sleep(for: .milliseconds(300))
    try dovecot.deliver(mail(1), to: user)
    var event = try await first
    #expect(event == .changed)
    let page = try await session.list(after: 0)
    #expect(page.messages.map(\.uid) == [1])
    async let second = session.idle(timeout: .seconds(60))
    session.wake()
    event = try await second
    #expect(event == .woken)
    await session.logOut()
  }
}

extension Dovecot {
  /// A subfolder as Maildir++ has it.
  fileprivate func makeFolder(_ name: String, encoded: String, user: String) throws {
    let maildir = root.appending(path: user).appending(path: ".\(encoded)")
    for part in ["", "cur", "new", "tmp"] {
      let directory = maildir.appending(path: part)
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
    }
  }
}
