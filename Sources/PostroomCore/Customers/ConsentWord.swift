/// The words of forms and lists for consent and refusal.
package enum ConsentWord {
  /// Nil when it is neither.
  package static func given(_ word: String) -> Bool? { answers[FullWidth.folded(word).lowercased()] }

  /// The topics of `sms.promotion`, or of a whole channel: `sms`. Nil when there is no such topic.
  package static func topics(_ name: String) -> [ConsentTopic]? {
    guard case .consent(let channel, let purpose) = CustomerField(title: "consent" + name) else { return nil }
    return ConsentTopic.all.filter { $0.channel == channel && (purpose == nil || $0.purpose == purpose) }
  }

  private static let answers: [String: Bool] = [
    "是": true, "同意": true, "愿意": true, "yes": true, "y": true, "true": true, "1": true, "√": true, "✓": true,
    "否": false, "不同意": false, "拒绝": false, "不愿意": false, "no": false, "n": false, "false": false, "0": false,
    "×": false, "✗": false,
  ]
}
