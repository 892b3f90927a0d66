/// HTML that can be shown without harm, whatever it was made from.
package struct SafeHTML: Sendable, Hashable {
  /// Well-formed HTML of allow-listed elements, attributes, styles and addresses. Made safe again it stays the same.
  package var html: String
  /// Addresses of images and backgrounds of the source that lie on other machines, in the order they stand there, each
  /// once. Loading them tells the sender that and where the mail is read.
  package var remoteContent: [String]
}

/// How HTML is made safe.
package struct SafeHTMLOptions: Sendable, Hashable {
  /// Lets images from http and https addresses through; off, their place is kept with the text that stands for them.
  package var allowsRemoteImages = false

  package init(allowsRemoteImages: Bool = false) { self.allowsRemoteImages = allowsRemoteImages }
}

extension HTMLDocument {
  /// The document as HTML that neither runs nor loads anything (cid: images of the mail itself remain).
  package func safeHTML(_ options: SafeHTMLOptions = SafeHTMLOptions()) -> SafeHTML {
    withView { view in
      var writer = SafeHTMLWriter(view, options, limits: limits)
      writer.run()
      return SafeHTML(html: writer.markup.text, remoteContent: writer.remote.addresses)
    }
  }
}

/// Addresses of remote content, each once.
struct RemoteAddresses {
  private(set) var addresses: [String] = []
  private var known: Set<String> = []

  /// More are not listed.
  private static let most = 1_000

  mutating func note(_ source: Bytes) -> SafeAddress? {
    guard let address = SafeAddress(image: source) else { return nil }
    let text = String(decoding: address.bytes, as: UTF8.self)
    if address.scheme == .web, known.count < Self.most, known.insert(text).inserted { addresses.append(text) }
    return address
  }

  /// The candidates of `srcset`: addresses, each with an optional size, separated by commas.
  mutating func note(candidates: Bytes) {
    for word in candidates.split(maxSplits: 64, whereSeparator: ASCII.isSpace) {
      var word = Bytes(rebasing: word)
      while word.last == ASCII.comma { word = word.slice(0..<word.count - 1) }
      _ = note(word)
    }
  }
}

/// Walks over the nodes in document order and writes what is allowed.
struct SafeHTMLWriter {
  private let view: HTMLView
  private let options: SafeHTMLOptions
  private let limits: HTMLLimits
  private(set) var markup: SafeMarkup
  private(set) var remote = RemoteAddresses()
  private var open: [(element: HTMLElement, end: Int)] = []
  /// What reading the result again costs.
  private var cost = TreeCost()
  /// Whether there is no room for further tags.
  private var isFull = false
  /// Bytes that rules of style sheets may still add, so that a rule used often does not multiply the source.
  private var sheetBytes: Int

  init(_ view: HTMLView, _ options: SafeHTMLOptions, limits: HTMLLimits) {
    self.view = view
    self.options = options
    self.limits = limits
    markup = SafeMarkup(capacity: view.content.count)
    sheetBytes = view.content.count + (64 << 10)
  }

  mutating func run() {
    var place = 1
    while place < view.nodes.count {
      close(endingAt: place)
      place = visit(place)
    }
    close(endingAt: view.nodes.count)
  }

  private mutating func close(endingAt place: Int) {
    while let top = open.last, top.end <= place {
      markup.end(top.element)
      open.removeLast()
    }
  }

  private mutating func visit(_ place: Int) -> Int {
    let node = view.nodes[place]
    // So that the result is not cut when it is read again: an escaped byte takes six at most, a tag a few thousand.
    let needed = node.element == .text ? Int(node.length) * 6 : 0
    guard markup.count + needed < limits.bytes - (64 << 10) else { return view.nodes.count }
    // Read again the result must not be cut, so some room is left.
    isFull = isFull || cost.bytes >= limits.treeBytes(markup.count) * 2 / 3
    if isFull { return visitText(place) }
    if node.element == .text {
      addText(view.text(node))
      return place + 1
    }
    if ElementStyle(node, in: view).isHidden { return Int(node.end) }
    if node.element == .img {
      if fits(.img) { addImage(node) }
    } else if fits(node.element), let link = link(of: node) {
      cost.add(node.element.isLikeText ? .piece : .element)
      markup.start(node.element == .includetail ? .div : node.element)
      if let link { markup.addLink(link) }
      addAttributes(of: node)
      markup.endOfStartTag()
      if !node.element.isVoid { open.append((node.element, Int(node.end))) }
    }
    return place + 1
  }

  /// Behind the last tag there is room for.
  private mutating func visitText(_ place: Int) -> Int {
    close(endingAt: view.nodes.count)
    let node = view.nodes[place]
    if node.element == .text {
      addText(view.text(node))
    } else if ElementStyle(node, in: view).isHidden {
      return Int(node.end)
    } else {
      markup.addBlank()
    }
    return place + 1
  }

  private mutating func addText(_ text: Bytes) {
    let isBlank = text.allSatisfy(ASCII.isInvisible)
    cost.add(.text)
    let inner = open.last?.element
    let isBetweenCells = inner.map { $0 == .table || $0.isTablePart && !holdsText($0) } ?? false
    if isBlank, isBetweenCells || !open.contains(where: { $0.element == .pre }) {
      markup.addBlank()
    } else if !isBetweenCells {
      // What stands between cells was moved in front of the table by the parser, unless it is too deep.
      markup.addText(text)
    }
  }

