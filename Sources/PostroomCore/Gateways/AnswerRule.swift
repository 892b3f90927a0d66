internal import Foundation

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
    json = try? JSONDecoder().decode(JSONValue.self, from: Data(body))
  }

  /// The text, number or truth value there, as text; nil when there is none.
  func value(at pointer: String) -> String? {
    guard var place = json else { return nil }
    for step in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let name = String(step.replacing("~1", with: "/").replacing("~0", with: "~"))
      switch place {
      case .object(let members):
        guard let next = members[name] else { return nil }
        place = next
      case .list(let items):
        guard let index = Int(name), items.indices.contains(index) else { return nil }
        place = items[index]
      case .scalar, .null:
        return nil
      }
    }
    if case .scalar(let text) = place { return text }
    return nil
  }

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

/// JSON with its scalars as text. Foundation bounds the depth.
private enum JSONValue: Decodable {
  case scalar(String)
  case list([JSONValue])
  case object([String: JSONValue])
  case null

  init(from decoder: any Decoder) throws {
    if let members = try? decoder.container(keyedBy: AnyKey.self) {
      var object: [String: JSONValue] = [:]
      for key in members.allKeys { object[key.stringValue] = try members.decode(JSONValue.self, forKey: key) }
      self = .object(object)
    } else if var items = try? decoder.unkeyedContainer() {
      var list: [JSONValue] = []
      while !items.isAtEnd { list.append(try items.decode(JSONValue.self)) }
      self = .list(list)
    } else {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let truth = try? value.decode(Bool.self) {
        self = .scalar(truth ? "true" : "false")
      } else if let number = try? value.decode(Int64.self) {
        self = .scalar(String(number))
      } else if let number = try? value.decode(Double.self) {
        self = .scalar(String(number))
      } else {
        self = .scalar(try value.decode(String.self))
      }
    }
  }

  private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
