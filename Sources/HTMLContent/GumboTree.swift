internal import CGumbo

/// The one place that calls gumbo and follows its pointers.
enum GumboTree {
  /// Calls `read` with the body of the tree of `markup`; nil when the parse went over its budget.
  static func withRoot<Value>(
    of markup: [UInt8], bytes: Int, microseconds: Int, _ read: (UnsafeMutablePointer<GumboNode>) -> Value
  ) -> Value? {
    var arena = gumbo_arena()
    defer { gumbo_arena_free(&arena) }
    return markup.withUnsafeBufferPointer { markup -> Value? in
      markup.withMemoryRebound(to: CChar.self) { markup -> Value? in
        let output = gumbo_arena_parse(&arena, markup.baseAddress, markup.count, bytes, microseconds)
        guard let root = output?.pointee.root else { return nil }
        for index in 0..<root.pointee.v.element.children.length {
          guard let child = root.child(index), child.pointee.type == GUMBO_NODE_ELEMENT else { continue }
          if child.pointee.v.element.tag == GUMBO_TAG_BODY { return read(child) }
        }
        return nil
      }
    }
  }

  /// The nodes of `outline` in document order, the body first; nil when the parse went over its budget.
  static func nodes(of outline: MarkupOutline, budget: HTMLLimits) -> [HTMLNode]? {
    let microseconds = budget.parseMicroseconds(outline.markup.count)
    // The outline was kept within the budget by an estimate that misnested markup can exceed.
    let bytes = 2 * budget.treeBytes(outline.sourceBytes)
    return outline.markup.withUnsafeBufferPointer { _ in
      withRoot(of: outline.markup, bytes: bytes, microseconds: microseconds) { root in
        var builder = NodeBuilder(outline: outline)
        builder.build(from: root)
        return builder.nodes
      }
    }
  }
}

/// Copies gumbo's tree into an array in document order, without recursion.
private struct NodeBuilder {
  let outline: MarkupOutline
  var nodes: [HTMLNode] = []

  init(outline: MarkupOutline) {
    self.outline = outline
    nodes.reserveCapacity(outline.tags.count + outline.pieces.count + 1)
  }

  mutating func build(from root: UnsafeMutablePointer<GumboNode>) {
    var open: [(node: UnsafeMutablePointer<GumboNode>, place: Int32, next: UInt32)] = []
    nodes.append(HTMLNode(element: .root, parent: -1))
    open.append((root, 0, 0))
    while let top = open.last {
      guard top.next < top.node.pointee.v.element.children.length else {
        nodes[Int(top.place)].end = Int32(nodes.count)
        open.removeLast()
        continue
      }
      open[open.count - 1].next += 1
      guard let child = top.node.child(top.next) else { continue }
      switch child.pointee.type {
      case GUMBO_NODE_ELEMENT, GUMBO_NODE_TEMPLATE:
        open.append((child, Int32(nodes.count), 0))
        appendElement(child, parent: top.place)
      case GUMBO_NODE_TEXT, GUMBO_NODE_WHITESPACE: appendTexts(child.pointee.v.text.text, parent: top.place)
      default: break
      }
    }
  }

  private mutating func appendElement(_ child: UnsafeMutablePointer<GumboNode>, parent: Int32) {
    let element = child.pointee.v.element
    var node = HTMLNode(element: HTMLElement.byGumboTag[Int(element.tag.rawValue)], parent: parent)
    // What the parser adds by itself (tbody) has no source.
    if element.original_tag.length > 0, let tag = outline.tag(at: Int(element.start_pos.offset)) {
      node.element = tag.element
      node.start = tag.firstAttribute
      node.length = tag.attributeCount
    }
    nodes.append(node)
  }

  /// A text of the tree is a sequence of codes and blanks.
  private mutating func appendTexts(_ text: UnsafePointer<CChar>?, parent: Int32) {
    guard var at = text else { return }
    while at.pointee != 0 {
      if UInt8(bitPattern: at.pointee) <= ASCII.space {
        append(outline.blank, parent: parent)
        at += 1
      } else {
        guard let number = PieceCode.number(at), number < outline.pieces.count else { return }
        append(outline.pieces[number], parent: parent)
        at += PieceCode.length
      }
    }
  }

  private mutating func append(_ piece: MarkupOutline.Piece, parent: Int32) {
    var node = HTMLNode(element: piece.element, parent: parent)
    node.start = piece.start
    node.length = piece.length
    node.end = Int32(nodes.count + 1)
    nodes.append(node)
  }
}

extension UnsafeMutablePointer<GumboNode> {
  func child(_ index: UInt32) -> UnsafeMutablePointer<GumboNode>? {
    withUnsafePointer(to: pointee.v.element.children) { gumbo_child_at($0, index) }
  }

  /// The bytes of a text node.
  var text: [UInt8] {
    guard let text = pointee.v.text.text else { return [] }
    return Array(String(cString: text).utf8)
  }
}
