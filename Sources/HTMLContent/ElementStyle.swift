/// What an element's style says about whether and how its text is read.
struct ElementStyle {
  enum WhiteSpace {
    case collapsed
    case kept
    /// Line breaks are kept, blanks are not.
    case linesKept
  }

  /// Nothing of the element is shown.
  var isHidden = false
  /// Inherited, and elements inside can turn them back: nil says nothing.
  var hasNoSize: Bool?
  var isInvisible: Bool?
  var whiteSpace: WhiteSpace?

  private static func key(_ name: String) -> UInt64 { TagName.key(name.utf8) }
  private static let display = key("display")
  private static let visibility = key("visibility")
  private static let fontSize = key("font-size")
  private static let opacity = key("opacity")
  private static let overflow = key("overflow")
  private static let whiteSpaceKey = key("white-space")
  private static let microsoftHide = key("mso-hide")
  private static let extents: Set<UInt64> = [key("height"), key("max-height"), key("width"), key("max-width")]

  init(_ node: HTMLNode, in view: HTMLView) {
    if node.element == .pre { whiteSpace = .kept }
    guard node.length > 0 || !view.sheet.isEmpty else { return }
    isHidden = view.attribute(.hidden, of: node) != nil
    var hasNoExtent = false
    var clips = false
    var isDisplayed = true
    var isOpaque = true
    view.readStyle(of: node) { name, value in
      switch name {
      case Self.display: isDisplayed = !value.hasWord("none", at: 0)
      case Self.opacity: isOpaque = !Self.isZero(value)
      case Self.overflow: clips = value.hasWord("hidden", at: 0)
      case Self.microsoftHide: if value.hasWord("all", at: 0) { isHidden = true }
      case Self.visibility: isInvisible = value.hasWord("hidden", at: 0) || value.hasWord("collapse", at: 0)
      case Self.fontSize: hasNoSize = Self.isZero(value) || value.hasWord("1px", at: 0)
      case Self.whiteSpaceKey: whiteSpace = Self.whiteSpace(value)
      default: if Self.extents.contains(name), Self.isZero(value) { hasNoExtent = true }
      }
    }
    if !isDisplayed || !isOpaque || hasNoExtent && clips { isHidden = true }
  }

  private static func whiteSpace(_ value: Bytes) -> WhiteSpace {
    if value.hasWord("pre-line", at: 0) { return .linesKept }
    return value.hasWord("pre", at: 0) || value.hasWord("break-spaces", at: 0) ? .kept : .collapsed
  }

  /// `0`, `0px`, `0.0em`, but not `0.5em`.
  private static func isZero(_ value: Bytes) -> Bool {
    var hasDigit = false
    for byte in value {
      if byte == 48 { hasDigit = true } else if byte != ASCII.dot { return hasDigit && !ASCII.isDigit(byte) }
    }
    return hasDigit
  }
}
