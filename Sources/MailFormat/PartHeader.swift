/// What the Content- fields say about a part (RFC 2045, RFC 2183).
struct PartHeader {
  /// Type and subtype in lower case.
  var type = "text/plain"
  var parameters = HeaderParameters()
  var disposition: String?
  var fileName: String?
  var contentID = ""
  var encoding = TransferEncoding.identity

  /// A longer value of a Content- field is cut: no name or boundary is that long.
  private static let valueLimit = 1 << 16

  /// Takes note of a field if it is one of these.
  mutating func read(_ bytes: Bytes, name: Range<Int>, value: Range<Int>) {
    let name = bytes.slice(name)
    guard name.count >= 10, name.hasPrefixIgnoringCase("content-") else { return }
    func unfolded() -> [UInt8] {
      HeaderScanner.unfold(bytes, value.lowerBound..<min(value.upperBound, value.lowerBound + Self.valueLimit))
    }
    if name.equalsIgnoringCase("content-type") {
      parameters = HeaderParameters(unfolded())
      type = Self.normalized(parameters.value)
    } else if name.equalsIgnoringCase("content-disposition") {
      let parsed = HeaderParameters(unfolded())
      disposition = parsed.value
      fileName = parsed["filename"] ?? parsed["name"]
    } else if name.equalsIgnoringCase("content-transfer-encoding") {
      encoding = TransferEncoding(bytes.slice(value))
    } else if name.equalsIgnoringCase("content-id") {
      contentID = MessageID.first(in: HeaderText.decode(unfolded())) ?? ""
    }
  }

  /// The name of the file, from either field, without the folders some senders leave in it.
  var name: String? {
    guard let name = fileName ?? parameters["name"], !name.isEmpty else { return nil }
    let last = name.utf8.lastIndex { $0 == 47 || $0 == ASCII.backslash }
    let base = last.map { String(name[name.utf8.index(after: $0)...]) } ?? name
    return base.isEmpty ? name : base
  }

  var isText: Bool { type == "text/plain" || type == "text/html" }
  var isMultipart: Bool { type.hasPrefix("multipart/") }
  /// A mail within the mail (RFC 2046 §5.2.1, RFC 6532 §3.7).
  var isMessage: Bool { type == "message/rfc822" || type == "message/global" }

  /// A report for programs (RFC 3464, 5965, 8098) or the header of a returned mail (RFC 6522 §4).
  var isForMachines: Bool { type.hasPrefix("message/") || type == "text/rfc822-headers" }

  /// Something that is no type (`text`, `html`, empty) is taken for text (RFC 2045 §5.2).
  private static func normalized(_ type: String) -> String {
    switch type {
    case "html", "text/htm": "text/html"
    case let type where type.utf8.contains(47) && !type.hasPrefix("/") && !type.hasSuffix("/"): type
    default: "text/plain"
    }
  }
}

/// Message-IDs (RFC 5322 §3.6.4).
package enum MessageID {
  /// Every id between angle brackets; without any, the words with an `@` in them.
  package static func all(in text: String) -> [String] {
    var ids: [String] = []
    let bytes = text.utf8
    var start: String.Index?
    for i in bytes.indices {
      if bytes[i] == ASCII.less {
        start = bytes.index(after: i)
      } else if bytes[i] == ASCII.greater, let begin = start {
        let id = text[begin..<i].filter { !$0.isWhitespace }
        if !id.isEmpty { ids.append(id) }
        start = nil
      }
    }
    if ids.isEmpty { ids = text.split { $0.isWhitespace || $0 == "," }.filter { $0.contains("@") }.map(String.init) }
    return ids
  }

  /// The first id, or the bare text when it is no proper id.
  static func first(in text: String) -> String? {
    if let id = all(in: text).first { return id }
    let bare = text.filter { !$0.isWhitespace && $0 != "<" && $0 != ">" }
    return bare.isEmpty ? nil : bare
  }
}
