/// Where in a webhook something stands.
package enum EventPlace: Sendable, Equatable {
  /// JSON Pointer (RFC 6901).
  case pointer(String)
  /// A field of a form or query, or a member of a JSON object, by its exact name.
  case member(String)
  /// A parameter of the address, whatever the body is: what we put into the address we gave the vendor.
  case query(String)

  /// `/pointer`, `?parameter` or `name`.
  package init(_ text: String) {
    switch text.first {
    case "/": self = .pointer(text)
    case "?": self = .query(String(text.dropFirst()))
    default: self = .member(text)
    }
  }
}

/// What a webhook says of one message.
struct EventItem {
  let value: JSONValue
  let query: [String: String]

  /// The text at the first place that has one; empty ones are passed over.
  func text(at places: [EventPlace]) -> String? {
    places.lazy.compactMap(text).first { !$0.isEmpty }
  }

  func text(at place: EventPlace) -> String? {
    switch place {
    case .pointer(let pointer): value.value(at: pointer)?.text
    case .member(let name): if case .object(let members) = value { members[name]?.text } else { nil }
    case .query(let name): query[name]
    }
  }
}

/// Where in a webhook its events stand.
package struct EventSource: Sendable, Equatable {
  package enum Format: String, Sendable, CaseIterable { case query, form, json }

  package var format: Format
  /// JSON Pointer to a text that is JSON itself: the envelope of Amazon SNS, a form's field.
  package var inside: String?
  /// JSON Pointer to the list of events; without it the whole is one event, or a list of them.
  package var each: String?

  package init(format: Format, inside: String? = nil, each: String? = nil) {
    self.format = format
    self.inside = inside
    self.each = each
  }

  /// Where a vendor signs members and not the body, only signed members are read.
  func items(in webhook: IncomingWebhook, _ proof: WebhookProof) throws(WebhookRefusal) -> [EventItem] {
    let query = try Self.members(try webhook.query(), name: "query")
    var value: JSONValue
    if !proof.fields.isEmpty {
      value = .object(proof.fields.mapValues { .scalar($0) })
    } else {
      switch format {
      case .query: value = .object(query.mapValues { .scalar($0) })
      case .form: value = .object(try Self.members(try webhook.form(), name: "body").mapValues { .scalar($0) })
      case .json: value = try Self.json(webhook.body, name: "body")
      }
    }
    if let inside {
      guard let text = value.value(at: inside)?.text else { throw .missing(inside) }
      value = try Self.json(Array(text.utf8), name: inside)
    }
    if let each {
      guard let found = value.value(at: each) else { throw .missing(each) }
      value = found
    }
    guard case .list(let values) = value else { return [EventItem(value: value, query: query)] }
    return values.map { EventItem(value: $0, query: query) }
  }

  private static func json(_ bytes: [UInt8], name: String) throws(WebhookRefusal) -> JSONValue {
    guard let value = JSONValue(bytes) else { throw .malformed(name) }
    return value
  }

  /// A name that is there twice is refused: two readers could each see another value.
  private static func members(_ parameters: [Parameter], name: String) throws(WebhookRefusal) -> [String: String] {
    var members: [String: String] = [:]
    for parameter in parameters {
      guard members.updateValue(parameter.value, forKey: parameter.name) == nil else { throw .malformed(name) }
    }
    return members
  }
}
