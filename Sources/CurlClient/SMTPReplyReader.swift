/// Cuts a server's bytes into replies (RFC 5321 §4.2.1) without building text: only the code is read, the text is
/// kept as bytes until somebody asks.
struct SMTPReplyReader {
  enum Step: Equatable {
    case reply(code: Int)
    case incomplete
    /// Not a reply, or one longer than any server has reason for.
    case malformed
  }

  /// Longest reply in bytes, all lines together.
  static let limit = 65_536

  private var buffer: [UInt8] = []
  private var lineStart = 0
  private var replyStart = 0
  private var replyEnd = 0
  private var code: Int?

  var isEmpty: Bool { lineStart == buffer.count && code == nil }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if replyStart > 0 {
      buffer.removeFirst(replyStart)
      lineStart -= replyStart
      replyStart = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next complete reply; its text can be asked for until the next call.
  mutating func next() -> Step {
    if code == nil {
      replyStart = lineStart
      if replyStart == buffer.count, replyStart > 0 {
        buffer.removeAll(keepingCapacity: true)
        replyStart = 0
        lineStart = 0
      }
    }
    while let end = buffer[lineStart...].firstIndex(of: 0x0A) {
      guard let line = parseLine(end) else { return .malformed }
      if let code, code != line.code { return .malformed }
      lineStart = end + 1
      if line.isLast {
        code = nil
        replyEnd = lineStart
        return .reply(code: line.code)
      }
      code = line.code
    }
    return buffer.count - replyStart > Self.limit ? .malformed : .incomplete
  }

  private func parseLine(_ end: Int) -> (code: Int, isLast: Bool)? {
    guard end - lineStart >= 3 else { return nil }
    var code = 0
    for index in lineStart..<lineStart + 3 {
      guard case 0x30...0x39 = buffer[index] else { return nil }
      code = code * 10 + Int(buffer[index] - 0x30)
    }
    guard 200..<600 ~= code else { return nil }
    switch buffer[lineStart + 3] {
    case UInt8(ascii: "-"): return (code, false)
    case UInt8(ascii: " "), 0x0D, 0x0A: return (code, true)
    default: return nil
    }
  }

  /// The reply that ``next()`` has just found, as text.
  func reply(code: Int) -> SMTPReply {
    var text: [UInt8] = []
    for line in buffer[replyStart..<replyEnd].split(separator: 0x0A) where text.count < 4096 {
      if !text.isEmpty { text.append(0x0A) }
      for byte in line.dropFirst(4).prefix(4096 - text.count) where byte != 0x0D {
        text.append(byte < 0x20 || byte == 0x7F ? 0x20 : byte)
      }
    }
    let decoded = String(decoding: text, as: UTF8.self)
    return SMTPReply(code: code, enhancedStatus: Self.enhancedStatus(in: decoded, code: code), text: decoded)
  }

  /// The leading `class.subject.detail` (RFC 3463 §2) of a reply's text, if it agrees with the code.
  static func enhancedStatus(in text: String, code: Int) -> String? {
    let word = text.prefix { $0 == "." || ("0"..."9").contains($0) }
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "\(code / 100)", (1...3).contains(parts[1].count),
      (1...3).contains(parts[2].count)
    else { return nil }
    return String(word)
  }
}
