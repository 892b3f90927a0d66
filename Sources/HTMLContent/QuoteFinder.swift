/// Finds the earlier mail that a reply carries along, by the marks that mail programs leave in the markup.
///
/// What shows in the text alone (“On … wrote:”, `>` lines, “-- ”) is not looked for here.
struct QuoteFinder {
  private let view: HTMLView
  private var found: [Range<Int>] = []

  init(_ view: HTMLView) { self.view = view }

  /// Ranges of nodes in document order that do not overlap.
  func quotes() -> [Range<Int>] {
    var finder = self
    let lines = MarkupLines.lines(of: view)
    finder.findElements(lines)
    finder.findHeaderBlock(lines)
    return finder.merged()
  }

  private mutating func findElements(_ lines: [MarkupLine]) {
    var place = 1
    var line = 0
    // Behind the quote that has replies between its parts.
    var mixedEnd = 0
    while place < view.nodes.count {
      let node = view.nodes[place]
      guard node.element != .text else {
        place += 1
        continue
      }
      while line < lines.count, lines[line].place < place { line += 1 }
      switch QuoteMark(node, in: view) {
      case .container where isForward(lines, from: line): place += 1
      case .container, .signature:
        add(place..<Int(node.end), after: lines[..<line])
        place = Int(node.end)
      case .replyContainer where !isForward(lines, from: line):
        // A quote with the reply written between its parts has text of its own beside the quoted parts.
        if hasOwnText(place) {
          mixedEnd = Int(node.end)
          place += 1
        } else {
          add(place..<Int(node.end), after: lines[..<line])
          place = Int(node.end)
        }
      case .rest where hasText(before: line, lines):
        if isForward(lines, from: line) { return }
        found.append(place..<view.nodes.count)
        return
      case .perhaps where place < mixedEnd || isAttribution(lines[..<line].last) || startsWithHeader(lines, from: line):
        add(place..<Int(node.end), after: lines[..<line])
        place = Int(node.end)
      default: place += 1
      }
    }
  }

  /// A quote, with the line in front of it when that says who wrote it.
  private mutating func add(_ range: Range<Int>, after lines: ArraySlice<MarkupLine>) {
    if let line = lines.last, isAttribution(line), range.lowerBound > line.place,
      view.nodes[range.lowerBound].element != .text
    {
      found.append(line.place..<range.lowerBound)
    }
    found.append(range)
  }

  /// “On Monday … wrote:”, “在 2026年…写道：” in any language: a colon at the end, a digit or an address in it.
  private func isAttribution(_ line: MarkupLine?) -> Bool {
    guard let line, line.length <= 300, line.endsInColon else { return false }
    return line.hasDigit || line.hasAt
  }

  private func hasText(before line: Int, _ lines: [MarkupLine]) -> Bool { line > 0 && !lines.isEmpty }

  /// Whether the mail that starts at a line was sent on, rather than quoted by a reply (it may be a forward itself).
  private func isForward(_ lines: [MarkupLine], from line: Int) -> Bool {
    if lines[max(0, line - 1)..<min(lines.count, line + 1)].contains(where: isAttribution) { return false }
    for near in lines[max(0, line - 2)..<min(lines.count, line + 2)] where near.length <= 120 {
      var length = 0
      // A line of more nodes is no mail program's.
      for node in view.nodes[near.place..<min(view.nodes.count, near.place + 64)] where node.element == .text {
        if HeaderWord.announcesForward(view.text(node)) { return true }
        length += Int(node.length)
        if length >= near.length { break }
      }
    }
    return false
  }

  private func startsWithHeader(_ lines: [MarkupLine], from line: Int) -> Bool {
    headerBlock(lines, at: line) || headerBlock(lines, at: line + 1)
  }

  /// Whether an element has text behind a quote inside it; text in front of the first says who wrote it.
  private func hasOwnText(_ place: Int) -> Bool {
    var at = place + 1
    var hasQuote = false
    while at < Int(view.nodes[place].end) {
      let node = view.nodes[at]
      if node.element == .text {
        let isBlank = view.text(node).allSatisfy { $0 <= ASCII.space || $0 == 0xC2 || $0 == 0xA0 }
        if hasQuote, !isBlank { return true }
      } else if node.element == .blockquote {
        hasQuote = true
        at = Int(node.end)
        continue
      }
      at += 1
    }
    return false
  }

