import Foundation

/// What commands print.
enum Console {
  static let isTerminal = isatty(STDOUT_FILENO) == 1

  static func line(_ text: String = "") { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  static func error(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  /// Overwrites the line before, on a terminal only: scripts and logs see no progress.
  static func progress(_ text: String) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }

  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    line(String(decoding: try encoder.encode(value), as: UTF8.self))
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
    default: 1
    }
  }

  /// At most `cells` wide, with an ellipsis when cut. Control characters, which mail can hold, never reach a terminal.
  static func clipped(_ text: String, _ cells: Int) -> String {
    var result = ""
    var used = 0
    for scalar in text.unicodeScalars {
      let shown = scalar.value < 32 || (0x7F...0x9F).contains(scalar.value) ? " " : Character(scalar)
      let next = width(scalar)
      if used + next > cells - 1 { return result + "…" }
      result.append(shown)
      used += next
    }
    return result
  }

  /// Text of a mail for a terminal: without control characters other than line ends and tabs.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { scalar in
          scalar == "\n" || scalar == "\t" || (scalar.value >= 32 && !(0x7F...0x9F).contains(scalar.value))
        }))
  }
}
