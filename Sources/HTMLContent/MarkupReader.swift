/// Reads the tags of a piece of HTML in one pass (HTML standard §13.2.5, without its states for scripts) and writes
/// the outline the tree is built from.
struct MarkupReader {
  private let source: Bytes
  private var place = 0
  private var outline = MarkupOutline()
  private var decoded: [UInt8] = []
  private var references = CharacterReferences()
  private var open: OpenElements
  /// `svg`, `math`, `template`: the name whose end tag is waited for, how many are open, whether HTML in it ends it.
  private var hidden: (name: UInt64, depth: Int, isForeign: Bool)?
  /// What was searched for in vain is not there further on either; without this many such marks cost quadratic time.
  private var absent: (double: Bool, single: Bool, tagEnd: Bool) = (false, false, false)

  /// Longer values of attributes are left out: `data:` URLs for the most part.
  private static let longestValue = 16 << 10
  /// Bytes of texts that are rather copied together than kept one by one when there is no room for tags.
  private static let shortText = 64

  static func outline(of html: String, limits: HTMLLimits, isFlat: Bool) -> MarkupOutline {
    var html = html
    return html.withUTF8 { all in
      let source = all.slice(0..<limits.bytes)
      var reader = MarkupReader(source: source, limits: limits, isFlat: isFlat)
      reader.run()
      reader.finish(isCut: source.count < all.count)
      return reader.outline
    }
  }

  private init(source: Bytes, limits: HTMLLimits, isFlat: Bool) {
    self.source = source
    open = OpenElements(limits: limits, sourceBytes: source.count, isFlat: isFlat)
    outline.markup.reserveCapacity(source.count / 4 + 64)
    outline.tags.reserveCapacity(source.count / 64 + 16)
    outline.pieces.reserveCapacity(source.count / 64 + 16)
    outline.attributes.reserveCapacity(source.count / 64 + 16)
  }

  private mutating func run() {
    while place < source.count {
      let start = place
      while let mark = source.index(of: ASCII.less, from: place), !isMarkup(mark) { place = mark + 1 }
      let mark = source.index(of: ASCII.less, from: place) ?? source.count
      addText(start..<mark, isDecoded: true)
      place = mark
      if place < source.count { readMarkup() }
    }
  }

  private mutating func finish(isCut: Bool) {
    outline.defects.formUnion(open.defects)
    outline.sourceBytes = source.count
    if isCut { outline.defects.insert(.tooLong) }
    decoded.append(ASCII.space)
    outline.content.reserveCapacity(source.count + decoded.count)
    outline.content.append(contentsOf: source)
    outline.content.append(contentsOf: decoded)
    outline.blank = MarkupOutline.Piece(start: UInt32(outline.content.count - 1), length: 1)
  }

  private func isMarkup(_ mark: Int) -> Bool {
    guard mark + 1 < source.count, !absent.tagEnd else { return false }
    switch source[mark + 1] {
    case ASCII.exclamation, ASCII.question: return true
    case ASCII.slash: return mark + 2 < source.count
    default: return ASCII.isLetter(source[mark + 1])
    }
  }

  // MARK: - Text

  private mutating func addText(_ range: Range<Int>, isDecoded: Bool) {
    guard hidden == nil, !range.isEmpty else { return }
    if !open.isPreformatted, source[range].allSatisfy(ASCII.isInvisible) {
      open.addBlank(to: &outline)
    } else if open.isFull, range.count < Self.shortText {
      open.holdCell(in: &outline)
      extendLastText(by: range, isDecoded: isDecoded)
    } else {
      open.cost.add(.text)
      outline.add(stored(range, isAttribute: false, isDecoded: isDecoded))
    }
  }

  /// No tags come any more: texts behind each other are one, with a blank between them where a tag was.
  private mutating func extendLastText(by range: Range<Int>, isDecoded: Bool) {
    let start = decoded.count
    let extended = outline.lastText(endingAt: source.count + start)
    if extended != nil, outline.markup.last == ASCII.space {
      outline.markup.removeLast()
      decoded.append(ASCII.space)
    }
    if isDecoded {
      references.decode(source.slice(range), isAttribute: false, into: &decoded)
    } else {
      decoded.append(contentsOf: source[range])
    }
    let length = UInt32(decoded.count - start)
    if let extended {
      outline.pieces[extended].length += length
    } else {
      open.cost.add(.text)
      outline.add(MarkupOutline.Piece(start: UInt32(source.count + start), length: length))
    }
  }

