package import TextClassifier

/// `classifier:` of a mailbox: what its mails are told apart with, and when that counts without a person.
package struct ClassifierSettings: Sendable {
  /// Without what the mailbox learned.
  package var base = TextClassifier()
  /// Of the labels that count without a person, so many are to be right.
  package var precision = 0.9
  /// The share of these mails that a person is shown all the same.
  package var auditShare = 0.03
  package init() {}
}
