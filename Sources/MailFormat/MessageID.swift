/// Message-IDs (RFC 5322 §3.6.4).
package enum MessageID {
  /// Every id between angle brackets; without any, the words with an `@` in them. White space within an id is a fold.
  package static func all(in value: [UInt8]) -> [String] {
    value.withUnsafeBufferPointer { bytes in
      if bytes.contains(where: { $0 >= 0x80 }) || HeaderText.mayHoldEncodedWords(bytes) {
        return Array(HeaderText.decode(bytes).utf8).withUnsafeBufferPointer(scan)
      }
      return scan(bytes)
    }
  }

  /// The first id, or the bare text when it is no proper id.
  package static func first(in value: [UInt8]) -> String? {
    if let id = all(in: value).first { return id }
    let bare = HeaderText.decode(value).utf8.filter { $0 > ASCII.space && $0 != ASCII.less && $0 != ASCII.greater }
    return bare.isEmpty ? nil : String(decoding: bare, as: UTF8.self)
  }

  /// The same for a value that was decoded already.
  package static func first(in text: String) -> String? { first(in: Array(text.utf8)) }

  private static func scan(_ bytes: Bytes) -> [String] {
    var ids: [String] = []
    var place = 0
    while let open = bytes.index(of: ASCII.less, from: place, to: bytes.count) {
      guard let close = bytes.index(of: ASCII.greater, from: open, to: bytes.count) else { break }
      // Of several opening brackets the last counts.
      var start = open + 1
      while let inner = bytes.index(of: ASCII.less, from: start, to: close) { start = inner + 1 }
      let id = text(bytes.slice(start..<close))
      if !id.isEmpty { ids.append(id) }
      place = close + 1
    }
    guard ids.isEmpty else { return ids }
    return bytes.split { $0 <= ASCII.space || $0 == ASCII.comma }
      .filter { $0.contains(ASCII.at) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static func text(_ bytes: Bytes) -> String {
    guard bytes.contains(where: { $0 <= ASCII.space }) else { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: bytes.filter { $0 > ASCII.space }, as: UTF8.self)
  }
}
