/// Bytes → mail. Total: whatever the bytes are, there is an answer, in time and memory proportional to their number.
package enum MessageParser {
  /// Parses a mail as it came over the wire or out of a file (RFC 5322, RFC 2045–2049, RFC 6532). Lines end in CRLF, LF
  /// or, throughout, in CR.
  package static func parse(_ bytes: [UInt8], limits: ParseLimits = .default) -> MailMessage {
    bytes.withUnsafeBufferPointer { view in
      let hasOnlyReturns =
        view.index(of: ASCII.lf, from: 0, to: view.count) == nil
        && view.index(of: ASCII.cr, from: 0, to: view.count) != nil
      guard hasOnlyReturns else { return MessageBuilder(bytes: view, limits: limits).build() }
      // Same length, so the places of the attachments hold for the source too.
      return view.map { $0 == ASCII.cr ? ASCII.lf : $0 }.withUnsafeBufferPointer {
        MessageBuilder(bytes: $0, limits: limits).build()
      }
    }
  }
}

/// The steps of one parse.
struct MessageBuilder {
  private static let machinePartBytes = 1 << 16
  private static let machinePartCount = 8

  let bytes: Bytes
  let limits: ParseLimits
  private var message = MailMessage()
  private var content = PartHeader()
  private var textLeft: Int
  /// What `bytes` were unwrapped from; nil for the mail itself.
  private let wrapping: Attachment.Place?

  init(bytes: Bytes, limits: ParseLimits, wrapping: Attachment.Place? = nil) {
    self.bytes = bytes
    self.limits = limits
    self.textLeft = limits.textBytes
    self.wrapping = wrapping
  }

  consuming func build() -> MailMessage {
    readHeader()
    interpretHeader()
    var scanner = StructureScanner(bytes: bytes, limits: limits)
    scanner.scan(from: message.headerEnd, header: content)
    scanner.defects.forEach { note($0) }
    message.contentType = content.type
    message.reportType = content.parameters["report-type"]?.asciiLowercased
    for leaf in scanner.leaves { place(leaf) }
    join()
    readRawHeader(
      hint: scanner.leaves.lazy.filter(\.header.isText).compactMap { $0.header.parameters["charset"] }.first)
    return message
  }

  /// Fields with bytes that are neither ASCII nor UTF-8 are most likely in the character set of the text; from here on
  /// they are UTF-8.
  private mutating func readRawHeader(hint: String?) {
    guard let hint, Charset.isKnown(hint) else { return }
    var isChanged = false
    for place in message.header.indices {
      let value = message.header[place].value
      guard value.contains(where: { $0 >= 0x80 }) else { continue }
      let text = value.withUnsafeBufferPointer { bytes in
        String(validating: bytes, as: UTF8.self) == nil ? Charset.decode(bytes, label: hint) : nil
      }
      guard let text, !text.damaged else { continue }
      message.header[place] = HeaderField(name: message.header[place].name, value: Array(text.text.utf8))
      isChanged = true
    }
    if isChanged { interpretHeader() }
  }

  private mutating func note(_ defect: MailDefect) {
    if !message.defects.contains(defect) { message.defects.append(defect) }
  }

  /// Fills `header`, `content` and `headerEnd`.
  private mutating func readHeader() {
    let start = headerStart()
    var fields: [HeaderField] = []
    fields.reserveCapacity(24)
    var content = PartHeader()
    var isTooLong = false
    var scanner = HeaderScanner(bytes: bytes, end: bytes.count)
    message.headerEnd = scanner.scan(from: start, isDelimiter: { _, _ in false }) { name, value in
      guard fields.count < limits.headerFields, value.upperBound - start <= limits.headerBytes else {
        isTooLong = true
        return
      }
      content.read(bytes, name: name, value: value)
      let value = HeaderScanner.unfold(bytes, value)
      fields.append(HeaderField(name: String(decoding: bytes.slice(name), as: UTF8.self), value: value))
    }
    message.header = fields
    self.content = content
    if isTooLong { note(.headerTooLong) }
    if scanner.badLines > 0 { note(.badHeaderLine) }
    if scanner.isEndMissing { note(.missingHeaderEnd) }
  }

