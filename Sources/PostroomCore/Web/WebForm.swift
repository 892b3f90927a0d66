/// The fields of a small form: `application/x-www-form-urlencoded`, or `multipart/form-data` (RFC 7578), which RFC 8058
/// §3.1 prefers and few senders use. Values are texts; files are nothing that our pages ask for.
struct WebForm {
  private var fields: [Parameter] = []

  /// Our forms have one field; mail programs may add some.
  static let mostBytes = 16_384
  private static let mostFields = 50

  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// What cannot be read has no fields.
  init(_ body: [UInt8], contentType: String) {
    guard body.count <= Self.mostBytes else { return }
    let parts = contentType.utf8.split(separator: UInt8(ascii: ";"), maxSplits: 20)
    let mediaType = parts.first.map { String(decoding: $0, as: UTF8.self).withFoldedSpaces.lowercased() } ?? ""
    if mediaType == "multipart/form-data" {
      if let boundary = Self.value(of: "boundary", in: parts.dropFirst()), !boundary.isEmpty {
        fields = Self.parts(of: body, boundary: boundary)
      }
    } else {
      // Some send no Content-Type.
      fields = Array(CanonicalText.parameters(ofForm: body).prefix(Self.mostFields))
    }
  }

  /// Of `; name="value"`; ours need no escapes.
  private static func value(of name: String, in parameters: some Sequence<Substring.UTF8View>) -> String? {
    for parameter in parameters {
      let sides = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1).map {
        String(decoding: $0, as: UTF8.self).withFoldedSpaces
      }
      guard sides.count == 2, sides[0].lowercased() == name else { continue }
      return sides[1].hasPrefix("\"") ? String(sides[1].dropFirst().prefix { $0 != "\"" }) : sides[1]
    }
    return nil
  }

  private static func parts(of body: [UInt8], boundary: String) -> [Parameter] {
    let delimiter = Array("--\(boundary)".utf8)
    var found: [Parameter] = []
    var name: String?
    var value: [String]?
    func close() {
      if let name, let value, found.count < mostFields {
        found.append(Parameter(name: name, value: value.joined(separator: "\n")))
      }
    }
    for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.starts(with: delimiter) {
        close()
        (name, value) = (nil, nil)
      } else if value != nil {
        value?.append(String(decoding: line, as: UTF8.self))
      } else if line.isEmpty {
        value = []
      } else {
        let text = String(decoding: line, as: UTF8.self)
        guard text.lowercased().hasPrefix("content-disposition:") else { continue }
        name = Self.value(of: "name", in: text.utf8.split(separator: UInt8(ascii: ";"), maxSplits: 20).dropFirst())
      }
    }
    close()
    return found
  }
}
