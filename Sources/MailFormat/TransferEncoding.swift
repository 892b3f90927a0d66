internal import Glibc

/// How the bytes of a part are written for transport (RFC 2045 §6).
package enum TransferEncoding: Sendable, Hashable {
  /// 7bit, 8bit, binary and everything unknown: the bytes as they are.
  case identity
  case base64
  case quotedPrintable
  case uuencode

  /// The encoding a Content-Transfer-Encoding value names.
  init(_ value: Bytes) {
    let word = value.slice(value.trimmed(0..<value.count))
    if word.hasPrefixIgnoringCase("base64") {
      self = .base64
    } else if word.hasPrefixIgnoringCase("quoted-printable") {
      self = .quotedPrintable
    } else if word.hasPrefixIgnoringCase("x-uu") || word.hasPrefixIgnoringCase("uuencode") {
      self = .uuencode
    } else {
      self = .identity
    }
  }

  /// The decoded bytes; what is no legal code is skipped or kept as it stands.
  func decode(_ bytes: Bytes) -> [UInt8] {
    switch self {
    case .identity: Array(bytes)
    case .base64: Base64.decode(bytes)
    case .quotedPrintable: QuotedPrintable.decode(bytes)
    case .uuencode: UUEncode.decode(bytes)
    }
  }

  /// The decoded size without decoding: exact for well-formed code, near it for broken code.
  func decodedCount(_ bytes: Bytes) -> Int {
    switch self {
    case .identity: bytes.count
    case .base64: Base64.decodedCount(bytes)
    case .quotedPrintable: QuotedPrintable.decodedCount(bytes)
    case .uuencode: UUEncode.decode(bytes).count
    }
  }
}

