/// Text written as format=flowed (RFC 3676): lines that end in a blank go on in the next one.
enum FlowedText {
  /// Joins the lines of a text whose lines end in LF.
  ///
  /// - Parameter deletesSpace: `DelSp=yes`, the blank at the end of a line is not part of the text.
  static func join(_ text: [UInt8], deletesSpace: Bool) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var openDepth: Int?
    text.withUnsafeBufferPointer { bytes in
      var pos = 0
      while pos < bytes.count {
        let next = bytes.lineEnd(from: pos, to: bytes.count)
        let end = bytes.withoutLineBreak(from: pos, to: next)
        var start = pos
        while start < end, bytes[start] == ASCII.greater { start += 1 }
        let depth = start - pos
        if start < end, bytes[start] == ASCII.space { start += 1 }
        let isSignature = end - start == 3 && bytes.slice(start..<end).elementsEqual("-- ".utf8)
        let isFlowed = end > start && bytes[end - 1] == ASCII.space && !isSignature
        if openDepth == depth, !isSignature {
          // Goes on in the line before it.
        } else {
          if openDepth != nil { out.append(ASCII.lf) }
          out.append(contentsOf: repeatElement(ASCII.greater, count: depth))
          if depth > 0, end > start { out.append(ASCII.space) }
        }
        out.append(contentsOf: bytes[start..<(isFlowed && deletesSpace ? end - 1 : end)])
        openDepth = isFlowed ? depth : nil
        if !isFlowed, next > end { out.append(ASCII.lf) }
        pos = next
      }
    }
    return out
  }
}

/// Files in uuencode within a text, as programs before MIME sent them.
struct InlineUUEncode {
  struct File {
    var name: String
    /// From behind the `begin` line to before the `end` line.
    var range: Range<Int>
  }
  /// The text without the files, its lines ending in LF.
  private(set) var text: [UInt8] = []
  private(set) var files: [File] = []

  /// The files in `range`, nil when there are none.
  static func find(in bytes: Bytes, _ range: Range<Int>) -> InlineUUEncode? {
    var found = InlineUUEncode()
    var pos = range.lowerBound
    var kept = pos
    // Without an end line further down no later file can be complete; one failed search is enough.
    var mayEnd = true
    while mayEnd, pos < range.upperBound {
      // "begin" is rare in mail; looking at the start of each line costs one memchr a line.
      let next = bytes.lineEnd(from: pos, to: range.upperBound)
      if let name = fileName(bytes.slice(pos..<bytes.withoutLineBreak(from: pos, to: next))) {
        if let end = codeEnd(bytes, from: next, to: range.upperBound) {
          found.text += bytes.slice(kept..<pos)
          found.files.append(File(name: name, range: next..<end.code))
          kept = end.behind
          pos = end.behind
          continue
        }
        mayEnd = false
      }
      pos = next
    }
    guard !found.files.isEmpty else { return nil }
    found.text += bytes.slice(kept..<range.upperBound)
    found.text.normalizeLines()
    return found
  }

  /// The name in `begin 644 name`.
  private static func fileName(_ line: Bytes) -> String? {
    guard line.count > 10, line[0] == 98, line.hasPrefixIgnoringCase("begin ") else { return nil }
    let words = line.split(separator: ASCII.space, maxSplits: 2)
    guard words.count == 3, words[1].count == 3 || words[1].count == 4, words[1].allSatisfy({ $0 >= 48 && $0 <= 55 })
    else { return nil }
    return HeaderText.decode(Array(words[2]))
  }

  /// Where the code ends and where the text goes on; nil when a line is no code or no `end` comes.
  private static func codeEnd(_ bytes: Bytes, from start: Int, to limit: Int) -> (code: Int, behind: Int)? {
    var pos = start
    while pos < limit {
      let next = bytes.lineEnd(from: pos, to: limit)
      let line = bytes.slice(pos..<bytes.withoutLineBreak(from: pos, to: next))
      if line.equalsIgnoringCase("end") { return (pos, next) }
      guard line.isEmpty || UUEncode.isLine(line) else { return nil }
      pos = next
    }
    return nil
  }
}
