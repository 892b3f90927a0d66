import Foundation
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("Settings that are right")
struct SettingsTests {
  @Test("the least that a home folder needs gives every default")
  func minimal() throws {
    let home = try HomeFixture()
    let (settings, warnings) = try home.load()
    #expect(warnings == [])
    #expect(settings.company == Localized(chinese: "示例商城", english: "示例商城"))
    #expect(settings.language == .chinese)
    #expect(settings.database == "sqlite:\(home.path)/data/postroom.db")
    #expect(settings.data == home.path + "/data")
    #expect(settings.templates == home.path + "/templates")
    #expect(settings.signingKey.count == 45)
    let agent = try #require(settings.agents["wang-fang"])
    #expect(agent == AgentSettings(id: "wang-fang", name: "王芳", email: "wang@example.cn", capacity: 50, absent: []))
    #expect(settings.teams["service"]?.members == ["wang-fang", "chen-chen"])
    let mailbox = try #require(settings.mailboxes["support"])
    #expect(mailbox.ownAddresses == ["support@example.cn"])
    #expect(mailbox.domain == "example.cn")
    #expect(mailbox.language == .chinese)
    #expect(mailbox.serviceLevel == .standard)
    #expect(mailbox.policy == AutoReplyPolicy())
    #expect(mailbox.hotline == "400-800-1234")
    #expect(mailbox.senderName == settings.company)
    #expect(!mailbox.plusAddressing)
    #expect(mailbox.pollInterval == 60)
    #expect(mailbox.calendar.zone.identifier == "Asia/Shanghai")
    #expect(mailbox.calendar.weekdays == WorkCalendar.standard(zone: .gmt).weekdays)
    let imap = try #require(Self.imap(mailbox))
    #expect(imap.security == .tls && imap.port == 993 && imap.folder == "INBOX" && imap.afterIntake == .keep)
    #expect(imap.maxMailBytes == 50 << 20)
    let secret = SecretSource.passwordFile(home.path + "/secrets/imap-password")
    #expect(imap.secret == .stored(secret))
    #expect(try secret.read() == "correct horse")
    let gateway = try #require(settings.gateways["out"])
    #expect(gateway.backoff == Backoff(first: 30, limit: 3600))
    #expect(gateway.maxAttempts == 100 && gateway.resendUncertainAfter == 600)
    guard case .file(let folder) = gateway.kind else {
      Issue.record("no file gateway")
      return
    }
    #expect(folder == home.path + "/data/sent")
  }

  private static func imap(_ mailbox: MailboxSettings) -> IMAPSettings? {
    if case .imap(let imap) = mailbox.source { imap } else { nil }
  }

