/// How much of a piece of HTML is read. At a limit the reader keeps what it has and notes a defect.
package struct HTMLLimits: Sendable, Hashable {
  /// Bytes of source; what is behind is left out.
  package var bytes = 8 << 20
  /// Elements inside each other; the tags of deeper ones are left out, their text is kept.
  package var depth = 256
  /// Bytes of memory for the tree, at most. A table of short cells would take seventy times its source.
  package var treeBytes = 24 << 20

  package init() {}

  /// 8 MB of source, depth 256, 24 MB of tree.
  package static let `default` = HTMLLimits()

  /// Bytes for the tree of so much source: three times of it, and 1.5 MB in any case, because what is small may be dense:
  /// room for some 3,500 cells of a table. The tags behind are left out, the text is kept.
  func treeBytes(_ bytes: Int) -> Int { min(treeBytes, max(3 << 19, 3 * bytes)) }

  /// Processor time for the parser: some ten times of what ordinary mail needs.
  func parseMicroseconds(_ bytes: Int) -> Int { 150_000 + bytes / 2 }
}

/// Something wrong with a piece of HTML that the reader survived.
package enum HTMLDefect: Sendable, Hashable, CustomStringConvertible {
  /// More source than the limit.
  case tooLong
  /// Elements nested deeper than the limit.
  case tooDeep
  /// More tags than there is room for.
  case tooManyTags
  /// The parser needs more memory or time than such markup should.
  case tooComplex

  /// One English sentence for the person who looks at the mail.
  package var description: String {
    switch self {
    case .tooLong: "The HTML is longer than allowed; the rest was left out."
    case .tooDeep: "The HTML is nested deeper than allowed; the formatting of the inner parts was left out."
    case .tooManyTags: "The HTML has more tags than allowed; the formatting of the rest was left out."
    case .tooComplex: "The HTML is too complex to lay out; only its lines were kept."
    }
  }
}

/// A parsed piece of HTML: any input gives one. Costs time and memory proportional to the input, within `HTMLLimits`.
///
/// The tree is built by an HTML5 parser (gumbo), but that sees neither attributes nor text: tags are read here, and
/// only an outline of known tags and numbers of texts goes through it. That is faster than gumbo alone, and what it
/// sees holds none of the places where parsers disagree: no comment, script, `noscript`, foreign element, odd quote.
package struct HTMLDocument: Sendable {
  /// What had to be left out.
  package internal(set) var defects: Set<HTMLDefect> = []

  /// The nodes in document order; the first is the body.
  let nodes: [HTMLNode]
  let content: [UInt8]
  let attributes: [MarkupOutline.Attribute]
  /// Rules of the `style` elements.
  let sheet: StyleSheet
  let limits: HTMLLimits

  /// Parses a piece of HTML; never fails.
  package init(_ html: String, limits: HTMLLimits = .default) {
    var outline = MarkupReader.outline(of: html, limits: limits, isFlat: false)
    var nodes = GumboTree.nodes(of: outline, budget: limits)
    if nodes == nil {
      outline = MarkupReader.outline(of: html, limits: limits, isFlat: true)
      outline.defects.insert(.tooComplex)
      nodes = GumboTree.nodes(of: outline, budget: limits)
    }
    self.nodes = nodes ?? [HTMLNode(element: .root, parent: -1)]
    self.limits = limits
    defects = outline.defects
    attributes = outline.attributes
    content = outline.content
    sheet = StyleSheet(outline.styles.map { outline.content[Int($0.start)..<Int($0.start + $0.length)] })
  }

  /// Parses UTF-8; bytes that are none become U+FFFD.
  package init(utf8 bytes: some Collection<UInt8>, limits: HTMLLimits = .default) {
    self.init(String(decoding: bytes, as: UTF8.self), limits: limits)
  }
}

/// An element or a text.
struct HTMLNode: Sendable {
  var element: HTMLElement
  var parent: Int32
  /// Behind the last node inside this one.
  var end: Int32 = 1
  /// Of a text: its place in the content; of an element: its first attribute.
  var start: UInt32 = 0
  var length: UInt32 = 0
}

/// A document's nodes and bytes while somebody walks over them.
struct HTMLView {
  let nodes: UnsafeBufferPointer<HTMLNode>
  let content: Bytes
  let attributes: UnsafeBufferPointer<MarkupOutline.Attribute>
  let sheet: StyleSheet

  func text(_ node: HTMLNode) -> Bytes {
    content.slice(Int(node.start)..<Int(node.start) + Int(node.length))
  }

  func attribute(_ name: HTMLAttribute, of node: HTMLNode) -> Bytes? {
    guard node.element != .text else { return nil }
    for index in Int(node.start)..<Int(node.start) + Int(node.length) where attributes[index].name == name {
      return value(attributes[index])
    }
    return nil
  }

  func value(_ attribute: MarkupOutline.Attribute) -> Bytes {
    content.slice(Int(attribute.start)..<Int(attribute.start) + Int(attribute.length))
  }
}

extension HTMLDocument {
  func withView<Value>(_ body: (HTMLView) -> Value) -> Value {
    nodes.withUnsafeBufferPointer { nodes in
      content.withUnsafeBufferPointer { content in
        attributes.withUnsafeBufferPointer { attributes in
          body(HTMLView(nodes: nodes, content: content, attributes: attributes, sheet: sheet))
        }
      }
    }
  }
}
