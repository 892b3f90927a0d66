/// Characters at the beginning of a cell from which spreadsheets make a formula that runs (CSV injection).
enum FormulaGuard {
  /// In full width, too: East Asian editions take `＝` for `=`.
  static func begins(_ scalar: Unicode.Scalar) -> Bool { signs.contains(scalar) }

  private static let signs: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
}

/// Records of CSV as spreadsheets read them without harm.
enum CSVText {
  /// Excel takes a file for UTF-8 by this mark only.
  static let mark = "\u{FEFF}"

  /// One record with its line end. A cell that would be a formula gets an apostrophe, which spreadsheets do not show.
  static func record(_ cells: [String]) -> String {
    cells.map(cell).joined(separator: ",") + "\r\n"
  }

  private static func cell(_ text: String) -> String {
    let isFormula = text.unicodeScalars.first.map(FormulaGuard.begins) ?? false
    let plain = isFormula ? "'" + text : text
    let needsQuotes = plain.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    return needsQuotes ? "\"" + plain.replacing("\"", with: "\"\"") + "\"" : plain
  }
}