  private func holdsText(_ element: HTMLElement) -> Bool { element.isCell || element == .caption }

  /// The address of a link; nil within nil when a link has none that is allowed.
  private func link(of node: HTMLNode) -> SafeAddress?? {
    guard node.element == .a else { return .some(nil) }
    guard let address = view.attribute(.href, of: node).flatMap({ SafeAddress(link: $0) }) else { return nil }
    return .some(address)
  }

  // MARK: - Structure

  /// Whether a parser would put the element where it stands here. What it would move or close is left out, its
  /// content kept: so the written text has only one reading.
  private func fits(_ element: HTMLElement) -> Bool {
    let parent = open.last?.element ?? .root
    // A table needs room for its rows and cells.
    let mostOpen = limits.depth * 3 / 4 - (element == .table ? 8 : element.isTablePart ? 0 : 4)
    guard open.count < mostOpen else { return false }
    switch element {
    case .caption, .colgroup, .tbody, .thead, .tfoot: return parent == .table
    case .col: return parent == .colgroup
    case .tr: return parent.isRowGroup
    case .td, .th: return parent == .tr
    case .root, .text: return false
    default: break
    }
    guard parent != .table, !parent.isTablePart || holdsText(parent) else { return false }
    if element.isBlock, isOpen(.p, upTo: { $0.isCell || $0 == .caption || $0 == .table }) { return false }
    switch element {
    case .a: return !isOpen(.a, upTo: { $0.isCell || $0 == .caption })
    case .li: return !isOpen(.li, upTo: { $0 == .ul || $0 == .ol || $0.isCell || $0 == .caption })
    case .dd, .dt:
      return !isOpen(.dd, upTo: { $0 == .dl || $0.isCell || $0 == .caption })
        && !isOpen(.dt, upTo: { $0 == .dl || $0.isCell || $0 == .caption })
    case _ where element.isHeading: return !parent.isHeading
    default: return true
    }
  }

  private func isOpen(_ element: HTMLElement, upTo isBarrier: (HTMLElement) -> Bool) -> Bool {
    for entry in open.reversed() {
      if entry.element == element { return true }
      if isBarrier(entry.element) { return false }
    }
    return false
  }

  // MARK: - Attributes

  private mutating func addAttributes(of node: HTMLNode) {
    let style = style(of: node)
    if !style.isEmpty { markup.addAttribute(.style, style) }
    for index in Int(node.start)..<Int(node.start) + Int(node.length) {
      let attribute = view.attributes[index]
      let value = view.value(attribute)
      if attribute.name == .background {
        if let address = remote.note(value), options.allowsRemoteImages || address.scheme == .cid {
          markup.addAttribute(.background, address.bytes)
        }
      } else if let safe = SafeAttribute.value(attribute.name, value, of: node.element) {
        markup.addAttribute(attribute.name, safe)
      }
    }
  }

  private mutating func style(of node: HTMLNode) -> [UInt8] {
    var writer = SafeStyle.Writer()
    if sheetBytes > 0 {
      view.readStyle(of: node) { writer.add($0, $1) }
      if !view.sheet.isEmpty { sheetBytes -= writer.bytes.count }
    } else if let style = view.attribute(.style, of: node) {
      StyleDeclarations.read(style) { writer.add($0, $1) }
    }
    for address in writer.loaded { _ = remote.note(address) }
    return writer.bytes
  }

  // MARK: - Images

  private mutating func addImage(_ node: HTMLNode) {
    let address = view.attribute(.src, of: node).flatMap { remote.note($0) }
    if let candidates = view.attribute(.srcset, of: node) { remote.note(candidates: candidates) }
    cost.add(.element)
    if let address, address.scheme == .cid || options.allowsRemoteImages {
      markup.start(.img)
      markup.addAttribute(.src, address.bytes)
      addAttributes(of: node)
      markup.endOfStartTag()
    } else if address != nil {
      addPlaceholder(for: node)
    } else if let alt = view.attribute(.alt, of: node) {
      markup.addText(alt.slice(0..<SafeAttribute.longestText))
    }
  }

  /// A box of the image's size with the text that stands for it.
  private mutating func addPlaceholder(for node: HTMLNode) {
    let width = view.attribute(.width, of: node).flatMap(SafeAttribute.pixels)
    let height = view.attribute(.height, of: node).flatMap(SafeAttribute.pixels)
    // Images of a point or two count readers or hold layouts open.
    if let width, let height, width < 3 || height < 3 { return }
    var style = Array("display:inline-block;max-width:100%;overflow:hidden".utf8)
    if let width { style += Array(";width:\(width)px".utf8) }
    if let height { style += Array(";height:\(height)px".utf8) }
    let own = self.style(of: node)
    if !own.isEmpty { style = own + [ASCII.semicolon] + style }
    guard style.count <= SafeStyle.longest else { return }
    markup.start(.span)
    markup.addAttribute(.style, style)
    markup.endOfStartTag()
    if let alt = view.attribute(.alt, of: node) { markup.addText(alt.slice(0..<SafeAttribute.longestText)) }
    markup.end(.span)
  }
}
