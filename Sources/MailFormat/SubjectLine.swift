/// What mail programs and people put into a subject besides the subject.
package enum SubjectLine {
  /// Reply and forward marks in the languages of the common mail programs, lower-cased.
  private static let prefixes: Set<String> = [
    "re", "fw", "fwd", "aw", "wg", "sv", "vs", "vb", "antw", "tr", "rv", "res", "enc", "odp", "ref", "rif", "ynt",
    "ilt",
    "回复", "回覆", "答复", "答覆", "转发", "轉發", "转寄", "轉寄", "回信", "返信", "転送", "회신", "전달",
  ]

  /// The subject without marks like `Re:`, `Fwd:`, `回复：`, `RE[2]:`, however many.
  package static func strippingReplyPrefixes(_ subject: String) -> String {
    var rest = trimmed(subject[...])
    while let next = withoutPrefix(rest) { rest = trimmed(next) }
    return String(rest)
  }

  /// The numbers in tags like `[#12345]`, in order, each once.
  package static func numberTags(in subject: String) -> [Int64] {
    var numbers: [Int64] = []
    let bytes = Array(subject.utf8)
    var i = 0
    while i + 3 < bytes.count {
      defer { i += 1 }
      guard bytes[i] == ASCII.leftBracket, bytes[i + 1] == ASCII.hash else { continue }
      let digits = bytes[(i + 2)...].prefix { ASCII.isDigit($0) }
      guard !digits.isEmpty, digits.count <= 18, digits.endIndex < bytes.count,
        bytes[digits.endIndex] == ASCII.rightBracket
      else {
        continue
      }
      let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
      if !numbers.contains(number) { numbers.append(number) }
    }
    return numbers
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  private static func withoutPrefix(_ text: Substring) -> Substring? {
    // No mark is longer than the first few characters, so a long subject costs no more than a short one.
    let head = text.prefix(12)
    guard let colon = head.firstIndex(where: { $0 == ":" || $0 == "：" }) else { return nil }
    var word = trimmed(head[..<colon])
    if let open = word.firstIndex(where: { $0 == "[" || $0 == "(" || $0 == "（" }) {
      guard word[word.index(after: open)...].dropLast().allSatisfy(\.isNumber) else { return nil }
      word = trimmed(word[..<open])
    }
    return prefixes.contains(word.lowercased()) ? text[text.index(after: colon)...] : nil
  }
}
