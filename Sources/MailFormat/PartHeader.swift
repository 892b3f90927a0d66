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
      contentID = MessageID.first(in: unfolded()) ?? ""
    }
  }

  /// The name of the file, from either field, without the folders some senders leave in it.
  var name: String? {
    guard let name = fileName ?? parameters["name"], !name.isEmpty else { return nil }
    let last = name.utf8.lastIndex { $0 == ASCII.slash || $0 == ASCII.backslash }
    let base = last.map { String(name[name.utf8.index(after: $0)...]) } ?? name
    return base.isEmpty ? name : base
  }

  var isText: Bool { type == "text/plain" || type == "text/html" }
  var isMultipart: Bool { type.hasPrefix("multipart/") }
  /// A mail within the mail (RFC 2046 §5.2.1, RFC 6532 §3.7).
  var isMessage: Bool { type == "message/rfc822" || type == "message/global" }

  /// A mail within a signed or encrypted wrapping (RFC 8551 §3.2).
  var isSecured: Bool {
    switch type {
    case "application/pkcs7-mime", "application/x-pkcs7-mime": true
    case "application/octet-stream": name?.asciiLowercased.hasSuffix(".p7m") == true
    default: false
    }
  }
  /// Outlook's own wrapping of rich text and files (winmail.dat).
  var isTNEF: Bool {
    switch type {
    case "application/ms-tnef", "application/vnd.ms-tnef": true
    case "application/octet-stream": name?.asciiLowercased == "winmail.dat"
    default: false
    }
  }

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
