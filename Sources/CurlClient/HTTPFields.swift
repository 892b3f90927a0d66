/// Header fields in their order (RFC 9110 §5); names are equal whatever their case.
package struct HTTPFields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  package struct Field: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package private(set) var all: [Field] = []

  package init() {}

  package init(dictionaryLiteral elements: (String, String)...) {
    all = elements.map { Field(name: $0, value: $1) }
  }

  /// The value of the first field of this name; setting replaces all of them, nil removes them.
  package subscript(name: String) -> String? {
    get { all.first { Self.isEqual($0.name, name) }?.value }
    set {
      all.removeAll { Self.isEqual($0.name, name) }
      if let newValue { append(name: name, value: newValue) }
    }
  }

  /// The values of all fields of this name.
  package func values(_ name: String) -> [String] { all.filter { Self.isEqual($0.name, name) }.map(\.value) }

  package mutating func append(name: String, value: String) { all.append(Field(name: name, value: value)) }

  /// A line of an answer. One without a colon is left out, one that begins with a space goes on with the field before
  /// it (RFC 9112 §5.2).
  mutating func append(line: UnsafeRawBufferPointer) {
    if let first = line.first, first == 0x20 || first == 0x09 {
      guard !all.isEmpty else { return }
      all[all.count - 1].value += " " + Self.trimmed(line, 0, line.count)
    } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      append(name: Self.trimmed(line, 0, colon), value: Self.trimmed(line, colon + 1, line.count))
    }
  }

  private static func trimmed(_ line: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> String {
    func isSpace(_ place: Int) -> Bool { line[place] == 0x20 || (0x09...0x0D).contains(line[place]) }
    var (start, end) = (start, end)
    while start < end, isSpace(start) { start += 1 }
    while start < end, isSpace(end - 1) { end -= 1 }
    return String(decoding: UnsafeRawBufferPointer(rebasing: line[start..<end]), as: UTF8.self)
  }

  static func isEqual(_ one: String, _ other: String) -> Bool {
    one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