  /// Lines as “From: … Sent: … To: … Subject: …”: all that follows is the earlier mail.
  private mutating func findHeaderBlock(_ lines: [MarkupLine]) {
    guard let line = lines.indices.dropFirst().first(where: { headerBlock(lines, at: $0) }) else { return }
    guard !isForward(lines, from: line) else { return }
    let start = lines[line - 1].isSeparator && line > 1 ? lines[line - 1].place : lines[line].place
    found.append(start..<view.nodes.count)
  }

  /// Parcels and journeys have senders, recipients and dates too: mail programs set the words in bold type, or show an
  /// address, or a subject and the time of day besides.
  private func headerBlock(_ lines: [MarkupLine], at line: Int) -> Bool {
    guard line < lines.count, lines[line].field != nil else { return false }
    var kinds: Set<HeaderWord.Field> = []
    var hasAddress = false
    var hasTime = false
    // A field, its value in a cell or line of its own, and a long list of recipients.
    for next in lines[line..<min(lines.count, line + 10)] {
      if let field = next.field { kinds.insert(field) }
      hasAddress = hasAddress || next.hasAt
      hasTime = hasTime || next.hasTime
    }
    guard kinds.contains(.from), kinds.count >= 3 else { return false }
    return lines[line].isBold || hasAddress || hasTime && kinds.contains(.to) && kinds.contains(.subject)
  }

  private func merged() -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for range in found.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }
}

/// What an element's tag, class or id says about quoting.
enum QuoteMark {
  /// The element holds quoted mail.
  case container
  /// The element holds quoted mail, and perhaps the reply between its parts, or a forwarded mail.
  case replyContainer
  /// Quoted mail starts here.
  case rest
  /// The element holds a signature.
  case signature
  /// Quoted mail if the text says so.
  case perhaps
  case none

  init(_ node: HTMLNode, in view: HTMLView) {
    self = .none
    if node.element == .includetail { self = .container }
    if node.element == .blockquote {
      let isCited = view.attribute(.type, of: node).map { $0.count == 4 && $0.hasWord("cite", at: 0) } ?? false
      self = isCited ? .container : .perhaps
    }
    guard node.length > 0 else { return }
    if let id = view.attribute(.id, of: node), let mark = Self.mark(id: id) { self = mark }
    for name in view.classes(of: node) {
      if let mark = Self.mark(className: name) { self = mark }
    }
    if node.element == .blockquote, self == .replyContainer { self = .container }
  }

  /// Programs put a prefix before the names in the mail they quote (`x_divRplyFwdMsg`), hence “contains”.
  private static func mark(id: Bytes) -> QuoteMark? {
    for name in restIDs where id.find(name) != nil { return .rest }
    for name in containerIDs where id.find(name) != nil { return .container }
    return isSignature(id) ? .signature : nil
  }

  private static func mark(className: Bytes) -> QuoteMark? {
    for name in containerClasses where className.find(name) != nil { return .container }
    for name in replyClasses where className.find(name) != nil { return .replyContainer }
    return isSignature(className) ? .signature : nil
  }

  /// `gmail_signature`, `moz-signature`, `Signature`, `protonmail_signature_block`, but not `signature-request`.
  private static func isSignature(_ name: Bytes) -> Bool {
    name.hasWord("signature", at: name.count - 9) || name.find("mail_signature") != nil
  }

  /// Outlook, its new form and on the telephone, Outlook for Mac and old Windows, Zimbra.
  private static let restIDs: [StaticString] = [
    "divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "stopspelling", "zwchr",
    "olk_src_body_section",
  ]
  /// NetEase, QQ, Sina, NetEase's visiting card, Lark.
  private static let containerIDs: [StaticString] = [
    "isreplycontent", "original-content", "origbody", "divneteasemailcard", "lark-mail-quote",
  ]
  /// Gmail's and Thunderbird's lines of attribution.
  private static let containerClasses: [StaticString] = ["gmail_attr", "moz-cite-prefix"]
  /// Gmail, Proton and others by one pattern; Zoho, Yahoo, Lark, Tuta, Front, Missive.
  private static let replyClasses: [StaticString] = [
    "gmail_extra", "mail_quote", "mail-quote", "zmail_extra", "yahoo_quoted", "yahoo-quoted", "history-quote",
    "tutanota_quote", "front-blockquote", "missive_quote",
  ]
}
