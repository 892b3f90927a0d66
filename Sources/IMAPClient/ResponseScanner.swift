/// Looks at every byte of a server before the parser does, and refuses what the parser must not see.
///
/// libetpan has no input limits, recurses on nested input and dereferences null on some short answers. The scanner
/// lets through only well-formed lines of the few kinds this client needs, within `limits`. It keeps a copy of the
/// current line and judges it when its end arrives: a parser that works on whole lines has then not looked at it yet.
struct ResponseScanner {
  /// Why input was refused.
  enum Fault: Equatable {
    case line, nesting, literal, lines, bytes, malformed
    /// An answer of a kind that this client never asks for.
    case unexpected
  }

  private enum Kind { case status, data, fetch }

  private let limits: IMAPLimits
  private var segment: [UInt8] = []
  private var literalLeft = 0
  private var lineLength = 0
  private var depth = 0
  private var lines = 0
  private var bytes = 0
  /// The kind of the line that the segment after a literal continues.
  private var continued: Kind?

  init(limits: IMAPLimits) {
    self.limits = limits
  }

  /// Starts counting lines and bytes anew: a command is being sent.
  mutating func beginCommand() {
    lines = 0
    bytes = 0
  }

  /// Takes the next bytes of the server, in pieces of any size. After a fault the scanner must not be used again.
  mutating func scan(_ input: UnsafeRawBufferPointer) -> Fault? {
    guard input.count <= limits.bytes - bytes else { return .bytes }
    bytes += input.count
    var rest = input[...]
    while !rest.isEmpty {
      if literalLeft > 0 {
        let count = min(literalLeft, rest.count)
        literalLeft -= count
        rest = rest.dropFirst(count)
        continue
      }
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let piece = rest[rest.startIndex..<(end.map { $0 + 1 } ?? rest.endIndex)]
      lineLength += piece.count
      guard lineLength <= limits.line else { return .line }
      segment.append(contentsOf: piece)
      rest = rest.dropFirst(piece.count)
      if end != nil {
        if let fault = endSegment() { return fault }
        segment.removeAll(keepingCapacity: true)
      }
    }
    return nil
  }

  private mutating func endSegment() -> Fault? {
    guard segment.count >= 2, segment[segment.count - 2] == UInt8(ascii: "\r") else { return .malformed }
    let text = segment[..<(segment.count - 2)]
    guard !text.contains(where: { $0 == 0 || $0 == UInt8(ascii: "\r") }) else { return .malformed }
    lines += 1
    guard lines <= limits.lines else { return .lines }
    switch continued.map(Result.success) ?? Self.kind(of: text) {
    case .failure(let refusal): return refusal.fault
    case .success(.status): return checkStatus(text)
    case .success(let kind): return checkData(text, kind)
    }
  }

  private mutating func endLine() {
    lineLength = 0
    depth = 0
    continued = nil
  }

  // MARK: The head of a line

  private struct Refusal: Error { let fault: Fault }

  private static let statuses: Set<String> = ["OK", "NO", "BAD", "BYE", "PREAUTH"]
  private static let names: Set<String> = ["CAPABILITY", "FLAGS", "ID", "LIST", "SEARCH", "STATUS", "ENABLED"]
  private static let numbered: Set<String> = ["EXISTS", "RECENT", "EXPUNGE"]

  private static func kind(of text: ArraySlice<UInt8>) -> Result<Kind, Refusal> {
    let words = text.prefix(64).split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
    let name = words.count > 1 ? uppercased(words[1]) : ""
    switch text.first {
    case UInt8(ascii: "+") where words[0].count == 1:
      return .success(.status)
    case UInt8(ascii: "*") where words[0].count == 1:
      if statuses.contains(name) { return .success(.status) }
      if names.contains(name) { return .success(.data) }
      guard words.count > 2, isNumber(words[1]) else { return .failure(Refusal(fault: .unexpected)) }
      let second = uppercased(words[2])
      if second == "FETCH" { return .success(.fetch) }
      if numbered.contains(second) { return .success(.data) }
      return .failure(Refusal(fault: .unexpected))
    default:
      // Our tags are numbers; anything else cannot be an answer to us.
      guard isNumber(words[0]), ["OK", "NO", "BAD"].contains(name) else {
        return .failure(Refusal(fault: .malformed))
      }
      return .success(.status)
    }
  }

