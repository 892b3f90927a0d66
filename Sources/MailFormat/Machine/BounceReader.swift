/// Reads a mail as if it were a bounce: status fields where there are any, the text for people for the rest. Whether it
/// is one is for `BounceEvidence` to say.
struct BounceReader {
  private static let recipientLimit = 1_000
  private static let diagnosticLimit = 1_000

  private let message: MailMessage
  private let notice: Notice
  private var returned = ReturnedMail()
  private(set) var entries: [BounceReport.Recipient] = []
  /// How sure the recipients found in the text are; nil when the text names none.
  private(set) var rank: NoticeAddresses.Rank?
  /// The recipients stand in status fields.
  private(set) var hasStatusFields = false
  /// The text tells of a failure in words or by a reply code.
  private(set) var tellsFailure = false
  /// The mail that was sent comes back with the report, whole or its header.
  private(set) var hasReturnedMail = false

  private let folded: [UInt8]
  private let codes: ServerCodes
  private let isDelay: Bool
  private let isEnd: Bool

  init(_ message: MailMessage, failedRecipients: [HeaderField]) {
    self.message = message
    notice = Notice(message.bodyText)
    folded = notice.folded(notice.lines)
    codes = ServerCodes(notice.lines.isEmpty ? [] : notice.bytes[..<(notice.lines.last?.range.upperBound ?? 0)])
    isDelay = BouncePhrases.delays.occurs(in: folded)
    isEnd = BouncePhrases.endings.occurs(in: folded)
    readReturnedMail()
    readStatusFields()
    readFailedRecipients(failedRecipients)
    readNotice()
  }

  var report: BounceReport {
    var report = BounceReport(entries: entries)
    // A report on success says nothing of those who were not reached, and one failure makes it a bounce.
    if report.isFailure { report.entries.removeAll { !$0.isFailure } }
    report.originalMessageID = returned.messageID
    report.originalSubject = returned.subject
    return report
  }

  // MARK: The mail that came back

  private mutating func readReturnedMail() {
    for part in message.machineParts
    where part.type.hasSuffix("rfc822") || part.type.hasPrefix("text/rfc822") || part.type == "message/global" {
      hasReturnedMail = true
      returned.complete(with: ReturnedMail(header: part.bytes))
    }
    if !notice.returned.isEmpty {
      hasReturnedMail = true
      returned.complete(with: ReturnedMail(notice.returned, of: notice))
    }
    // Some repeat a few fields in the notice instead.
    if returned.messageID == nil { returned.complete(with: ReturnedMail(notice.lines, of: notice)) }
  }

  /// Where the mail does not come back: a bounce answers it (RFC 3834 §3.1.5).
  mutating func completeFromReferences() {
    returned.complete(with: ReturnedMail(messageID: message.inReplyTo.last ?? message.references.last))
  }

  // MARK: Status fields

  private mutating func readStatusFields() {
    for part in message.machineParts where !part.type.hasSuffix("rfc822") && part.type != "message/global" {
      take(DeliveryStatus(part.bytes))
    }
    if entries.isEmpty, message.text != nil || message.html != nil {
      take(DeliveryStatus(notice.bytes), onlyWithRecipient: true)
    }
    hasStatusFields = entries.contains { !$0.address.isEmpty }
    if entries.allSatisfy({ $0.address.isEmpty }), entries.count > 1 { entries.removeLast(entries.count - 1) }
  }

  private mutating func take(_ status: DeliveryStatus, onlyWithRecipient: Bool = false) {
    if let id = status.originalMessageID { returned.complete(with: ReturnedMail(messageID: id)) }
    for fields in status.recipients {
      let address = fields.original.flatMap(Self.address) ?? fields.final.flatMap(Self.address)
      if onlyWithRecipient, address == nil { continue }
      var entry = BounceReport.Recipient(address: address ?? "")
      entry.action = fields.action.flatMap(BounceReport.Action.init(field:))
      let stated = ServerCodes((fields.status ?? "").utf8)
      let success = fields.status.flatMap(Self.successCode)
      let answer = ServerCodes((fields.diagnostic ?? "").utf8)
      entry.status = success ?? Self.moreExact(answer.status, stated.status)?.text
      entry.replyCode = answer.reply ?? stated.reply
      entry.diagnostic = (fields.diagnostic ?? (stated.status == nil ? fields.status : nil)).map(Self.clipped)
      add(entry)
    }
  }

