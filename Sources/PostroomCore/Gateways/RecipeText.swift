/// A text of a gateway's file with holes, `{{encoder.variable}}`. The encoder says for which place the value is made
/// harmless, so that nothing a customer wrote can become more than a value there. What stands between `{{?variable}}` and
/// `{{/}}` is left out when the message has no such part.
package struct RecipeText: Sendable, Equatable {
  package enum Encoder: String, Sendable, CaseIterable {
    /// A JSON string with its quotes (RFC 8259 §7).
    case json
    /// Everything but unreserved characters as `%XX` (RFC 3986 §2.1): for queries and forms.
    case url
    /// Text or an attribute's value in XML.
    case xml
    /// As it is. For header fields only, where the HTTP client refuses line breaks and control characters.
    case raw
  }

  /// `{{url.url.id}}`: several encoders for a value within a value, as in an address within an address. The first is the
  /// outermost.
  package struct Hole: Sendable, Equatable {
    package var encoders: [Encoder]
    package var variable: String

    /// The outermost, which must be right for the place.
    package var encoder: Encoder { encoders[0] }
    /// As it was written.
    package var name: String { (encoders.map(\.rawValue) + [variable]).joined(separator: ".") }
  }

  enum Segment: Sendable, Equatable {
    case literal(String)
    case hole(Hole)
    /// What follows is there only if the message has this.
    case onlyWith(String)
    case always
  }

  let segments: [Segment]

  static let nothing = RecipeText(segments: [])

  private init(segments: [Segment]) { self.segments = segments }

  package var holes: [Hole] {
    segments.compactMap { segment in if case .hole(let hole) = segment { hole } else { nil } }
  }

  /// The variables of which something depends.
  package var conditions: [String] {
    segments.compactMap { segment in if case .onlyWith(let variable) = segment { variable } else { nil } }
  }

  /// Throws a sentence: braces that are not closed, a hole without encoder, an unknown encoder.
  package init(_ source: String) throws(RecipeFault) {
    var segments: [Segment] = []
    var rest = source[...]
    var isConditional = false
    while let open = rest.firstRange(of: "{{") {
      if open.lowerBound > rest.startIndex { segments.append(.literal(String(rest[..<open.lowerBound]))) }
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw RecipeFault("`{{` is not closed")
      }
      let segment = try Self.segment(rest[open.upperBound..<close.lowerBound].filter { !$0.isWhitespace })
      // Conditions stand beside each other, not within each other.
      switch segment {
      case .onlyWith where isConditional, .always where !isConditional:
        throw RecipeFault("each `{{?` needs one `{{/}}` behind it")
      case .onlyWith, .always: isConditional.toggle()
      case .literal, .hole: break
      }
      segments.append(segment)
      rest = rest[close.upperBound...]
    }
    if isConditional { throw RecipeFault("each `{{?` needs one `{{/}}` behind it") }
    if !rest.isEmpty { segments.append(.literal(String(rest))) }
    self.segments = segments
  }

  private static func segment(_ name: String) throws(RecipeFault) -> Segment {
    if name == "/" { return .always }
    if name.hasPrefix("?") { return .onlyWith(String(name.dropFirst())) }
    var encoders: [Encoder] = []
    var rest = name[...]
    while let dot = rest.firstIndex(of: "."), let encoder = Encoder(rawValue: String(rest[..<dot])) {
      encoders.append(encoder)
      rest = rest[rest.index(after: dot)...]
    }
    guard !encoders.isEmpty else {
      let known = Encoder.allCases.map(\.rawValue).joined(separator: ", ")
      throw RecipeFault("{{\(name)}} names no encoder: write {{encoder.variable}} with one of \(known)")
    }
    return .hole(Hole(encoders: encoders, variable: String(rest)))
  }

  /// Every hole must have a value; throws the name of the first that has none.
  package func filled(_ values: [String: RecipeValue]) throws(RecipeFault) -> String {
    var result = ""
    var isLeftOut = false
    for segment in segments {
      switch segment {
      case .onlyWith(let variable): isLeftOut = (values[variable] ?? .nothing) == .nothing
      case .always: isLeftOut = false
      case _ where isLeftOut: break
      case .literal(let text): result += text
      case .hole(let hole):
        guard let value = values[hole.variable] else { throw RecipeFault("there is no value for \(hole.variable)") }
        result += value.encoded(hole.encoders)
      }
    }
    return result
  }
}

/// What stands for a hole.
package enum RecipeValue: Sendable, Equatable, ExpressibleByStringLiteral {
  case text(String)
  /// JSON already: lists and objects. In JSON it stands as it is, elsewhere as the text that it is.
  case json(String)
  /// The message has no such part: null in JSON, nothing elsewhere.
  case nothing

  package init(stringLiteral text: String) { self = .text(text) }

  static func list(_ texts: [String]) -> RecipeValue {
    .json("[" + texts.map(RecipeText.Encoder.json.encode).joined(separator: ",") + "]")
  }

  static func object(_ members: [Parameter]) -> RecipeValue {
    let encode = RecipeText.Encoder.json.encode
    return .json("{" + members.map { encode($0.name) + ":" + encode($0.value) }.joined(separator: ",") + "}")
  }

  static func optional(_ text: String?) -> RecipeValue { text.map { .text($0) } ?? .nothing }

  func encoded(_ encoders: [RecipeText.Encoder]) -> String {
    switch self {
    case .json(let text) where encoders == [.json]: text
    case .text(let text), .json(let text): encoders.reversed().reduce(text) { $1.encode($0) }
    case .nothing: encoders == [.json] ? "null" : ""
    }
  }
}

/// Why a recipe cannot be used, as a sentence without values.
package struct RecipeFault: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

extension RecipeText.Encoder {
  package func encode(_ value: String) -> String {
    switch self {
    case .raw: value
    case .url: CanonicalText.percentEncoded(value)
    case .json: Self.json(value)
    case .xml: Self.xml(value)
    }
  }

  private static func json(_ value: String) -> String {
    var result = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      // U+2028 and U+2029 end a line for readers that take JSON for JavaScript.
      case _ where scalar.value < 0x20 || scalar.value == 0x7F || scalar.value == 0x2028 || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// Control characters that XML 1.0 cannot hold are left out (§2.2).
  private static func xml(_ value: String) -> String {
    var result = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result += "&#\(scalar.value);"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
