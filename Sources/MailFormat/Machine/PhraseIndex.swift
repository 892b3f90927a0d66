/// A fixed list of phrases that is looked for in one pass over a text, whatever its length.
///
/// A phrase matches where a word starts; its end may be in the middle of one, so `undeliver` finds `undeliverable`.
struct PhraseIndex: Sendable {
  private var phrases: [[UInt8]] = []
  /// For each first byte the phrases that start with it, in order of the list.
  private var starting: [[Int]] = Array(repeating: [], count: 256)

  /// - Parameter phrases: in lower case, with single blanks, no blanks around.
  init(_ phrases: [String]) {
    for phrase in phrases {
      guard let first = phrase.utf8.first else { continue }
      starting[Int(first)].append(self.phrases.count)
      self.phrases.append(Array(phrase.utf8))
    }
  }

  /// The phrase with that number in the list.
  subscript(number: Int) -> String { String(decoding: phrases[number], as: UTF8.self) }

  /// The number of the phrase that stands first in the list of all that occur in a folded text.
  func first(in folded: [UInt8]) -> Int? {
    folded.withUnsafeBufferPointer { text in
      var best: Int?
      for i in text.indices where Self.isWordStart(text, i) {
        for number in starting[Int(text[i])] {
          if let best, number >= best { break }
          if isFound(phrases[number], in: text, at: i) { best = number }
        }
        if best == 0 { return 0 }
      }
      return best
    }
  }

  /// Whether any of the phrases occurs in a folded text.
  func occurs(in folded: [UInt8]) -> Bool { place(in: folded) != nil }

  /// Where the earliest phrase in a folded text starts.
  func place(in folded: [UInt8]) -> Int? {
    folded.withUnsafeBufferPointer { text in
      text.indices.first { i in
        Self.isWordStart(text, i) && starting[Int(text[i])].contains { isFound(phrases[$0], in: text, at: i) }
      }
    }
  }

  /// The number of the first phrase in the list that the folded text starts with.
  func prefix(of folded: [UInt8]) -> Int? {
    guard let first = folded.first else { return nil }
    return folded.withUnsafeBufferPointer { text in
      starting[Int(first)].first { isFound(phrases[$0], in: text, at: 0) }
    }
  }

  @inline(__always)
  private static func isWordStart(_ text: Bytes, _ i: Int) -> Bool {
    guard i > 0, text[i] < 0x80 else { return true }
    return !ASCII.isLetter(text[i - 1]) && !ASCII.isDigit(text[i - 1])
  }

  @inline(__always)
  private func isFound(_ phrase: [UInt8], in text: Bytes, at place: Int) -> Bool {
    guard place + phrase.count <= text.count else { return false }
    for k in 1..<phrase.count where text[place + k] != phrase[k] { return false }
    return true
  }
}

/// The form of a text in which phrases are compared: Latin-1 and Cyrillic letters in lower case, one blank for any white
/// space, typewriter apostrophes.
enum FoldedText {
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
