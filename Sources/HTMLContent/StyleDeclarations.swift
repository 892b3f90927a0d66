/// The declarations of a `style` attribute or of a rule: `name: value` separated by semicolons.
enum StyleDeclarations {
  /// Calls `body` with the key of each property's name (see `TagName.key`) and its value without `!important`.
  static func read(_ source: Bytes, _ body: (UInt64, Bytes) -> Void) {
    var place = 0
    while place < source.count {
      let end = endOfDeclaration(source, from: place)
      if let colon = source.slice(place..<end).index(of: ASCII.colon, from: 0) {
        let name = source.slice(place..<place + colon).trimmed
        let value = withoutImportance(source.slice(place + colon + 1..<end).trimmed)
        if !name.isEmpty, !value.isEmpty { body(TagName.key(name.lazy.map(ASCII.lower)), value) }
      }
      place = end + 1
    }
  }

  /// The place of the semicolon that ends a declaration; those in quotes and parentheses do not.
  private static func endOfDeclaration(_ source: Bytes, from start: Int) -> Int {
    var quote: UInt8 = 0
    var isInParentheses = false
    var place = start
    while place < source.count {
      let byte = source[place]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else {
        switch byte {
        case ASCII.quote, ASCII.apostrophe: quote = byte
        case ASCII.leftParen: isInParentheses = true
        case ASCII.rightParen: isInParentheses = false
        case ASCII.semicolon where !isInParentheses: return place
        default: break
        }
      }
      place += 1
    }
    return place
  }

  private static func withoutImportance(_ value: Bytes) -> Bytes {
    guard let mark = value.index(of: ASCII.exclamation, from: 0) else { return value }
    return value.slice(0..<mark).trimmed
  }

  /// The addresses in a value's `url(…)`.
  static func addresses(in value: Bytes) -> [Bytes] {
    var found: [Bytes] = []
    var place = 0
    while let open = value.index(of: ASCII.leftParen, from: place) {
      place = open + 1
      guard open >= 3, value.hasWord("url", at: open - 3) else { continue }
      let end = value.index(of: ASCII.rightParen, from: open) ?? value.count
      var address = value.slice(open + 1..<end).trimmed
      if let first = address.first, first == ASCII.quote || first == ASCII.apostrophe {
        address = address.slice(1..<address.count)
        if address.last == first { address = address.slice(0..<address.count - 1) }
      }
      found.append(address)
      place = end
    }
    return found
  }
}

/// The rules of the `style` elements whose selectors are a tag, a class or an id (`p`, `.note`, `td.note`, `#top`):
/// they can be written into the elements they mean. Rules for some screens only and longer selectors are left out.
struct StyleSheet: Sendable {
  struct Rule: Sendable {
    var element: HTMLElement?
    var declarations: [UInt8]
  }

  private(set) var byElement: [HTMLElement: [Rule]] = [:]
  private(set) var byClass: [UInt64: [Rule]] = [:]
  private(set) var byID: [UInt64: [Rule]] = [:]
  private var count = 0

  /// Rules kept, and bytes of a rule's declarations: more than this is not written by hand or by a mail editor.
  private static let mostRules = 1_000
  private static let longestRule = 1_000
  /// Rules for one name, all of which are read for every element of that name.
  private static let mostOfAName = 20

  var isEmpty: Bool { count == 0 }

  init(_ sources: [ArraySlice<UInt8>]) {
    for source in sources { source.withUnsafeBufferPointer { read($0) } }
  }

  private mutating func read(_ source: Bytes) {
    let source = Self.withoutComments(source)
    source.withUnsafeBufferPointer { source in
      var place = 0
      while count < Self.mostRules, let open = source.index(of: ASCII.leftBrace, from: place) {
        var selectors = source.slice(place..<open).trimmed
        // `@import …;` and the like have no block.
        if let semicolon = selectors.lastIndex(of: ASCII.semicolon) {
          selectors = selectors.slice(semicolon + 1..<selectors.count).trimmed
        }
        let isAtRule = selectors.first == ASCII.at
        let close = isAtRule ? Self.endOfBlock(source, from: open) : source.index(of: ASCII.rightBrace, from: open)
        let end = close ?? source.count
        if !isAtRule { add(selectors, source.slice(open + 1..<end).trimmed) }
        place = end + 1
      }
    }
  }

