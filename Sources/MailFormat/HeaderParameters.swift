/// A value with parameters, as in Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183, RFC 2231).
struct HeaderParameters {
  /// The value before the first semicolon, lower-cased.
  private(set) var value = ""
  private var parameters: [(name: String, value: String)] = []

  /// More parameters than this are not a mail program's work.
  private static let limit = 200

  init() {}

  init(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { parse($0) }
  }

  /// The value of a parameter (name in lower case).
  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  private struct Section {
    var name: String
    var index: Int
    var isExtended: Bool
    var value: [UInt8]
  }

  private mutating func parse(_ bytes: Bytes) {
    let count = bytes.count
    var i = 0
    while i < count, bytes[i] != ASCII.semicolon, i == 0 || !ASCII.isBlank(bytes[i]) || bytes[i - 1] == ASCII.slash {
      i += 1
    }
    value = String(decoding: bytes[..<i].lazy.filter { $0 > ASCII.space }, as: UTF8.self).asciiLowercased
    var sections: [Section] = []
    var seen = 0
    while i < count, seen < Self.limit {
      seen += 1
      while i < count, bytes[i] <= ASCII.space || bytes[i] == ASCII.semicolon { i += 1 }
      let start = i
      while i < count, bytes[i] != ASCII.equals, bytes[i] != ASCII.semicolon { i += 1 }
      guard i < count, bytes[i] == ASCII.equals else { continue }
      let name = String(decoding: bytes[start..<i].lazy.filter { $0 > ASCII.space }, as: UTF8.self).asciiLowercased
      i += 1
      let value = Self.parameterValue(bytes, &i)
      if let star = name.utf8.firstIndex(of: ASCII.star) {
        sections.append(Self.section(name, star: star, value))
      } else if self[name] == nil {
        parameters.append((name, HeaderText.decode(value)))
      }
    }
    if !sections.isEmpty { join(sections) }
  }

  /// Reads a quoted string, or everything up to the next semicolon: file names with blanks come unquoted too.
  private static func parameterValue(_ bytes: Bytes, _ i: inout Int) -> [UInt8] {
    let count = bytes.count
    while i < count, bytes[i] <= ASCII.space { i += 1 }
    guard i < count, bytes[i] == ASCII.quote else {
      let start = i
      i = bytes.index(of: ASCII.semicolon, from: i, to: count) ?? count
      var range = bytes.trimmed(start..<i)
      // A comment behind the value (RFC 2045 §5.1).
      if let comment = bytes.index(of: ASCII.leftParen, from: range.lowerBound, to: range.upperBound),
        comment > range.lowerBound, ASCII.isBlank(bytes[comment - 1]), bytes[range.upperBound - 1] == ASCII.rightParen,
        !bytes.slice(range.lowerBound..<comment).contains(ASCII.dot)
      {
        range = bytes.trimmed(range.lowerBound..<comment)
      }
      return Array(bytes.slice(range))
    }
    i += 1
    var value: [UInt8] = []
    while i < count, bytes[i] != ASCII.quote {
      // Only these two are escaped; other backslashes are those of Windows paths.
      if bytes[i] == ASCII.backslash, i + 1 < count, bytes[i + 1] == ASCII.quote || bytes[i + 1] == ASCII.backslash {
        i += 1
      }
      value.append(bytes[i])
      i += 1
    }
    i = bytes.index(of: ASCII.semicolon, from: i, to: count) ?? count
    return value
  }

  /// `name*`, `name*0`, `name*0*` (RFC 2231 §3, §4).
  private static func section(_ name: String, star: String.Index, _ value: [UInt8]) -> Section {
    var rest = name[name.index(after: star)...]
    let isExtended = rest.isEmpty || rest.hasSuffix("*")
    if rest.hasSuffix("*") { rest = rest.dropLast() }
    return Section(
      name: String(name[..<star]), index: ASCII.number(rest.utf8) ?? 0, isExtended: isExtended, value: value)
  }

  private mutating func join(_ sections: [Section]) {
    var names: [String] = []
    for section in sections where !names.contains(section.name) { names.append(section.name) }
    for name in names {
      var label: String?
      var bytes: [UInt8] = []
      let own = sections.filter { $0.name == name }.sorted { $0.index < $1.index }
      for (place, section) in own.enumerated() {
        var value = section.value[...]
        if section.isExtended, place == 0, let first = value.firstIndex(of: ASCII.apostrophe),
          let second = value[(first + 1)...].firstIndex(of: ASCII.apostrophe)
        {
          label = String(decoding: value[..<first], as: UTF8.self)
          value = value[(second + 1)...]
        }
        if section.isExtended { Self.appendPercentDecoded(value, to: &bytes) } else { bytes += value }
      }
      let text =
        own.contains(where: \.isExtended)
        ? bytes.withUnsafeBufferPointer { Charset.decode($0, label: label.flatMap { $0.isEmpty ? nil : $0 }).text }
        : HeaderText.decode(bytes)
      parameters.removeAll { $0.name == name }
      parameters.append((name, text))
    }
  }

  private static func appendPercentDecoded(_ value: ArraySlice<UInt8>, to out: inout [UInt8]) {
    var i = value.startIndex
    while i < value.endIndex {
      if value[i] == ASCII.percent, i + 2 < value.endIndex, let high = ASCII.hex(value[i + 1]),
        let low = ASCII.hex(value[i + 2])
      {
        out.append(high << 4 | low)
        i += 3
      } else {
        out.append(value[i])
        i += 1
      }
    }
  }
}