  /// Behind a byte order mark and empty lines.
  private func headerStart() -> Int {
    var start = 0
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { start = 3 }
    while start < bytes.count, bytes[start] == ASCII.cr || bytes[start] == ASCII.lf { start += 1 }
    return start
  }

  /// Fills the properties made of header fields; of a field that may stand once, the first counts.
  private mutating func interpretHeader() {
    (message.to, message.cc, message.references, message.inReplyTo) = ([], [], [], [])
    var seen: Set<String> = []
    for field in message.header {
      let name = field.name.asciiLowercased
      switch name {
      case "to": message.to += MailAddress.list(field.value)
      case "cc": message.cc += MailAddress.list(field.value)
      case "references": message.references += MessageID.all(in: field.value)
      case "in-reply-to": message.inReplyTo += MessageID.all(in: field.value)
      case "subject", "from", "sender", "reply-to", "return-path", "date", "message-id":
        if seen.insert(name).inserted { interpret(field, name) }
      default: break
      }
    }
    if !message.from.contains(where: { $0.address.utf8.contains(ASCII.at) }) { note(.missingSender) }
  }

  private mutating func interpret(_ field: HeaderField, _ name: String) {
    switch name {
    case "subject": message.subject = field.text
    case "from": message.from = MailAddress.list(field.value)
    case "sender": message.sender = MailAddress.list(field.value)
    case "reply-to": message.replyTo = MailAddress.list(field.value)
    case "return-path": message.returnPath = MailAddress.list(field.value).first?.address ?? ""
    case "message-id": message.messageID = MessageID.first(in: field.value)
    default:
      message.date = MailDate.parse(field.value)
      if message.date == nil, !field.value.isEmpty { note(.badDate) }
    }
  }

  /// Decides whether a leaf is shown or attached (RFC 8621 §4.1.4).
  private mutating func place(_ leaf: LeafPart) {
    let header = leaf.header
    if leaf.isSignature {
      message.isSigned = true
      return
    }
    if header.isSecured, unwrap(leaf) { return }
    if leaf.container == "encrypted" { note(.encrypted) }
    if header.type == "message/partial" {
      note(.partial(number: header.parameters["number"] ?? "?", total: header.parameters["total"] ?? "?"))
    }
    if header.type == "text/calendar", header.parameters["method"]?.asciiLowercased == "reply" {
      message.hasCalendarReply = true
    }
    let isWhole = leaf.container.isEmpty
    let isNamedLater = header.name != nil && (leaf.position > 0 || leaf.container == "mixed")
    let isShown =
      header.disposition != "attachment" && !isNamedLater
      && (header.isText || (isWhole && header.type.hasPrefix("text/")))
    if isShown {
      show(leaf)
    } else {
      attach(leaf)
    }
  }

  /// Shows what a signed message wraps as if it stood there itself; false when there is nothing to be shown.
  private mutating func unwrap(_ leaf: LeafPart) -> Bool {
    guard wrapping == nil else { return false }
    switch SecuredMessage(leaf.header.encoding.decode(bytes.slice(leaf.body))) {
    case .signed(let content):
      let place = Attachment.Place(range: leaf.body, encoding: leaf.header.encoding)
      let inner = content.withUnsafeBufferPointer {
        MessageBuilder(bytes: $0, limits: limits, wrapping: place).build()
      }
      message.isSigned = true
      message.pieces += inner.pieces
      message.attachments += inner.attachments
      for defect in inner.defects where defect != .missingSender { note(defect) }
      return true
    case .encrypted:
      note(.encrypted)
      return false
    case nil:
      return false
    }
  }

  private mutating func show(_ leaf: LeafPart) {
    var body = leaf.body
    let isHTML = leaf.header.type == "text/html"
    if body.count > textLeft {
      note(.textTooLong)
      body = body.lowerBound..<(body.lowerBound + textLeft)
    }
    textLeft -= body.count
    let label = leaf.header.parameters["charset"]
    if !isHTML, leaf.header.encoding == .identity, let code = InlineUUEncode.find(in: bytes, body) {
      for file in code.files {
        attach(name: file.name, type: "application/octet-stream", header: leaf.header, range: file.range, .uuencode)
      }
      addPiece(decode(code.text, label: label), isHTML: false, leaf)
      return
    }
    var decoded = leaf.header.encoding.decode(bytes.slice(body))
    let hasByteLineEnds = Charset.hasByteLineEnds(label)
    if hasByteLineEnds { decoded.normalizeLines() }
    if leaf.header.parameters["format"]?.asciiLowercased == "flowed", hasByteLineEnds, !isHTML {
      decoded = FlowedText.join(decoded, deletesSpace: leaf.header.parameters["delsp"]?.asciiLowercased == "yes")
    }
    var text = decode(decoded, label: label)
    if !hasByteLineEnds {
      var utf8 = Array(text.utf8)
      utf8.normalizeLines()
      text = String(decoding: utf8, as: UTF8.self)
    }
    addPiece(text, isHTML: isHTML, leaf)
  }

