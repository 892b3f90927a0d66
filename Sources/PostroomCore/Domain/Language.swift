/// A language that Postroom speaks to customers and staff. The raw value is its BCP 47 tag, as in `templates/<tag>/`.
package enum Language: String, Sendable, CaseIterable, Codable {
  case chinese = "zh-Hans"
  case english = "en"

  /// From what lists of customers say: a BCP 47 tag of the language, whatever the region, or its name.
  package init?(word: String) {
    let key = word.lowercased().replacing("_", with: "-")
    let primary = key.prefix { $0 != "-" }
    if ["zh", "cn", "chinese", "中文", "汉语", "简体中文", "繁體中文", "繁体中文", "普通话", "华语"].contains(String(primary)) {
      self = .chinese
    } else if ["en", "english", "英文", "英语", "英語"].contains(String(primary)) {
      self = .english
    } else {
      return nil
    }
  }
}

/// The same words in every language of the product.
package struct Localized: Sendable, Equatable {
  package var chinese: String
  package var english: String

  package init(chinese: String, english: String) {
    self.chinese = chinese
    self.english = english
  }

  package subscript(_ language: Language) -> String {
    switch language {
    case .chinese: chinese
    case .english: english
    }
  }
}
