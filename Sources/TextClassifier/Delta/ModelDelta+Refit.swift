extension ModelDelta {
  /// How closely a refit follows its lessons (see ``SoftmaxRegression``).
  package static let refitStrength = 75.0
  /// The same for what all texts have in common. So little that thirty corrections, of which chance made most
  /// complaints, do not make everything one.
  package static let refitBiasStrength = 0.1
  /// The same for how far the model and the cues are believed.
  package static let refitLeaningStrength = 0.3
  /// See ``Minimiser``; nearer to the optimum nothing is told better (measured), and it takes twice as long.
  private static let refitTolerance = 1e-3

  /// The delta that fits all lessons best at once. Their order does not matter, and what is left out leaves no trace:
  /// this is how lessons are unlearned. Later corrections go on from it by ``learn(_:)``.
  package static func refit(_ lessons: [Lesson], strength: Double = refitStrength) -> ModelDelta {
    let lessons = lessons.sorted(by: Lesson.precedes)
    let matrix = TextMatrix(lessons.map(\.buckets))
    let weightOf = labelWeights(lessons)
    let examples = lessons.enumerated().map { row, lesson in
      SoftmaxRegression.Example(
        row: row, label: lesson.label.index, weight: weightOf[lesson.label.index], base: lesson.base,
        leaning: leaning(lesson.base))
    }
    var regression = SoftmaxRegression(classes: 3, strength: strength)
    regression.biasStrength = refitBiasStrength
    regression.leaningStrength = refitLeaningStrength
    regression.tolerance = refitTolerance
    let weights = regression.fit(matrix, examples)
    var table = BucketTable()
    for (column, bucket) in (matrix.buckets + [everyText] + leanings).enumerated() where weights[column] != .zero {
      table.change(bucket) { $0.weights = SIMD4(weights[column]) }
    }
    // As if each lesson had been one step: further corrections then move what is well known the less.
    for lesson in lessons {
      var slope = softmax(lesson.base)
      slope[lesson.label.index] -= 1
      for bucket in lesson.buckets + [everyText] {
        let part = SIMD4<Float>(bucket == everyText ? slope : slope * lesson.share)
        table.change(bucket) { $0.squares += part * part }
      }
    }
    return ModelDelta(table: table, lessonCount: lessons.count)
  }

  /// What a lesson of each label counts: the less, the more there are, by the square root, and as many as there are
  /// together. Whoever corrects says more of one label than of another by chance or by habit, and a rare label is to be
  /// told as well as a common one; but how common each is counts as well. One more lesson of each is imagined, so that a
  /// single one of a rare label does not count for many.
  private static func labelWeights(_ lessons: [Lesson]) -> [Double] {
    var counts = [0.0, 0, 0]
    for lesson in lessons { counts[lesson.label.index] += 1 }
    let weights = counts.map { 1 / ($0 + 1).squareRoot() }
    let sum = zip(counts, weights).reduce(0) { $0 + $1.0 * $1.1 }
    return weights.map { $0 * Double(lessons.count) / max(sum, 1e-9) }
  }
}
