/// A template that passed ``TemplateLint``: text with `{{variables}}` and nothing else. Values go in as they are and are
/// never read as templates again; in HTML they are escaped.
struct TemplateText: Sendable {
  private enum Segment: Sendable {
    case literal(String)
    case variable(String)
  }

  private let segments: [Segment]
  private let escapesHTML: Bool

  init(_ source: String, escapesHTML: Bool = false) {
    self.escapesHTML = escapesHTML
    var segments: [Segment] = []
    var rest = source[...]
    while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
      if open.lowerBound > rest.startIndex { segments.append(.literal(String(rest[..<open.lowerBound]))) }
      let name = rest[open.upperBound..<close.lowerBound].filter { !$0.isWhitespace }
      // `{{! a comment}}` and the content type pragma say nothing to the customer.
      if name.first != "!", name.first != "%" { segments.append(.variable(String(name))) }
      rest = rest[close.upperBound...]
    }
    segments.append(.literal(String(rest)))
    self.segments = segments
  }

  func filled(with values: [String: String]) -> String {
    var result = ""
    for segment in segments {
      switch segment {
      case .literal(let text): result += text
      case .variable(let name):
        let value = values[name, default: ""]
        result += escapesHTML ? value.escapedForHTML : value
      }
    }
    return result
  }
}