  /// The range itself, or where it stands once decoded.
  private mutating func stored(_ range: Range<Int>, isAttribute: Bool, isDecoded: Bool = true) -> MarkupOutline.Piece {
    let bytes = source.slice(range)
    guard isDecoded, bytes.index(of: ASCII.ampersand, from: 0) != nil else {
      return MarkupOutline.Piece(start: UInt32(range.lowerBound), length: UInt32(range.count))
    }
    let start = decoded.count
    references.decode(bytes, isAttribute: isAttribute, into: &decoded)
    return MarkupOutline.Piece(start: UInt32(source.count + start), length: UInt32(decoded.count - start))
  }

  // MARK: - Markup

  private mutating func readMarkup() {
    let next = source[place + 1]
    if next == ASCII.exclamation, source.hasWord("<!--", at: place) {
      skipComment()
    } else if next == ASCII.slash, ASCII.isLetter(source[place + 2]) {
      readTag(isEnd: true)
    } else if ASCII.isLetter(next) {
      readTag(isEnd: false)
    } else {
      // Doctype, `<![if !mso]>`, `<?xml …?>`, `</ x>`: the standard calls them bogus comments.
      place = source.index(of: ASCII.greater, from: place).map { $0 + 1 } ?? source.count
    }
  }

  private mutating func skipComment() {
    var from = place + 2
    while let dash = source.index(of: ASCII.dash, from: from) {
      if source.hasWord("-->", at: dash) || source.hasWord("--!>", at: dash) {
        place = source.index(of: ASCII.greater, from: dash).map { $0 + 1 } ?? source.count
        return
      }
      from = dash + 1
    }
    place = source.count
  }

  private mutating func readTag(isEnd: Bool) {
    let mark = place
    place += isEnd ? 2 : 1
    var name: UInt64 = 0
    while place < source.count, !isTagDelimiter(source[place]) {
      name = TagName.extend(name, by: ASCII.lower(source[place]))
      place += 1
    }
    let meaning = TagName.byKey[name]
    let firstAttribute = outline.attributes.count
    let isKept = !isEnd && hidden == nil && meaning != nil && !open.isFull
    guard let isSelfClosing = readAttributes(isKept: isKept) else {
      // A tag without end: text like “a < b”, or the place where a mail was cut off.
      absent.tagEnd = true
      outline.attributes.removeSubrange(firstAttribute...)
      place = mark + 1
      addText(mark..<place, isDecoded: false)
      return
    }
    apply(meaning, name: name, isEnd: isEnd, isSelfClosing: isSelfClosing, firstAttribute: firstAttribute)
  }

  private func isTagDelimiter(_ byte: UInt8) -> Bool {
    ASCII.isSpace(byte) || byte == ASCII.slash || byte == ASCII.greater
  }

  /// Passes over the attributes and the `>`; nil when there is none. Says whether the tag ends in `/>`.
  private mutating func readAttributes(isKept: Bool) -> Bool? {
    var isSelfClosing = false
    let first = outline.attributes.count
    while place < source.count {
      let byte = source[place]
      if byte == ASCII.greater {
        place += 1
        return isSelfClosing
      }
      isSelfClosing = byte == ASCII.slash
      if isSelfClosing || ASCII.isSpace(byte) {
        place += 1
        continue
      }
      var key: UInt64 = 0
      repeat {
        key = TagName.extend(key, by: ASCII.lower(source[place]))
        place += 1
      } while place < source.count && source[place] != ASCII.equals && !isTagDelimiter(source[place])
      let value = readValue()
      guard isKept, value.count <= Self.longestValue, let name = HTMLAttribute.byKey[key],
        !outline.attributes[first...].contains(where: { $0.name == name })
      else { continue }
      let text = stored(value, isAttribute: true)
      open.cost.add(.attribute)
      outline.attributes.append(MarkupOutline.Attribute(name: name, start: text.start, length: text.length))
    }
    return nil
  }

