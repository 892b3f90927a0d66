/// A text and the label that a person gave it, as far as learning needs it: made by ``TextClassifier/lesson(_:_:)``.
/// Holds no word of the text.
package struct Lesson: Sendable, Equatable {
  /// Of the text's features, each once.
  let buckets: [UInt32]
  /// What the model and the cues say, without any delta.
  let base: Logits
  /// What a person said.
  package let label: TextLabel
  /// Of what said `base` (``TextClassifier/fingerprint``): with another model or other cues the lesson is to be made
  /// again from its text.
  package let origin: UInt64

  /// Sorted: the sums below come out the same whatever the order of the words.
  init(buckets: [UInt32], base: Logits, label: TextLabel, origin: UInt64) {
    self.buckets = buckets.sorted()
    self.base = base
    self.label = label
    self.origin = origin
  }

  /// The same text with another label.
  package func labelled(_ label: TextLabel) -> Lesson {
    Lesson(buckets: buckets, base: base, label: label, origin: origin)
  }

  /// What each feature counts.
  var share: Double { FeatureSet.share(of: buckets.count) }

  /// One order for the same lessons, however they come.
  static func precedes(_ one: Lesson, _ other: Lesson) -> Bool {
    if one.label != other.label { return one.label.index < other.label.index }
    if one.buckets != other.buckets { return one.buckets.lexicographicallyPrecedes(other.buckets) }
    return (0..<3).map { one.base[$0] }.lexicographicallyPrecedes((0..<3).map { other.base[$0] })
  }
}
