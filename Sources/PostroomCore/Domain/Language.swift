/// A language that Postroom speaks to customers and staff. The raw value is its BCP 47 tag, as in `templates/<tag>/`.
package enum Language: String, Sendable, CaseIterable, Codable {
  case chinese = "zh-Hans"
  case english = "en"
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
