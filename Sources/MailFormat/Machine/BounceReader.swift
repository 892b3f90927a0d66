/// Reads a mail as if it were a bounce: status fields where there are any, the text for people for the rest. Whether it
/// is one is for `BounceEvidence` to say.
struct BounceReader {
  private let message: MailMessage
  private let notice: Notice
  /// The notice in the form in which phrases are compared.
  private let folded: [UInt8]
  private let codes: ServerCodes
  private var returned = ReturnedMail()
  private var list = RecipientList()

  /// How sure the recipients found in the text are; nil when it names none.
  private(set) var rank: NoticeAddresses.Rank?
  /// The recipients stand in status fields.
  private(set) var hasStatusFields = false
  /// The mail that was sent comes back with the report, whole or its header.
  private(set) var hasReturnedMail = false

  init(_ message: MailMessage, failedRecipients: [HeaderField]) {
    self.message = message
    notice = Notice(message.bodyText)
    folded = notice.folded(notice.lines)
    codes = ServerCodes(notice.bytes[..<(notice.lines.last?.range.upperBound ?? 0)])
    readReturnedMail()
    readStatusFields()
    for field in failedRecipients {
      list.add(field.text.split(separator: ",", maxSplits: RecipientList.limit).compactMap { Self.address(String($0)) })
    }
    let lines = readNotice()
    if list.entries.isEmpty { list.add(BounceReport.Recipient(address: "")) }
    complete(with: lines)
  }

  /// The text tells of a failure, by a reply code or in words that hardly mean anything else.
  var tellsFailure: Bool {
    codes.reply != nil || codes.status != nil || BouncePhrases.failures.occurs(in: folded)
  }

  /// The text gives a reason that would explain a failure.
  var givesReason: Bool { DerivedStatus.phrases.occurs(in: folded) }

  /// The text starts with the failure, and nobody speaks of himself before it.
  var opensLikeMachine: Bool {
    let start = Array(folded.prefix(400))
    guard let place = BouncePhrases.failures.place(in: start) ?? DerivedStatus.phrases.place(in: start) else {
      return false
    }
    return !BouncePhrases.firstPerson.occurs(in: [ASCII.space] + start[..<place])
  }

  /// The text says something, and not that a mail system failed.
  var hasOwnWords: Bool { !folded.isEmpty && !opensLikeMachine }

  /// The text asks the sender to prove that he is a person: the mail waits, it has not failed.
  var isChallenge: Bool { BouncePhrases.challenges.occurs(in: folded) }

  var report: BounceReport {
    var report = BounceReport(entries: list.entries)
    // One failure makes it a bounce, which then says nothing of those who were reached.
    if report.isFailure { report.entries.removeAll { !$0.isFailure } }
    // A bounce answers the mail that comes back (RFC 3834 §3.1.5).
    report.originalMessageID = returned.messageID ?? message.inReplyTo.last ?? message.references.last
    report.originalSubject = returned.subject
    return report
  }

  // MARK: The mail that came back

