/// JSON (RFC 8259) whose scalars are texts, numbers as they were written: vendors disagree whether a code is `0` or
/// `"0"`, and a reference may have more digits than a number can hold.
enum JSONValue: Sendable, Equatable {
  case scalar(String)
  case list([JSONValue])
  case object([String: JSONValue])
  case null

  /// In linear time and without recursion. Nil for anything else and for what is nested deeper than 64; of members of
  /// one name the last counts.
  init?(_ bytes: [UInt8]) {
    guard let value = bytes.withUnsafeBufferPointer({ JSONReader($0).document() }) else { return nil }
    self = value
  }

  /// The text, number or truth value.
  var text: String? { if case .scalar(let text) = self { text } else { nil } }

  /// What stands at a JSON Pointer (RFC 6901).
  func value(at pointer: String) -> JSONValue? { values(at: pointer).first ?? nil }

  /// What stands at a pointer in which a step `*` means each item of a list; nil for an item that has nothing there.
  func values(at pointer: String) -> [JSONValue?] {
    var places: [JSONValue?] = [self]
    for step in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let isEscaped = step.utf8.contains(UInt8(ascii: "~"))
      let name = String(isEscaped ? step.replacing("~1", with: "/").replacing("~0", with: "~") : step)
      places = places.flatMap { place -> [JSONValue?] in
        if name == "*", case .list(let items)? = place { return items }
        return [place?.child(name)]
      }
    }
    return places
  }

  private func child(_ name: String) -> JSONValue? {
    switch self {
    case .object(let members): return members[name]
    case .list(let items):
      guard let index = Int(name), items.indices.contains(index) else { return nil }
      return items[index]
    case .scalar, .null: return nil
    }
  }
}

/// Reads one document. Containers that are still open stand on a stack of its own.
private struct JSONReader {
  private struct Open {
    var isObject: Bool
    var name = ""
    var items: [JSONValue] = []
    var members: [String: JSONValue] = [:]

    mutating func add(_ value: JSONValue) {
      if isObject { members[name] = value } else { items.append(value) }
    }

    var value: JSONValue { isObject ? .object(members) : .list(items) }
  }

  private static let deepest = 64

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var open: [Open] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    // A byte order mark (RFC 8259 §8.1 lets readers skip it).
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  consuming func document() -> JSONValue? {
    while true {
      guard let value = value() else { return nil }
      // Nil: a container was opened, its first value follows.
      guard var value else { continue }
      while true {
        skipBlanks()
        guard !open.isEmpty else { return place == bytes.count ? value : nil }
        open[open.count - 1].add(value)
        let isObject = open[open.count - 1].isObject
        if take(",") {
          if isObject, !readName() { return nil }
          break
        }
        guard take(isObject ? "}" : "]") else { return nil }
        value = open.removeLast().value
      }
    }
  }

  /// The value that starts here; `.some(nil)` when it is a container with something in it; nil for a fault.
  private mutating func value() -> JSONValue?? {
    skipBlanks()
    if take("{") { return take("}", afterBlanks: true) ? .object([:]) : opened(isObject: true) }
    if take("[") { return take("]", afterBlanks: true) ? .list([]) : opened(isObject: false) }
    if take("\"") { return string().map { .scalar($0) } }
    return word()
  }

  private mutating func opened(isObject: Bool) -> JSONValue?? {
    guard open.count < Self.deepest else { return nil }
    open.append(Open(isObject: isObject))
    if isObject, !readName() { return nil }
    return .some(nil)
  }

  private mutating func readName() -> Bool {
    skipBlanks()
    guard take("\""), let name = string(), take(":", afterBlanks: true) else { return false }
    open[open.count - 1].name = name
    return true
  }

  /// `true`, `false`, `null` or a number.
  private mutating func word() -> JSONValue?? {
    let start = place
    while place < bytes.count, Self.isOfWord(bytes[place]) { place += 1 }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    switch text {
    case "null": return .some(.null)
    case "true", "false": return .some(.scalar(text))
    default:
      let isNumber =
        text.utf8.count <= 400 && text.utf8.first.map { $0 == UInt8(ascii: "-") || Self.isDigit($0) } == true
        && text.utf8.allSatisfy { Self.isDigit($0) || "-+.eE".utf8.contains($0) } && Double(text) != nil
      return isNumber ? .some(.scalar(text)) : nil
    }
  }

  /// Behind the opening quote, to behind the closing one.
  private mutating func string() -> String? {
    var text: [UInt8] = []
    var start = place
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""):
        text += bytes[start..<place]
        place += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text += bytes[start..<place]
        guard let scalar = escape() else { return nil }
        text += String(scalar).utf8
        start = place
      default: place += 1
      }
    }
    return nil
  }

  /// From the backslash on. Half a surrogate pair is U+FFFD.
  private mutating func escape() -> Unicode.Scalar? {
    guard place + 1 < bytes.count else { return nil }
    place += 2
    switch bytes[place - 1] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "u"):
      guard let first = unit(at: place) else { return nil }
      place += 4
      guard (0xD800..<0xDC00).contains(first), place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
        bytes[place + 1] == UInt8(ascii: "u"), let second = unit(at: place + 2), (0xDC00..<0xE000).contains(second)
      else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
      place += 6
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    default: return nil
    }
  }

  /// Four hexadecimal digits.
  private func unit(at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count, let pair = CanonicalText.unhex(bytes[start..<(start + 4)]) else { return nil }
    return UInt32(pair[0]) << 8 | UInt32(pair[1])
  }

  private mutating func take(_ sign: Unicode.Scalar, afterBlanks: Bool = false) -> Bool {
    if afterBlanks { skipBlanks() }
    guard place < bytes.count, bytes[place] == UInt8(ascii: sign) else { return false }
    place += 1
    return true
  }

  private mutating func skipBlanks() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      default: return
      }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-+.".utf8.contains(byte)
  }
}
