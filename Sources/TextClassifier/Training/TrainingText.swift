/// A labelled text to train with or to measure on.
package struct TrainingText: Sendable {
  package let text: String
  /// As in the data file: `INQUIRY`, `SPAM`, …
  package let label: String
  /// `zh` or `en`.
  package let language: String
  /// Where the text comes from; texts of one source are alike.
  package let source: String
  /// The label was derived by a rule, not given by a person: counts half.
  package let isWeak: Bool

  package init(text: String, label: String, language: String, source: String, isWeak: Bool = false) {
    self.text = text
    self.label = label
    self.language = language
    self.source = source
    self.isWeak = isWeak
  }
}

/// What to train and how.
package struct TrainingPlan: Sendable {
  /// The languages with weights of their own; `*` takes the texts of all.
  package var languages = ["zh", "en"]
  /// In the order of weights and biases.
  package var classes = TextLabel.allCases.map(\.name)
  /// See ``SoftmaxRegression``: low for texts of an unknown kind, high when the texts to come are like these.
  package var strength = 4.0
  /// Buckets of fewer texts get no weight: half of all are of one text, and teach nothing (measured).
  package var leastTexts = 2
  /// Sources whose texts count more or less: the first pattern that fits; a final `*` fits any ending.
  package var emphasis: [(source: String, factor: Double)] = []
  /// Whether the texts to come are from other sources than these. The blend is then fitted on what models say of a
  /// source that they did not see, else on what they say of texts that they did not see.
  package var isForUnseenSources = false
  /// Models for out-of-fold predictions.
  package var folds = 5
  /// Told of each step.
  package var progress: @Sendable (String) -> Void = { _ in }

  package init() {}

  /// A plan to tell spam from other mail, in one set of weights for all languages.
  package static var spam: TrainingPlan {
    var plan = TrainingPlan()
    plan.languages = ["*"]
    plan.classes = SpamModel.classes
    return plan
  }

  var isForSpam: Bool { classes == SpamModel.classes }

  /// The factor of a source.
  func factor(of source: String) -> Double {
    emphasis.first { pattern, _ in
      pattern.hasSuffix("*") ? source.hasPrefix(pattern.dropLast()) : source == pattern
    }?.factor ?? 1
  }
}
