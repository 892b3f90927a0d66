/// From which confidence on a mailbox's labels may count without a person, by what people said of its own mails.
package struct ConfidenceThreshold: Sendable, Equatable {
  /// Fewer labels tell nothing.
  package static let leastLabels = 100
  /// After so many lessons it is estimated anew, beside each refit.
  static let lessonsBetween: Int64 = 50
  /// Of the normal distribution, for 95 %.
  private static let z = 1.959_963_984_540_054

  /// The smallest for which the lower bound of the precision reaches what is asked; nil when there is none.
  package let value: Double?
  /// The share of the labels at or above it.
  package let coverage: Double

  /// - Parameters:
  ///   - labels: looked at whether they seemed right or not; the confidence of each, and whether a person agreed.
  ///   - precision: asked of the labels that count.
  package init(_ labels: [(confidence: Double, isRight: Bool)], precision: Double) {
    guard labels.count >= Self.leastLabels else {
      (value, coverage) = (nil, 0)
      return
    }
    let ranked = labels.sorted { $0.confidence > $1.confidence }
    var (right, smallest, covered): (Int, Double?, Int) = (0, nil, 0)
    for (place, label) in ranked.enumerated() {
      if label.isRight { right += 1 }
      // Equal confidences stand or fall together.
      let isLastOfItsKind = place + 1 == ranked.count || ranked[place + 1].confidence < label.confidence
      if isLastOfItsKind, Self.lowerBound(right, of: place + 1) >= precision {
        (smallest, covered) = (label.confidence, place + 1)
      }
    }
    value = smallest
    coverage = Double(covered) / Double(labels.count)
  }

  /// The lower end of the interval that holds a share with 95 %, of which `right` of `count` were seen: Wilson, JASA 22
  /// (1927).
  package static func lowerBound(_ right: Int, of count: Int) -> Double {
    guard count > 0 else { return 0 }
    let n = Double(count)
    let share = Double(right) / n
    let square = z * z
    let spread = z * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
    return (share + square / (2 * n) - spread) / (1 + square / n)
  }
}