  @Test("the example files of the distribution load once the password is there")
  func example() throws {
    let home = try HomeFixture(distributed: "example", mailbox: "support")
    #expect(
      home.complaints() == [
        "mailboxes/support.yaml:12: error: the file HOME/secrets/imap-password, which should hold a password or token, "
          + "cannot be read"
      ])
    try home.write("secrets/imap-password", Data("s3cret\n".utf8))
    let (settings, warnings) = try home.load()
    #expect(warnings == [])
    #expect(settings.company == Localized(chinese: "示例商城", english: "Example Store"))
    let agent = try #require(settings.agents["chen-chen"])
    #expect(try agent.isAbsent(on: #require(CivilDate("2026-12-24"))))
    #expect(try agent.isAbsent(on: #require(CivilDate("2026-12-31"))))
    #expect(try !agent.isAbsent(on: #require(CivilDate("2027-01-01"))))
    let mailbox = try #require(settings.mailboxes["support"])
    #expect(mailbox.ownAddresses == ["support@example.cn", "service@example.cn"])
    #expect(mailbox.policy == AutoReplyPolicy())
    #expect(mailbox.serviceLevel == .standard)
    #expect(mailbox.senderName[.english] == "Example Store Support")
    #expect(mailbox.calendar.holidays.count == 8)
    #expect(mailbox.calendar.workdays == dates("2027-02-20"))
    // Spring Festival: Thursday afternoon, over seven days off and a weekend.
    let clock = WallClock()
    let deadline = mailbox.calendar.deadline(after: clock.instant("2027-02-04 15:00"), estimate: 86_400)
    #expect(clock.text(deadline) == "Fri 2027-02-12 15:00")
    _ = try Templates(folder: settings.templates)
  }

  @Test("the demo's files load")
  func demo() throws {
    let home = try HomeFixture(distributed: "demo", mailbox: "demo")
    for part in ["new", "cur", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: home.path + "/mailboxes/demo/" + part, withIntermediateDirectories: true)
    }
    let (settings, warnings) = try home.load()
    #expect(warnings == [])
    #expect(settings.agents.count == 3)
    guard case .maildir(let folder) = settings.mailboxes["demo"]?.source else {
      Issue.record("no Maildir")
      return
    }
    #expect(folder == home.path + "/mailboxes/demo")
    _ = try Templates(folder: settings.templates)
  }

  @Test("everything that can be said is understood")
  func everything() throws {
    let home = try HomeFixture([
      "postroom.yaml": """
      company: { zh-Hans: 示例商城, en: Example Store }
      hotline: "400-800-1234"
      language: en
      zone: Europe/Berlin
      database: postgres://postroom@db.example.cn/postroom
      data: /var/lib/postroom
      templates: own
      signing_key_file: secrets/signing-key
      hours:
        open: { mon-thu: "08:30-17:00", fri: "08:30 - 12:00", SUN: "00:00-24:00" }
        holidays: [2026-12-24..2026-12-26, 2027-01-01]
        workdays: 2026-12-05
      agents:
        li-na: { name: 李娜, email: li@example.cn, capacity: 1, absent: [2026-12-24, 2027-01-01..2027-01-03] }
      teams:
        service: { name: { zh-Hans: 客服部, en: Service }, members: li-na, fallback: li-na }
      """,
      "mailboxes/support.yaml": """
      address: Support@Example.cn
      aliases: [hilfe@example.de]
      source:
        imap:
          host: imap.example.cn
          port: 1143
          security: starttls
          user: support
          password_env: PATH
          folder: INBOX/客服
          proxy: socks5h://127.0.0.1:1080
          max_mail_mb: 5
          after: move:Archive/2026
      team: service
      gateway: out
      language: zh-Hans
      zone: Asia/Shanghai
      hotline: 021-1234
      sender: Support
      plus_addressing: yes
      poll: 5m
      answer_within: { complaint: 1h, suggestion: 3d }
      replies: { one_per_sender: 48h, per_domain_per_day: 7, per_minute: 3, not_older_than: 1d }
      """,
      "mailboxes/gateways/out.yaml": """
      smtp:
        host: smtp.example.cn
        security: starttls
        user: support
        token_file: ../../secrets/imap-password
        helo: mail.example.cn
        connections: 2
        response_timeout: 90s
      retry: { first: 10s, most: 2h, attempts: 3, resend_uncertain_after: 1m }
      """,
    ])
    let (settings, warnings) = try home.load()
    #expect(warnings == [])
    #expect(settings.database == "postgres://postroom@db.example.cn/postroom")
    #expect(settings.data == "/var/lib/postroom")
    #expect(settings.templates == home.path + "/own")
    #expect(settings.agents["li-na"]?.absent.count == 2)
    #expect(settings.teams["service"]?.name[.english] == "Service")
    let mailbox = try #require(settings.mailboxes["support"])
    // The zone is the mailbox's own, the hours are the house's.
    #expect(mailbox.calendar.zone.identifier == "Asia/Shanghai")
    #expect(mailbox.calendar.weekdays.keys.sorted() == [1, 2, 3, 4, 5, 7])
    #expect(mailbox.calendar.weekdays[5] == .init(opens: 30_600, closes: 43_200))
    #expect(mailbox.calendar.weekdays[7] == .init(opens: 0, closes: 86_400))
    #expect(mailbox.calendar.holidays == dates("2026-12-24", "2026-12-25", "2026-12-26", "2027-01-01"))
    #expect(mailbox.calendar.workdays == dates("2026-12-05"))
    #expect(mailbox.ownAddresses == ["support@example.cn", "hilfe@example.de"])
    #expect(mailbox.serviceLevel == ServiceLevel(inquiry: 86_400, complaint: 3600, suggestion: 259_200))
    #expect(mailbox.policy.onePerSender == 172_800 && mailbox.policy.notOlderThan == 86_400)
    #expect(mailbox.policy.perDomainPerDay == 7 && mailbox.policy.perMinute == 3)
    #expect(mailbox.language == .chinese && mailbox.hotline == "021-1234" && mailbox.plusAddressing)
    #expect(mailbox.senderName == Localized(chinese: "Support", english: "Support"))
    #expect(mailbox.pollInterval == 300)
    let imap = try #require(Self.imap(mailbox))
    #expect(imap.port == 1143 && imap.security == .starttls && imap.folder == "INBOX/客服")
    #expect(imap.afterIntake == .move("Archive/2026") && imap.maxMailBytes == 5 << 20)
    #expect(imap.secret == .stored(.passwordVariable("PATH")))
    guard case .smtp(let smtp) = settings.gateways["out"]?.kind else {
      Issue.record("no SMTP gateway")
      return
    }
    #expect(smtp.port == 587 && smtp.connections == 2 && smtp.responseTimeout == 90)
    #expect(
      smtp.heloName == "mail.example.cn" && smtp.secret == .stored(.tokenFile(home.path + "/secrets/imap-password")))
    #expect(settings.gateways["out"]?.backoff == Backoff(first: 10, limit: 7200))
    #expect(settings.gateways["out"]?.maxAttempts == 3 && settings.gateways["out"]?.resendUncertainAfter == 60)
  }

  @Test("a mailbox's own hours replace those of the house")
  func ownHours() throws {
    let mailbox = try #require(HomeFixture.files[HomeFixture.mailbox])
    let home = try HomeFixture([HomeFixture.mailbox: mailbox + "hours: { open: { sat: 10:00-12:00 } }\n"])
    let calendar = try #require(try home.load().settings.mailboxes["support"]?.calendar)
    #expect(calendar.weekdays == [6: .init(opens: 36_000, closes: 43_200)])
  }

  @Test("files of Windows editors are read as any other")
  func windows() throws {
    let home = try HomeFixture()
    for name in [HomeFixture.settings, HomeFixture.mailbox, HomeFixture.gateway] {
      let text = try #require(HomeFixture.files[name]).replacing("\n", with: "\r\n")
      try home.write(name, Data([0xEF, 0xBB, 0xBF] + Array(text.utf8)))
    }
    #expect(try home.load().settings.company[.chinese] == "示例商城")
  }

  @Test("secrets are read anew each time, without the line end")
  func secrets() throws {
    let home = try HomeFixture()
    let file = home.path + "/secrets/imap-password"
    let secret = SecretSource.tokenFile(file)
    #expect(secret.isToken)
    try home.write("secrets/imap-password", Data(" renewed \r\n".utf8))
    #expect(try secret.read() == "renewed")
    // As long, and within the same moment.
    try home.write("secrets/imap-password", Data(" changed \r\n".utf8))
    #expect(try secret.read() == "changed")
    try home.write("secrets/imap-password", Data("\n".utf8))
    #expect(throws: SettingsError.self) { try secret.read() }
    #expect(throws: SettingsError.self) { try SecretSource.passwordVariable("POSTROOM_TEST_UNSET").read() }
  }

  @Test("a secret that has stood for long is read anew when it is changed, in its place or by another file")
  func oldSecrets() async throws {
    let home = try HomeFixture()
    let file = home.path + "/secrets/imap-password"
    let secret = SecretSource.passwordFile(file)
    // The time of writing says nothing; that of the last change (ctime) nobody can set.
    func pretendAge() { _ = utimes(file, [timeval](repeating: timeval(tv_sec: 1_000_000_000, tv_usec: 0), count: 2)) }
    try home.write("secrets/imap-password", Data("one".utf8))
    pretendAge()
    #expect(try secret.read() == "one")
    try await Task.sleep(for: .seconds(2.1))
    #expect(try secret.read() == "one")
    #expect(try secret.read() == "one")
    let handle = try FileHandle(forWritingTo: URL(filePath: file))
    try handle.write(contentsOf: Data("two".utf8))
    try handle.close()
    pretendAge()
    #expect(try secret.read() == "two")
    try await Task.sleep(for: .seconds(2.1))
    #expect(try secret.read() == "two")
    try home.write("secrets/next", Data("six".utf8))
    #expect(rename(home.path + "/secrets/next", file) == 0)
    pretendAge()
    #expect(try secret.read() == "six")
  }

  @Test("one process at a time works for a home folder, and the next takes over at once")
  func nodeLock() throws {
    let home = try HomeFixture()
    let folder = home.path + "/data"
    var first: NodeLock? = try NodeLock(dataFolder: folder)
    let name = try #require(first?.node)
    #expect(throws: SettingsError.self) { try NodeLock(dataFolder: folder) }
    first = nil
    #expect(try NodeLock(dataFolder: folder).node == name)
  }
}
