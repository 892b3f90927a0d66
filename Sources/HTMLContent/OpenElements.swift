/// The elements open at a place in the source, as far as the limits need it: how deep the tree will be about.
///
/// The parser's own stack differs in misnested places; what that could cost is bounded by its budget of memory and
/// time. This bounds it exactly for input that is just deep or just long.
struct OpenElements {
  private let limits: HTMLLimits
  /// Lines only: every block becomes a line break.
  private let isFlat: Bool
  /// `holdsCell`: a table without room for further cells, whose last one stays open for their texts.
  private var stack: [(element: HTMLElement, isWritten: Bool, holdsCell: Bool)] = []
  private var depth = 0
  /// Bytes there are for the tree.
  private let room: Int
  /// Those spent on line breaks in place of blocks.
  private var breakBytes = 0
  var cost = TreeCost()
  private var preformatted = 0
  private(set) var defects: Set<HTMLDefect> = []

  /// End tags look this far for their start; markup written by anybody needs less.
  private static let reach = 300

  init(limits: HTMLLimits, sourceBytes: Int, isFlat: Bool) {
    self.limits = limits
    self.isFlat = isFlat
    room = limits.treeBytes(sourceBytes)
  }

  /// Whether there is no room for further tags.
  var isFull: Bool { isFlat || cost.bytes >= room }

  /// Whether white space counts. Not between the cells of a table: there a parser would move it in front of the table.
  var isPreformatted: Bool {
    guard preformatted > 0, let inner = stack.last?.element else { return false }
    return inner != .table && (!inner.isTablePart || inner.isCell || inner == .caption)
  }

  mutating func open(_ tag: MarkupOutline.Tag, in outline: inout MarkupOutline) {
    let element = tag.element
    if isFlat {
      if element.isBlock || element == .br { addLineBreak(to: &outline) }
      return
    }
    closeImplied(by: element)
    if isFull { defects.insert(.tooManyTags) }
    if depth >= limits.depth { defects.insert(.tooDeep) }
    let isWritten = !isFull && depth < limits.depth
    if isWritten {
      write(tag, in: &outline)
    } else if isFull {
      holdCell(in: &outline)
    }
    if !isWritten, element.isBlock || element == .br {
      addLineBreak(to: &outline)
    }
    guard !element.isVoid else { return }
    stack.append((element, isWritten, false))
    if isWritten { depth += 1 }
    if element == .pre { preformatted += 1 }
  }

  mutating func close(_ element: HTMLElement, in outline: inout MarkupOutline) {
    if isFlat {
      if element.isBlock { addLineBreak(to: &outline) }
      return
    }
    guard !element.isVoid else { return }
    guard let place = place(of: element) else {
      // Perhaps the parser knows better, unless the start tag was one of those left out.
      if defects.isEmpty, element != .p { write(element, in: &outline) }
      return
    }
    if stack[place].isWritten, !(isFull && element.isTablePart) { write(element, in: &outline) }
    if element.isBlock || element == .table { pop(to: place) } else { remove(at: place) }
  }

  /// A parser closes some elements before the start of others.
  private mutating func closeImplied(by element: HTMLElement) {
    if element.isBlock, let top = stack.last, top.element == .p || top.element == element && element == .li {
      pop(to: stack.count - 1)
    }
    switch element {
    case .td, .th: closePart(where: { $0.isCell })
    case .tr: closePart(where: { $0 == .tr })
    case .tbody, .thead, .tfoot: closePart(where: { $0.isRowGroup })
    default: break
    }
  }

  private mutating func closePart(where isPart: (HTMLElement) -> Bool) {
    for place in stack.indices.suffix(Self.reach).reversed() {
      if isPart(stack[place].element) { return pop(to: place) }
      if stack[place].element == .table { return }
    }
  }

  /// The innermost such element; one outside a table cell is out of reach for what is in the cell.
  private func place(of element: HTMLElement) -> Int? {
    let crossesCells = element == .table || element.isTablePart
    for place in stack.indices.suffix(Self.reach).reversed() {
      if stack[place].element == element { return place }
      if stack[place].element == .table || !crossesCells && stack[place].element.isCell { return nil }
    }
    return nil
  }

  private mutating func pop(to place: Int) {
    while stack.count > place { remove(at: stack.count - 1) }
  }

  private mutating func remove(at place: Int) {
    let entry = stack.remove(at: place)
    if entry.isWritten { depth -= 1 }
    if entry.element == .pre { preformatted -= 1 }
    // The end tag of a cell that has no successor is not written.
    if isFull, entry.isWritten, entry.element.isCell || entry.element == .caption, let table = innermostTable {
      stack[table].holdsCell = true
    }
  }

  private var innermostTable: Int? {
    stack.indices.suffix(Self.reach).last { stack[$0].element == .table && stack[$0].isWritten }
  }

  /// Text between the cells of a table would be moved in front of it: makes sure that there is a cell.
  mutating func holdCell(in outline: inout MarkupOutline) {
    guard let table = innermostTable, !stack[table].holdsCell else { return }
    let isInCell = stack[table...].contains { $0.isWritten && ($0.element.isCell || $0.element == .caption) }
    if !isInCell {
      let place = UInt32(outline.attributes.count)
      write(
        MarkupOutline.Tag(
          offset: UInt32(outline.markup.count), element: .td, firstAttribute: place, attributeCount: 0), in: &outline)
    }
    stack[table].holdsCell = !isInCell
  }

  private func write(_ element: HTMLElement, in outline: inout MarkupOutline) {
    outline.markup.append(contentsOf: HTMLElement.endTags[Int(element.rawValue)])
  }

  private mutating func write(_ tag: MarkupOutline.Tag, in outline: inout MarkupOutline) {
    if tag.element.isLikeText {
      cost.add(.piece)
      outline.add(
        MarkupOutline.Piece(element: tag.element, start: tag.firstAttribute, length: tag.attributeCount))
    } else {
      cost.add(.element)
      outline.tags.append(tag)
      outline.markup.append(contentsOf: HTMLElement.startTags[Int(tag.element.rawValue)])
    }
  }

  /// White space; more of it in a row is the same.
  mutating func addBlank(to outline: inout MarkupOutline) {
    guard outline.markup.last != ASCII.space else { return }
    if outline.markup.last == ASCII.greater { cost.add(.text) }
    outline.markup.append(ASCII.space)
  }

  /// Stands for a block that is left out; a blank when there is no room for this either.
  private mutating func addLineBreak(to outline: inout MarkupOutline) {
    guard breakBytes < room / 4 else { return addBlank(to: &outline) }
    breakBytes += TreeCost.Item.piece.rawValue
    outline.add(MarkupOutline.Piece(element: .br, start: 0, length: 0))
  }
}

/// What a document costs in memory: the parser's nodes (measured), the outline and our own.
struct TreeCost {
  /// Bytes.
  enum Item: Int {
    case element = 245
    /// A text between two tags.
    case text = 185
    /// `br` and the like.
    case piece = 40
    case attribute = 12
  }

  private(set) var bytes = 0

  mutating func add(_ item: Item) { bytes += item.rawValue }
}
