internal import CGumbo

/// The elements a document is made of after parsing. Others are read as one of these (`section` as `div`), left out
/// with what is in them (`script`), or their tags alone are left out (`o:p`); see `TagName`.
enum HTMLElement: UInt8, CaseIterable, Sendable {
  case text, root
  case a, abbr, b, bdo, big, blockquote, br, caption, center, cite, code, col, colgroup, dd, del, div, dl, dt, em, font
  case h1, h2, h3, h4, h5, h6, hr, i, img, ins, kbd, li, ol, p, pre, q, s, samp, small, span, strong, sub, sup
  case table, tbody, td, tfoot, th, thead, tr, tt, u, ul, wbr
  case variable
  /// QQ Mail's own element around the earlier mail.
  case includetail

  /// The name in markup.
  var name: String {
    switch self {
    case .variable: "var"
    // Elements the parser does not know would be inline to it.
    case .includetail, .root: "div"
    default: "\(self)"
    }
  }

  /// Elements that have no content and no end tag.
  var isVoid: Bool {
    switch self {
    case .br, .hr, .img, .col, .wbr: true
    default: false
    }
  }

  /// Elements that start on a line of their own and end an open paragraph.
  var isBlock: Bool {
    switch self {
    case .blockquote, .center, .dd, .div, .dl, .dt, .h1, .h2, .h3, .h4, .h5, .h6, .hr, .includetail, .li, .ol, .p, .pre,
      .root, .table, .ul:
      true
    default: isTablePart
    }
  }

  var isHeading: Bool { rawValue >= HTMLElement.h1.rawValue && rawValue <= HTMLElement.h6.rawValue }

  /// What may stand in a table only.
  var isTablePart: Bool {
    switch self {
    case .caption, .col, .colgroup, .tbody, .td, .tfoot, .th, .thead, .tr: true
    default: false
    }
  }

  var isCell: Bool { self == .td || self == .th }

  var isRowGroup: Bool { self == .tbody || self == .thead || self == .tfoot }

  /// The elements by gumbo's number; what is not ours is `span`.
  static let byGumboTag: [HTMLElement] = {
    var table = [HTMLElement](repeating: .span, count: Int(GUMBO_TAG_LAST.rawValue) + 1)
    for element in allCases where element != .text && element != .includetail && element != .root {
      table[Int(gumbo_tag_enum(element.name).rawValue)] = element
    }
    return table
  }()

  /// Start and end tags for the parser, without attributes.
  static let startTags: [[UInt8]] = allCases.map { Array("<\($0.name)>".utf8) }
  static let endTags: [[UInt8]] = allCases.map { Array("</\($0.name)>".utf8) }
}

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
    add("article section header footer main nav aside figure figcaption fieldset legend details summary", .element(.div))
    add("hgroup address option optgroup marquee dialog search", .element(.div))
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