  // MARK: Free text

  private mutating func checkStatus(_ text: ArraySlice<UInt8>) -> Fault? {
    // A literal here would put us out of step with the parser.
    if text.last == UInt8(ascii: "}") { return .malformed }
    for byte in text {
      if byte == UInt8(ascii: "(") { depth += 1 } else if byte == UInt8(ascii: ")") { depth = max(0, depth - 1) }
      if depth > limits.nesting { return .nesting }
    }
    // libetpan copies the text after these two codes even when there is none.
    if let open = text.firstIndex(of: UInt8(ascii: "[")), let close = text[open...].firstIndex(of: UInt8(ascii: "]")) {
      let code = Self.uppercased(text[open..<close])
      let hasText = text[(close + 1)...].contains { (0x21...0x7e).contains($0) }
      if !hasText, code.contains("ALERT") || code.contains("PARSE") { return .malformed }
    }
    endLine()
    return nil
  }

  // MARK: Structured text

  private mutating func checkData(_ text: ArraySlice<UInt8>, _ kind: Kind) -> Fault? {
    var index = text.startIndex
    var wordStart: Int?
    while index < text.endIndex {
      let byte = text[index]
      let isDelimiter = byte <= 0x20 || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")")
      if isDelimiter || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "{") {
        if let start = wordStart, !accepts(text[start..<index], kind) { return .unexpected }
        wordStart = nil
      } else if wordStart == nil {
        wordStart = index
      }
      switch byte {
      case UInt8(ascii: "("):
        depth += 1
        if depth > limits.nesting { return .nesting }
      case UInt8(ascii: ")"):
        depth -= 1
        if depth < 0 { return .malformed }
      case UInt8(ascii: "\""):
        guard let close = Self.closingQuote(text, from: index + 1) else { return .malformed }
        index = close
      case UInt8(ascii: "{"):
        return beginLiteral(text[(index + 1)...], kind)
      default: break
      }
      index += 1
    }
    if let start = wordStart, !accepts(text[start...], kind) { return .unexpected }
    guard depth == 0 else { return .malformed }
    endLine()
    return nil
  }

  private static func closingQuote(_ text: ArraySlice<UInt8>, from start: Int) -> Int? {
    var index = start
    while index < text.endIndex {
      if text[index] == UInt8(ascii: "\"") { return index }
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  /// `rest` follows an opening brace: only "digits}" up to the end of the line is a literal.
  private mutating func beginLiteral(_ rest: ArraySlice<UInt8>, _ kind: Kind) -> Fault? {
    guard rest.last == UInt8(ascii: "}"), Self.isNumber(rest.dropLast()) else { return .malformed }
    guard let count = Int(String(decoding: rest.dropLast(), as: UTF8.self)) else { return .literal }
    guard count <= (kind == .fetch ? limits.literal : limits.line) else { return .literal }
    literalLeft = count
    continued = kind
    return nil
  }

  /// Of a FETCH answer only the items we ask for may pass, and FLAGS and MODSEQ, which servers send unasked:
  /// the parsers of ENVELOPE and BODYSTRUCTURE are the deep ones.
  private func accepts(_ word: ArraySlice<UInt8>, _ kind: Kind) -> Bool {
    guard kind == .fetch, depth == 1 else { return true }
    if Self.isNumber(word) { return true }
    let name = Self.uppercased(word)
    if ["UID", "FLAGS", "RFC822.SIZE", "INTERNALDATE", "MODSEQ", "NIL", "BODY[]"].contains(name) { return true }
    return name.hasPrefix("BODY[]<") && name.hasSuffix(">") && Self.isNumber(word.dropFirst(7).dropLast())
  }

  private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
    !word.isEmpty && word.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func uppercased(_ word: ArraySlice<UInt8>) -> String {
    String(decoding: word.map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
  }
}
