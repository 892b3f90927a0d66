extension ModelDelta {
  /// How closely a refit follows its lessons (see ``SoftmaxRegression``).
  package static let refitStrength = 150.0
  /// The same for what all texts have in common. So little that thirty corrections, of which chance made most
  /// complaints, do not make everything one.
  package static let refitBiasStrength = 0.1

  /// The delta that fits all lessons best at once. Their order does not matter, and what is left out leaves no trace:
  /// this is how lessons are unlearned. Later corrections go on from it by ``learn(_:)``.
  package static func refit(_ lessons: [Lesson], strength: Double = refitStrength) -> ModelDelta {
    let lessons = lessons.sorted(by: Lesson.precedes)
    let matrix = TextMatrix(lessons.map(\.buckets))
    let examples = lessons.enumerated().map { row, lesson in
      SoftmaxRegression.Example(row: row, label: lesson.label.index, weight: 1, base: lesson.base)
    }
    var regression = SoftmaxRegression(classes: 3, strength: strength)
    regression.biasStrength = refitBiasStrength
    let weights = regression.fit(matrix, examples)
    var table = BucketTable()
    for (column, bucket) in (matrix.buckets + [everyText]).enumerated() where weights[column] != .zero {
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
}
