/// What a tag's name in the source stands for.
enum TagName: Sendable {
  case element(HTMLElement)
  /// Everything up to the end tag is left out; `isRawText` when nothing in it can be a tag.
  case hidden(isRawText: Bool)
  /// `style`: its text is kept apart.
  case style
  /// Raw text that is shown.
  case shownText
  case body

  /// A name of lower-case letters and digits packed into a number; longer names fold, which only makes some unknown
  /// name a known one.
  static func key(_ name: some Sequence<UInt8>) -> UInt64 { name.reduce(0, extend) }

  /// The key of a name that is one byte longer.
  @inline(__always)
  static func extend(_ key: UInt64, by byte: UInt8) -> UInt64 { (key << 8 | key >> 56) ^ UInt64(byte) }

  static let byKey: NameTable<TagName> = {
    var table = NameTable<TagName>()
    func add(_ names: String, _ meaning: TagName) {
      for name in names.split(separator: " ") { table[key(name.utf8)] = meaning }
    }
    for element in HTMLElement.allCases where element != .text && element != .root {
      add(element == .includetail ? "includetail" : element.name, .element(element))
    }
    add("article section header footer main nav aside figure figcaption fieldset legend", .element(.div))
    add("details summary hgroup address option optgroup marquee dialog search", .element(.div))
    add("dir menu", .element(.ul))
    add("listing xmp plaintext", .element(.pre))
    add("strike", .element(.s))
    add("acronym", .element(.abbr))
    add("image", .element(.img))
    add("time bdi mark data", .element(.span))
    add("script noscript noembed noframes iframe title", .hidden(isRawText: true))
    add("svg math template frameset datalist", .hidden(isRawText: false))
    add("style", .style)
    add("textarea", .shownText)
    add("body", .body)
    return table
  }()
}

/// The attributes that mean something here; all others are passed over.
enum HTMLAttribute: UInt8, CaseIterable, Sendable {
  case align, alt, background, bgcolor, border, cellpadding, cellspacing, color, colspan, dir, face, height, hidden
  case href, id, lang, nowrap, rowspan, size, src, srcset, start, style, title, type, valign, width
  case className

  /// The names in markup, in the order of the cases.
  static let names: [[UInt8]] = allCases.map { Array(($0 == .className ? "class" : "\($0)").utf8) }

  static let byKey: NameTable<HTMLAttribute> = {
    var table = NameTable<HTMLAttribute>()
    for attribute in allCases { table[TagName.key(names[Int(attribute.rawValue)])] = attribute }
    return table
  }()
}

/// A small table by name keys that is filled once and then only read; some times faster than a dictionary, whose
/// hashing defends against keys chosen by an attacker. Here the keys are ours.
struct NameTable<Value: Sendable>: Sendable {
  private var keys = [UInt64](repeating: 0, count: 512)
  private var values = [Value?](repeating: nil, count: 512)

  private func place(of key: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 55)
    while keys[place] != key, keys[place] != 0 { place = (place + 1) & 511 }
    return place
  }

  subscript(key: UInt64) -> Value? {
    get { values[place(of: key)] }
    set {
      let place = place(of: key)
      keys[place] = key
      values[place] = newValue
    }
  }
}
