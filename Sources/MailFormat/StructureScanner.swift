/// One leaf of a mail: no multipart, and nothing is looked for inside.
struct LeafPart {
  var header: PartHeader
  /// The bytes of its body in the source, still encoded.
  var body: Range<Int>
  /// The subtype of the multipart around it, empty when the mail is a single part.
  var container = ""
  /// Its place among the parts of that multipart.
  var position = 0
  /// Leaves of the same alternative (RFC 2046 §5.1.4) show the same thing; nil outside of one.
  var alternative: Int?

  /// The signature beside what it signs (RFC 1847 §2.1): nothing that a person would open.
  var isSignature: Bool {
    guard container == "signed", position > 0 else { return false }
    switch header.type {
    case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature": return true
    default: return false
    }
  }
}

/// Finds the leaves of a mail (RFC 2046 §5.1) in one pass, with a stack of its own instead of recursion.
struct StructureScanner {
  private struct Frame {
    var boundary: [UInt8]
    var subtype: String
    var alternative: Int?
    var bodyStart: Int
    var children = 0
  }
  private struct Delimiter {
    var frame: Int
    var isClosing: Bool
    var start: Int
    var end: Int
  }

  private let bytes: Bytes
  private let limits: ParseLimits
  private var frames: [Frame] = []
  private var open: LeafPart?
  private var groups = 0
  private var hasRetried = false
  private(set) var leaves: [LeafPart] = []
  private(set) var defects: [MailDefect] = []

