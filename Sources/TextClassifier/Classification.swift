/// What the writer of a text wants.
package enum TextLabel: String, Sendable, CaseIterable {
  case inquiry, complaint, suggestion

  /// Its place in logits, weights and biases.
  var index: Int {
    switch self {
    case .inquiry: 0
    case .complaint: 1
    case .suggestion: 2
    }
  }

  /// As data and model files write it.
  package var name: String { rawValue.uppercased() }

  /// - Parameter name: as data files write it.
  package init?(name: String) {
    guard let label = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = label
  }
}

/// The language that a text is mainly written in, judged by its script.
package enum TextLanguage: String, Sendable, CaseIterable {
  case chinese = "zh"
  case english = "en"
  case other
}

/// A phrase of the text that spoke for a label.
package struct Evidence: Sendable, Equatable {
  /// The phrase as it stands in the text.
  package let text: String
  /// What it speaks for; not always the label chosen.
  package let label: TextLabel
  /// By how much it raised the label above the others, in logits; above 0.
  package let weight: Double
}

/// The label of a text and the reasons for it.
package struct Classification: Sendable {
  /// Below this a second label is not worth telling.
  package static let secondFrom = 0.3

  /// The most probable label.
  package let label: TextLabel
  /// The probability of `label`, 1/3…1.
  package let confidence: Double
  /// All labels with their probabilities, most probable first; they sum to 1.
  package let scores: [(label: TextLabel, probability: Double)]
  /// By the share of Han characters; `other` when another script prevails or there are no letters at all.
  package let language: TextLanguage
  /// Whether the confidence reaches the model's threshold for this language: 95 of 100 such labels were right on the
  /// texts that it was set with. Never for another script, nor when nothing in the text told anything.
  package let isSure: Bool
  /// Strongest first; one entry per phrase and label. Empty when nothing in the text told anything, or when it was
  /// not asked for.
  package let evidence: [Evidence]

  /// The next label, when the text may well be meant so too (probability above 0.3).
  package var second: TextLabel? { scores[1].probability > Self.secondFrom ? scores[1].label : nil }
}