  private mutating func add(_ selectors: Bytes, _ declarations: Bytes) {
    guard !declarations.isEmpty, declarations.count <= Self.longestRule else { return }
    for selector in selectors.split(separator: ASCII.comma) where count < Self.mostRules {
      add(selector: Bytes(rebasing: selector).trimmed, Array(declarations))
    }
  }

  private mutating func add(selector: Bytes, _ declarations: [UInt8]) {
    let mark = selector.firstIndex { !ASCII.isLetter($0) && !ASCII.isDigit($0) } ?? selector.count
    var element: HTMLElement?
    if mark > 0 {
      switch TagName.byKey[TagName.key(selector.slice(0..<mark).lazy.map(ASCII.lower))] {
      case .element(let named): element = named
      default: return
      }
    }
    let rest = selector.slice(mark..<selector.count)
    let rule = Rule(element: element, declarations: declarations)
    guard let kind = rest.first else {
      if let element, Self.insert(rule, into: &byElement[element, default: []]) { count += 1 }
      return
    }
    let name = rest.slice(1..<rest.count)
    guard !name.isEmpty, name.allSatisfy(Self.isNameByte) else { return }
    let key = TagName.key(name)
    if kind == ASCII.dot, Self.insert(rule, into: &byClass[key, default: []]) { count += 1 }
    if kind == ASCII.hash, Self.insert(rule, into: &byID[key, default: []]) { count += 1 }
  }

  private static func insert(_ rule: Rule, into rules: inout [Rule]) -> Bool {
    guard rules.count < mostOfAName else { return false }
    rules.append(rule)
    return true
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.dash || byte == ASCII.underscore || byte >= 128
  }

  private static func endOfBlock(_ source: Bytes, from open: Int) -> Int? {
    var depth = 0
    for place in open..<source.count {
      if source[place] == ASCII.leftBrace { depth += 1 }
      if source[place] == ASCII.rightBrace { depth -= 1 }
      if depth == 0 { return place }
    }
    return nil
  }

  /// Without `/* … */` and the `<!--` and `-->` that old mail wraps its styles in.
  private static func withoutComments(_ source: Bytes) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(source.count)
    var place = 0
    while place < source.count {
      if source.hasWord("/*", at: place) {
        var end = place + 2
        while let slash = source.index(of: ASCII.slash, from: end + 1), source[slash - 1] != ASCII.star { end = slash }
        place = source.index(of: ASCII.slash, from: end + 1).map { $0 + 1 } ?? source.count
      } else if source.hasWord("<!--", at: place) {
        place += 4
      } else if source.hasWord("-->", at: place) {
        place += 3
      } else {
        out.append(source[place])
        place += 1
      }
    }
    return out
  }
}

extension HTMLView {
  /// The declarations that hold for an element, the weaker ones first.
  func readStyle(of node: HTMLNode, _ body: (UInt64, Bytes) -> Void) {
    if !sheet.isEmpty { readSheet(for: node, body) }
    if let style = attribute(.style, of: node) { StyleDeclarations.read(style, body) }
  }

  private func readSheet(for node: HTMLNode, _ body: (UInt64, Bytes) -> Void) {
    func apply(_ rules: [StyleSheet.Rule]?) {
      for rule in rules ?? [] where rule.element == nil || rule.element == node.element {
        rule.declarations.withUnsafeBufferPointer { StyleDeclarations.read($0, body) }
      }
    }
    apply(sheet.byElement[node.element])
    // More classes than this on one element only cost time.
    for name in classes(of: node).prefix(16) { apply(sheet.byClass[TagName.key(name)]) }
    if let id = attribute(.id, of: node) { apply(sheet.byID[TagName.key(id)]) }
  }

  /// The class names of an element.
  func classes(of node: HTMLNode) -> [Bytes] {
    guard let value = attribute(.className, of: node) else { return [] }
    return value.split(maxSplits: 64, whereSeparator: ASCII.isSpace).map { Bytes(rebasing: $0) }
  }
}
