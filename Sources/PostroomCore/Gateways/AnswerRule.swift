internal import CurlClient
internal import MailFormat

/// What an answer must look like: all that is stated must hold.
package struct AnswerRule: Sendable, Equatable {
  /// Any of these statuses; nil for every one.
  package var statuses: Set<Int>?
  /// JSON Pointer (RFC 6901) to a value that is one of `values`; a step `*` stands for each item of a list.
  package var pointer: String?
  /// A field of the header whose value, or what stands in it in front of a colon, is one of `values`.
  package var header: String?
  package var values: Set<String> = []
  /// What the body begins with.
  package var prefix: String?
  /// Any of these stands somewhere in the body.
  package var contained: [String] = []

  package init(
    statuses: Set<Int>? = nil, pointer: String? = nil, values: Set<String> = [], prefix: String? = nil,
    contained: [String] = []
  ) {
    self.statuses = statuses
    self.pointer = pointer
    self.values = values
    self.prefix = prefix
    self.contained = contained
  }

  enum Match: Sendable, Equatable {
    case none
    /// It holds for some items of a list and for others not.
    case partly
    case wholly
  }

  func match(_ answer: GatewayAnswer) -> Match {
    if let statuses, !statuses.contains(answer.status) { return .none }
    if let prefix, !answer.text.hasPrefix(prefix) { return .none }
    if !contained.isEmpty, !contained.contains(where: answer.text.contains) { return .none }
    if let header {
      let value = answer.fields[header] ?? ""
      return values.contains(value) || values.contains(String(value.prefix { $0 != ":" })) ? .wholly : .none
    }
    guard let pointer else { return .wholly }
    let found = answer.values(at: pointer)
    let fitting = found.count { $0.map(values.contains) ?? false }
    return fitting == 0 ? .none : fitting == found.count ? .wholly : .partly
  }

  func matches(_ answer: GatewayAnswer) -> Bool { match(answer) != .none }
}

/// Where in an answer something stands.
package enum AnswerPlace: Sendable, Equatable {
  /// JSON Pointer (RFC 6901).
  case json(String)
  /// The word behind this text.
  case behind(String)
  /// A field of the header.
  case header(String)
}

/// An answer, read once for all rules.
struct GatewayAnswer {
  let status: Int
  let fields: HTTPFields
  let text: String
  private let json: JSONValue?
  private let secrets: [String]

  /// `secrets` are not shown to people, whatever repeats them.
  init(_ response: HTTPResponse, hiding secrets: [String] = []) {
    self.secrets = secrets
    status = response.status
    fields = response.fields
    text = String(decoding: response.body, as: UTF8.self)
    json = JSONValue(response.body)
  }

  init(status: Int, body: [UInt8]) { self.init(HTTPResponse(status: status, body: body)) }

  /// The text, number or truth value there, as text; nil when there is none.
  func value(at pointer: String) -> String? { json?.value(at: pointer)?.text }

  func values(at pointer: String) -> [String?] { json?.values(at: pointer).map { $0?.text } ?? [] }

  func value(at place: AnswerPlace) -> String? {
    switch place {
    case .json(let pointer): return values(at: pointer).first ?? nil
    case .header(let name): return fields[name]
    case .behind(let mark):
      guard let found = text.firstRange(of: mark) else { return nil }
      let word = text[found.upperBound...].prefix { !$0.isWhitespace && !"\"'<>,;&".contains($0) }
      return word.isEmpty ? nil : String(word)
    }
  }

  /// A reference of sensible length, without the angle brackets that stand around a Message-ID in some answers.
  func reference(at place: AnswerPlace) -> String? {
    value(at: place).map { $0.withoutAngleBrackets.clipped(bytes: 200) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Seconds that the gateway wants to be left alone (RFC 9110 §10.2.3), a day at most.
  func retryAfter(now: Instant) -> Seconds? {
    guard let text = fields["Retry-After"] else { return nil }
    let wait = Int64(text) ?? MailDate.parse(Array(text.utf8)).map { ($0 - now + 999) / 1000 }
    return wait.map { min(max($0, 0), 86_400) }
  }

  /// What something in front of the gateway shows instead of its answer: the log-in page of a network, say.
  var isWebPage: Bool {
    let start = text.prefix(1000).drop { $0.isWhitespace || $0 == "\u{FEFF}" }.prefix(14).lowercased()
    return start.hasPrefix("<!doctype html") || start.hasPrefix("<html")
  }

  /// For a person: the status and the first words of the body on one line.
  var words: String {
    // A body can be a megabyte long.
    let start = secrets.reduce(text.clipped(bytes: 1000)) { $0.replacing($1, with: "•••") }
    let line = start.isOneLine ? start : start.words
    return line.isEmpty ? "HTTP \(status)" : "HTTP \(status): \(line.clipped(bytes: 200))"
  }
}

extension String {
  /// Nothing but printable ASCII, so that there is nothing to fold: most answers of machines.
  fileprivate var isOneLine: Bool { utf8.allSatisfy { (0x20...0x7E).contains($0) } && !hasPrefix(" ") }

  /// On one line, a space between each two.
  fileprivate var words: String {
    utf8.split { $0 <= 0x20 || $0 == 0x7F }.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }
}