  private static func successCode(_ text: String) -> String? {
    let word = text.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
    return word.hasPrefix("2.") ? String(word) : nil
  }

  /// The server that refused knows best what was wrong, unless its code says less than the field.
  private static func moreExact(_ answer: StatusCode?, _ stated: StatusCode?) -> StatusCode? {
    guard let answer, let stated else { return answer ?? stated }
    return answer.exactness >= stated.exactness ? answer : stated
  }

  /// The address in `rfc822; a@b`, `<a@b>`, `"a@b"`; nil for anything else, such as a pipe or an X.400 name.
  private static func address(_ field: String) -> String? {
    let value = field.utf8.firstIndex(of: ASCII.semicolon).map { field[field.utf8.index(after: $0)...] } ?? field[...]
    guard let found = MailAddress.list(Array(value.utf8)).first?.address, found.utf8.contains(ASCII.at),
      found.utf8.first != 124, found.utf8.first != 47, !found.utf8.contains(ASCII.space)
    else { return nil }
    return found
  }

  private mutating func readFailedRecipients(_ fields: [HeaderField]) {
    for field in fields {
      for recipient in field.text.split(separator: ",") {
        if let address = Self.address(String(recipient)) { add(BounceReport.Recipient(address: address)) }
      }
    }
  }

  /// Adds a recipient, or what is new about a known one.
  private mutating func add(_ entry: BounceReport.Recipient) {
    let key = entry.address.asciiLowercased
    if let known = places[key] {
      entries[known].action = entries[known].action ?? entry.action
      entries[known].status = entries[known].status ?? entry.status
      entries[known].replyCode = entries[known].replyCode ?? entry.replyCode
      entries[known].diagnostic = entries[known].diagnostic ?? entry.diagnostic
    } else if entries.count < Self.recipientLimit {
      places[key] = entries.count
      entries.append(entry)
    }
  }

  private var places: [String: Int] = [:]

  // MARK: The text for people

  private mutating func readNotice() {
    tellsFailure =
      BouncePhrases.failures.occurs(in: folded) || codes.reply != nil || codes.status != nil
      || DerivedStatus.phrases.occurs(in: folded)
    var lines = notice.lines
    var found = failing(NoticeAddresses(notice, lines: lines))
    if found.isEmpty, !notice.returned.isEmpty, entries.allSatisfy({ $0.address.isEmpty }) {
      // The mail system's own words may stand behind what it repeats.
      let all = NoticeAddresses(notice, lines: notice.whole)
      let listed = failing(all)
      if all.places.contains(where: { $0.rank > .mentioned }) {
        lines = notice.whole
        found = listed
      }
    }
    if entries.allSatisfy({ $0.address.isEmpty }) {
      let known = entries.first
      if !found.isEmpty || returned.recipients.count == 1 {
        entries = []
        places = [:]
      }
      for address in found { add(BounceReport.Recipient(address: address)) }
      if entries.isEmpty, returned.recipients.count == 1, let only = returned.recipients.first,
        only.address.utf8.contains(ASCII.at)
      {
        add(BounceReport.Recipient(address: only.address))
      }
      if let known, entries.count == 1 {
        let address = entries[0].address
        entries[0] = known
        entries[0].address = address
      }
    }
    if entries.isEmpty { entries = [BounceReport.Recipient(address: "")] }
    complete(with: lines)
  }

