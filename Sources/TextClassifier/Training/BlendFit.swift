/// Finds how much the linear model and the cues of a language count, and the biases.
struct BlendFit {
  struct Example {
    /// `Σ weight/√n` of a model that was not fitted to the text.
    let linear: Logits
    let cues: Logits
    let label: Int
  }

  /// Keeps biases from running away when a label is rare.
  private static let penalty = 1e-3

  let classes: Int

  func fit(_ examples: [Example], language: String) -> Blend {
    var blend = Blend(language: language, classes: classes)
    guard !examples.isEmpty else { return blend }
    var minimiser = Minimiser(iterations: 200)
    minimiser.tolerance = 1e-7
    // The first vector holds the factors of both parts, the second the biases.
    let found = minimiser.minimise(from: [Logits(1, 1, 0, 0), .zero]) { point, slope in
      value(examples, point, &slope)
    }
    // A part that speaks against itself on these texts is left out rather than turned round.
    blend.linear = max(0, found[0][0])
    blend.cues = max(0, found[0][1])
    for label in 0..<classes { blend.bias[label] = found[1][label] }
    blend.threshold = Reliability(examples.map { judged($0, blend) }).threshold
    return blend
  }

  /// The probability of spam that one in a thousand of the other mails reaches at most, and at least that of a logit
  /// of 4: spam of today differs from what was trained on, but customers' mail must not.
  func spamThreshold(_ examples: [Example], _ blend: Blend) -> Double {
    let wanted = examples.filter { $0.label == 0 }
      .map { softmax(logits($0, Logits(blend.linear, 0, 0, 0), blend.bias), classes: 2)[1] }
      .sorted(by: >)
    let least = 1 / (1 + exponential(-4))
    guard !wanted.isEmpty else { return least }
    // Above the first that is one too many.
    return max(least, wanted[wanted.count / 1000].nextUp)
  }

  private func judged(_ example: Example, _ blend: Blend) -> Reliability.Case {
    let chances = softmax(logits(example, Logits(blend.linear, blend.cues, 0, 0), blend.bias), classes: classes)
    var best = 0
    for label in 1..<classes where chances[label] > chances[best] { best = label }
    return Reliability.Case(confidence: chances[best], isRight: best == example.label)
  }

  private func logits(_ example: Example, _ factors: Logits, _ bias: [Double]) -> Logits {
    var logits = example.linear * factors[0] + example.cues * factors[1]
    for label in 0..<classes { logits[label] += bias[label] }
    return logits
  }

  private func value(_ examples: [Example], _ point: [Logits], _ slope: inout [Logits]) -> Double {
    let count = Double(examples.count)
    slope = [.zero, point[1] * (2 * Self.penalty)]
    var loss = (point[1] * point[1]).sum() * Self.penalty
    for example in examples {
      var error = softmax(example.linear * point[0][0] + example.cues * point[0][1] + point[1], classes: classes)
      loss -= logarithm(max(error[example.label], 1e-300)) / count
      error[example.label] -= 1
      error /= count
      slope[0] += Logits((error * example.linear).sum(), (error * example.cues).sum(), 0, 0)
      slope[1] += error
    }
    return loss
  }
}