/// RFC 2045 §6.8.
enum Base64 {
  private static let invalid: UInt8 = 0xFF
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var table = [UInt8](repeating: invalid, count: 256)
    for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
    // The alphabet of RFC 4648 §5 turns up in mail too.
    table[Int(ASCII.dash)] = 62
    table[Int(ASCII.underscore)] = 63
    return table
  }()

  /// Decodes; foreign characters are skipped, and code that goes on after padding is read on (joined pieces).
  static func decode(_ bytes: Bytes) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: bytes.count / 4 * 3 + 4) { out, length in
      values.withUnsafeBufferPointer { table in
        let end = bytes.count
        var i = 0
        var n = 0
        var accumulator: UInt32 = 0
        var sextets = 0
        while i < end {
          if sextets == 0 {
            while i + 4 <= end {
              let a = table[Int(bytes[i])]
              let b = table[Int(bytes[i + 1])]
              let c = table[Int(bytes[i + 2])]
              let d = table[Int(bytes[i + 3])]
              if (a | b | c | d) & 0x80 != 0 { break }
              out[n] = a << 2 | b >> 4
              out[n + 1] = b << 4 | c >> 2
              out[n + 2] = c << 6 | d
              n += 3
              i += 4
            }
            if i >= end { break }
          }
          let value = table[Int(bytes[i])]
          if value != invalid {
            accumulator = accumulator << 6 | UInt32(value)
            sextets += 1
          }
          if sextets == 4 || (bytes[i] == ASCII.equals && sextets > 0) {
            n += flush(accumulator, sextets, to: out, at: n)
            accumulator = 0
            sextets = 0
          }
          i += 1
        }
        length = n + flush(accumulator, sextets, to: out, at: n)
      }
    }
  }

  private static func flush(
    _ accumulator: UInt32, _ sextets: Int, to out: UnsafeMutableBufferPointer<UInt8>, at n: Int
  ) -> Int {
    guard sextets >= 2 else { return 0 }
    let bits = accumulator << UInt32(6 * (4 - sextets))
    out[n] = UInt8(truncatingIfNeeded: bits >> 16)
    if sextets > 2 { out[n + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
    if sextets > 3 { out[n + 2] = UInt8(truncatingIfNeeded: bits) }
    return sextets - 1
  }

  /// Counts line by line, since attachments are megabytes: what is no code stands at the end of a line.
  static func decodedCount(_ bytes: Bytes) -> Int {
    var code = 0
    var pos = 0
    while pos < bytes.count {
      let next = bytes.lineEnd(from: pos, to: bytes.count)
      var end = next
      while end > pos, bytes[end - 1] <= ASCII.space || bytes[end - 1] == ASCII.equals { end -= 1 }
      code += end - pos
      pos = next
    }
    return code / 4 * 3 + max(0, code % 4 - 1)
  }

  /// Encodes; `lineLength` characters a line with CRLF behind each line, 0 = one line without an end.
  static func encode(_ bytes: some Collection<UInt8>, lineLength: Int = 0) -> [UInt8] {
    let groups = (bytes.count + 2) / 3
    let lines = lineLength > 0 ? (groups * 4 + lineLength - 1) / lineLength : 0
    return [UInt8](unsafeUninitializedCapacity: groups * 4 + lines * 2) { out, length in
      alphabet.withUnsafeBufferPointer { alphabet in
        var column = 0
        var iterator = bytes.makeIterator()
        func put(_ byte: UInt8) {
          out[length] = byte
          length += 1
        }
        while let a = iterator.next() {
          let b = iterator.next()
          let c = b == nil ? nil : iterator.next()
          put(alphabet[Int(a >> 2)])
          put(alphabet[Int((a & 3) << 4 | (b ?? 0) >> 4)])
          put(b == nil ? ASCII.equals : alphabet[Int((b! & 15) << 2 | (c ?? 0) >> 6)])
          put(c == nil ? ASCII.equals : alphabet[Int(c! & 63)])
          column += 4
          if lineLength > 0, column >= lineLength {
            put(ASCII.cr)
            put(ASCII.lf)
            column = 0
          }
        }
        if lineLength > 0, column > 0 {
          put(ASCII.cr)
          put(ASCII.lf)
        }
      }
    }
  }
}

/// RFC 2045 §6.7.
enum QuotedPrintable {
  /// Decodes; an equals sign that starts no code is kept as it stands.
  static func decode(_ bytes: Bytes) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: bytes.count) { out, length in
      guard let source = bytes.baseAddress, let target = out.baseAddress else { return }
      let end = bytes.count
      var i = 0
      var n = 0
      while i < end {
        // In text that is not Latin code follows code: calls of memchr would cost more than they save.
        if source[i] != ASCII.equals {
          let next = bytes.index(of: ASCII.equals, from: i, to: end) ?? end
          memcpy(target + n, source + i, next - i)
          n += next - i
          i = next
          guard i < end else { break }
        }
        if i + 2 < end, let high = ASCII.hex(bytes[i + 1]), let low = ASCII.hex(bytes[i + 2]) {
          target[n] = high << 4 | low
          n += 1
          i += 3
        } else if let behind = softBreakEnd(bytes, at: i) {
          i = behind
        } else {
          target[n] = ASCII.equals
          n += 1
          i += 1
        }
      }
      length = n
    }
  }

  static func decodedCount(_ bytes: Bytes) -> Int {
    let end = bytes.count
    var i = 0
    var removed = 0
    while let next = bytes.index(of: ASCII.equals, from: i, to: end) {
      if next + 2 < end, ASCII.hex(bytes[next + 1]) != nil, ASCII.hex(bytes[next + 2]) != nil {
        removed += 2
        i = next + 3
      } else if let behind = softBreakEnd(bytes, at: next) {
        removed += behind - next
        i = behind
      } else {
        i = next + 1
      }
    }
    return end - removed
  }

  /// The place behind `=`, optional blanks and the line break; a sign at the very end counts as a soft break too.
  private static func softBreakEnd(_ bytes: Bytes, at place: Int) -> Int? {
    var i = place + 1
    while i < bytes.count, ASCII.isBlank(bytes[i]) { i += 1 }
    if i >= bytes.count { return i }
    if bytes[i] == ASCII.lf { return i + 1 }
    guard bytes[i] == ASCII.cr else { return nil }
    return i + 1 < bytes.count && bytes[i + 1] == ASCII.lf ? i + 2 : i + 1
  }

  /// Encodes text whose lines end in CRLF: lines of at most 76 characters, blanks before a line end coded.
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    // Three bytes for one, and three for a soft break in each line of 75.
    [UInt8](unsafeUninitializedCapacity: bytes.count * 3 + bytes.count / 8 + 8) { out, length in
      bytes.withUnsafeBufferPointer { encode($0, to: out, &length) }
    }
  }

  private static func encode(_ bytes: Bytes, to out: UnsafeMutableBufferPointer<UInt8>, _ length: inout Int) {
    func put(_ byte: UInt8) {
      out[length] = byte
      length += 1
    }
    var column = 0
    for i in bytes.indices {
      let byte = bytes[i]
      let next = i + 1 < bytes.count ? bytes[i + 1] : ASCII.cr
      if byte == ASCII.cr, next == ASCII.lf { continue }
      if byte == ASCII.lf, i > 0, bytes[i - 1] == ASCII.cr {
        put(ASCII.cr)
        put(ASCII.lf)
        column = 0
        continue
      }
      // A dot or "From " at the start of a line is changed by some relays, so it is coded.
      let startsLine = column == 0 && (byte == ASCII.dot || byte == 70)
      let literal =
        !startsLine
        && ((byte > ASCII.space && byte < 127 && byte != ASCII.equals)
          || (ASCII.isBlank(byte) && next != ASCII.cr))
      let width = literal ? 1 : 3
      if column + width > 75 {
        put(ASCII.equals)
        put(ASCII.cr)
        put(ASCII.lf)
        column = 0
      }
      if literal {
        put(byte)
      } else {
        put(ASCII.equals)
        put(ASCII.hexDigit(byte >> 4))
        put(ASCII.hexDigit(byte & 15))
      }
      column += width
    }
  }
}

