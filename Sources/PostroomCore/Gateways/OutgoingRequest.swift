/// A name and its value, in a query or a form, decoded.
package struct Parameter: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// One line of an HTTP header (RFC 9110 §5). It prints its name only: values are tokens and signatures.
package struct HTTPField: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  package var description: String { name }
  package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// A request to a vendor, before and after signing. It prints without path, query, values and body: they hold tokens,
/// numbers and texts.
package struct OutgoingRequest: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  package var method = "POST"
  /// With the port unless it is the scheme's own; the client sends it as `Host`, it is not among ``fields``.
  package var host: String
  /// Percent-encoded, without dot segments.
  package var path = "/"
  package var query: [Parameter] = []
  package var fields: [HTTPField] = []
  package var body: [UInt8] = []

  package init(host: String) { self.host = host }

  package var description: String { "\(method) \(host), \(body.count) bytes" }
  package var customMirror: Mirror { Mirror(self, children: ["request": description, "fields": fields]) }

  /// Path and query as they go out: in the order that was signed, since some servers compare the text.
  package var target: String { query.isEmpty ? path : path + "?" + CanonicalText.query(query) }
}

/// The text that the vendors of the AWS family (SigV4, TC3, ACS3) hash and sign: method, path, query, header lines, their
/// names and the hash of the body.
struct CanonicalRequest {
  /// Hexadecimal SHA-256 of the whole.
  let digest: String
  /// `content-type;host;…`
  let signedNames: String

  /// `fields` are the ones to sign, `host` among them; repeated ones are joined in their order (RFC 9110 §5.3).
  init(_ request: OutgoingRequest, path: String, fields: [HTTPField]) {
    var lines: [String: [String]] = [:]
    for field in fields { lines[field.name.lowercased(), default: []].append(field.value.withFoldedSpaces) }
    let names = lines.keys.sorted { $0.precedes($1) }
    signedNames = names.joined(separator: ";")
    let text =
      ([request.method, path, CanonicalText.query(request.query)]
      + names.map { $0 + ":" + (lines[$0] ?? []).joined(separator: ",") }
      + ["", signedNames, Self.digest(request.body)])
      .joined(separator: "\n")
    digest = Self.digest(Array(text.utf8))
  }

  static func digest(_ bytes: [UInt8]) -> String { CanonicalText.hex(MessageHash.sha256.digest(of: bytes)) }
}

extension OutgoingRequest {
  /// The request with fields added and every value as it is signed: spaces folded, since not every server folds them.
  func adding(_ added: [HTTPField]) -> OutgoingRequest {
    var copy = self
    let names = Set(added.map { $0.name.lowercased() })
    copy.fields.removeAll { names.contains($0.name.lowercased()) }
    copy.fields += added
    for index in copy.fields.indices { copy.fields[index].value = copy.fields[index].value.withFoldedSpaces }
    return copy
  }
}
