import ArgumentParser
import Foundation
import PostroomCore

struct Initialize: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a home folder with commented settings, templates and a signing key.")

  @Argument(help: "The folder to make; it must not hold a postroom.yaml yet.")
  var folder: String = "."

  func run() async throws {
    let target = URL(fileURLWithPath: folder).standardizedFileURL.path
    try HomeFolder.make(at: target, from: try Distribution.folder(), template: .example)
    Console.line(
      """
      made \(target):
        postroom.yaml                 company, hours, agents, teams
        mailboxes/support.yaml        your mailbox: address, IMAP server, promised times
        mailboxes/gateways/out.yaml   where replies leave: files at first, SMTP when you are ready
        templates/                    what customers read, in zh-Hans and en
        secrets/signing-key           keep it, and keep it secret: it marks replies as yours

      Next: put the mailbox's password into \(target)/secrets/imap-password (chmod 600), edit the files above, then
        postroom check --live --home \(target)
        postroom serve --home \(target)
      """)
  }
}

/// Lays out a home folder.
enum HomeFolder {
  enum Template: String { case example, demo }

  static func make(at target: String, from distribution: String, template: Template) throws {
    let manager = FileManager.default
    guard !manager.fileExists(atPath: target + "/postroom.yaml") else {
      throw SettingsError("\(target)/postroom.yaml exists already: nothing was changed")
    }
    for part in ["mailboxes/gateways", "secrets"] {
      try manager.createDirectory(atPath: "\(target)/\(part)", withIntermediateDirectories: true)
    }
    try manager.setAttributes([.posixPermissions: 0o700], ofItemAtPath: target + "/secrets")
    let source = distribution + "/mailboxes"
    let isDemo = template == .demo
    try manager.copyItem(atPath: "\(source)/postroom.\(template.rawValue).yaml", toPath: target + "/postroom.yaml")
    try manager.copyItem(
      atPath: "\(source)/\(template.rawValue).yaml", toPath: "\(target)/mailboxes/\(isDemo ? "demo" : "support").yaml")
    try manager.copyItem(
      atPath: "\(source)/gateways/\(template.rawValue).yaml", toPath: target + "/mailboxes/gateways/out.yaml")
    try manager.copyItem(atPath: distribution + "/templates", toPath: target + "/templates")
    try writeSigningKey(target + "/secrets/signing-key")
    if isDemo { try copyMaildir(from: source + "/demo", to: target + "/mailboxes/demo") }
  }

  private static func writeSigningKey(_ file: String) throws {
    let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString() + "\n"
    guard FileManager.default.createFile(atPath: file, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600])
    else { throw SettingsError("\(file) cannot be written") }
  }

  /// Copies mails as if they had arrived in the last hour in the order of their names, whenever the checkout was made.
  private static func copyMaildir(from source: String, to target: String) throws {
    let manager = FileManager.default
    var files: [(name: String, part: String)] = []
    for part in ["new", "cur", "tmp"] {
      try manager.createDirectory(atPath: "\(target)/\(part)", withIntermediateDirectories: true)
      files += try manager.contentsOfDirectory(atPath: "\(source)/\(part)").map { ($0, part) }
    }
    files = files.filter { !$0.name.hasPrefix(".") }.sorted { $0.name < $1.name }
    for (index, file) in files.enumerated() {
      let copy = "\(target)/\(file.part)/\(file.name)"
      try Data(contentsOf: URL(fileURLWithPath: "\(source)/\(file.part)/\(file.name)"))
        .write(to: URL(fileURLWithPath: copy))
      let arrival = Date(timeIntervalSinceNow: -3600 * Double(files.count - index) / Double(files.count))
      try manager.setAttributes([.modificationDate: arrival], ofItemAtPath: copy)
    }
  }
}