  private mutating func readValue() -> Range<Int> {
    var at = place
    while at < source.count, ASCII.isSpace(source[at]) { at += 1 }
    guard at < source.count, source[at] == ASCII.equals else { return place..<place }
    at += 1
    while at < source.count, ASCII.isSpace(source[at]) { at += 1 }
    guard at < source.count else {
      place = at
      return at..<at
    }
    let quote = source[at]
    let isDouble = quote == ASCII.quote
    if isDouble && !absent.double || quote == ASCII.apostrophe && !absent.single {
      if let end = source.index(of: quote, from: at + 1) {
        place = end + 1
        return at + 1..<end
      }
      if isDouble { absent.double = true } else { absent.single = true }
    }
    place = at
    while place < source.count, !ASCII.isSpace(source[place]), source[place] != ASCII.greater { place += 1 }
    return at..<place
  }

  // MARK: - What a tag does

  private mutating func apply(
    _ meaning: TagName?, name: UInt64, isEnd: Bool, isSelfClosing: Bool, firstAttribute: Int
  ) {
    if hidden != nil, !leavesHidden(meaning, name: name, isEnd: isEnd, isSelfClosing: isSelfClosing) { return }
    switch meaning {
    case .element(let element):
      if isEnd { open.close(element, in: &outline) } else { start(element, firstAttribute: firstAttribute) }
    case .hidden(let isRawText) where !isEnd:
      if isRawText { _ = skipRawText(name) } else if !isSelfClosing { hidden = (name, 1, isForeign(name)) }
    case .style where !isEnd:
      let text = skipRawText(name)
      outline.styles.append(MarkupOutline.Piece(start: UInt32(text.lowerBound), length: UInt32(text.count)))
    case .shownText where !isEnd: addText(skipRawText(name), isDecoded: true)
    case .body where !isEnd:
      // The body's colours and fonts belong to an element around all.
      if outline.attributes.count > firstAttribute { start(.div, firstAttribute: firstAttribute) }
    default: break
    }
  }

  private mutating func start(_ element: HTMLElement, firstAttribute: Int) {
    let tag = MarkupOutline.Tag(
      offset: UInt32(outline.markup.count), element: element, firstAttribute: UInt32(firstAttribute),
      attributeCount: UInt32(outline.attributes.count - firstAttribute))
    open.open(tag, in: &outline)
    // A line break right behind the tag is not part of the text.
    if element == .pre {
      if place < source.count, source[place] == ASCII.cr { place += 1 }
      if place < source.count, source[place] == ASCII.lf { place += 1 }
    }
  }

  private func isForeign(_ name: UInt64) -> Bool { name != TagName.key("template".utf8) }

  /// Inside `svg` and the like: whether this tag counts again.
  private mutating func leavesHidden(_ meaning: TagName?, name: UInt64, isEnd: Bool, isSelfClosing: Bool) -> Bool {
    guard let inside = hidden else { return true }
    if name == inside.name {
      if !isSelfClosing { hidden?.depth += isEnd ? -1 : 1 }
      if hidden?.depth == 0 { hidden = nil }
      return false
    }
    switch meaning {
    case .element(.a), .element(.font): return false
    case .element where inside.isForeign && !isEnd:
      // Such a tag ends foreign content (§13.2.6.5).
      hidden = nil
      return true
    case .hidden(isRawText: true), .style, .shownText:
      if !isEnd, !isSelfClosing { _ = skipRawText(name) }
      return false
    default: return false
    }
  }

  /// Passes over raw text and its end tag; says where the text stands.
  private mutating func skipRawText(_ name: UInt64) -> Range<Int> {
    let start = place
    while let mark = source.index(of: ASCII.less, from: place) {
      place = mark + 1
      guard place < source.count, source[place] == ASCII.slash else { continue }
      var at = place + 1
      var key: UInt64 = 0
      while at < source.count, at - place < 16, !isTagDelimiter(source[at]) {
        key = TagName.extend(key, by: ASCII.lower(source[at]))
        at += 1
      }
      guard key == name else { continue }
      place = source.index(of: ASCII.greater, from: at).map { $0 + 1 } ?? source.count
      return start..<mark
    }
    place = source.count
    return start..<place
  }
}
