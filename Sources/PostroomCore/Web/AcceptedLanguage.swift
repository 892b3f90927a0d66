extension Language {
  /// The one that a browser likes best (RFC 9110 §12.5.4); nil when it names neither.
  init?(accepted field: String) {
    var best: (language: Language, quality: Double)?
    for range in field.utf8.split(separator: UInt8(ascii: ","), maxSplits: 30) {
      let parts = range.split(separator: UInt8(ascii: ";")).map {
        String(decoding: $0, as: UTF8.self).withFoldedSpaces.lowercased()
      }
      guard let tag = parts.first?.split(separator: "-").first, let language = Self.byTag[String(tag)] else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
      let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if quality > best?.quality ?? 0 { best = (language, quality) }
    }
    guard let best else { return nil }
    self = best.language
  }

  private static let byTag: [String: Language] = ["zh": .chinese, "en": .english]
}
