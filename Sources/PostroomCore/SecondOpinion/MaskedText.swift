/// What of a mail may be shown to a model outside of the house: subject and newly written text without the data that
/// name a person, at most 4,000 characters. Placeholders such as `[PHONE]` stand where something was taken out, so that
/// a reader still knows what the sentence is about. Linear in the text, of which the first 16,000 bytes are read.
///
/// Masked: e-mail addresses, telephone numbers, identity card numbers, bank cards, other long numbers (their length class
/// stays), codes of letters and digits, dates, links, account names, licence plates, house numbers, the names given. Not
/// masked: names of other people and of places, which no pattern recognises.
package struct MaskedText: Sendable, Equatable {
  package let text: String
  /// Nothing in it could be judged.
  package let isEmpty: Bool

  static let most = 4000
  private static let mostBytes = 16_000

  /// - Parameter names: what the customer is called; empty ones are left out.
  package init(subject: String, words: String, names: [String] = []) {
    let head = Self.beginning(of: subject, bytes: 1000)
    var scalars = Self.beginning(of: head.text + "\n\n" + words, bytes: Self.mostBytes).scalars
    isEmpty = !scalars.contains { $0.properties.isAlphabetic }
    scalars = scalars.replacing(Self.address).replacing(Self.link).replacing(Self.account)
    scalars = scalars.replacing(Self.plate).replacing(Self.date).replacing(Self.writtenDate).replacing(Self.house)
    scalars = scalars.replacing(Self.code).replacing(Self.number)
    for name in CustomerName.all(names) { scalars = scalars.replacing(name.find) }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars.prefix(Self.most))
    text = String(view).trimmingBlanks
  }

  /// Opened. What a cut goes through must not be taken for something shorter, so it goes, too.
  private static func beginning(of text: String, bytes: Int) -> (text: String, scalars: [Unicode.Scalar]) {
    let beginning = text.clipped(bytes: bytes)
    var scalars = OpenedText(beginning).scalars
    if beginning.utf8.count < text.utf8.count {
      scalars.removeLast(scalars.reversed().prefix { $0 != "\n" && !$0.isHan }.prefix(400).count)
    }
    return (String(String.UnicodeScalarView(scalars)), scalars)
  }

  static func word(_ name: String) -> [Unicode.Scalar] { Array("[\(name)]".unicodeScalars) }
}

extension String {
  fileprivate var trimmingBlanks: String {
    let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\n" }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !isBlank($0) }), let last = scalars.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}

/// A name of the customer, to be found in his own mail.
struct CustomerName {
  private let letters: [Unicode.Scalar]
  /// Written without spaces: found within words, too.
  private let isHan: Bool
  /// 王 of 王先生: found only before a title.
  private var needsTitle = false

  private static let titles = ["先生", "女士", "小姐", "太太", "经理", "老师", "总", "哥", "姐"]
    .map { Array($0.unicodeScalars) }

  private init?(_ text: [Unicode.Scalar], needsTitle: Bool = false) {
    isHan = text.contains(where: \.isHan)
    guard text.count >= (needsTitle ? 1 : 2) else { return nil }
    letters = text.map(Self.lowercased)
    self.needsTitle = needsTitle
  }

  /// Each whole name, and its parts: given name and family name stand alone in signatures.
  static func all(_ names: [String]) -> [CustomerName] {
    names.flatMap { name -> [CustomerName] in
      let whole = OpenedText(name.clipped(bytes: 200)).scalars.split { $0 == "\n" }.first.map { Array($0) } ?? []
      if whole.contains("@") { return [] }
      let parts = whole.split { !$0.properties.isAlphabetic && $0 != "'" && $0 != "-" }.map { Array($0) }
      var found = [CustomerName(Array(parts.joined(separator: [" "])))]
      if parts.count > 1 { found += parts.map { CustomerName($0) } }
      for part in parts where part.allSatisfy(\.isHan) && (2...4).contains(part.count) {
        if part.count > 2 { found.append(CustomerName(Array(part.dropFirst(part.count == 4 ? 2 : 1)))) }
        // 欧阳 of 欧阳先生 before 阳先生 would be looked for.
        found += [2, 1].map { CustomerName(Array(part.prefix($0)), needsTitle: true) }
      }
      return found.compactMap { $0 }
    }
  }

  /// As ``Swift/Array/replacing(_:)`` wants it.
  func find(_ text: [Unicode.Scalar], _ place: Int) -> (end: Int, words: [Unicode.Scalar])? {
    guard isHan || place == 0 || !text[place - 1].isWordLetter else { return nil }
    var end = place
    for letter in letters {
      if letter == " " {
        // 王 小明 and LiWei are the same names.
        while end < text.count, text[end] == " " || text[end] == "\n" { end += 1 }
        continue
      }
      guard end < text.count, Self.lowercased(text[end]) == letter else { return nil }
      end += 1
    }
    guard isHan || end == text.count || !text[end].isWordLetter else { return nil }
    if needsTitle { guard Self.titles.contains(where: { text[end...].starts(with: $0) }) else { return nil } }
    return (end, MaskedText.word("NAME"))
  }

  private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let lower = scalar.properties.lowercaseMapping.unicodeScalars
    return lower.count == 1 ? lower.first ?? scalar : scalar
  }
}

extension Unicode.Scalar {
  fileprivate var isWordLetter: Bool { properties.isAlphabetic && !isHan }
}
