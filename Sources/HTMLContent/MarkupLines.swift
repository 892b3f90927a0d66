/// A line of a document as it shows, as far as finding quotes needs it.
struct MarkupLine {
  /// The first node of its text.
  var place: Int
  var length = 0
  var field: HeaderWord.Field?
  var endsInColon = false
  var hasDigit = false
  var hasAt = false
  /// It starts in bold type.
  var isBold = false
  /// “10:15”.
  var hasTime = false
  /// Dashes or underscores, with or without a word between them.
  var isSeparator = false
}

enum MarkupLines {
  /// Bytes of a line that are looked at.
  private static let longest = 400

  /// The lines with text in them.
  static func lines(of view: HTMLView) -> [MarkupLine] {
    var lines: [MarkupLine] = []
    var text: [UInt8] = []
    var place = 0
    var ends: [Int] = []
    func finish() {
      if var line = line(text, at: place) {
        line.isBold = isBold(place, in: view)
        lines.append(line)
      }
      text.removeAll(keepingCapacity: true)
    }
    for (index, node) in view.nodes.enumerated() {
      while let end = ends.last, end <= index {
        ends.removeLast()
        finish()
      }
      if node.element == .text {
        // Blanks between tags start no line.
        if text.isEmpty {
          guard view.text(node).contains(where: { $0 > ASCII.space }) else { continue }
          place = index
        }
        if text.count < longest { text.append(contentsOf: view.text(node).prefix(longest)) }
      } else if node.element == .br || node.element == .hr {
        finish()
      } else if node.element.isBlock || node.element == .table {
        finish()
        ends.append(Int(node.end))
      }
    }
    finish()
    return lines
  }

  /// Whether a text stands in an element for bold type, or in an inline one in such an element.
  private static func isBold(_ place: Int, in view: HTMLView) -> Bool {
    var place = Int(view.nodes[place].parent)
    for _ in 0..<4 where place >= 0 && !view.nodes[place].element.isBlock {
      if view.nodes[place].element == .b || view.nodes[place].element == .strong { return true }
      place = Int(view.nodes[place].parent)
    }
    return false
  }

  private static func line(_ text: [UInt8], at place: Int) -> MarkupLine? {
    text.withUnsafeBufferPointer { whole in
      var text = whole.trimmed
      // No-break blanks at the ends.
      while text.first == 0xC2, text.count > 1, text[1] == 0xA0 { text = text.slice(2..<text.count).trimmed }
      while text.count > 1, text[text.count - 1] == 0xA0, text[text.count - 2] == 0xC2 {
        text = text.slice(0..<text.count - 2).trimmed
      }
      guard !text.isEmpty else { return nil }
      var line = MarkupLine(place: place, length: text.count)
      line.field = HeaderWord.field(startingIn: text)
      line.endsInColon = text.last == ASCII.colon || text.slice(max(0, text.count - 3)..<text.count).isWideColon
      line.hasDigit = text.contains(where: ASCII.isDigit)
      line.hasAt = text.contains(ASCII.at)
      line.hasTime = text.indices.dropFirst().dropLast(2).contains { colon in
        text[colon] == ASCII.colon && ASCII.isDigit(text[colon - 1]) && ASCII.isDigit(text[colon + 1])
          && ASCII.isDigit(text[colon + 2])
      }
      line.isSeparator = text.starts(with: Array("--".utf8)) || text.starts(with: Array("__".utf8))
      return line
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// “：”
  var isWideColon: Bool { elementsEqual([0xEF, 0xBC, 0x9A]) }
}
