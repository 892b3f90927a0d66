/// A day of the year, and the year when it is known.
package struct Birthday: Sendable, Equatable, CustomStringConvertible {
  package let month: Int
  package let day: Int
  package let year: Int?

  /// Nil when there is no such day; 29 February is one when the year is not known.
  package init?(month: Int, day: Int, year: Int? = nil) {
    guard CivilDate(year: year ?? 2000, month: month, day: day) != nil else { return nil }
    self.month = month
    self.day = day
    self.year = year
  }

  /// `1990-05-01`, or `05-01`.
  package var description: String {
    // A leap year, so that 29 February has a date to be printed from.
    let text = CivilDate(year: year ?? 2000, month: month, day: day)?.description ?? ""
    return year == nil ? String(text.dropFirst(5)) : text
  }

  /// From `1990-05-01`, `1990/5/1`, `1990.5.1`, `19900501`, `1990年5月1日`, and the same without the year; a time of day
  /// behind it counts for nothing. Day before month is not guessed. Nil for anything else and years before 1900.
  package init?(_ text: String) {
    guard text.utf8.count <= 64 else { return nil }
    var date = FullWidth.folded(text)[...]
    if let colon = date.firstIndex(of: ":") {
      guard let gap = date[..<colon].lastIndex(where: { $0 == " " || $0 == "T" }) else { return nil }
      date = date[..<gap]
    }
    var plain = date.filter { !$0.isWhitespace }
    if plain.hasSuffix("日") || plain.hasSuffix("号") { plain.removeLast() }
    if plain.utf8.count == 8, let all = Self.number(plain) {
      self.init(month: all / 100 % 100, day: all % 100, year: all / 10_000)
    } else {
      let parts = plain.split(omittingEmptySubsequences: false) { "-/.年月".contains($0) }
      guard (2...3).contains(parts.count), parts.count == 2 || parts[0].utf8.count == 4,
        parts.suffix(2).allSatisfy({ (1...2).contains($0.utf8.count) }), let day = Self.number(parts[parts.count - 1]),
        let month = Self.number(parts[parts.count - 2])
      else { return nil }
      if parts.count == 2 {
        self.init(month: month, day: day)
      } else {
        guard let year = Self.number(parts[0]) else { return nil }
        self.init(month: month, day: day, year: year)
      }
    }
    if let year, year < 1900 { return nil }
  }

  private static func number(_ text: some StringProtocol) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}

enum FullWidth {
  /// `１９９０－０５` as `1990-05`: what Chinese keyboards write for ASCII.
  static func folded(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar.value == 0x3000 {
        result.append(" ")
      } else if (0xFF01...0xFF5E).contains(scalar.value), let half = Unicode.Scalar(scalar.value - 0xFEE0) {
        result.append(half)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
