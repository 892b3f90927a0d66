/// Multinomial logistic regression with an L2 penalty: minimises Σ weight · cross-entropy + |W|² / (2·strength).
struct SoftmaxRegression {
  let classes: Int
  /// Higher fits the texts more closely; liblinear and scikit-learn call it C.
  let strength: Double
  /// Whether each class has a bias of its own.
  var hasBias = true
  /// As `strength`, for the biases; they are not penalised when it is infinite.
  var biasStrength = Double.infinity
  var iterations = 120

  struct Example {
    let row: Int
    let label: Int
    let weight: Double
    /// What is known beforehand.
    var base = Logits.zero
  }

  /// The weights by column; the biases behind the last.
  func fit(_ matrix: TextMatrix, _ examples: [Example]) -> [Logits] {
    let start = [Logits](repeating: .zero, count: matrix.columnCount + 1)
    return Minimiser(iterations: iterations).minimise(from: start) { point, slope in
      point.withUnsafeBufferPointer { point in
        slope.withUnsafeMutableBufferPointer { slope in
          value(matrix, examples, point, slope)
        }
      }
    }
  }

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
    var loss = 0.0
    for example in examples {
      var error = softmax(matrix.product(example.row, point) + point[last] + example.base, classes: classes)
      loss -= example.weight * logarithm(max(error[example.label], 1e-300))
      error[example.label] -= 1
      error *= example.weight
      matrix.spread(example.row, error, to: slope)
      if hasBias { slope[last] += error }
    }
    return loss + penalty.sum() / (2 * strength) + (point[last] * point[last]).sum() / (2 * biasStrength)
  }
}