  /// The addresses of the highest rank that occurs, without the one that the bounce was sent to.
  private mutating func failing(_ found: NoticeAddresses) -> [String] {
    let own = Set((message.to + message.from).map { $0.address.asciiLowercased })
    var seen: Set<String> = []
    let places = found.places.filter {
      $0.rank == .listed || !SenderSign.isMailSystem(MailAddress(address: $0.address).localPart)
    }
    let foreign = places.filter { !own.contains($0.address.asciiLowercased) }
    let candidates = foreign.isEmpty ? places.filter { $0.rank > .mentioned } : foreign
    guard let best = candidates.map(\.rank).max() else { return [] }
    let addresses = candidates.filter { $0.rank == best }.map(\.address)
      .filter { seen.insert($0.asciiLowercased).inserted }
    if best == .mentioned, addresses.count > 1 { return [] }
    rank = max(rank ?? best, best)
    return addresses
  }

  /// Fills in what the status fields left open: each recipient gets the lines from the one that names it to the next.
  private mutating func complete(with lines: [Notice.Line]) {
    guard entries.contains(where: { $0.status == nil || StatusCode(text: $0.status ?? "").exactness < 2 }) else {
      return
    }
    var own: [[UInt8]] = Array(repeating: [], count: entries.count)
    var current: Int?
    let isOnly = entries.count == 1
    if !isOnly {
      for line in lines where !line.isBlank {
        let text = notice[line]
        if let named = self.named(in: text) {
          current = named
        } else if text.starts(with: "----".utf8) {
          current = nil
        }
        if let current, own[current].count < 4 * Self.diagnosticLimit { own[current] += text + [ASCII.space] }
      }
    }
    for place in entries.indices {
      if isOnly {
        complete(place, text: folded, codes: codes)
      } else {
        complete(place, text: FoldedText.fold(own[place]), codes: ServerCodes(own[place]))
      }
    }
  }

  /// Which recipient a line names.
  private func named(in line: ArraySlice<UInt8>) -> Int? {
    guard line.contains(ASCII.at) else { return nil }
    for word in line.split(whereSeparator: { $0 <= ASCII.space || $0 == ASCII.less || $0 == ASCII.greater }) {
      guard word.contains(ASCII.at) else { continue }
      let trimmed = word.drop { !ASCII.isLetter($0) && !ASCII.isDigit($0) }.reversed()
        .drop { !ASCII.isLetter($0) && !ASCII.isDigit($0) }.reversed()
      if let place = places[String(decoding: trimmed.map(ASCII.lower), as: UTF8.self)] { return place }
    }
    return nil
  }

  private mutating func complete(_ place: Int, text: [UInt8], codes: ServerCodes) {
    var entry = entries[place]
    entry.replyCode = entry.replyCode ?? codes.reply
    if let code = Self.moreExact(codes.status, entry.status.map(StatusCode.init(text:))) {
      if entry.status == nil || code.exactness > StatusCode(text: entry.status ?? "").exactness {
        entry.status = code.text
      }
    }
    if entry.status == nil { derive(&entry, text) }
    if entry.action == nil, isDelay, !isEnd, entry.status?.hasPrefix("4.") == true { entry.action = .delayed }
    if entry.diagnostic == nil, !text.isEmpty { entry.diagnostic = Self.clipped(String(decoding: text, as: UTF8.self)) }
    entries[place] = entry
  }

  private func derive(_ entry: inout BounceReport.Recipient, _ text: [UInt8]) {
    let digit: Character? = entry.action == .delayed || (isDelay && !isEnd) ? "4" : isEnd ? "5" : nil
    let answer = FoldedText.fold((entry.diagnostic ?? "").utf8)
    entry.status =
      DerivedStatus.find(in: answer, reply: entry.replyCode, class: digit)
      ?? DerivedStatus.find(in: text, reply: entry.replyCode, class: digit)
      ?? DerivedStatus.find(in: folded, reply: codes.reply, class: digit)
      ?? (digit == "4" ? "4.0.0" : "5.0.0")
    entry.isStatusDerived = true
  }

  private static func clipped(_ text: String) -> String {
    text.utf8.count <= diagnosticLimit ? text : String(decoding: text.utf8.prefix(diagnosticLimit), as: UTF8.self)
  }
}

extension ReturnedMail {
  /// Of which only the Message-ID is known.
  init(messageID: String?) {
    self.init()
    self.messageID = messageID
  }
}
