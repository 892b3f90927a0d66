/// Multinomial logistic regression with an L2 penalty: minimises Σ weight · cross-entropy + |W|² / (2·strength).
struct SoftmaxRegression {
  let classes: Int
  /// Higher fits the texts more closely; liblinear and scikit-learn call it C.
  let strength: Double
  /// Whether each class has a bias of its own.
  var hasBias = true
  /// As `strength`, for the biases; they are not penalised when it is infinite.
  var biasStrength = Double.infinity
  /// As `strength`, for the weights of what the base leans to; they are left out when it is 0.
  var leaningStrength = 0.0
  var iterations = 120
  /// See ``Minimiser``.
  var tolerance = 1e-4

  struct Example {
    let row: Int
    let label: Int
    let weight: Double
    /// What is known beforehand.
    var base = Logits.zero
    /// Three numbers of the text that have weights of their own beside its features.
    var leaning = Logits.zero
  }

  /// The weights by column; behind the last the biases, and the weights of the three leanings if they are wanted.
  func fit(_ matrix: TextMatrix, _ examples: [Example]) -> [Logits] {
    let start = [Logits](repeating: .zero, count: matrix.columnCount + 1 + leanings.count)
    return Minimiser(iterations: iterations, tolerance: tolerance).minimise(from: start) { point, slope in
      point.withUnsafeBufferPointer { point in
        slope.withUnsafeMutableBufferPointer { slope in
          value(matrix, examples, point, slope)
        }
      }
    }
  }

  private var leanings: Range<Int> { 0..<(leaningStrength > 0 ? 3 : 0) }

  private func value(
    _ matrix: TextMatrix, _ examples: [Example], _ point: UnsafeBufferPointer<Logits>,
    _ slope: UnsafeMutableBufferPointer<Logits>
  ) -> Double {
    let last = matrix.columnCount
    var penalty = Logits.zero
    for column in 0..<last {
      penalty += point[column] * point[column]
      slope[column] = point[column] / strength
    }
    slope[last] = point[last] / biasStrength
    var leaningPenalty = Logits.zero
    for place in leanings {
      leaningPenalty += point[last + 1 + place] * point[last + 1 + place]
      slope[last + 1 + place] = point[last + 1 + place] / leaningStrength
    }
    var loss = leanings.isEmpty ? 0 : leaningPenalty.sum() / (2 * leaningStrength)
    for example in examples {
      var logits = matrix.product(example.row, point) + point[last] + example.base
      for place in leanings { logits += point[last + 1 + place] * example.leaning[place] }
      var error = softmax(logits, classes: classes)
      loss -= example.weight * logarithm(max(error[example.label], 1e-300))
      error[example.label] -= 1
      error *= example.weight
      matrix.spread(example.row, error, to: slope)
      if hasBias { slope[last] += error }
      for place in leanings { slope[last + 1 + place] += error * example.leaning[place] }
    }
    return loss + penalty.sum() / (2 * strength) + (point[last] * point[last]).sum() / (2 * biasStrength)
  }
}
