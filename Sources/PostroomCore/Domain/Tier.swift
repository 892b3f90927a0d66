/// How much a customer matters to the company; the cases rise.
package enum Tier: String, Sendable, CaseIterable, Comparable {
  case regular
  case vip
  case senior

  package var words: Localized {
    switch self {
    case .regular: Localized(chinese: "普通", english: "regular")
    case .vip: Localized(chinese: "VIP", english: "VIP")
    case .senior: Localized(chinese: "高级VIP", english: "senior VIP")
    }
  }

  /// From the name or the words, in either language and case.
  package init?(word: String) {
    let key = word.lowercased().filter { !$0.isWhitespace }
    let found = Tier.allCases.first { tier in
      key == tier.rawValue
        || [tier.words.chinese, tier.words.english].contains { $0.lowercased().filter { !$0.isWhitespace } == key }
    }
    guard let found else { return nil }
    self = found
  }

  package static func < (left: Tier, right: Tier) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
