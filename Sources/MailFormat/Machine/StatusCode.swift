/// An enhanced mail system status code (RFC 3463) such as `5.1.1`.
struct StatusCode: Sendable, Hashable {
  let text: String

  /// How much the code tells: `x.0.0` nothing but the class, `x.4.7` (RFC 3463 §3.5, time expired) only that trying
  /// ended, any other what was wrong.
  var exactness: Int {
    if text.hasSuffix(".0.0") { return 0 }
    return text.hasSuffix(".4.7") ? 1 : 2
  }

  init(text: String) { self.text = text }

  /// Nil without a code.
  init?(_ text: String?) {
    guard let text else { return nil }
    self.text = text
  }

  /// The answer of the server that refused knows best what was wrong, unless it says less than the other code.
  static func moreExact(_ answer: StatusCode?, _ stated: StatusCode?) -> StatusCode? {
    guard let answer, let stated else { return answer ?? stated }
    return answer.exactness >= stated.exactness ? answer : stated
  }

  /// The code of a success in a Status field.
  static func success(field: String) -> String? {
    let run = field.utf8.prefix { $0 == ASCII.dot || ASCII.isDigit($0) }
    let code = Array(run).withUnsafeBufferPointer(ServerCodes.code)
    return code?.text.utf8.first == 50 ? code?.text : nil
  }

  /// The same subject and detail in another class: 4 for what may pass, 5 for what stays.
  func inClass(_ digit: Character) -> String { String(digit) + text.dropFirst() }
}

/// The codes in the answer of a mail server, or in the words of somebody who repeats one.
struct ServerCodes: Sendable {
  /// The first SMTP reply code of a failure (RFC 5321 §4.2), 400 to 599.
  private(set) var reply: Int?
  /// The most exact enhanced status code, the earliest of equals.
  private(set) var status: StatusCode?

  init() {}

  /// Reads a text of any length in one pass.
  init(_ bytes: some Collection<UInt8>) {
    if let () = bytes.withContiguousStorageIfAvailable({ scan($0) }) { return }
    Array(bytes).withUnsafeBufferPointer { scan($0) }
  }

  private mutating func scan(_ bytes: Bytes) {
    var i = 0
    while i < bytes.count {
      guard ASCII.isDigit(bytes[i]) else {
        i += 1
        continue
      }
      var end = i + 1
      while end < bytes.count, ASCII.isDigit(bytes[end]) || bytes[end] == ASCII.dot { end += 1 }
      read(bytes, i..<end)
      i = end
    }
  }

  /// Looks at one run of digits and dots.
  private mutating func read(_ bytes: Bytes, _ run: Range<Int>) {
    guard bytes[run.lowerBound] == 52 || bytes[run.lowerBound] == 53 else { return }
    let before = run.lowerBound > 0 ? bytes[run.lowerBound - 1] : ASCII.space
    guard !ASCII.isLetter(before) else { return }
    let text = bytes.slice(run)
    if let code = Self.code(text) {
      take(code)
    } else if reply == nil, text.count >= 3, text[0..<3].allSatisfy(ASCII.isDigit), text[1] <= 55,
      text.count == 3 || (text.count == 4 && text[3] == ASCII.dot),
      Self.isReplyContext(bytes, run)
    {
      reply = ASCII.number(text.prefix(3))
    }
  }

  private mutating func take(_ code: StatusCode) {
    if let status, status.exactness >= code.exactness { return }
    status = code
  }

  /// `5.1.1`, also with the full stop of a sentence behind it; no address, no version with four numbers.
  static func code(_ run: Bytes) -> StatusCode? {
    var run = run
    if run.last == ASCII.dot { run = run.slice(0..<(run.count - 1)) }
    let numbers = run.split(separator: ASCII.dot, omittingEmptySubsequences: false)
    // RFC 3463 §2: class, subject 0 to 7, detail.
    guard numbers.count == 3, numbers[0].count == 1, [50, 52, 53].contains(numbers[0].first), numbers[1].count == 1,
      numbers[1].allSatisfy({ $0 <= 55 }), (1...3).contains(numbers[2].count)
    else { return nil }
    return StatusCode(text: String(decoding: run, as: UTF8.self))
  }

  /// Whether three digits stand where a reply code does: at the start of a line, behind punctuation or behind a word
  /// that announces one. Mails are full of other numbers.
  private static func isReplyContext(_ bytes: Bytes, _ run: Range<Int>) -> Bool {
    if run.upperBound < bytes.count, ASCII.isLetter(bytes[run.upperBound]) || bytes[run.upperBound] == ASCII.slash {
      return false
    }
    var i = run.lowerBound
    while i > 0, ASCII.isBlank(bytes[i - 1]) { i -= 1 }
    guard i > 0 else { return true }
    let before = bytes[i - 1]
    guard ASCII.isLetter(before) else { return !ASCII.isDigit(before) && before != ASCII.dot && before != ASCII.slash }
    guard i < run.lowerBound else { return false }
    var start = i
    while start > 0, i - start < 12, ASCII.isLetter(bytes[start - 1]) { start -= 1 }
    return announcements.contains(String(decoding: bytes[start..<i].map(ASCII.lower), as: UTF8.self))
  }

  private static let announcements: Set<String> = [
    "said", "says", "error", "code", "with", "returned", "returns", "response", "responded", "replied", "reply",
    "status",
    "smtp", "got", "reason", "answer", "answered",
  ]
}
