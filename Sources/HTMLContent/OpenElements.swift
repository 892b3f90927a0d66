/// The elements open at a place in the source, as far as the limits need it: how deep the tree will be about.
///
/// The parser's own stack differs in misnested places; what that could cost is bounded by its budget of memory and
/// time. This bounds it exactly for input that is just deep or just long.
struct OpenElements {
  private let limits: HTMLLimits
  /// Lines only: every block becomes a line break.
  private let isFlat: Bool
  private var stack: [(element: HTMLElement, isWritten: Bool)] = []
  private var depth = 0
  private var tags = 0
  private var preformatted = 0
  private(set) var defects: Set<HTMLDefect> = []

  /// End tags look this far for their start; markup written by anybody needs less.
  private static let reach = 300

  init(limits: HTMLLimits, isFlat: Bool) {
    self.limits = limits
    self.isFlat = isFlat
  }

  /// Whether white space counts. Not between the cells of a table: there a parser would move it in front of the table.
  var isPreformatted: Bool {
    guard preformatted > 0, let inner = stack.last?.element else { return false }
    return inner != .table && (!inner.isTablePart || inner.isCell || inner == .caption)
  }

  mutating func open(_ tag: MarkupOutline.Tag, in outline: inout MarkupOutline) {
    let element = tag.element
    if isFlat {
      if element.isBlock || element == .br || element == .table { writeLineBreak(in: &outline) }
      return
    }
    closeImplied(by: element)
    if tags >= limits.tags { defects.insert(.tooManyTags) }
    if depth >= limits.depth { defects.insert(.tooDeep) }
    let isWritten = tags < limits.tags && depth < limits.depth
    if isWritten {
      tags += 1
      outline.tags.append(tag)
      outline.markup.append(contentsOf: HTMLElement.startTags[Int(element.rawValue)])
    } else if element.isBlock || element == .br {
      outline.addBlank()
    }
    guard !element.isVoid else { return }
    stack.append((element, isWritten))
    if isWritten { depth += 1 }
    if element == .pre { preformatted += 1 }
  }

  mutating func close(_ element: HTMLElement, in outline: inout MarkupOutline) {
    if isFlat {
      if element.isBlock || element == .table { writeLineBreak(in: &outline) }
      return
    }
    guard !element.isVoid else { return }
    guard let place = place(of: element) else {
      // Perhaps the parser knows better, unless the start tag was one of those left out.
      if defects.isEmpty, element != .p { write(element, in: &outline) }
      return
    }
    if stack[place].isWritten { write(element, in: &outline) }
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
  }

  private func write(_ element: HTMLElement, in outline: inout MarkupOutline) {
    outline.markup.append(contentsOf: HTMLElement.endTags[Int(element.rawValue)])
  }

  private mutating func writeLineBreak(in outline: inout MarkupOutline) {
    guard tags < limits.tags / 3 else { return outline.addBlank() }
    tags += 1
    outline.markup.append(contentsOf: HTMLElement.startTags[Int(HTMLElement.br.rawValue)])
  }
}
