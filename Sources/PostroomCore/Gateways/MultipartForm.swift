/// A form as multipart/form-data (RFC 7578).
struct MultipartForm {
  let body: [UInt8]
  let contentType: String

  /// Names and file names are the recipe's, values may be anything: the boundary is made of a hash of all of them, so
  /// that nobody can write a value that holds it.
  init(_ parts: [(HTTPRecipe.Part, String)]) {
    let content = parts.flatMap { Array($0.1.utf8) }
    let boundary = "=_" + CanonicalText.hex(MessageHash.sha256.digest(of: content)).prefix(40)
    var body: [UInt8] = []
    for (part, value) in parts {
      var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.quoted(part.name))\""
      if let fileName = part.fileName { head += "; filename=\"\(Self.quoted(fileName))\"" }
      if let type = part.contentType { head += "\r\nContent-Type: \(type)" }
      body += (head + "\r\n\r\n").utf8
      body += value.utf8
      body += "\r\n".utf8
    }
    self.body = body + "--\(boundary)--\r\n".utf8
    contentType = "multipart/form-data; boundary=\"\(boundary)\""
  }

  /// As browsers do it (WHATWG HTML, multipart/form-data encoding algorithm). By scalars: CR LF is one `Character`.
  private static func quoted(_ name: String) -> String {
    name.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "%22"
      case "\r": "%0D"
      case "\n": "%0A"
      default: String(scalar)
      }
    }.joined()
  }
}
