/// How a mailbox gets better by corrections: random texts of one source are learned one by one, the rest measured.
package struct LearningCurve: Sendable {
  /// How many corrections each point has had.
  package static let steps = [0, 30, 100, 300]
  /// At most this part of the texts is learned, so that enough are left to measure.
  private static let mostLearned = 0.75

  package struct Point: Sendable {
    package let corrections: Int
    /// Of the model alone, on the same texts as the next two.
    package let before: Double
    /// After a step for each correction; the mean over the runs.
    package let macroF1: Double
    /// After a refit from all of them, as by night.
    package let refitted: Double
  }

  package let points: [Point]

  /// - Parameters:
  ///   - texts: of one source, with their labels.
  ///   - runs: how often, each with another random choice; the mean is told.
  package init(_ texts: [(text: String, label: TextLabel)], model: LinearModel, runs: Int = 20) throws(ModelError) {
    let base = try TextClassifier(model: model)
    let lessons = texts.map { base.lesson($0.text, $0.label) }
    var points: [Point] = []
    for step in Self.steps where Double(step) <= Double(texts.count) * Self.mostLearned {
      var sums = (before: 0.0, steps: 0.0, refit: 0.0)
      for run in 0..<runs {
        var generator = Shuffler(state: 0x9E37_79B9_7F4A_7C15 &* UInt64(run + 1))
        let order = generator.shuffled(texts.indices.map { $0 })
        let learned = order.prefix(step).map { lessons[$0] }
        var delta = ModelDelta()
        for lesson in learned { delta.learn(lesson) }
        let rest = order.dropFirst(step).map { texts[$0] }
        sums.before += try Self.macroF1(rest, model, ModelDelta())
        sums.steps += try Self.macroF1(rest, model, delta)
        sums.refit += try Self.macroF1(rest, model, .refit(learned))
      }
      let count = Double(runs)
      points.append(
        Point(
          corrections: step, before: sums.before / count, macroF1: sums.steps / count, refitted: sums.refit / count))
    }
    self.points = points
  }

  private static func macroF1(
    _ texts: [(text: String, label: TextLabel)], _ model: LinearModel, _ delta: ModelDelta
  ) throws(ModelError) -> Double {
    let classifier = try TextClassifier(model: model, delta: delta)
    var evaluation = Evaluation()
    for text in texts { evaluation.add(classifier.classify(text.text), truth: text.label) }
    return evaluation.macroF1
  }
}

/// Marsaglia's xorshift64: the same numbers in every run, on every machine.
struct Shuffler {
  var state: UInt64

  private mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// Fisher–Yates.
  mutating func shuffled(_ items: [Int]) -> [Int] {
    var items = items
    for place in stride(from: items.count - 1, to: 0, by: -1) {
      items.swapAt(place, Int(next() % UInt64(place + 1)))
    }
    return items
  }
}