  private mutating func addPiece(_ text: String, isHTML: Bool, _ leaf: LeafPart) {
    message.pieces.append(BodyPiece(isHTML: isHTML, alternative: leaf.alternative, text: text))
  }

  private mutating func decode(_ bytes: [UInt8], label: String?) -> String {
    let decoded = bytes.withUnsafeBufferPointer { Charset.decode($0, label: label) }
    if decoded.guessed, let label { note(.doubtfulCharset(String(label.prefix(40)))) }
    if decoded.damaged { note(.undecodableText) }
    return decoded.text
  }

  private mutating func attach(_ leaf: LeafPart) {
    let header = leaf.header
    var name = header.name ?? ""
    if header.isMessage, name.isEmpty { name = subject(of: leaf) }
    // Parts of a report are for machines under whatever type they come (RFC 6522 §3).
    if header.isMessage || header.isForMachines || leaf.container == "report" { keepMachinePart(leaf) }
    attach(name: name, type: header.type, header: header, range: leaf.body, header.encoding)
  }

  private mutating func attach(
    name: String, type: String, header: PartHeader, range: Range<Int>, _ encoding: TransferEncoding
  ) {
    let encoded = bytes.slice(range)
    message.attachments.append(
      Attachment(
        name: name, type: type, contentID: header.contentID,
        isInline: header.disposition == "inline" || (header.disposition == nil && !header.contentID.isEmpty),
        size: encoding.decodedCount(encoded), innerNames: header.isTNEF ? TNEF.fileNames(encoding.decode(encoded)) : [],
        place: Attachment.Place(range: range, encoding: encoding), wrapping: wrapping))
  }

  private mutating func keepMachinePart(_ leaf: LeafPart) {
    guard message.machineParts.count < Self.machinePartCount else { return }
    let bytes = leaf.header.encoding.decode(bytes.slice(leaf.body.prefix(2 * Self.machinePartBytes)))
    message.machineParts.append(MachinePart(type: leaf.header.type, bytes: Array(bytes.prefix(Self.machinePartBytes))))
  }

  /// The subject of an attached mail.
  private func subject(of leaf: LeafPart) -> String {
    let start = leaf.header.encoding.decode(bytes.slice(leaf.body.prefix(1 << 14)))
    return HeaderBlock.fields(start, limit: 200).fields.field("subject")?.text ?? ""
  }

  /// Makes `text` and `html` of the pieces.
  private mutating func join() {
    let texts = message.pieces.filter { !$0.isHTML }.map(\.text)
    let htmls = message.pieces.filter(\.isHTML).map(\.text)
    message.text = texts.isEmpty ? nil : BodyPiece.join(texts)
    message.html = htmls.isEmpty ? nil : BodyPiece.join(htmls)
  }
}

extension Range<Int> {
  /// At most `length` of the range, from its start.
  fileprivate func prefix(_ length: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + length) }
}

/// A header that stands alone: in an attached mail, in a delivery status, in returned headers.
enum HeaderBlock {
  /// The fields from `start` on, and where the block ends.
  static func fields(_ bytes: [UInt8], from start: Int = 0, limit: Int) -> (fields: [HeaderField], end: Int) {
    bytes.withUnsafeBufferPointer { view in
      var fields: [HeaderField] = []
      var scanner = HeaderScanner(bytes: view, end: view.count)
      let end = scanner.scan(from: start, isDelimiter: { _, _ in false }) { name, value in
        guard fields.count < limit else { return }
        let value = HeaderScanner.unfold(view, value)
        fields.append(HeaderField(name: String(decoding: view.slice(name), as: UTF8.self), value: value))
      }
      return (fields, end)
    }
  }
}
