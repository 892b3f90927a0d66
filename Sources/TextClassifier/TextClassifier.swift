import Glibc

/// What the writer of a text wants.
package enum TextLabel: String, Sendable, CaseIterable {
  case inquiry, complaint, suggestion
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
  /// Its share of the label's score, above 0; comparable within one text only.
  package let weight: Double
}

/// The label of a text and the reasons for it.
package struct Classification: Sendable {
  /// The most probable label.
  package let label: TextLabel
  /// The probability of `label`, 1/3…1.
  package let confidence: Double
  /// All labels with their probabilities, most probable first; they sum to 1.
  package let scores: [(label: TextLabel, probability: Double)]
  /// By the share of Han characters; `other` when another script prevails or there are no letters at all.
  package let language: TextLanguage
  /// Strongest first; one entry per phrase and label. Empty when nothing in the text told anything.
  package let evidence: [Evidence]
}

/// Tells inquiries, complaints and suggestions apart by weighted Chinese and English phrases. A pure function of
/// the text: same text, same answer. Time is linear in the text, of which the first 8,000 scalars are read.
package struct TextClassifier: Sendable {
  /// Costs nothing; the phrase lists are made ready once, at the first use in the process.
  package init() {}

  /// Never fails; a text without any known phrase is an inquiry with low confidence.
  /// - Parameter text: the first line is the subject and counts more.
  package func classify(_ text: String) -> Classification {
    let folded = FoldedText(text)
    var tally = Tally(folded)
    tally.count(Lexicon.shared.automaton.hits(in: folded.bytes))
    let language = folded.language
    let calibration = tally.votes.isEmpty ? Calibration.withoutEvidence : Calibration.of(language)
    let scores = calibration.probabilities(tally.scores())
    return Classification(
      label: scores[0].label, confidence: scores[0].probability, scores: scores, language: language,
      evidence: tally.evidence(in: text))
  }
}

/// How scores become probabilities; fitted by cross-entropy on labelled letters, questions and reviews.
struct Calibration {
  let sharpness: Double
  /// Added before the softmax, in the order of `TextLabel.allCases`.
  let bias: [Double]

  /// An unknown text is best answered as an inquiry, and best shown to a person.
  static let withoutEvidence = Calibration(sharpness: 1, bias: [0.3, 0, 0])

  static func of(_ language: TextLanguage) -> Calibration {
    switch language {
    case .chinese: Calibration(sharpness: 1.2, bias: [0.3, 0.4, 0])
    case .english, .other: Calibration(sharpness: 1.1, bias: [0.2, 0.8, 0.8])
    }
  }

  /// Most probable first; equal ones in the order of `TextLabel.allCases`.
  func probabilities(_ scores: [Double]) -> [(label: TextLabel, probability: Double)] {
    let logits = zip(scores, bias).map { $0 * sharpness + $1 }
    let highest = logits.max() ?? 0
    let powers = logits.map { exp($0 - highest) }
    let sum = powers.reduce(0, +)
    let ranked = powers.enumerated().sorted {
      $0.element > $1.element || ($0.element == $1.element && $0.offset < $1.offset)
    }
    return ranked.map { (TextLabel.allCases[$0.offset], $0.element / sum) }
  }
}
