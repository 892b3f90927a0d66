package import TextClassifier

/// What a template is for; its raw value is the file name's stem: `templates/<language>/<kind>.mail.mustache` and
/// `….sms.mustache`. Greetings may have a wording of their own for a tier: `greeting.birthday.vip.sms.mustache`.
package enum TemplateKind: String, Sendable, CaseIterable {
  case acknowledgeInquiry = "acknowledgement.inquiry"
  case acknowledgeComplaint = "acknowledgement.complaint"
  case acknowledgeSuggestion = "acknowledgement.suggestion"
  case callback
  case birthday = "greeting.birthday"
  case festival = "greeting.festival"
  case promotion

  package init(acknowledging kind: TextLabel) {
    switch kind {
    case .inquiry: self = .acknowledgeInquiry
    case .complaint: self = .acknowledgeComplaint
    case .suggestion: self = .acknowledgeSuggestion
    }
  }

  /// Without these no mail could be answered. The others are missed when they are to be used: a home folder that was
  /// made before there were any goes on working.
  var isNeededAlways: Bool { self.group == .acknowledgement }

  /// Tiers that may have a wording of their own.
  var tiers: [Tier] { self.group == .greeting ? [.vip, .senior] : [] }

  /// The variables a template of this kind may use. Any other is a fault of the template.
  var variables: Set<String> {
    switch self {
    case .acknowledgeInquiry, .acknowledgeComplaint, .acknowledgeSuggestion:
      Self.conversation.union(["promise.within", "promise.date"])
    case .callback: Self.conversation
    case .birthday: Self.common
    case .festival: Self.common.union(["festival.name"])
    case .promotion: Self.common.union(["promotion.name"])
    }
  }

  /// Variables without which the message would not keep what it is for.
  var required: Set<String> {
    switch self {
    case .acknowledgeInquiry, .acknowledgeComplaint, .acknowledgeSuggestion:
      ["conversation.reference", "promise.within", "promise.date", "hotline"]
    case .callback: ["conversation.reference", "hotline"]
    case .festival: ["festival.name"]
    case .birthday, .promotion: []
    }
  }

  private enum Group { case acknowledgement, callback, greeting, promotion }

  private var group: Group {
    switch self {
    case .acknowledgeInquiry, .acknowledgeComplaint, .acknowledgeSuggestion: .acknowledgement
    case .callback: .callback
    case .birthday, .festival: .greeting
    case .promotion: .promotion
    }
  }

  private static let common: Set<String> = ["customer.name", "company.name", "hotline"]
  private static let conversation = common.union([
    "conversation.reference", "conversation.subject", "team.name", "owner.name",
  ])
}
