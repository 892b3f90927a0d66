/// What a template may not hold, found before it is used. The library renders what is missing as nothing, escapes by
/// place, and would run partials and lambdas; Postroom's templates use plain `{{variables}}` alone, so that a look at a
/// file shows all that can happen.
enum TemplateLint {
  static func faults(in source: String, file: String, kind: TemplateKind, isHTML: Bool) -> [Problem] {
    var problems: [Problem] = []
    var used: Set<String> = []
    for tag in tags(in: source) {
      guard let content = tag.content else {
        problems.append(Problem("`{{` is not closed", file: file, line: tag.line))
        continue
      }
      let name = content.trimmed
      if name.hasPrefix("!") || (name.hasPrefix("%") && !isHTML) { continue }
      if let first = name.first, "{&#^/>$<=*%".contains(first) {
        problems.append(
          Problem(
            "`{{\(name)}}` is not allowed", file: file, line: tag.line,
            advice: "use plain {{variable}} only: "
              + "sections, partials and unescaped values would hide what a customer gets"))
      } else if !kind.variables.contains(name) {
        let nearest = SettingsReader.nearest(name, kind.variables.sorted()).map { "did you mean {{\($0)}}?" }
        problems.append(
          Problem(
            "{{\(name)}} is no variable of \(kind.rawValue)", file: file, line: tag.line,
            advice: nearest ?? "known are: \(kind.variables.sorted().joined(separator: ", "))"))
      } else {
        used.insert(name)
        if isHTML, tag.isInsideMarkup {
          problems.append(
            Problem(
              "{{\(name)}} stands inside a tag or style, where escaping does not protect", file: file, line: tag.line))
        }
      }
    }
    for name in kind.required.subtracting(used).sorted() {
      problems.append(Problem("never says {{\(name)}}, which every \(kind.rawValue) must", file: file))
    }
    return problems
  }

  private struct Tag {
    /// What stands between the braces; nil when they are not closed.
    var content: Substring?
    var line: Int
    /// Between `<` and `>`, or inside `<style>` or `<script>`.
    var isInsideMarkup: Bool
  }

  private static func tags(in source: String) -> [Tag] {
    var result: [Tag] = []
    var line = 1
    var isInTag = false
    var rawElement: String?
    var rest = source[...]
    while let character = rest.first {
      if rest.hasPrefix("{{") {
        rest.removeFirst(2)
        let start = rest
        let startLine = line
        while !rest.isEmpty, !rest.hasPrefix("}}") { if rest.removeFirst() == "\n" { line += 1 } }
        let isClosed = rest.hasPrefix("}}")
        result.append(
          Tag(
            content: isClosed ? start[..<rest.startIndex] : nil, line: startLine,
            isInsideMarkup: isInTag || rawElement != nil))
        rest = rest.dropFirst(2)
        if rest.first == "}" { rest.removeFirst() }
        continue
      }
      if character == "\n" { line += 1 }
      if character == "<" {
        isInTag = true
        let head = rest.prefix(9).lowercased()
        if head.hasPrefix("<style") || head.hasPrefix("<script") { rawElement = String(head.prefix(4)) }
        if head.hasPrefix("</style") || head.hasPrefix("</script") { rawElement = nil }
      } else if character == ">" {
        isInTag = false
      }
      rest.removeFirst()
    }
    return result
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var view = self
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}
