/// The declarations of a style that may stay: an allow-list of properties that colour, size and space what is in the
/// flow. No position, nothing that loads, runs or lays one thing over another.
enum SafeStyle {
  /// Bytes of an element's style; and of one value.
  static let longest = 2_000
  private static let longestValue = 200

  private enum Kind {
    case plain
    /// A negative one would move an element over others.
    case notNegative
    /// Names in quotes may be in it.
    case font
    case display
    /// The shorthand, of which the colour stays.
    case background
    /// Would load something.
    case image
  }

  private struct Property {
    var name: [UInt8]
    var kind: Kind
  }

  private static let properties: NameTable<Property> = {
    var table = NameTable<Property>()
    func add(_ names: String, _ kind: Kind) {
      for name in names.split(separator: " ") {
        table[TagName.key(name.utf8)] = Property(name: Array(name.utf8), kind: kind)
      }
    }
    add("color background-color font-size font-style font-variant font-weight line-height opacity", .plain)
    add("text-align text-decoration text-decoration-line text-decoration-color text-decoration-style", .plain)
    add("text-transform vertical-align white-space word-break word-spacing word-wrap overflow-wrap", .plain)
    add("direction unicode-bidi list-style-type list-style-position table-layout empty-cells caption-side", .plain)
    add("border-collapse border-spacing box-sizing clear float visibility overflow", .plain)
    add("width height min-width min-height max-width max-height", .notNegative)
    add("letter-spacing text-indent margin margin-top margin-right margin-bottom margin-left", .notNegative)
    add("padding padding-top padding-right padding-bottom padding-left", .notNegative)
    add("border border-radius border-width border-style border-color", .plain)
    for side in ["top", "right", "bottom", "left"] {
      add("border-\(side) border-\(side)-width border-\(side)-style border-\(side)-color", .plain)
    }
    add("border-top-left-radius border-top-right-radius", .plain)
    add("border-bottom-left-radius border-bottom-right-radius", .plain)
    add("font font-family", .font)
    add("display", .display)
    add("background", .background)
    add("background-image list-style list-style-image border-image border-image-source content cursor", .image)
    return table
  }()

  private static let displays: Set<String> = [
    "block", "inline", "inline-block", "list-item", "table", "inline-table", "table-row", "table-cell", "table-caption",
    "table-row-group", "table-header-group", "table-footer-group", "table-column", "table-column-group",
  ]
  private static let functions: [StaticString] = ["rgb", "rgba", "hsl", "hsla"]
  private static let backgroundColor = Array("background-color".utf8)

  /// The safe form of the declarations that hold for an element.
  struct Writer {
    private(set) var bytes: [UInt8] = []
    /// Addresses the style would load.
    private(set) var loaded: [Bytes] = []

    mutating func add(_ key: UInt64, _ value: Bytes) {
      guard let property = SafeStyle.properties[key] else { return }
      if value.index(of: ASCII.leftParen, from: 0) != nil { loaded += StyleDeclarations.addresses(in: value) }
      switch property.kind {
      case .image: break
      case .background: addBackground(value)
      case .display:
        let word = String(decoding: value.lazy.map(ASCII.lower), as: UTF8.self)
        if SafeStyle.displays.contains(word) { append(property.name, Array(word.utf8)) }
      case .plain, .notNegative, .font:
        guard let safe = SafeStyle.safeValue(value, isFont: property.kind == .font),
          property.kind != .notNegative || !SafeStyle.isNegative(safe)
        else { return }
        append(property.name, safe)
      }
    }

    private mutating func addBackground(_ value: Bytes) {
      // `#fff url(…) no-repeat`: words in front of an image, or a single word.
      var place = 0
      for word in value.split(whereSeparator: ASCII.isSpace) {
        let word = Bytes(rebasing: word)
        let isColor = word.first == ASCII.hash || word.hasWord("rgb", at: 0) || word.hasWord("hsl", at: 0)
        place = word.baseAddress.map { $0 - (value.baseAddress ?? $0) } ?? 0
        if isColor {
          let end = word.contains(ASCII.leftParen) ? value.index(of: ASCII.rightParen, from: place) : nil
          let color = value.slice(place..<(end.map { $0 + 1 } ?? place + word.count))
          if let safe = SafeStyle.safeValue(color, isFont: false) { append(SafeStyle.backgroundColor, safe) }
          return
        }
      }
      if value.allSatisfy(ASCII.isLetter), !value.hasWord("none", at: 0) {
        append(SafeStyle.backgroundColor, Array(value))
      }
    }

    private mutating func append(_ name: [UInt8], _ value: [UInt8]) {
      guard bytes.count + name.count + value.count + 2 <= SafeStyle.longest else { return }
      if !bytes.isEmpty { bytes.append(ASCII.semicolon) }
      bytes += name
      bytes.append(ASCII.colon)
      bytes += value
    }
  }

  /// A value of plain words, numbers and colours; nil when there is anything else in it.
  private static func safeValue(_ value: Bytes, isFont: Bool) -> [UInt8]? {
    guard value.count <= longestValue else { return nil }
    var out: [UInt8] = []
    var quote: UInt8 = 0
    var isInParentheses = false
    for (place, byte) in value.enumerated() {
      switch byte {
      case ASCII.quote, ASCII.apostrophe:
        guard isFont, quote == 0 || quote == byte, !isInParentheses else { return nil }
        quote = quote == 0 ? byte : 0
        out.append(ASCII.apostrophe)
      case ASCII.leftParen:
        guard quote == 0, !isInParentheses, isColorFunction(value, before: place) else { return nil }
        isInParentheses = true
        out.append(byte)
      case ASCII.rightParen:
        guard isInParentheses else { return nil }
        isInParentheses = false
        out.append(byte)
      case _ where ASCII.isSpace(byte): if out.last != ASCII.space { out.append(ASCII.space) }
      case ASCII.hash, ASCII.percent, ASCII.dot, ASCII.comma, ASCII.dash, ASCII.plus, ASCII.underscore:
        out.append(byte)
      // `font: 12px/1.5 Arial`, but no comment.
      case ASCII.slash where out.last != ASCII.slash: out.append(byte)
      case _ where ASCII.isLetter(byte) || ASCII.isDigit(byte): out.append(byte)
      case 128...: if isFont { out.append(byte) } else { return nil }
      default: return nil
      }
    }
    return quote == 0 && !isInParentheses ? out : nil
  }

  private static func isColorFunction(_ value: Bytes, before place: Int) -> Bool {
    var start = place
    while start > 0, ASCII.isLetter(value[start - 1]) { start -= 1 }
    return functions.contains { $0.utf8CodeUnitCount == place - start && value.hasWord($0, at: start) }
  }

  private static func isNegative(_ value: [UInt8]) -> Bool {
    for (place, byte) in value.enumerated() where byte == ASCII.dash {
      if place == 0 || value[place - 1] == ASCII.space { return true }
    }
    return false
  }
}
