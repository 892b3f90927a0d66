/// A request to the HTTP listener, as it was received. It prints without path and query, which may hold a token.
package struct WebRequest: Sendable, CustomStringConvertible, CustomReflectable {
  package var method: String
  /// Percent-encoded, from the first slash up to the query.
  package var path: String
  /// Behind the `?`, percent-encoded; nil without one.
  package var query: String?
  package var fields: [HTTPField]
  package var body: [UInt8]
  /// The address that the connection came from, without its port; empty when it is not known.
  package var peer: String

  package init(
    method: String, path: String, query: String? = nil, fields: [HTTPField] = [], body: [UInt8] = [], peer: String = ""
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
    self.body = body
    self.peer = peer
  }

  package var description: String { "\(method), \(fields.count) fields, \(body.count) bytes" }
  package var customMirror: Mirror { Mirror(self, children: ["request": description]) }

  /// All values of a field, in their order.
  func values(_ name: String) -> [String] {
    let wanted = name.lowercased()
    return fields.filter { $0.name.lowercased() == wanted }.map(\.value)
  }
}

/// What is answered to it.
package struct WebAnswer: Sendable, Equatable {
  package var status: Int
  package var fields: [HTTPField]
  package var body: [UInt8]

  /// What browsers are told with every answer: keep nothing, guess nothing, load nothing, tell no other site.
  package init(
    status: Int, contentType: String = "text/plain; charset=utf-8", body: [UInt8] = [],
    policy: String = "default-src 'none'; frame-ancestors 'none'", fields: [HTTPField] = []
  ) {
    self.status = status
    self.body = body
    self.fields =
      [
        HTTPField("Content-Type", contentType), HTTPField("Cache-Control", "no-store"),
        HTTPField("Content-Security-Policy", policy), HTTPField("Referrer-Policy", "no-referrer"),
        HTTPField("X-Content-Type-Options", "nosniff"), HTTPField("X-Robots-Tag", "noindex"),
      ] + fields
  }

  package init(status: Int, text: String, fields: [HTTPField] = []) {
    self.init(status: status, body: Array((text + "\n").utf8), fields: fields)
  }

  static let notFound = WebAnswer(status: 404, text: "not found")

  static func methodNotAllowed(_ allowed: String) -> WebAnswer {
    WebAnswer(status: 405, text: "method not allowed", fields: [HTTPField("Allow", allowed)])
  }
}