  private mutating func readReturnedMail() {
    for part in message.machineParts where part.isMessage || part.type == "text/rfc822-headers" {
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

  // MARK: Status fields

  private mutating func readStatusFields() {
    for part in message.machineParts where !part.isMessage { take(DeliveryStatus(part.bytes)) }
    if list.entries.isEmpty { take(DeliveryStatus(notice.bytes), onlyNamed: true) }
    hasStatusFields = list.isNamed
  }

  private mutating func take(_ status: DeliveryStatus, onlyNamed: Bool = false) {
    returned.messageID = returned.messageID ?? status.originalMessageID
    for fields in status.recipients {
      // The original recipient is the one that the sender knows.
      let address = fields.original.flatMap(Self.address) ?? fields.final.flatMap(Self.address)
      if onlyNamed, address == nil { continue }
      var entry = BounceReport.Recipient(address: address ?? "")
      entry.action = fields.action.flatMap(BounceReport.Action.init(field:))
      let stated = ServerCodes((fields.status ?? "").utf8)
      let answer = ServerCodes((fields.diagnostic ?? "").utf8)
      entry.status =
        fields.status.flatMap(StatusCode.success(field:)) ?? StatusCode.moreExact(answer.status, stated.status)?.text
      entry.replyCode = answer.reply ?? stated.reply
      entry.diagnostic = (fields.diagnostic ?? (stated.status == nil ? fields.status : nil)).map(Self.clipped)
      list.add(entry)
    }
  }

  /// The address in `rfc822; a@b`, `<a@b>`, `"a@b"`; nil for anything else, such as a pipe or an X.400 name.
  private static func address(_ field: String) -> String? {
    let value = field.utf8.firstIndex(of: ASCII.semicolon).map { field[field.utf8.index(after: $0)...] } ?? field[...]
    guard let found = MailAddress.list(Array(value.utf8)).first?.address.utf8, found.contains(ASCII.at),
      let first = found.first, !"|/".utf8.contains(first), !found.contains(ASCII.space),
      !NoticeAddresses.isAbbreviated(found)
    else { return nil }
    return String(found)
  }

  // MARK: The text for people

  /// Looks for the recipients in the text; the answer is the lines that are about them.
  private mutating func readNotice() -> [Notice.Line] {
    let places = NoticeAddresses(notice, lines: notice.lines)
    var found = failing(places)
    guard !list.isNamed else { return notice.lines }
    var lines = notice.lines
    if found.isEmpty, !notice.returned.isEmpty {
      // The mail system's own words may stand behind what it repeats.
      let all = NoticeAddresses(notice, lines: notice.whole)
      if all.places.contains(where: { $0.rank > .mentioned }) {
        lines = notice.whole
        found = failing(all)
      }
    }
    if found.isEmpty, returned.recipients.count == 1, !returned.isFromList {
      // Then it was the only one of the mail.
      found = returned.recipients.map(\.address).filter { $0.utf8.contains(ASCII.at) }
    }
    list.add(found)
    return lines
  }

  /// The addresses of the highest rank that occurs, without those that the bounce was sent to and by.
  private mutating func failing(_ found: NoticeAddresses) -> [String] {
    let own = Set((message.to + message.from).map { $0.address.asciiLowercased })
    let places = found.places.filter {
      $0.rank == .listed || !SenderSign.isMailSystem($0.address)
    }
    let foreign = places.filter { !own.contains($0.address.asciiLowercased) }
    let candidates = foreign.isEmpty ? places.filter { $0.rank == .listed } : foreign
    guard let best = candidates.map(\.rank).max() else { return [] }
    var seen: Set<String> = []
    let addresses = candidates.filter { $0.rank == best && seen.insert($0.address.asciiLowercased).inserted }
    if best == .mentioned, addresses.count > 1 { return [] }
    rank = rank.map { max($0, best) } ?? best
    return addresses.map(\.address)
  }

  // MARK: What the status fields left open

  /// Each recipient gets the lines from the one that names it to the next; all of them when it is the only one.
  private mutating func complete(with lines: [Notice.Line]) {
    guard list.entries.contains(where: { StatusCode($0.status).map { $0.exactness < 2 } ?? true }) else { return }
    let words = Words(folded)
    guard list.entries.count > 1 else { return complete(0, text: folded, codes: codes, words) }
    var own: [[UInt8]] = Array(repeating: [], count: list.entries.count)
    var current: Int?
    for line in lines where !line.isBlank {
      let text = notice[line]
      if let named = place(in: text) {
        current = named
      } else if text.starts(with: "----".utf8) {
        // A new section.
        current = nil
      }
      if let current, own[current].count < 4 * Self.diagnosticLimit { own[current] += text + [ASCII.space] }
    }
    for place in own.indices {
      complete(place, text: CollapsedText.fold(own[place]), codes: ServerCodes(own[place]), words)
    }
  }

  /// Which recipient a line names.
  private func place(in line: ArraySlice<UInt8>) -> Int? {
    guard line.contains(ASCII.at) else { return nil }
    func isEdge(_ byte: UInt8) -> Bool { !ASCII.isLetter(byte) && !ASCII.isDigit(byte) }
    for word in line.split(whereSeparator: { $0 <= ASCII.space || $0 == ASCII.less || $0 == ASCII.greater }) {
      guard word.contains(ASCII.at), let last = word.lastIndex(where: { !isEdge($0) }) else { continue }
      if let place = list.place(of: String(decoding: word[...last].drop(while: isEdge), as: UTF8.self)) { return place }
    }
    return nil
  }

  /// What the notice as a whole says.
  private struct Words {
    /// The mail will be tried again.
    let isDelay: Bool
    /// The mail system has given up.
    let isEnd: Bool
    /// What is wrong, for a recipient of whom nothing else tells.
    let status: StatusCode?

    init(_ folded: [UInt8]) {
      isDelay = BouncePhrases.delays.occurs(in: folded)
      isEnd = BouncePhrases.endings.occurs(in: folded)
      status = DerivedStatus.find(in: folded)
    }
  }

  private mutating func complete(_ place: Int, text: [UInt8], codes: ServerCodes, _ words: Words) {
    var entry = list[place]
    entry.replyCode = entry.replyCode ?? codes.reply
    entry.status = StatusCode.moreExact(StatusCode(entry.status), codes.status)?.text ?? entry.status
    if entry.status == nil {
      entry.status = derivedStatus(of: entry, text: text, words)
      entry.isStatusDerived = true
    }
    let isWaiting = words.isDelay && !words.isEnd
    if entry.action == nil, isWaiting, entry.status?.hasPrefix("4.") == true { entry.action = .delayed }
    if entry.diagnostic == nil, !text.isEmpty { entry.diagnostic = Self.clipped(String(decoding: text, as: UTF8.self)) }
    list[place] = entry
  }

  /// From the words of the server's answer, else of the lines about the recipient, else of the whole notice, else from
  /// the reply code.
  private func derivedStatus(of entry: BounceReport.Recipient, text: [UInt8], _ words: Words) -> String {
    let isWaiting = entry.action == .delayed || (words.isDelay && !words.isEnd)
    let code =
      DerivedStatus.find(in: CollapsedText.fold((entry.diagnostic ?? "").utf8)) ?? DerivedStatus.find(in: text)
      ?? words.status ?? DerivedStatus.find(reply: entry.replyCode)
    if let reply = entry.replyCode { return code.inClass(reply < 500 ? "4" : "5") }
    return isWaiting ? code.inClass("4") : words.isEnd ? code.inClass("5") : code.text
  }

  private static let diagnosticLimit = 1_000

  private static func clipped(_ text: String) -> String {
    text.utf8.count <= diagnosticLimit ? text : String(decoding: text.utf8.prefix(diagnosticLimit), as: UTF8.self)
  }
}

extension MachinePart {
  /// A mail within the mail, whole.
  fileprivate var isMessage: Bool { type.hasSuffix("rfc822") || type == "message/global" }
}
