/// How a mailbox gets better by corrections. Texts of one source come in at random; those told wrong by what was learned so
/// far are corrected, a step each, the others are left alone; the texts that have not come in are measured.
package struct LearningCurve: Sendable {
  /// How many corrections the points have had.
  package static let steps = [0, 30, 100, 300]
  /// Fewer are not measured.
  private static let leastTexts = 20

  package struct Point: Sendable {
    package let corrections: Int
    /// How many had come in by then; this and the rest are means over the runs.
    package let texts: Double
    /// Of the model alone, on the same texts as the next two.
    package let before: Double
    /// After a step for each correction.
    package let macroF1: Double
    /// After a refit from all that came in, as by night.
    package let refitted: Double
  }

  /// Up to the last that half of the runs came to: a source may have too few mistakes.
  package let points: [Point]

  private struct Sum {
    var runs = 0.0
    var texts = 0.0
    var before = 0.0
    var steps = 0.0
    var refit = 0.0
  }

  /// - Parameters:
  ///   - texts: of one source, with their labels.
  ///   - steps: ascending.
  ///   - runs: how often, each in another random order; the mean is told.
  package init(
    _ texts: [(text: String, label: TextLabel)], model: LinearModel, steps: [Int] = steps, runs: Int = 20
  ) throws(ModelError) {
    let base = try TextClassifier(model: model)
    let lessons = texts.map { base.lesson($0.text, $0.label) }
    var sums: [Int: Sum] = [:]
    for run in 0..<runs {
      var generator = Shuffler(state: 0x9E37_79B9_7F4A_7C15 &* UInt64(run + 1))
      Self.add(generator.shuffled(Array(lessons.indices)).map { lessons[$0] }, steps, to: &sums)
    }
    points = steps.compactMap { step in
      guard let sum = sums[step], sum.runs * 2 >= Double(runs) else { return nil }
      return Point(
        corrections: step, texts: sum.texts / sum.runs, before: sum.before / sum.runs, macroF1: sum.steps / sum.runs,
        refitted: sum.refit / sum.runs)
    }
  }

  /// One run.
  private static func add(_ lessons: [Lesson], _ steps: [Int], to sums: inout [Int: Sum]) {
    let least = max(leastTexts, lessons.count / 10)
    var (delta, corrections, come) = (ModelDelta(), 0, 0)
    for step in steps {
      while corrections < step, come < lessons.count {
        let lesson = lessons[come]
        come += 1
        guard delta.answer(to: lesson).label != lesson.label else { continue }
        delta.learn(lesson)
        corrections += 1
      }
      let rest = lessons[come...]
      guard corrections == step, rest.count >= least else { return }
      sums[step, default: Sum()].runs += 1
      sums[step, default: Sum()].texts += Double(come)
      sums[step, default: Sum()].before += macroF1(of: ModelDelta(), on: rest)
      sums[step, default: Sum()].steps += macroF1(of: delta, on: rest)
      sums[step, default: Sum()].refit += macroF1(of: .refit(Array(lessons[..<come])), on: rest)
    }
  }

  private static func macroF1(of delta: ModelDelta, on lessons: ArraySlice<Lesson>) -> Double {
    var evaluation = Evaluation()
    for lesson in lessons {
      let (label, confidence) = delta.answer(to: lesson)
      evaluation.add(label, confidence: confidence, truth: lesson.label)
    }
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
