import Foundation
import Testing

@testable import PostroomCore

@Suite("Settings that are wrong")
struct SettingsFaultTests {
  private static let settings = HomeFixture.settings
  private static let mailbox = HomeFixture.mailbox
  private static let gateway = HomeFixture.gateway

  @Test("each fault is told with file, line and advice", arguments: Misconfiguration.all)
  func faults(fault: Misconfiguration) throws {
    let home = try HomeFixture(fault.files)
    #expect(home.complaints() == fault.complaints)
  }

  @Test("who logs in nowhere needs no password, but all else must be right")
  func withoutSecrets() throws {
    let home = try HomeFixture(["secrets/imap-password": nil])
    #expect(home.complaints().count == 1)
    #expect(try Settings.load(home: home.path, withSecrets: false).settings.mailboxes.count == 1)
    try home.write(Self.gateway, Data("smpt: { host: x }\n".utf8))
    #expect(throws: Problems.self) { try Settings.load(home: home.path, withSecrets: false) }
  }

  @Test("the faults of all files are told in one run")
  func allAtOnce() throws {
    let home = try HomeFixture([
      Self.settings: """
      company: 示例商城
      hotlne: "400"
      agents:
        wang-fang: { name: 王芳, email: wang@example.cn }
      teams:
        service: { name: 客服部, members: [wang-fang], fallback: wang-feng }
      zone: Mars/Base
      """,
      Self.mailbox: """
      address: support
      source:
        imap: { host: h.example.cn, user: u, password: p }
      team: sales
      gateway: in
      poll: soon
      """,
      Self.gateway: "smpt: { host: x }\n",
    ])
    let places = home.complaints().map { $0.prefix { $0 != " " } }
    #expect(
      Set(places) == [
        "postroom.yaml:1:", "postroom.yaml:2:", "postroom.yaml:6:", "postroom.yaml:7:", "mailboxes/support.yaml:1:",
        "mailboxes/support.yaml:3:", "mailboxes/support.yaml:4:", "mailboxes/support.yaml:5:",
        "mailboxes/support.yaml:6:", "mailboxes/gateways/out.yaml:1:",
      ])
  }

  @Test("one fault is told once: what depends on it is not blamed")
  func noEcho() throws {
    let agent = try #require(HomeFixture.files[Self.settings]).replacing(", email: chen@example.cn", with: "")
    #expect(
      try HomeFixture([Self.settings: agent]).complaints() == [
        "postroom.yaml:5: error: `agents.chen-chen.email` is missing"
      ])
    let team = try #require(HomeFixture.files[Self.settings]).replacing(", fallback: wang-fang", with: "")
    #expect(
      try HomeFixture([Self.settings: team]).complaints() == [
        "postroom.yaml:7: error: `teams.service.fallback` is missing"
      ])
    #expect(
      try HomeFixture([Self.gateway: "file: {}\n"]).complaints() == [
        "mailboxes/gateways/out.yaml:1: error: `file.folder` is missing"
      ])
  }

  @Test("secrets that others may read are warned of, but do not stop anything", arguments: [0o644, 0o640, 0o604])
  func readableSecrets(mode: Int) throws {
    let home = try HomeFixture()
    try home.setMode(mode, of: "secrets/signing-key")
    try home.setMode(mode, of: "secrets/imap-password")
    let (_, warnings) = try home.load()
    #expect(
      warnings.map { $0.description.replacing(home.path, with: "HOME") } == [
        "secrets/signing-key: warning: holds a secret but other users of this machine may read it — chmod 600 "
          + "HOME/secrets/signing-key",
        "secrets/imap-password: warning: holds a secret but other users of this machine may read it — chmod 600 "
          + "HOME/secrets/imap-password",
      ])
  }

  @Test("a file in another encoding than UTF-8 is refused, not read as garbage")
  func gbk() throws {
    let home = try HomeFixture()
    // 示例 in GBK, as Notepad of a Chinese Windows writes it.
    let text = try #require(HomeFixture.files[Self.settings])
    let bytes = Data("company: ".utf8) + [0xCA, 0xBE, 0xC0, 0xFD] + Data(text.dropFirst("company: 示例商城".count).utf8)
    try home.write(Self.settings, bytes)
    #expect(
      home.complaints() == ["postroom.yaml: error: is not UTF-8 — save it with the encoding UTF-8"])
  }

  @Test("a mailbox file that cannot be read is said to be just that")
  func unreadable() throws {
    let home = try HomeFixture([Self.mailbox: nil])
    try FileManager.default.createSymbolicLink(
      atPath: home.path + "/" + Self.mailbox, withDestinationPath: home.path + "/gone.yaml")
    #expect(home.complaints() == ["mailboxes/support.yaml: error: cannot be read"])
  }

  @Test("no secret is ever in a complaint")
  func discretion() throws {
    let mailbox = try #require(HomeFixture.files[Self.mailbox])
    let home = try HomeFixture([
      Self.mailbox: mailbox.replacing("password_file: ../secrets/imap-password", with: "password: hunter2")
    ])
    #expect(!home.complaints().contains { $0.contains("hunter2") })
  }
}
