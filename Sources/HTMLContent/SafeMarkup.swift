/// Writes tags and escaped text; the only way bytes get into safe HTML.
struct SafeMarkup {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  var count: Int { bytes.count }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func start(_ element: HTMLElement) {
    bytes.append(contentsOf: HTMLElement.startTags[Int(element.rawValue)].dropLast())
    isPreformatted = element == .pre
  }

  private var isPreformatted = false

  mutating func addAttribute(_ name: HTMLAttribute, _ value: [UInt8]) {
    bytes.append(ASCII.space)
    bytes.append(contentsOf: HTMLAttribute.names[Int(name.rawValue)])
    bytes.append(contentsOf: "=\"".utf8)
    value.withUnsafeBufferPointer { escape($0) }
    bytes.append(ASCII.quote)
  }

  /// A link opens elsewhere, and its target learns neither from where nor gets hold of the window.
  mutating func addLink(_ address: SafeAddress) {
    addAttribute(.href, address.bytes)
    bytes.append(contentsOf: " target=\"_blank\" rel=\"noopener noreferrer nofollow\"".utf8)
  }

  mutating func endOfStartTag() {
    bytes.append(ASCII.greater)
    // Parsers leave out a line break here, so one of the text's own would be lost.
    if isPreformatted { bytes.append(ASCII.lf) }
  }

  mutating func end(_ element: HTMLElement) {
    bytes.append(contentsOf: HTMLElement.endTags[Int(element.rawValue)])
  }

  mutating func addText(_ text: Bytes) { escape(text) }

  /// White space between tags, of which one blank is enough.
  mutating func addBlank() {
    // Text that leaves nothing, such as an empty alt, stands between no two blanks.
    guard blankEnd != bytes.count else { return }
    bytes.append(ASCII.space)
    blankEnd = bytes.count
  }

  /// Where such a blank ended.
  private var blankEnd = -1

  /// `&`, `<`, `>` and `"` as references; control characters and CR are left out.
  private mutating func escape(_ text: Bytes) {
    var start = 0
    for place in 0..<text.count {
      let byte = text[place]
      guard Self.isSpecial[Int(byte)] else { continue }
      bytes.append(contentsOf: text.slice(start..<place))
      start = place + 1
      switch byte {
      case ASCII.ampersand: bytes.append(contentsOf: "&amp;".utf8)
      case ASCII.less: bytes.append(contentsOf: "&lt;".utf8)
      case ASCII.greater: bytes.append(contentsOf: "&gt;".utf8)
      case ASCII.quote: bytes.append(contentsOf: "&quot;".utf8)
      default: break
      }
    }
    bytes.append(contentsOf: text.slice(start..<text.count))
  }

  private static let isSpecial: [Bool] = (0..<256).map { byte in
    [38, 60, 62, 34, 127].contains(byte) || byte < 32 && byte != 9 && byte != 10
  }
}
