/// How HTML is turned into text.
package struct TextOptions: Sendable, Hashable {
  /// What becomes of earlier mail quoted in this one.
  package enum Quotes: Sendable {
    case kept
    /// Kept with `> ` before each line.
    case marked
    /// Left out together with signatures a mail program marked as such; kept when nothing else would remain.
    case leftOut
  }

  /// Writes a link's address behind its text when the text does not tell it.
  package var showsLinks = false
  package var quotes = Quotes.kept

  package init(showsLinks: Bool = false, quotes: Quotes = .kept) {
    self.showsLinks = showsLinks
    self.quotes = quotes
  }
}

extension HTMLDocument {
  /// What a reader sees, as plain text: for classification, search, SMS and the terminal.
  package func readableText(_ options: TextOptions = TextOptions()) -> String {
    withView { view in
      guard options.quotes != .kept else { return TextWalk(view, options, quotes: []).text() }
      let quotes = QuoteFinder(view).quotes()
      let text = TextWalk(view, options, quotes: quotes).text()
      return text.isEmpty && !quotes.isEmpty ? TextWalk(view, options, quotes: []).text() : text
    }
  }
}

/// Walks over the nodes in document order.
private struct TextWalk {
  private struct Open {
    var element: HTMLElement
    var end: Int
    var hasNoSize: Bool
    var isInvisible: Bool
    var whiteSpace: ElementStyle.WhiteSpace
    /// Of a link: its address; of a list: the number of the next item.
    var address: Bytes?
    var number = 0
    /// Where its text starts.
    var start = 0
    /// Of a row: what its cells wrote.
    var cells: [Range<Int>] = []
  }

  private let view: HTMLView
  private let options: TextOptions
  private let quotes: [Range<Int>]
  private var lines: TextLines
  private var open: [Open] = []
  private var listDepth = 0

  /// A row longer than this (bytes) is text in columns, not a line of a table.
  private static let longestRow = 400

  init(_ view: HTMLView, _ options: TextOptions, quotes: [Range<Int>]) {
    self.view = view
    self.options = options
    self.quotes = quotes
    lines = TextLines(capacity: view.content.count / 4)
  }

  consuming func text() -> String {
    var quote = 0
    var place = 0
    while place < view.nodes.count {
      close(endingAt: place)
      if quote < quotes.count, place >= quotes[quote].upperBound {
        lines.quoteDepth = 0
        lines.owe(breaks: 2)
        quote += 1
        continue
      }
      if quote < quotes.count, place == quotes[quote].lowerBound {
        lines.owe(breaks: 2)
        if options.quotes == .leftOut {
          place = quotes[quote].upperBound
          continue
        }
        lines.quoteDepth = 1
      }
      place = visit(place)
    }
    close(endingAt: view.nodes.count)
    return lines.finish()
  }

  private mutating func visit(_ place: Int) -> Int {
    let node = view.nodes[place]
    guard node.element != .text else {
      addText(view.text(node))
      return place + 1
    }
    let style = ElementStyle(node, in: view)
    if style.isHidden { return Int(node.end) }
    let outer = open.last
    var entry = Open(
      element: node.element, end: Int(node.end), hasNoSize: style.hasNoSize ?? outer?.hasNoSize ?? false,
      isInvisible: style.isInvisible ?? outer?.isInvisible ?? false,
      whiteSpace: style.whiteSpace ?? outer?.whiteSpace ?? .collapsed)
    start(node, &entry)
    if !node.element.isVoid { open.append(entry) }
    return place + 1
  }

  private mutating func addText(_ text: Bytes) {
    guard let inside = open.last, !inside.hasNoSize, !inside.isInvisible else { return }
    switch inside.whiteSpace {
    case .collapsed: lines.add(text)
    case .linesKept: lines.add(text, keepsLines: true)
    case .kept: lines.addPreformatted(text)
    }
  }

  private mutating func start(_ node: HTMLNode, _ entry: inout Open) {
    lines.owe(breaks: breaks(around: node.element))
    switch node.element {
    case .br: lines.addBreak()
    case .hr: lines.oweRule()
    case .img: if let alt = view.attribute(.alt, of: node), !entry.isInvisible { lines.add(alt) }
    case .li: startItem(node)
    case .ol:
      entry.number = view.attribute(.start, of: node).flatMap(Self.number) ?? 1
      listDepth += 1
    case .ul: listDepth += 1
    case .a: entry.address = options.showsLinks ? view.attribute(.href, of: node) : nil
    default: break
    }
    if node.element.isCell { lines.dropBlanks() }
    entry.start = lines.count
  }

  private func breaks(around element: HTMLElement) -> Int {
    switch element {
    case .p, .blockquote, .pre, .table, .dl: 2
    case .ul, .ol: listDepth > 0 ? 1 : 2
    case _ where element.isHeading: 2
    default: element.isBlock ? 1 : 0
    }
  }

  private mutating func startItem(_ node: HTMLNode) {
    var mark = [UInt8](repeating: ASCII.space, count: 2 * min(max(0, listDepth - 1), 8))
    if let list = open.lastIndex(where: { $0.element == .ol || $0.element == .ul }), open[list].element == .ol {
      let number = open[list].number
      open[list].number = number &+ 1
      mark += Array("\(number). ".utf8)
    } else {
      mark += [ASCII.dash, ASCII.space]
    }
    lines.owe(mark: mark)
  }

  private static func number(_ bytes: Bytes) -> Int? {
    bytes.count < 9 ? Int(String(decoding: bytes.trimmed, as: UTF8.self)) : nil
  }

  private mutating func close(endingAt place: Int) {
    while let top = open.last, top.end <= place {
      open.removeLast()
      end(top)
    }
  }

  private mutating func end(_ entry: Open) {
    switch entry.element {
    case .a: addAddress(of: entry)
    case .li: lines.dropMark()
    case .td, .th:
      lines.dropBlanks()
      if lines.count > entry.start, let row = open.indices.last, open[row].element == .tr {
        open[row].cells.append(entry.start..<lines.count)
      }
    case .tr: lines.join(entry.cells, longest: Self.longestRow)
    case .ul, .ol: listDepth -= 1
    default: break
    }
    lines.owe(breaks: breaks(around: entry.element))
  }

  private mutating func addAddress(of entry: Open) {
    guard let address = entry.address.flatMap({ SafeAddress(link: $0) }), lines.count > entry.start else { return }
    let text = lines.bytes[entry.start...].drop { $0 <= ASCII.space }
    guard !address.isTold(by: text) else { return }
    lines.oweBlank()
    (Array("(".utf8) + address.bytes + Array(")".utf8)).withUnsafeBufferPointer { lines.add($0) }
  }
}
