internal import Glibc

/// A view of bytes that somebody else keeps alive.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
  /// The first place of `byte` from `start` on.
  @inline(__always)
  func index(of byte: UInt8, from start: Int) -> Int? {
    guard start < count, let base = baseAddress, let hit = memchr(base + start, Int32(byte), count - start) else {
      return nil
    }
    return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
  }

  /// Whether `word` (lower-case ASCII) stands at `place`, in any case of letters.
  func hasWord(_ word: StaticString, at place: Int) -> Bool {
    guard place >= 0, place + word.utf8CodeUnitCount <= count else { return false }
    for i in 0..<word.utf8CodeUnitCount where ASCII.lower(self[place + i]) != word.utf8Start[i] { return false }
    return true
  }

  /// The place of `word` (lower-case ASCII) at or behind `start`, in any case of letters.
  func find(_ word: StaticString, from start: Int = 0) -> Int? {
    var place = start
    while place + word.utf8CodeUnitCount <= count {
      if hasWord(word, at: place) { return place }
      place += 1
    }
    return nil
  }

  /// The part within `range`, clamped to what is there.
  @inline(__always)
  func slice(_ range: Range<Int>) -> Bytes { Bytes(rebasing: self[range.clamped(to: 0..<count)]) }

  /// The view without white space and control characters at both ends.
  var trimmed: Bytes {
    var start = 0
    var end = count
    while start < end, self[start] <= ASCII.space { start += 1 }
    while end > start, self[end - 1] <= ASCII.space { end -= 1 }
    return slice(start..<end)
  }
}

/// The ASCII characters that markup gives a meaning.
enum ASCII {
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
  static let backslash: UInt8 = 92
  static let underscore: UInt8 = 95
  static let leftBrace: UInt8 = 123
  static let rightBrace: UInt8 = 125

  @inline(__always)
  static func lower(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 32 : byte }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 32) >= 97 && (byte | 32) <= 122 }

  /// White space of HTML: tab, LF, FF, CR, space.
  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte >= 9 && byte <= 13 && byte != 11 }

  /// White space, or a control character that shows nothing.
  @inline(__always)
  static func isInvisible(_ byte: UInt8) -> Bool { byte <= 32 || byte == 127 }

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
}
