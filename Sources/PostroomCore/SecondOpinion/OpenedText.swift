internal import Foundation

/// A text with everything undone that hides letters and digits from a search: full width and other forms of letters,
/// digits of other scripts, invisible signs, remains of HTML, numbers spelt in Han.
struct OpenedText {
  private(set) var scalars: [Unicode.Scalar]

  /// Layers of HTML that are undone: a mail that was quoted, forwarded and pasted has two.
  private static let layers = 4

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    for _ in 0..<Self.layers {
      let before = scalars
      fold()
      decodeEntities()
      leaveOutTags()
      if scalars == before { break }
    }
    leaveOutEntities()
    writeOutHanNumbers()
  }

  // MARK: Signs

  /// Compatibility forms (NFKC), one kind of space, line end and dash, ASCII digits, nothing that cannot be seen.
  private mutating func fold() {
    var plain = String.UnicodeScalarView()
    plain.append(contentsOf: scalars)
    var result: [Unicode.Scalar] = []
    for scalar in String(plain).precomposedStringWithCompatibilityMapping.unicodeScalars {
      guard let kept = Self.folded(scalar, behind: result.last) else { continue }
      result.append(kept)
    }
    scalars = result
  }

  private static func folded(_ scalar: Unicode.Scalar, behind previous: Unicode.Scalar?) -> Unicode.Scalar? {
    if scalar.isASCII {
      if scalar == "\r" || scalar == "\u{B}" || scalar == "\u{C}" { return previous == "\n" ? nil : "\n" }
      if scalar == "\n" { return scalar }
      if scalar == "\t" { return " " }
      return scalar.value < 0x20 || scalar.value == 0x7F ? nil : scalar
    }
    let properties = scalar.properties
    if properties.isDefaultIgnorableCodePoint { return nil }
    switch properties.generalCategory {
    case .control, .format, .privateUse, .unassigned: return nil
    case .spaceSeparator: return " "
    case .lineSeparator, .paragraphSeparator: return "\n"
    case .dashPunctuation: return "-"
    // Keycaps, strokes and dots over digits.
    case .nonspacingMark, .enclosingMark, .spacingMark: return previous?.isDigit == true ? nil : scalar
    default: break
    }
    if scalar == "\u{2212}" { return "-" }
    if scalar == "\u{2800}" { return " " }
    let isDigit = properties.numericType == .decimal || properties.numericType == .digit
    if isDigit, let value = properties.numericValue, (0...9).contains(value), value == value.rounded() {
      return Unicode.Scalar(UInt8(0x30 + Int(value)))
    }
    return scalar
  }

  // MARK: HTML

  private static let entities: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ensp": " ", "emsp": " ", "commat": "@",
    "period": ".", "colon": ":", "sol": "/", "num": "#", "plus": "+", "lpar": "(", "rpar": ")", "hyphen": "-",
    "dash": "-", "ndash": "-", "mdash": "-", "lowbar": "_", "middot": "\u{B7}", "shy": "\u{AD}", "zwj": "\u{200D}",
    "zwnj": "\u{200C}",
  ]

  private mutating func decodeEntities() {
    replace { text, place in
      guard text[place] == "&" else { return nil }
      let isNumber = place + 1 < text.count && text[place + 1] == "#"
      var end = place + (isNumber ? 2 : 1)
      var name = ""
      while end < text.count, end < place + 12, text[end].isWordASCII {
        name.unicodeScalars.append(text[end])
        end += 1
      }
      let isClosed = end < text.count && text[end] == ";"
      let scalar: Unicode.Scalar?
      if isNumber {
        let isHex = name.first == "x" || name.first == "X"
        scalar = (isHex ? UInt32(name.dropFirst(), radix: 16) : UInt32(name)).flatMap(Unicode.Scalar.init)
      } else {
        scalar = isClosed ? Self.entities[name.lowercased()] : nil
      }
      return scalar.map { (end + (isClosed ? 1 : 0), [$0]) }
    }
  }

  /// What is still an entity below all layers says nothing to a reader.
  private mutating func leaveOutEntities() {
    replace { text, place in
      guard text[place] == "&", place + 2 < text.count, text[place + 1] == "#", text[place + 2].isWordASCII else {
        return nil
      }
      var end = place + 2
      while end < text.count, text[end].isWordASCII { end += 1 }
      return (end < text.count && text[end] == ";" ? end + 1 : end, [])
    }
  }

  private static let blocks: Set<String> = [
    "br", "p", "div", "tr", "td", "th", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote",
  ]

  private mutating func leaveOutTags() {
    // Looked for once when there is none: else each of many beginnings would look through the whole text.
    var mayClose = true
    replace { text, place in
      guard text[place] == "<", place + 1 < text.count else { return nil }
      if text[place...].starts(with: "<!--".unicodeScalars) {
        guard mayClose else { return nil }
        let end = text[place...].firstRange(of: Array("-->".unicodeScalars))?.upperBound
        mayClose = end != nil
        return end.map { ($0, []) }
      }
      var end = text[place + 1] == "/" ? place + 2 : place + 1
      var name = ""
      while end < text.count, text[end].isWordASCII, name.utf8.count < 20 {
        name.unicodeScalars.append(text[end])
        end += 1
      }
      // `<li.wei@example.cn>` and `<https://…>` are no tags.
      guard let first = name.unicodeScalars.first, !first.isDigit, end < text.count,
        " \n/>".unicodeScalars.contains(text[end])
      else { return nil }
      let limit = min(text.count, end + 2000)
      guard let close = text[end..<limit].firstIndex(of: ">") else { return nil }
      return (close + 1, Self.blocks.contains(name.lowercased()) ? ["\n"] : [])
    }
  }

  // MARK: Numbers in Han

  private static let hanDigits: [Unicode.Scalar: Unicode.Scalar] = {
    let rows = ["零〇洞", "一壹幺么", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾"]
    var digits: [Unicode.Scalar: Unicode.Scalar] = [:]
    for (value, row) in rows.enumerated() {
      for scalar in row.unicodeScalars { digits[scalar] = Unicode.Scalar(UInt8(0x30 + value)) }
    }
    return digits
  }()

  /// 一三八零零一三八零零零: seven signs and more are a number, fewer are words. One or two Han signs count only between
  /// ASCII digits: the 一 of 一直 behind an order's number is none.
  private mutating func writeOutHanNumbers() {
    replace { text, place in
      guard Self.digit(text[place]) != nil, place == 0 || Self.digit(text[place - 1]) == nil else { return nil }
      var (result, pending): ([Unicode.Scalar], [Unicode.Scalar]) = ([], [])
      var (digits, han, next) = (0, 0, place)
      // Behind the last digit that counts, and what stands there instead.
      var (end, kept) = (place, 0)
      // So many digits without a Han one need no writing out, and the next of them would look through the rest again.
      while next < text.count, pending.count <= 2, han > 0 || digits < Self.most {
        if let digit = Self.digit(text[next]) {
          result += pending + [digit]
          pending = []
          digits += 1
          han += text[next].isDigit ? 0 : 1
          if text[next].isDigit || han >= Self.fewHan { (end, kept) = (next + 1, result.count) }
        } else if text[next] == " " || text[next] == "-" {
          pending.append(text[next])
        } else {
          break
        }
        next += 1
      }
      let isNumber = han >= Self.fewHan || han > 0 && text[place].isDigit
      return isNumber && digits >= 7 ? (end, Array(result.prefix(kept))) : nil
    }
  }

  private static let fewHan = 3
  private static let most = 40

  private static func digit(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    scalar.isDigit ? scalar : hanDigits[scalar]
  }

  /// Goes through the text once; `find` says what ends where a thing begins, and what stands in its place.
  private mutating func replace(
    _ find: (_ text: [Unicode.Scalar], _ place: Int) -> (end: Int, words: [Unicode.Scalar])?
  ) {
    scalars = scalars.replacing(find)
  }
}

extension [Unicode.Scalar] {
  /// The text in which everything that `find` recognises is replaced. `find` gets a place and gives the end, which lies
  /// beyond it, and what stands there instead; nil when nothing begins there.
  func replacing(_ find: (_ text: [Unicode.Scalar], _ place: Int) -> (end: Int, words: [Unicode.Scalar])?) -> Self {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(count)
    var place = 0
    while place < count {
      if let (end, words) = find(self, place) {
        result += words
        place = Swift.max(end, place + 1)
      } else {
        result.append(self[place])
        place += 1
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  /// 0 to 9.
  var isDigit: Bool { ("0"..."9").contains(self) }
  /// A to Z, a to z.
  var isLetterASCII: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
  var isWordASCII: Bool { isDigit || isLetterASCII }
  /// Of a script that is written without spaces.
  var isHan: Bool { value >= 0x2E80 && properties.isAlphabetic }
}
