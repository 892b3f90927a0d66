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

  /// Elements that a parser puts wherever it would put a letter (§13.2.6.4.7), and nothing inside.
  var isLikeText: Bool { self == .br || self == .img || self == .wbr }

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
