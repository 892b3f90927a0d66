/// What an answer must look like: all that is stated must hold.
package struct AnswerRule: Sendable, Equatable {
  /// Any of these statuses; nil for every one.
  package var statuses: Set<Int>?
  /// JSON Pointer (RFC 6901) to a value that is one of `values`.
  package var pointer: String?
  package var values: Set<String> = []
  /// What the body begins with.
  package var prefix: String?

  package init(
    statuses: Set<Int>? = nil, pointer: String? = nil, values: Set<String> = [], prefix: String? = nil
  ) {
    self.statuses = statuses
    self.pointer = pointer
    self.values = values
    self.prefix = prefix
  }

  func matches(_ answer: GatewayAnswer) -> Bool {
    if let statuses, !statuses.contains(answer.status) { return false }
    if let pointer, !(answer.value(at: pointer).map(values.contains) ?? false) { return false }
    if let prefix, !answer.text.hasPrefix(prefix) { return false }
    return true
  }
}

/// Where in an answer the gateway's own reference of the message stands.
package enum AnswerPlace: Sendable, Equatable {
  /// JSON Pointer (RFC 6901).
  case json(String)
  /// The word behind this text.
  case behind(String)
}

/// An answer, read once for all rules.
struct GatewayAnswer {
  let status: Int
  let text: String
  private let json: JSONValue?

  init(status: Int, body: [UInt8]) {
    self.status = status
    text = String(decoding: body, as: UTF8.self)
    json = JSONValue(body)
  }

  /// The text, number or truth value there, as text; nil when there is none.
  func value(at pointer: String) -> String? { json?.value(at: pointer)?.text }

  func reference(at place: AnswerPlace) -> String? {
    switch place {
    case .json(let pointer):
      return value(at: pointer)
    case .behind(let mark):
      guard let found = text.firstRange(of: mark) else { return nil }
      let word = text[found.upperBound...].prefix { !$0.isWhitespace && !"\"'<>,;&".contains($0) }
      return word.isEmpty ? nil : String(word.prefix(200))
    }
  }

  /// For a person: the status and the first words of the body on one line.
  var words: String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").clipped(bytes: 200)
    return line.isEmpty ? "HTTP \(status)" : "HTTP \(status): \(line)"
  }
}
