/// Whatever the bytes are: sections cover each line once, and the new text is made of lines of the source in order.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReply(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  withinASecond { read(UnsafeBufferPointer(start: start, count: count)) }
}

private func read(_ bytes: UnsafeBufferPointer<UInt8>) {
  let text = Array(bytes)
  let reply = ReplyText(utf8: text)
  checkSections(reply, text)
  checkLines(reply.newText, of: text)
  checkLines(reply.ownWords, of: text)
}

private func checkSections(_ reply: ReplyText, _ text: [UInt8]) {
  var line = 0
  var byte = 0
  for section in reply.sections {
    precondition(section.lines.lowerBound == line && section.bytes.lowerBound == byte, "a gap between sections")
    precondition(!section.lines.isEmpty && !section.bytes.isEmpty, "an empty section")
    precondition(byte == 0 || text[byte - 1] == 10, "a section starts within a line")
    let breaks = text[section.bytes].count { $0 == 10 }
    let isOpen = text[section.bytes.upperBound - 1] != 10
    precondition(section.lines.count == breaks + (isOpen ? 1 : 0), "lines counted wrong")
    line = section.lines.upperBound
    byte = section.bytes.upperBound
  }
  precondition(byte == text.count, "the end is missing")
}

private func checkLines(_ part: String, of text: [UInt8]) {
  var source = lines(of: text)[...]
  for line in lines(of: Array(part.utf8)) where !line.isEmpty {
    guard let place = source.firstIndex(of: line) else { preconditionFailure("a line that is not in the source") }
    source = source[(place + 1)...]
  }
}

/// The lines with broken UTF-8 mended, without white space and control characters at both ends.
private func lines(of text: [UInt8]) -> [[UInt8]] {
  text.split(separator: 10, omittingEmptySubsequences: false).map { line in
    let bytes = Array(String(decoding: line, as: UTF8.self).utf8)
    guard let first = bytes.firstIndex(where: { $0 > 32 }), let last = bytes.lastIndex(where: { $0 > 32 }) else {
      return []
    }
    return Array(bytes[first...last])
  }
}
