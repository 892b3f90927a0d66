import Glibc

/// A message on its way through DATA: line ends made CRLF, lines that begin with a dot given a second one, and the
/// final dot (RFC 5321 §4.5.2). Bare CR and LF never reach the wire (§2.3.8): a lenient server could take
/// `LF . LF` for the end of the mail and the rest for commands.
struct MessageData {
  private let content: [UInt8]
  private var position = 0
  /// Whether the final dot was produced.
  private(set) var isFinished = false

  init(_ content: [UInt8]) { self.content = content }

  /// Whether the message needs 8BITMIME (RFC 6152).
  var isEightBit: Bool { content.contains { $0 > 127 } }

  /// Appends whole lines to `output` until it holds `size` bytes or more, the final dot behind the last.
  mutating func fill(_ output: inout [UInt8], upTo size: Int) {
    content.withUnsafeBytes { bytes in
      while position < bytes.count, output.count < size {
        position = Self.appendLine(bytes, from: position, to: &output)
      }
      if position == bytes.count {
        output += [0x2E, 0x0D, 0x0A]
        isFinished = true
      }
    }
  }

  /// One line with its CRLF; the answer is where the next one begins.
  private static func appendLine(_ bytes: UnsafeRawBufferPointer, from start: Int, to output: inout [UInt8]) -> Int {
    if bytes[start] == 0x2E { output.append(0x2E) }
    let newline = index(of: 0x0A, in: bytes, from: start, to: bytes.count)
    let end = newline ?? bytes.count
    let carriageReturn = index(of: 0x0D, in: bytes, from: start, to: end)
    if let newline, carriageReturn == newline - 1 {
      output.append(contentsOf: bytes[start...newline])
      return newline + 1
    }
    let textEnd = carriageReturn ?? end
    output.append(contentsOf: bytes[start..<textEnd])
    output.append(0x0D)
    output.append(0x0A)
    return min(textEnd + 1, bytes.count)
  }

  private static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from: Int, to: Int) -> Int? {
    guard from < to, let base = bytes.baseAddress, let hit = memchr(base + from, Int32(byte), to - from) else {
      return nil
    }
    return UnsafeRawPointer(hit) - base
  }
}
