/// A fixed list of phrases that is looked for in one pass over a text, whatever its length.
///
/// A phrase matches where a word starts; its end may be in the middle of one, so `undeliver` finds `undeliverable`.
struct PhraseIndex: Sendable {
  private struct Phrase {
    /// Its number in the list.
    var number: Int
    var bytes: Range<Int>
  }

  /// The phrases by first byte, those with the same one in order of the list.
  private var phrases: [Phrase] = []
  /// For each first byte where its phrases start in `phrases`, and one place more.
  private var starts: [Int] = []
  /// The bytes of all phrases.
  private var text: [UInt8] = []

  /// - Parameter list: in lower case, with single blanks, no blanks around.
  init(_ list: [String]) {
    var byFirst: [[Phrase]] = Array(repeating: [], count: 256)
    for (number, phrase) in list.enumerated() {
      guard let first = phrase.utf8.first else { continue }
      let start = text.count
      text += phrase.utf8
      byFirst[Int(first)].append(Phrase(number: number, bytes: start..<text.count))
    }
    for group in byFirst {
      starts.append(phrases.count)
      phrases += group
    }
    starts.append(phrases.count)
  }

  /// The phrase with that number in the list.
  subscript(number: Int) -> String {
    phrases.first { $0.number == number }.map { String(decoding: text[$0.bytes], as: UTF8.self) } ?? ""
  }

  /// The number of the phrase that stands first in the list of all that occur in a folded text.
  func first(in folded: [UInt8]) -> Int? {
    var best: Int?
    search(folded) { _, number in
      best = min(best ?? number, number)
      return best == 0
    }
    return best
  }

  /// Whether any of the phrases occurs in a folded text.
  func occurs(in folded: [UInt8]) -> Bool { place(in: folded) != nil }

  /// Where the earliest phrase in a folded text starts.
  func place(in folded: [UInt8]) -> Int? {
    var found: Int?
    search(folded) { place, _ in
      found = place
      return true
    }
    return found
  }

  /// The number of the first phrase in the list that the folded text starts with and whose end will do.
  func prefix(of folded: [UInt8], where fits: (_ end: Int) -> Bool) -> Int? {
    var found: Int?
    search(folded, places: 1) { _, number in
      guard let phrase = phrases.first(where: { $0.number == number }), fits(phrase.bytes.count) else { return false }
      found = number
      return true
    }
    return found
  }

  /// Calls `isDone` with the place and the number of each phrase that is found, until it says yes.
  @inline(__always)
  private func search(_ folded: [UInt8], places: Int = .max, isDone: (_ place: Int, _ number: Int) -> Bool) {
    folded.withUnsafeBufferPointer { view in
      text.withUnsafeBufferPointer { text in
        starts.withUnsafeBufferPointer { starts in
          phrases.withUnsafeBufferPointer { phrases in
            for i in 0..<min(places, view.count) where Self.isWordStart(view, i) {
              let first = Int(view[i])
              for phrase in starts[first]..<starts[first + 1] {
                let bytes = phrases[phrase].bytes
                guard bytes.count <= view.count - i else { continue }
                var k = 1
                while k < bytes.count, view[i + k] == text[bytes.lowerBound + k] { k += 1 }
                if k == bytes.count, isDone(i, phrases[phrase].number) { return }
              }
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func isWordStart(_ text: Bytes, _ i: Int) -> Bool {
    guard i > 0 else { return true }
    // Letters of two bytes (Latin, Greek, Cyrillic) make words, characters of three follow each other without blanks.
    let isLetter = text[i] >= 0xC3 && text[i] < 0xE0
    guard text[i] < 0x80 || isLetter else { return true }
    if isLetter, i > 1, text[i - 1] >= 0x80, text[i - 2] >= 0xC3, text[i - 2] < 0xE0 { return false }
    return !ASCII.isLetter(text[i - 1]) && !ASCII.isDigit(text[i - 1])
  }
}

/// The form of a text in which phrases are compared: Latin-1 and Cyrillic letters in lower case, one blank for any white
/// space, typewriter apostrophes.
enum CollapsedText {
  static func fold(_ bytes: some Collection<UInt8>) -> [UInt8] {
    if let folded = bytes.withContiguousStorageIfAvailable(foldView) { return folded }
    return Array(bytes).withUnsafeBufferPointer(foldView)
  }

  private static func foldView(_ bytes: Bytes) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: bytes.count) { out, length in
      for byte in bytes {
        if byte > ASCII.space {
          if byte < 0x80 {
            out[length] = ASCII.lower(byte)
            length += 1
          } else {
            append(byte, to: out, &length)
          }
        } else if length > 0, out[length - 1] != ASCII.space {
          out[length] = ASCII.space
          length += 1
        }
      }
      if length > 0, out[length - 1] == ASCII.space { length -= 1 }
    }
  }

  /// Appends a byte of a longer UTF-8 sequence.
  @inline(__always)
  private static func append(_ byte: UInt8, to out: UnsafeMutableBufferPointer<UInt8>, _ length: inout Int) {
    let last = length > 0 ? out[length - 1] : 0
    var byte = byte
    if last == 0xC3, byte <= 0x9E {
      byte += 0x20
    } else if last == 0xD0, byte >= 0x90, byte <= 0x9F {
      byte += 0x20
    } else if last == 0xD0, byte >= 0xA0, byte <= 0xAF {
      out[length - 1] = 0xD1
      byte -= 0x20
    } else if last == 0x80, byte == 0x99, length > 1, out[length - 2] == 0xE2 {
      // U+2019, the curved apostrophe.
      length -= 2
      byte = ASCII.apostrophe
    }
    out[length] = byte
    length += 1
  }
}
