/// A text of a gateway's file with holes, `{{encoder.variable}}`. The encoder says for which place the value is made
/// harmless, so that nothing a customer wrote can become more than a value there.
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

  package struct Hole: Sendable, Equatable {
    package var encoder: Encoder
    package var variable: String
  }

  enum Segment: Sendable, Equatable {
    case literal(String)
    case hole(Hole)
  }

  let segments: [Segment]

  package var holes: [Hole] {
    segments.compactMap { segment in if case .hole(let hole) = segment { hole } else { nil } }
  }

  /// Throws a sentence: braces that are not closed, a hole without encoder, an unknown encoder.
  package init(_ source: String) throws(RecipeFault) {
    var segments: [Segment] = []
    var rest = source[...]
    while let open = rest.firstRange(of: "{{") {
      if open.lowerBound > rest.startIndex { segments.append(.literal(String(rest[..<open.lowerBound]))) }
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw RecipeFault("`{{` is not closed")
      }
      segments.append(.hole(try Self.hole(String(rest[open.upperBound..<close.lowerBound]))))
      rest = rest[close.upperBound...]
    }
    if !rest.isEmpty { segments.append(.literal(String(rest))) }
    self.segments = segments
  }

  private static func hole(_ content: String) throws(RecipeFault) -> Hole {
    let name = content.filter { !$0.isWhitespace }
    guard let dot = name.firstIndex(of: "."), let encoder = Encoder(rawValue: String(name[..<dot])) else {
      let known = Encoder.allCases.map(\.rawValue).joined(separator: ", ")
      throw RecipeFault("{{\(name)}} names no encoder: write {{encoder.variable}} with one of \(known)")
    }
    return Hole(encoder: encoder, variable: String(name[name.index(after: dot)...]))
  }

  /// Every hole must have a value; nil is answered by the name of the first that has none.
  package func filled(_ values: [String: String]) throws(RecipeFault) -> String {
    var result = ""
    for segment in segments {
      switch segment {
      case .literal(let text): result += text
      case .hole(let hole):
        guard let value = values[hole.variable] else { throw RecipeFault("there is no value for \(hole.variable)") }
        result += hole.encoder.encode(value)
      }
    }
    return result
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
