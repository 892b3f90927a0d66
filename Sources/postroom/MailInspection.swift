import HTMLContent
import MailFormat
import PostroomCore

/// All that `inspect mail` tells of one mail.
struct MailInspection {
  private let file: String
  private let reading: MailReading
  private let kind: MailKindFinding
  private let bounce: BounceReport?

  init(file: String, _ bytes: [UInt8]) {
    self.file = file
    let message = MessageParser.parse(bytes)
    reading = MailReading(message)
    kind = MailKind.find(in: message)
    bounce = kind.kind == .bounce || kind.kind == .receipt ? BounceReport(message) : nil
  }

  struct Line: Encodable {
    var file: String
    var subject: String
    var from: String?
    var from_name: String?
    var text: String?
    var html: String?
    var attachments: Int
    var kind: String
    var recipients: [String]
    var status: [String]
    var hard: Bool
    var reply: String
    var defects: [String]
  }

  var line: Line {
    let message = reading.message
    return Line(
      file: file, subject: message.subject, from: message.from.first?.address, from_name: message.from.first?.name,
      text: message.text ?? (message.html == nil ? nil : reading.text), html: reading.safeHTML()?.html,
      attachments: message.attachments.count, kind: kind.kind.rawValue, recipients: bounce?.recipients ?? [],
      status: bounce?.statuses ?? [], hard: bounce?.isHard ?? false, reply: reading.newText,
      defects: message.defects.map(\.description))
  }

  func show() {
    let message = reading.message
    Console.line("── \(file)")
    let from = message.from.first
    Console.line("from     \(from?.name ?? "") <\(from?.address ?? "")>")
    Console.line("subject  \(message.subject)")
    Console.line("kind     \(kind.kind.rawValue): \(kind.evidence)")
    for entry in bounce?.entries ?? [] {
      let status = entry.status.map { "\($0)\(entry.isStatusDerived ? " (from its words)" : "")" } ?? "no status"
      Console.line("         \(entry.address)  \(status)  \(entry.isHard ? "for good" : "for now")")
      if let diagnostic = entry.diagnostic { Console.line("         \(Console.clipped(diagnostic, 100))") }
    }
    if message.isSigned { Console.line("signed   yes; the signature was not verified") }
    for defect in message.defects { Console.line("defect   \(defect.description)") }
    for attachment in message.attachments {
      let name = attachment.name.isEmpty ? "(no name)" : Console.clipped(attachment.name, 60)
      Console.line("file     \(name)  \(attachment.type)  \(attachment.size) B")
      for inner in attachment.innerNames { Console.line("           holds \(Console.clipped(inner, 60))") }
    }
    if let safe = reading.safeHTML(), !safe.remoteContent.isEmpty {
      Console.line("remote   \(safe.remoteContent.count) addresses that its HTML would load")
    }
    Console.line()
    Sections.show(reading.reply, of: reading.latestText)
  }
}

/// A text with what is not new set off.
enum Sections {
  static func show(_ reply: ReplyText, of text: String) {
    let bytes = Array(text.utf8)
    for section in reply.sections {
      let lines = String(decoding: bytes[section.bytes.clamped(to: 0..<bytes.count)], as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
      let shown = lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
      if section.role == .written {
        shown.forEach { Console.line(String($0)) }
      } else {
        Console.line("  ┌ \(section.role.rawValue)")
        shown.forEach { Console.line("  │ \($0)") }
      }
    }
  }
}
