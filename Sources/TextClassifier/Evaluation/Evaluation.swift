/// How well labels were told on texts whose label is known.
package struct Evaluation: Sendable {
  /// Rows are the true labels, columns those told, in the order of `TextLabel.allCases`.
  package private(set) var confusion = [[Int]](repeating: [0, 0, 0], count: 3)
  private var cases: [Reliability.Case] = []

  package init() {}

  /// Takes in one answer.
  package mutating func add(_ classification: Classification, truth: TextLabel) {
    add(classification.label, confidence: classification.confidence, truth: truth)
  }

  /// Takes in one answer that was given earlier.
  package mutating func add(_ label: TextLabel, confidence: Double, truth: TextLabel) {
    confusion[truth.index][label.index] += 1
    cases.append(Reliability.Case(confidence: confidence, isRight: label == truth))
  }

  package var count: Int { cases.count }

  /// The share that is right, 0…1; 0 for no texts.
  package var accuracy: Double {
    count == 0 ? 0 : Double((0..<3).reduce(0) { $0 + confusion[$1][$1] }) / Double(count)
  }

  /// Of what was told to be the label, the share that is; 0 when it was never told.
  package func precision(_ label: TextLabel) -> Double {
    ratio(confusion[label.index][label.index], (0..<3).reduce(0) { $0 + confusion[$1][label.index] })
  }

  /// Of what is the label, the share that was told; 0 when none is.
  package func recall(_ label: TextLabel) -> Double {
    ratio(confusion[label.index][label.index], support(label))
  }

  /// The harmonic mean of precision and recall.
  package func f1(_ label: TextLabel) -> Double {
    let (precision, recall) = (precision(label), recall(label))
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
  }

  /// How many texts have the label.
  package func support(_ label: TextLabel) -> Int { confusion[label.index].reduce(0, +) }

  /// The mean F1 of the labels that occur, so that a rare label counts as much as a common one.
  package var macroF1: Double {
    let present = TextLabel.allCases.filter { support($0) > 0 }
    return present.isEmpty ? 0 : present.reduce(0) { $0 + f1($1) } / Double(present.count)
  }

  package var reliability: Reliability { Reliability(cases) }

  private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
