/// The fields of a delivery status (RFC 3464 §2.3), also where they stand in a text or lost their order.
struct DeliveryStatus {
  /// What is said of one recipient.
  struct Recipient {
    var original: String?
    var final: String?
    var action: String?
    var status: String?
    var diagnostic: String?

    var isComplete: Bool {
      (original != nil || final != nil) && (action != nil || status != nil || diagnostic != nil)
    }

    var isEmpty: Bool { original == nil && final == nil && action == nil && status == nil && diagnostic == nil }
  }

  private(set) var recipients: [Recipient] = []
  /// The Message-ID of the mail, where a gateway tells it beside the fields of the standard.
  private(set) var originalMessageID: String?

  private static let recipientLimit = 1_000
  private static let valueLimit = 2_000

  private var open = Recipient()
  private var current: WritableKeyPath<Recipient, String?>?

  /// Reads a status part or a text that may hold the fields of one.
  init(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { view in
      var pos = 0
      while pos < view.count {
        let next = view.lineEnd(from: pos, to: view.count)
        read(view.slice(pos..<view.withoutLineBreak(from: pos, to: next)))
        pos = next
      }
    }
    close()
  }

  private mutating func read(_ line: Bytes) {
    let content = line.trimmed(0..<line.count)
    guard !content.isEmpty else {
      // An empty line ends a block, unless the block does not tell yet of whom or what.
      if open.isComplete { close() }
      current = nil
      return
    }
    let isContinuation = content.lowerBound > 0 && current != nil
    if !isContinuation, let (field, end) = Self.field(line, at: content.lowerBound) {
      // A second field of the same name belongs to the next recipient.
      if open[keyPath: field] != nil { close() }
      let value = line.slice(line.trimmed(end..<line.count)).prefix(Self.valueLimit)
      open[keyPath: field] = HeaderText.decode(Array(value))
      current = field
    } else if isContinuation, let current, let value = open[keyPath: current] {
      guard value.utf8.count < Self.valueLimit else { return }
      open[keyPath: current] = value + " " + HeaderText.decode(line.slice(content))
    } else {
      current = nil
      readMessageID(line)
    }
  }

  private mutating func readMessageID(_ line: Bytes) {
    for name: StaticString in ["x-original-message-id:", "original-message-id:"]
    where originalMessageID == nil && line.hasPrefixIgnoringCase(name) {
      let value = line.slice(name.utf8CodeUnitCount..<line.count)
      originalMessageID = MessageID.first(in: String(decoding: value, as: UTF8.self))
    }
  }

  private mutating func close() {
    if !open.isEmpty, recipients.count < Self.recipientLimit { recipients.append(open) }
    open = Recipient()
  }

  private static func field(_ line: Bytes, at start: Int) -> (WritableKeyPath<Recipient, String?>, end: Int)? {
    func end(_ name: StaticString) -> Int? {
      guard line.hasPrefixIgnoringCase(name, at: start) else { return nil }
      var i = start + name.utf8CodeUnitCount
      while i < line.count, ASCII.isBlank(line[i]) { i += 1 }
      return i < line.count && line[i] == ASCII.colon ? i + 1 : nil
    }
    switch ASCII.lower(line[start]) {
    case 97: if let end = end("action") { return (\.action, end) }
    case 100: if let end = end("diagnostic-code") { return (\.diagnostic, end) }
    case 102: if let end = end("final-recipient") { return (\.final, end) }
    case 111: if let end = end("original-recipient") { return (\.original, end) }
    case 115: if let end = end("status") { return (\.status, end) }
    default: break
    }
    return nil
  }
}
