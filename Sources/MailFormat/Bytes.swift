internal import Glibc

/// A view of bytes that somebody else keeps alive; the parser works on these and copies only what it hands out.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// The part of the view within `range`, clamped to what is there.
  func slice(_ range: Range<Int>) -> Bytes {
    Bytes(rebasing: self[range.clamped(to: 0..<count)])
  }

  /// The first place of `byte` in `start..<end`.
  @inline(__always)
  func index(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    guard start < end, let base = baseAddress, let hit = memchr(base + start, Int32(byte), end - start) else {
      return nil
    }
    return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
  }

  /// The place just behind the LF that ends the line at `start`, or `end` when the line is the last.
  @inline(__always)
  func lineEnd(from start: Int, to end: Int) -> Int {
    index(of: ASCII.lf, from: start, to: end).map { $0 + 1 } ?? end
  }

  /// `end` without the LF and CR before it.
  @inline(__always)
  func withoutLineBreak(from start: Int, to end: Int) -> Int {
    var end = end
    if end > start, self[end - 1] == ASCII.lf { end -= 1 }
    if end > start, self[end - 1] == ASCII.cr { end -= 1 }
    return end
  }

  /// `range` without white space and control characters at both ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, self[start] <= ASCII.space { start += 1 }
    while end > start, self[end - 1] <= ASCII.space { end -= 1 }
    return start..<end
  }

  /// Whether the view holds `word` (lower-case ASCII), in any case of letters.
  func equalsIgnoringCase(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for i in 0..<count where ASCII.lower(self[i]) != word.utf8Start[i] { return false }
    return true
  }

  /// Whether the view starts with `word` (lower-case ASCII) at `place`, in any case of letters.
  func hasPrefixIgnoringCase(_ word: StaticString, at place: Int = 0) -> Bool {
    guard place + word.utf8CodeUnitCount <= count else { return false }
    for i in 0..<word.utf8CodeUnitCount where ASCII.lower(self[place + i]) != word.utf8Start[i] { return false }
    return true
  }
}

/// The ASCII characters that mail gives a meaning.
enum ASCII {
  static let nul: UInt8 = 0
  static let tab: UInt8 = 9
  static let lf: UInt8 = 10
  static let cr: UInt8 = 13
  static let space: UInt8 = 32
  static let exclamation: UInt8 = 33
  static let quote: UInt8 = 34
  static let hash: UInt8 = 35
  static let percent: UInt8 = 37
  static let ampersand: UInt8 = 38
  static let apostrophe: UInt8 = 39
  static let leftParen: UInt8 = 40
  static let rightParen: UInt8 = 41
  static let star: UInt8 = 42
  static let plus: UInt8 = 43
  static let comma: UInt8 = 44
  static let dash: UInt8 = 45
  static let dot: UInt8 = 46
  static let slash: UInt8 = 47
  static let colon: UInt8 = 58
  static let semicolon: UInt8 = 59
  static let less: UInt8 = 60
  static let equals: UInt8 = 61
  static let greater: UInt8 = 62
  static let question: UInt8 = 63
  static let at: UInt8 = 64
  static let leftBracket: UInt8 = 91
  static let backslash: UInt8 = 92
  static let rightBracket: UInt8 = 93
  static let underscore: UInt8 = 95
  static let backtick: UInt8 = 96
  static let leftBrace: UInt8 = 123
  static let bar: UInt8 = 124
  static let tilde: UInt8 = 126

  @inline(__always)
  static func lower(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 32 : byte }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 32) >= 97 && (byte | 32) <= 122 }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

  /// The value of a hexadecimal digit.
  @inline(__always)
  static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }

  /// The hexadecimal digit of 0…15, in upper case.
  @inline(__always)
  static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }

  /// The decimal number the bytes spell, nil when they hold something else or more than nine digits.
  static func number(_ bytes: some Collection<UInt8>) -> Int? {
    guard !bytes.isEmpty, bytes.count <= 9 else { return nil }
    var value = 0
    for byte in bytes {
      guard isDigit(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return value
  }
}

extension StringProtocol {
  /// ASCII letters lower-cased, everything else untouched: the comparison RFC 5322 wants for its keywords.
  var asciiLowercased: String {
    utf8.contains { $0 >= 65 && $0 <= 90 } ? String(decoding: utf8.map(ASCII.lower), as: UTF8.self) : String(self)
  }
}

extension [UInt8] {
  /// Turns CRLF and lone CR into LF and drops NUL, in place: the form in which text is handed out.
  mutating func normalizeLines() {
    let length = withUnsafeMutableBufferPointer { buffer -> Int in
      let view = Bytes(buffer)
      let count = view.count
      guard let base = buffer.baseAddress else { return 0 }
      let firstReturn = view.index(of: ASCII.cr, from: 0, to: count) ?? count
      let firstNul = view.index(of: ASCII.nul, from: 0, to: firstReturn) ?? firstReturn
      guard firstNul < count else { return count }
      var write = firstNul
      var read = firstNul
      let hasNul = view.index(of: ASCII.nul, from: firstNul, to: count) != nil
      while read < count {
        let byte = base[read]
        if byte == ASCII.cr {
          base[write] = ASCII.lf
          write += 1
          read += read + 1 < count && base[read + 1] == ASCII.lf ? 2 : 1
        } else if byte == ASCII.nul {
          read += 1
        } else if hasNul {
          base[write] = byte
          write += 1
          read += 1
        } else {
          let end = view.index(of: ASCII.cr, from: read, to: count) ?? count
          memmove(base + write, base + read, end - read)
          write += end - read
          read = end
        }
      }
      return write
    }
    removeLast(count - length)
  }

  /// A copy in which each LF has a CR before it; the bytes hold no CR.
  func withCRLF() -> [UInt8] {
    let breaks = reduce(0) { $0 + ($1 == ASCII.lf ? 1 : 0) }
    return [UInt8](unsafeUninitializedCapacity: count + breaks) { out, length in
      for byte in self {
        if byte == ASCII.lf {
          out[length] = ASCII.cr
          length += 1
        }
        out[length] = byte
        length += 1
      }
    }
  }
}
