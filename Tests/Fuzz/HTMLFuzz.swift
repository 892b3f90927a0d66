// Feeds any bytes to the reader of HTML and traps when what comes out is not what is promised.

/// One input of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTML(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  withinASecond { read(UnsafeBufferPointer(start: start, count: count)) }
}

private func read(_ bytes: UnsafeBufferPointer<UInt8>) {
  let document = HTMLDocument(utf8: bytes)
  _ = document.readableText(TextOptions(showsLinks: true))
  _ = document.readableText(TextOptions(quotes: .leftOut))
  _ = document.readableText(TextOptions(quotes: .marked))
  for allowsRemoteImages in [false, true] {
    let options = SafeHTMLOptions(allowsRemoteImages: allowsRemoteImages)
    let first = document.safeHTML(options).html
    let second = HTMLDocument(first).safeHTML(options).html
    precondition(first == second, "made safe twice:\n\(first)\n---\n\(second)")
    var check = SafetyCheck(bytes: Array(first.utf8), allowsRemoteImages: allowsRemoteImages)
    precondition(check.passes(), "not safe:\n\(first)")
  }
}

/// Reads safe HTML by a grammar as narrow as what is written: `<name a="v">`, end tags that match, no other `<`.
private struct SafetyCheck {
  let bytes: [UInt8]
  let allowsRemoteImages: Bool
  var place = 0
  var open: [String] = []

  init(bytes: [UInt8], allowsRemoteImages: Bool) {
    self.bytes = bytes
    self.allowsRemoteImages = allowsRemoteImages
  }

  static let forbiddenNames: Set<String> = [
    "script", "style", "iframe", "object", "embed", "base", "meta", "form", "link", "svg", "math", "noscript", "xmp",
    "plaintext", "textarea", "title", "template", "input", "button", "select", "video", "audio", "html", "body", "head",
  ]
  static let attributes: Set<String> = [
    "align", "alt", "background", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face",
    "height", "href", "lang", "nowrap", "rel", "rowspan", "size", "src", "start", "style", "target", "title", "type",
    "valign", "width",
  ]
  static let void: Set<String> = ["br", "hr", "img", "col", "wbr"]

  mutating func passes() -> Bool {
    while place < bytes.count {
      if bytes[place] == ASCII.less {
        guard passesTag() else { return false }
      } else {
        guard bytes[place] != ASCII.greater, bytes[place] >= 32 || [9, 10].contains(bytes[place]) else { return false }
        place += 1
      }
    }
    return open.isEmpty
  }

  private mutating func word() -> String {
    let start = place
    while place < bytes.count, ASCII.isLetter(bytes[place]) || ASCII.isDigit(bytes[place]) { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func takes(_ text: String) -> Bool {
    guard bytes[place...].starts(with: text.utf8) else { return false }
    place += text.utf8.count
    return true
  }

  private mutating func passesTag() -> Bool {
    if takes("</") { return word() == open.popLast() && takes(">") }
    place += 1
    let name = word()
    guard !name.isEmpty, !Self.forbiddenNames.contains(name) else { return false }
    if !Self.void.contains(name) { open.append(name) }
    while takes(" ") {
      let attribute = word()
      guard Self.attributes.contains(attribute), takes("=\"") else { return false }
      let start = place
      while place < bytes.count, bytes[place] != ASCII.quote { place += 1 }
      guard passesValue(of: attribute, String(decoding: bytes[start..<place], as: UTF8.self)), takes("\"") else {
        return false
      }
    }
    return takes(">")
  }

  private func passesValue(of attribute: String, _ value: String) -> Bool {
    if value.contains("<") || value.contains(">") { return false }
    let lower = value.lowercased()
    switch attribute {
    // By bytes: a combining mark behind the colon is one character with it.
    case "href":
      return ["http://", "https://", "mailto:", "tel:", "cid:"].contains { lower.utf8.starts(with: $0.utf8) }
    case "src", "background":
      let schemes = allowsRemoteImages ? ["cid:", "http://", "https://"] : ["cid:"]
      return schemes.contains { lower.utf8.starts(with: $0.utf8) }
    case "style":
      return !["url", "expression", "@", "\\", "/*", "position", "behavior", "binding", "&quot;"].contains {
        lower.contains($0) && !($0 == "url" && !lower.contains("url("))
      }
    default: return true
    }
  }
}