/// The code of uuencode(1) as mail programs before MIME wrote it into the text.
enum UUEncode {
  /// Decodes the lines between `begin` and `end`; those two lines may be in the bytes.
  static func decode(_ bytes: Bytes) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count * 3 / 4)
    var pos = 0
    while pos < bytes.count {
      let next = bytes.lineEnd(from: pos, to: bytes.count)
      let end = bytes.withoutLineBreak(from: pos, to: next)
      let isMark =
        bytes.slice(pos..<end).hasPrefixIgnoringCase("begin ") || bytes.slice(pos..<end).equalsIgnoringCase("end")
      if end > pos, !isMark { decodeLine(bytes.slice(pos..<end), into: &out) }
      pos = next
    }
    return out
  }

  /// Whether a line holds as many characters as its first one announces.
  static func isLine(_ line: Bytes) -> Bool {
    guard let first = line.first, first >= 32, first <= 96 else { return false }
    let needed = (Int((first &- 32) & 63) + 2) / 3 * 4
    return line.count - 1 >= needed - 3 && line.count - 1 <= needed + 4
  }

  private static func decodeLine(_ line: Bytes, into out: inout [UInt8]) {
    guard let first = line.first else { return }
    var left = Int((first &- 32) & 63)
    var i = 1
    func sextet(_ place: Int) -> UInt8 { place < line.count ? (line[place] &- 32) & 63 : 0 }
    while left > 0, i < line.count {
      let (a, b, c, d) = (sextet(i), sextet(i + 1), sextet(i + 2), sextet(i + 3))
      out.append(a << 2 | b >> 4)
      if left > 1 { out.append(b << 4 | c >> 2) }
      if left > 2 { out.append(c << 6 | d) }
      left -= 3
      i += 4
    }
  }
}
