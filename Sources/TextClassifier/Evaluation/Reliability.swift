/// What confidences are worth.
package struct Reliability: Sendable {
  package struct Case: Sendable {
    package let confidence: Double
    package let isRight: Bool

    package init(confidence: Double, isRight: Bool) {
      self.confidence = confidence
      self.isRight = isRight
    }
  }

  /// What is asked of a label that nobody looks at.
  package static let precision = 0.95
  private static let bins = 15

  /// Expected calibration error over 15 bins of equal width: by how much confidences miss the share that is right.
  package let calibrationError: Double
  /// The greatest share of the texts, the surest first, of which 95 % are right.
  package let coverage: Double
  /// The lowest confidence among them; 2 when there are none.
  package let threshold: Double

  /// All 0 for no cases.
  package init(_ cases: [Case]) {
    calibrationError = Self.calibrationError(cases)
    // Equal confidences stand or fall together.
    let ranked = cases.sorted { $0.confidence > $1.confidence }
    var (right, covered, lowest) = (0, 0, 2.0)
    for (place, item) in ranked.enumerated() {
      if item.isRight { right += 1 }
      let isLastOfItsKind = place + 1 == ranked.count || ranked[place + 1].confidence < item.confidence
      if isLastOfItsKind, Double(right) >= Self.precision * Double(place + 1) {
        (covered, lowest) = (place + 1, item.confidence)
      }
    }
    coverage = cases.isEmpty ? 0 : Double(covered) / Double(cases.count)
    threshold = lowest
  }

  private static func calibrationError(_ cases: [Case]) -> Double {
    var sums = [Double](repeating: 0, count: bins)
    for item in cases {
      let bin = min(bins - 1, Int(item.confidence * Double(bins)))
      sums[bin] += item.confidence - (item.isRight ? 1 : 0)
    }
    return sums.reduce(0) { $0 + abs($1) } / Double(max(1, cases.count))
  }
}
