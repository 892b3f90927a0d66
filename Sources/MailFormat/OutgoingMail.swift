/// A mail to be sent, as values.
package struct OutgoingMail: Sendable {
  /// Why a machine and no person sends it (RFC 3834 §5).
  package enum AutomaticKind: String, Sendable, Hashable {
    /// In direct answer to a mail.
    case replied = "auto-replied"
    /// By the clock or another event.
    case generated = "auto-generated"
  }

  /// Why a mail cannot be written.
  package enum Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// An address that no server takes, see `MailAddress.isSendable`.
    case address(field: String, String)
    /// A Message-ID with nothing usable in it.
    case messageID(String)
    /// An extra field with an impossible name, or one this type writes itself.
    case fieldName(String)

    /// One English sentence.
    package var description: String {
      switch self {
      case .address(let field, let address): "The address “\(address)” in \(field) cannot be sent to."
      case .messageID(let id): "“\(id)” cannot be a Message-ID."
      case .fieldName(let name): "“\(name)” cannot be the name of an extra header field."
      }
    }
  }

  package var from: MailAddress
  package var to: MailAddress
  package var replyTo: MailAddress?
  package var subject: String
  package var text: String
  package var html: String?
  /// Milliseconds since 1970 in UTC.
  package var date: Int64
  /// Seconds east of UTC, for the Date field.
  package var zoneOffset: Int
  /// With or without the angle brackets.
  package var messageID: String
  package var inReplyTo: String?
  /// Oldest first; the first and the last ten are written.
  package var references: [String]
  package var automatic: AutomaticKind?
  /// One of many to many, as a greeting.
  package var isBulk: Bool
  /// Names are ours, values may be anything.
  package var extraHeaders: [(String, String)]

  package init(
    from: MailAddress, to: MailAddress, replyTo: MailAddress? = nil, subject: String, text: String, html: String? = nil,
    date: Int64, zoneOffset: Int = 0, messageID: String, inReplyTo: String? = nil, references: [String] = [],
    automatic: AutomaticKind? = nil, isBulk: Bool = false, extraHeaders: [(String, String)] = []
  ) {
    self.from = from
    self.to = to
    self.replyTo = replyTo
    self.subject = subject
    self.text = text
    self.html = html
    self.date = date
    self.zoneOffset = zoneOffset
    self.messageID = messageID
    self.inReplyTo = inReplyTo
    self.references = references
    self.automatic = automatic
    self.isBulk = isBulk
    self.extraHeaders = extraHeaders
  }

  /// The mail as RFC 5322 and MIME want it: CRLF, ASCII only, lines of at most 78 characters where they can be folded.
  /// The same values give the same bytes. No variable can add a field or end the header.
  package func composed() throws(Refusal) -> [UInt8] {
    guard let id = HeaderWriter.cleanedID(messageID) else { throw .messageID(messageID) }
    var writer = HeaderWriter()
    writer.field("Date", verbatim: MailDate.format(date, zoneOffset: zoneOffset))
    try Self.write(from, as: "From", to: &writer)
    try Self.write(to, as: "To", to: &writer)
    if let replyTo { try Self.write(replyTo, as: "Reply-To", to: &writer) }
    writer.field("Subject", text: subject)
    writer.field("Message-ID", ids: [id])
    if let inReplyTo { writer.field("In-Reply-To", ids: [inReplyTo]) }
    writer.field("References", ids: Self.trimmed(references))
    if let automatic {
      writer.field("Auto-Submitted", verbatim: automatic.rawValue)
      writer.field("X-Auto-Response-Suppress", verbatim: "All")
    }
    if isBulk {
      writer.field("Precedence", verbatim: "bulk")
    } else if automatic != nil {
      writer.field("Precedence", verbatim: "auto_reply")
    }
    for (name, value) in extraHeaders {
      guard Self.isFree(name) else { throw .fieldName(name) }
      writer.field(name, text: value)
    }
    writer.field("MIME-Version", verbatim: "1.0")
    return writer.bytes + body(id)
  }

  private static func write(_ address: MailAddress, as field: String, to writer: inout HeaderWriter) throws(Refusal) {
    guard address.isSendable else { throw .address(field: field, address.address) }
    writer.field(field, address: address)
  }

  /// The first reference and the last ten: threads hold together by these, and the field stays short.
  private static func trimmed(_ references: [String]) -> [String] {
    references.count > 11 ? [references[0]] + references.suffix(10) : references
  }

  private static let ownFields: Set<String> = [
    "date", "from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references", "auto-submitted",
    "x-auto-response-suppress", "precedence", "mime-version",
  ]

  private static func isFree(_ name: String) -> Bool {
    let lower = name.asciiLowercased
    return (1...60).contains(name.utf8.count) && !ownFields.contains(lower) && !lower.hasPrefix("content-")
      && name.utf8.allSatisfy { $0 > ASCII.space && $0 < 127 && $0 != ASCII.colon }
  }

  /// The Content- fields, the empty line and what follows.
  private func body(_ id: String) -> [UInt8] {
    guard let html else { return Self.part("plain", text) }
    let boundary = Self.boundary(id)
    var out = Array("Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n\r\n".utf8)
    for part in [Self.part("plain", text), Self.part("html", html)] {
      out += Array("--\(boundary)\r\n".utf8)
      out += part
    }
    return out + Array("--\(boundary)--\r\n".utf8)
  }

  private static func part(_ subtype: String, _ text: String) -> [UInt8] {
    var lines = Array(text.utf8)
    lines.normalizeLines()
    if lines.last != ASCII.lf { lines.append(ASCII.lf) }
    let canonical = lines.withCRLF()
    // Quoted-printable takes three bytes for each that it codes, base64 37 in 100 more for all of them.
    let coded = canonical.reduce(0) { $0 + ($1 > 126 || $1 == ASCII.equals ? 1 : 0) }
    let usesBase64 = coded * 200 > canonical.count * 37
    let encoding = usesBase64 ? "base64" : "quoted-printable"
    let head = "Content-Type: text/\(subtype); charset=utf-8\r\nContent-Transfer-Encoding: \(encoding)\r\n\r\n"
    return Array(head.utf8)
      + (usesBase64 ? Base64.encode(canonical, lineLength: 76) : QuotedPrintable.encode(canonical))
  }

  /// Made of the Message-ID so that composing again gives the same bytes. Neither encoding can hold `=_`, so it never
  /// occurs in a part.
  private static func boundary(_ id: String) -> String {
    func hash(_ seed: UInt64) -> String {
      let value = id.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
      let hex = String(value, radix: 16)
      return String(repeating: "0", count: 16 - hex.utf8.count) + hex
    }
    return "=_" + hash(0xCBF2_9CE4_8422_2325) + hash(0x8422_2325_CBF2_9CE4)
  }
}
