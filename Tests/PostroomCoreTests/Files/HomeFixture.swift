import Foundation

@testable import PostroomCore

/// A home folder in the system's temporary folder, gone with this value. Complete and without fault unless changed.
final class HomeFixture {
  let path: String

  static let settings = "postroom.yaml"
  static let mailbox = "mailboxes/support.yaml"
  static let gateway = "mailboxes/gateways/out.yaml"

  /// The least that a home folder holds.
  static let files = [
    settings: """
    company: 示例商城
    hotline: "400-800-1234"
    agents:
      wang-fang: { name: 王芳, email: wang@example.cn }
      chen-chen: { name: 陈晨, email: chen@example.cn }
    teams:
      service: { name: 客服部, members: [wang-fang, chen-chen], fallback: wang-fang }

    """,
    mailbox: """
    address: support@example.cn
    source:
      imap:
        host: imap.example.cn
        user: support
        password_file: ../secrets/imap-password
    team: service
    gateway: out

    """,
    gateway: "file: { folder: ../../data/sent }\n",
    "secrets/signing-key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
    "secrets/imap-password": "correct horse\n",
  ]

  /// - Parameter files: beside or instead of ``files``; nil leaves one out.
  init(_ files: [String: String?] = [:]) throws {
    path = FileManager.default.temporaryDirectory.path + "/postroom-home-\(UUID().uuidString)"
    var all: [String: String?] = Self.files.mapValues { $0 }
    all.merge(files) { $1 }
    for (name, text) in all {
      if let text { try write(name, Data(text.utf8)) }
    }
  }

  /// Laid out as `postroom init` does it, from the files that come with the program.
  init(distributed template: String, mailbox: String) throws {
    path = FileManager.default.temporaryDirectory.path + "/postroom-home-\(UUID().uuidString)"
    let manager = FileManager.default
    try manager.createDirectory(atPath: path + "/mailboxes/gateways", withIntermediateDirectories: true)
    for (source, target) in [
      ("mailboxes/postroom.\(template).yaml", Self.settings),
      ("mailboxes/\(template).yaml", "mailboxes/\(mailbox).yaml"),
      ("mailboxes/gateways/\(template).yaml", Self.gateway), ("templates", "templates"),
    ] { try Self.copy(source, to: path + "/" + target) }
    try write("secrets/signing-key", Data((Self.files["secrets/signing-key"] ?? "").utf8))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The checkout: `templates/` and `mailboxes/` stand there.
  static let distribution = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// A file of the distribution, copied rather than linked: tests change what they copied.
  private static func copy(_ source: String, to target: String) throws {
    let original = URL(fileURLWithPath: distribution + "/" + source).resolvingSymlinksInPath()
    try FileManager.default.copyItem(at: original, to: URL(fileURLWithPath: target))
  }

  func write(_ name: String, _ bytes: Data, mode: Int = 0o600) throws {
    let file = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file)
    try setMode(mode, of: name)
  }

  func setMode(_ mode: Int, of name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path + "/" + name)
  }

  func load() throws(Problems) -> (settings: Settings, warnings: [Problem]) { try Settings.load(home: path) }

  /// Every fault and warning as the person sees it, the home folder's own path shown as `HOME`.
  func complaints() -> [String] {
    let problems: [Problem]
    do { problems = try load().warnings } catch { problems = error.list }
    return problems.map { $0.description.replacing(path, with: "HOME") }
  }
}
