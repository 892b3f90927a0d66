import Foundation
import MailFormat
import Testing

/// What fuzzing found once (`script/fuzz` keeps it) is read ever after.
@Suite("Findings of fuzzing")
struct FindingTests {
  /// Below Tests/Fuzz/findings, in the folders of the entries that read mail.
  static let files: [URL] = ["mail", "machine", "reply"].flatMap { target in
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fuzz/findings/\(target)").standardized
    return (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
  }

  @Test("are read without harm", arguments: files)
  func reads(file: URL) throws {
    let source = Array(try Data(contentsOf: file))
    let message = MessageParser.parse(source)
    for attachment in message.attachments { _ = attachment.decode(from: source) }
    _ = (MailKind.find(in: message), BounceReport(message), MailKind.suppressesAutoReply(message))
    let reply = ReplyText(utf8: source)
    #expect(reply.sections.last?.bytes.upperBound ?? 0 == source.count)
  }
}