  init(bytes: Bytes, limits: ParseLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// Divides the body that starts at `start` as `header` says.
  mutating func scan(from start: Int, header: PartHeader) {
    begin(header, at: start)
    var pos = start
    while true {
      guard let delimiter = nextDelimiter(from: pos) else {
        if let start = retryBoundary() {
          pos = start
          continue
        }
        break
      }
      finishLeaf(at: bytes.withoutLineBreak(from: pos, to: delimiter.start))
      pop(downTo: delimiter.frame + 1, at: delimiter.start)
      pos = delimiter.end
      if delimiter.isClosing {
        pop(downTo: delimiter.frame, at: delimiter.start, isClosed: true)
      } else {
        guard leaves.count < limits.parts else {
          note(.tooManyParts)
          frames = []
          return
        }
        pos = beginChild(at: pos)
      }
    }
    finishLeaf(at: bytes.count)
    pop(downTo: 0, at: bytes.count)
  }

  private mutating func note(_ defect: MailDefect) {
    if !defects.contains(defect) { defects.append(defect) }
  }

  /// Reads the header of the next part of the innermost multipart; the answer is where its body starts.
  private mutating func beginChild(at start: Int) -> Int {
    frames[frames.count - 1].children += 1
    var header = PartHeader()
    if frames[frames.count - 1].subtype == "digest" { header.type = "message/rfc822" }
    var scanner = HeaderScanner(bytes: bytes, end: bytes.count)
    let bodyStart = scanner.scan(from: start) { lineStart, lineEnd in
      match(lineStart, lineEnd) != nil
    } field: { name, value in
      if value.upperBound - start <= limits.headerBytes { header.read(bytes, name: name, value: value) }
    }
    if scanner.badLines > 0 { note(.badHeaderLine) }
    begin(header, at: bodyStart)
    return bodyStart
  }

  /// Starts a multipart or a leaf.
  private mutating func begin(_ header: PartHeader, at start: Int) {
    let parent = frames.last
    if header.isMultipart {
      let boundary = header.parameters["boundary"].flatMap(Self.boundary) ?? guessedBoundary(from: start)
      if frames.count >= limits.depth {
        note(.tooDeep)
      } else if let boundary {
        let subtype = String(header.type.dropFirst("multipart/".count))
        groups += 1
        frames.append(
          Frame(
            boundary: boundary, subtype: subtype, alternative: subtype == "alternative" ? groups : parent?.alternative,
            bodyStart: start))
        return
      } else {
        note(.missingBoundary)
      }
    }
    var header = header
    if header.isMultipart, frames.count < limits.depth { header.type = "text/plain" }
    open = LeafPart(
      header: header, body: start..<start, container: parent?.subtype ?? "",
      position: max(0, (parent?.children ?? 1) - 1),
      alternative: parent?.alternative)
  }

  private mutating func finishLeaf(at end: Int) {
    guard var leaf = open else { return }
    leaf.body = leaf.body.lowerBound..<max(leaf.body.lowerBound, end)
    leaves.append(leaf)
    open = nil
  }

  /// Leaves multiparts. One that turned out to have no parts is shown as text: nothing that was written is dropped.
  private mutating func pop(downTo count: Int, at end: Int, isClosed: Bool = false) {
    while frames.count > count {
      let frame = frames.removeLast()
      if !isClosed { note(.unclosedMultipart) }
      guard frame.children == 0 else { continue }
      note(.missingBoundary)
      guard leaves.count < limits.parts, end > frame.bodyStart else { continue }
      leaves.append(
        LeafPart(
          header: PartHeader(), body: frame.bodyStart..<end, container: frames.last?.subtype ?? "",
          position: max(0, (frames.last?.children ?? 1) - 1), alternative: frame.alternative))
    }
  }

  private static func boundary(_ text: String) -> [UInt8]? {
    var boundary = Array(text.utf8)
    while let last = boundary.last, last <= ASCII.space { boundary.removeLast() }
    return boundary.isEmpty || boundary.count > 250 ? nil : boundary
  }

  /// When the announced boundary never came: once, for the mail as a whole, the one that the body seems to use.
  private mutating func retryBoundary() -> Int? {
    guard !hasRetried, frames.count == 1, frames[0].children == 0 else { return nil }
    hasRetried = true
    guard let boundary = guessedBoundary(from: frames[0].bodyStart) else { return nil }
    note(.missingBoundary)
    frames[0].boundary = boundary
    return frames[0].bodyStart
  }

  /// The first line that looks like a boundary and is followed by a part header.
  private func guessedBoundary(from start: Int) -> [UInt8]? {
    var pos = start
    let end = min(bytes.count, start + 16_384)
    while pos < end {
      let lineEnd = bytes.lineEnd(from: pos, to: bytes.count)
      if lineEnd - pos > 4, lineEnd - pos < 250, bytes[pos] == ASCII.dash, bytes[pos + 1] == ASCII.dash,
        bytes.slice(lineEnd..<bytes.count).hasPrefixIgnoringCase("content-")
      {
        return Array(bytes.slice(bytes.trimmed((pos + 2)..<lineEnd)))
      }
      pos = lineEnd
    }
    return nil
  }

  /// The next boundary line of any open multipart at or behind `pos`, which starts a line. It looks for dashes, since
  /// base64 has none and a whole attachment is passed in one step.
  private func nextDelimiter(from pos: Int) -> Delimiter? {
    guard !frames.isEmpty else { return nil }
    var pos = pos
    let end = bytes.count
    while pos < end {
      guard let dash = bytes.index(of: ASCII.dash, from: pos, to: end) else { return nil }
      let startsLine = dash == pos || bytes[dash - 1] == ASCII.lf
      let lineEnd = bytes.lineEnd(from: dash, to: end)
      if startsLine, let (frame, isClosing) = match(dash, lineEnd) {
        return Delimiter(frame: frame, isClosing: isClosing, start: dash, end: lineEnd)
      }
      pos = lineEnd
    }
    return nil
  }

  /// Which open multipart the line delimits, the innermost first.
  private func match(_ start: Int, _ end: Int) -> (frame: Int, isClosing: Bool)? {
    guard end - start >= 3, bytes[start] == ASCII.dash, bytes[start + 1] == ASCII.dash else { return nil }
    var last = end
    while last > start, bytes[last - 1] <= ASCII.space { last -= 1 }
    let length = last - start - 2
    var index = frames.count
    while index > 0 {
      index -= 1
      let size = frames[index].boundary.count
      guard length == size || length == size + 2 else { continue }
      guard bytes.slice((start + 2)..<(start + 2 + size)).elementsEqual(frames[index].boundary) else { continue }
      if length == size { return (index, false) }
      if bytes[last - 1] == ASCII.dash, bytes[last - 2] == ASCII.dash { return (index, true) }
    }
    return nil
  }
}
