/// How far the machine was trusted with the kind of a mail that opened a conversation.
package enum Routing: String, Sendable, CaseIterable {
  /// The kind is a guess that a person is to confirm.
  case suggested
  /// It counts without a person.
  case automatic
  /// It would have counted, but was drawn for a person to look at.
  case audit

  /// Whether the machine was sure.
  package var isSure: Bool { self != .suggested }
  /// Whether a person is asked to look.
  var isToConfirm: Bool { self != .automatic }

  package var words: Localized {
    switch self {
    case .suggested: Localized(chinese: "待确认", english: "to confirm")
    case .automatic: Localized(chinese: "自动", english: "automatic")
    case .audit: Localized(chinese: "抽检", english: "drawn for audit")
    }
  }
}
