import Foundation

/// What commands print. All text passes ``line(_:)`` or ``error(_:)``, which keep what mail can hold from steering a
/// terminal.
enum Console {
  static let isTerminal = isatty(STDOUT_FILENO) == 1

  static func line(_ text: String = "") { write(printable(text) + "\n", to: STDOUT_FILENO) }

  static func error(_ text: String) { write(printable(text) + "\n", to: STDERR_FILENO) }

  /// Overwrites the line before, on a terminal only: scripts and logs see no progress.
  static func progress(_ text: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    write("\r\u{1B}[K\(printable(text))", to: STDERR_FILENO)
  }

  /// One line. What JSON leaves as it is but a terminal obeys is escaped: the value stays the same.
  static func json(_ value: some Encodable) throws {
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    let escaped = replacingControls(text) { control in
      let digits = String(control.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    write(escaped + "\n", to: STDOUT_FILENO)
  }

  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  /// Ends the program when nobody reads any more (`| head`), with the status that a shell gives a program which SIGPIPE
  /// ended; the signal itself is ignored because of the network.
  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if errno == EAGAIN {
          var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&room, 1, -1)
        } else if errno != EINTR {
          // Without standard error the work goes on: a service may have none.
          if descriptor == STDERR_FILENO { return }
          if errno == EPIPE { exit(141) }
          error("the output cannot be written: \(String(cString: strerror(errno)))")
          exit(1)
        }
      }
    }
  }

  /// Columns as wide as their widest cell; Han characters count two. The last column is not padded.
  static func table(_ header: [String], _ rows: [[String]], indent: String = "") {
    var widths = header.map(width)
    for row in rows { for (column, cell) in row.enumerated() { widths[column] = max(widths[column], width(cell)) } }
    for (number, row) in ([header] + rows).enumerated() {
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - width(cell))
      }
      line(indent + cells.joined(separator: "  "))
      if number == 0 { line(indent + widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")) }
    }
  }

  /// Cells on a terminal.
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width($1) }
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x0300...0x036F, 0x200B...0x200F, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      2
    default: isControl(scalar) ? 0 : 1
    }
  }

  /// On one line, at most `cells` wide, with an ellipsis when cut.
  static func clipped(_ text: String, _ cells: Int) -> String {
    var result = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars where !isControl(scalar) {
      let shown = scalar == "\n" || scalar == "\t" ? " " : scalar
      if used + width(shown) > cells - 1 { return String(result) + "…" }
      result.append(shown)
      used += width(shown)
    }
    return String(result)
  }

  /// What steers a terminal: C0 but line end and tab, DEL, C1, and the marks that turn the direction of what follows
  /// (Unicode TR 36 §3.1.1), with which a mail could show other words than it holds.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  private static func printable(_ text: String) -> String { replacingControls(text) { _ in "" } }

  private static func replacingControls(_ text: String, _ replacement: (Unicode.Scalar) -> String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isControl(scalar) { result += replacement(scalar) } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }
}
