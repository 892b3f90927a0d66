/// A mail as people and rules see it: who, what, when, the text, the attachments, and what was wrong with it.
package struct MailMessage: Sendable {
  /// All fields of the header in order.
  package internal(set) var header: [HeaderField] = []
  package internal(set) var subject = ""
  package internal(set) var from: [MailAddress] = []
  package internal(set) var sender: [MailAddress] = []
  package internal(set) var replyTo: [MailAddress] = []
  package internal(set) var to: [MailAddress] = []
  package internal(set) var cc: [MailAddress] = []
  /// The envelope sender as the last server noted it: empty for `<>`, nil without a Return-Path field.
  package internal(set) var returnPath: String?
  /// Milliseconds since 1970 in UTC; nil when there is no Date field or it is none.
  package internal(set) var date: Int64?
  /// Without the angle brackets.
  package internal(set) var messageID: String?
  package internal(set) var inReplyTo: [String] = []
  /// Oldest first, as written.
  package internal(set) var references: [String] = []
  /// The plain text parts that are shown in line, joined; lines end in LF. Nil when there is none.
  package internal(set) var text: String?
  /// The same for HTML.
  package internal(set) var html: String?
  package internal(set) var attachments: [Attachment] = []
  package internal(set) var defects: [MailDefect] = []
  /// It carries a signature of its sender (S/MIME or OpenPGP), which nobody has verified.
  package internal(set) var isSigned = false
  /// Where the body starts in the source: behind the empty line.
  package internal(set) var headerEnd = 0
  /// Type and subtype of the whole mail in lower case.
  package internal(set) var contentType = "text/plain"
  /// Parameter `report-type` of a multipart/report (RFC 6522) in lower case.
  package internal(set) var reportType: String?
  /// It holds the answer of a calendar to an invitation (RFC 6047 §2.4).
  var hasCalendarReply = false
  /// Parts written for machines and attached mails, as far as rules look into them.
  var machineParts: [MachinePart] = []
  /// What is shown, in order, to make `bodyText` of.
  var pieces: [BodyPiece] = []

  /// The first field of that name (any case of letters), decoded.
  package func first(_ name: String) -> String? { header.field(name)?.text }

  /// Every field of that name (any case of letters), decoded.
  package func all(_ name: String) -> [String] { header.filter { $0.isNamed(name) }.map(\.text) }

  /// The whole content as plain text: the text parts, and what `plain` makes of the HTML that has no text of its own.
  package func bodyText(html plain: (String) -> String) -> String {
    let written = Set(pieces.filter { !$0.isHTML && !$0.isBlank }.compactMap(\.alternative))
    let shown = pieces.filter { piece in
      guard let group = piece.alternative, written.contains(group) else { return !piece.isBlank }
      return !piece.isHTML
    }
    guard shown.contains(where: \.isHTML) else { return text ?? "" }
    return BodyPiece.join(shown.map { $0.isHTML ? plain($0.text) : $0.text })
  }

  /// The same with the text between the tags of HTML: enough for the notices of mail systems.
  package var bodyText: String { bodyText(html: HTMLText.plain) }
}

/// One text part that is shown in line.
struct BodyPiece: Sendable {
  var isHTML: Bool
  var alternative: Int?
  var text: String

  var isBlank: Bool { text.utf8.allSatisfy { $0 <= ASCII.space } }

  /// The pieces one below the other.
  static func join(_ texts: [String]) -> String {
    guard let first = texts.first, texts.count > 1 else { return texts.first ?? "" }
    return texts.dropFirst().reduce(into: first) { joined, text in
      if !joined.isEmpty, joined.utf8.last != ASCII.lf { joined += "\n" }
      joined += text
    }
  }
}

/// A part that a machine wrote for machines, or a mail sent back.
struct MachinePart: Sendable {
  var type: String
  /// Decoded, at most 64 KB of it.
  var bytes: [UInt8]
}

/// A part that is no shown text. Its content stays in the source until somebody wants it.
package struct Attachment: Sendable, Hashable {
  /// Something encoded within the source.
  struct Place: Sendable, Hashable {
    var range: Range<Int>
    var encoding: TransferEncoding
  }

  /// The file name without folders; the subject for an attached mail; empty when there is none.
  package let name: String
  /// Type and subtype in lower case.
  package let type: String
  /// Without the angle brackets; empty when there is none.
  package let contentID: String
  /// Shown within the text rather than below it.
  package let isInline: Bool
  /// Bytes after decoding: exact for well-formed code, near it for broken code.
  package let size: Int
  /// Names of the files within a winmail.dat, which other programs than Outlook show as one.
  package let innerNames: [String]
  /// Where the encoded bytes stand: in the source, or in what `wrapping` wraps.
  let place: Place
  /// The signed message (RFC 8551 §3.5.2) in the source that the attachment came in.
  let wrapping: Place?

  /// The content, from the source that was parsed. Another source gives other bytes but never fails.
  package func decode(from source: [UInt8]) -> [UInt8] {
    source.withUnsafeBufferPointer { view in
      guard let wrapping else { return place.encoding.decode(view.slice(place.range)) }
      let outer = wrapping.encoding.decode(view.slice(wrapping.range))
      guard case .signed(let content) = SecuredMessage(outer) else { return [] }
      return content.withUnsafeBufferPointer { place.encoding.decode($0.slice(place.range)) }
    }
  }
}
