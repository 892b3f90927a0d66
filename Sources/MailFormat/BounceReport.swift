/// What a delivery status notification tells (RFC 3464), or a bounce of older style as far as it can be read.
package struct BounceReport: Sendable, Hashable {
  /// The addresses that were not reached, each once; of a receipt the ones that were.
  package private(set) var recipients: [String] = []
  /// The enhanced status code of the first recipient that has one, such as `5.1.1` (RFC 3463).
  package private(set) var status: String?
  /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`; nil when not told.
  package private(set) var action: String?
  /// The answer of the server that refused.
  package private(set) var diagnostic: String?
  /// The Message-ID of the mail that came back, without the angle brackets.
  package private(set) var originalMessageID: String?

  /// Whether it tells of a failure or delay, not of success.
  package var isFailure: Bool { action == nil || action == "failed" || action == "delayed" }

  private static let recipientLimit = 1_000
  /// How much of the text of an old bounce is looked at.
  private static let textLimit = 1 << 16

  /// The report in a mail; nil when the mail holds neither a delivery status nor failed recipients nor a status code.
  package init?(_ message: MailMessage) {
    var seen: Set<String> = []
    for part in message.machineParts where Self.isStatus(part.type) { readStatus(part.bytes, &seen) }
    for value in message.all("X-Failed-Recipients") {
      for recipient in value.split(separator: ",") { add(String(recipient), &seen) }
    }
    readReturnedHeader(message)
    let isAboutDelivery = message.machineParts.contains { Self.isStatus($0.type) }
    if recipients.isEmpty || status == nil, isAboutDelivery || message.isFromMailSystem || !recipients.isEmpty {
      readText(message.bodyText, &seen)
    }
    if !isAboutDelivery, recipients.isEmpty, status == nil { return nil }
  }

  static func isStatus(_ type: String) -> Bool {
    type == "message/delivery-status" || type == "message/global-delivery-status"
  }

  private mutating func add(_ address: String, _ seen: inout Set<String>) {
    let address = address.split(separator: ";").last.map(String.init) ?? address
    let clean = address.filter { !$0.isWhitespace && $0 != "<" && $0 != ">" && $0 != "\"" }
    guard clean.utf8.contains(ASCII.at), recipients.count < Self.recipientLimit else { return }
    if seen.insert(clean.lowercased()).inserted { recipients.append(clean) }
  }

  /// Blocks of fields with an empty line between them; the first is about the mail, the others about one recipient
  /// each.
  private mutating func readStatus(_ bytes: [UInt8], _ seen: inout Set<String>) {
    var pos = 0
    while pos < bytes.count {
      let block = HeaderBlock.fields(bytes, from: pos, limit: 100)
      // A line that is no field would stop the reading; it is passed over.
      let lineEnd = (bytes[pos...].firstIndex(of: ASCII.lf) ?? bytes.count - 1) + 1
      pos = block.end > pos ? block.end : lineEnd
      if let recipient = block.fields.field("Final-Recipient") ?? block.fields.field("Original-Recipient") {
        read(block.fields, about: recipient.text, &seen)
      }
    }
  }

  private mutating func read(_ fields: [HeaderField], about recipient: String, _ seen: inout Set<String>) {
    let action = fields.field("Action").map { $0.text.lowercased().filter { $0.isLetter } }
    // One failure makes the report a failure, whatever became of the other recipients.
    let isFailing = action.map { $0 == "failed" || $0 == "delayed" } ?? true
    if isFailing, let known = self.action, known != "failed", known != "delayed" {
      self = BounceReport()
      seen.removeAll()
    }
    guard isFailing || recipients.isEmpty || self.action == action else { return }
    self.action = self.action ?? action
    add(recipient, &seen)
    status = status ?? fields.field("Status").flatMap { Self.statusCode($0.text) }
    diagnostic = diagnostic ?? fields.field("Diagnostic-Code")?.text
  }

  private init() {}

  private mutating func readReturnedHeader(_ message: MailMessage) {
    for part in message.machineParts
    where part.type.hasSuffix("rfc822") || part.type.hasPrefix("text/") || part.type == "message/global" {
      let fields = HeaderBlock.fields(part.bytes, limit: 500).fields
      if let id = fields.field("Message-ID").flatMap({ MessageID.first(in: $0.text) }) {
        originalMessageID = id
        return
      }
    }
  }

  /// Reads the lines of a text for people: `<a@b.c>: …`, `550 5.1.1 …`, `Message-ID: <…>`.
  private mutating func readText(_ text: String, _ seen: inout Set<String>) {
    let bytes = Array(text.utf8.prefix(Self.textLimit))
    for line in bytes.split(separator: ASCII.lf) {
      let line = line.drop { $0 <= ASCII.space }
      if line.first == ASCII.less, let close = line.firstIndex(of: ASCII.greater),
        line[close...].dropFirst().first == ASCII.colon
      {
        add(String(decoding: line[line.startIndex...close], as: UTF8.self), &seen)
      } else if originalMessageID == nil, line.count > 12,
        line.prefix(11).lazy.map(ASCII.lower).elementsEqual("message-id:".utf8)
      {
        originalMessageID = MessageID.first(in: String(decoding: line.dropFirst(11), as: UTF8.self))
      }
      if status == nil { status = Self.statusBehindReply(line) }
    }
  }

  /// The code in `5.1.1 (bad address)`.
  private static func statusCode(_ text: String) -> String? {
    let code = text.drop { $0 == " " || $0 == "(" }.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let numbers = code.split(separator: ".", omittingEmptySubsequences: false)
    guard numbers.count == 3, ["2", "4", "5"].contains(numbers[0]),
      numbers.allSatisfy({ (1...3).contains($0.utf8.count) })
    else { return nil }
    return String(code)
  }

  /// The code behind `#` or behind a reply code of the same class: `550 5.1.1`, `(#5.1.1)`.
  private static func statusBehindReply(_ line: ArraySlice<UInt8>) -> String? {
    for i in line.indices where (line[i] == 52 || line[i] == 53) && i > line.startIndex {
      let before = line[i - 1]
      let isBehindReply =
        (before == ASCII.space || before == ASCII.dash) && i - 4 >= line.startIndex && line[i - 4] == line[i]
        && ASCII.isDigit(line[i - 3]) && ASCII.isDigit(line[i - 2])
      guard before == 35 || isBehindReply else { continue }
      if let code = statusCode(String(decoding: line[i...].prefix(12), as: UTF8.self)) { return code }
    }
    return nil
  }
}

extension MailMessage {
  /// Sent with an empty envelope or by one of the names of mail systems (RFC 5321 §4.5.5).
  fileprivate var isFromMailSystem: Bool {
    let local = from.first?.localPart.lowercased() ?? ""
    return returnPath?.isEmpty == true || local == "mailer-daemon" || local == "postmaster"
  }
}
