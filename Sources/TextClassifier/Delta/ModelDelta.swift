/// What one mailbox learned from its people, on top of a model that stays as it is. A value: learning gives changed
/// copies to keep, compare and throw away; nothing is read or written here.
package struct ModelDelta: Sendable {
  /// How far a first correction moves each feature; each further one moves it less (AdaGrad: Duchi, Hazan & Singer,
  /// JMLR 12, 2011).
  package static let rate = 0.3

  /// Stands for a feature that every text has.
  static let everyText = UInt32(Featuriser.bucketCount)
  /// Stand for how much the model and the cues lean to each label: what they take for what here, and how far they are to
  /// be believed. Only a refit learns their weights; a single text tells nothing about them.
  static let leanings = [everyText + 1, everyText + 2, everyText + 3]

  private(set) var table = BucketTable()
  /// How many lessons it has taken in.
  package private(set) var lessonCount = 0

  /// Knows nothing: probabilities are the model's.
  package init() {}

  init(table: BucketTable, lessonCount: Int) {
    self.table = table
    self.lessonCount = lessonCount
  }

  /// Whether it changes nothing.
  package var isEmpty: Bool { table.count == 0 }
  /// How many features have a weight.
  package var featureCount: Int { table.count }

  /// One step towards the label of a lesson: a correction, or a confirmation, which moves less the surer it was.
  package mutating func learn(_ lesson: Lesson) {
    lessonCount += 1
    let share = lesson.share
    var slope = softmax(logits(of: lesson))
    slope[lesson.label.index] -= 1
    step(Self.everyText, slope)
    for bucket in lesson.buckets { step(bucket, slope * share) }
  }

  /// What the text of a lesson would be called now, and how surely (1/3…1).
  package func answer(to lesson: Lesson) -> (label: TextLabel, confidence: Double) {
    let chances = softmax(logits(of: lesson))
    let best = TextLabel.allCases.reduce(TextLabel.inquiry) { chances[$1.index] > chances[$0.index] ? $1 : $0 }
    return (best, chances[best.index])
  }

  private func logits(of lesson: Lesson) -> Logits {
    var sum = Logits.zero
    for bucket in lesson.buckets { sum += weights(of: bucket) }
    return turned(lesson.base) + sum * lesson.share
  }

  /// What the model and the cues say, as far as what was learned applies to any text.
  private func turned(_ base: Logits) -> Logits {
    let leaning = Self.leaning(base)
    var logits = base + weights(of: Self.everyText)
    for (place, bucket) in Self.leanings.enumerated() { logits += weights(of: bucket) * leaning[place] }
    return logits
  }

  /// By how much each label exceeds the mean.
  static func leaning(_ base: Logits) -> Logits {
    let mean = (base[0] + base[1] + base[2]) / 3
    return Logits(base[0] - mean, base[1] - mean, base[2] - mean, 0)
  }

  private mutating func step(_ bucket: UInt32, _ slope: Logits) {
    table.change(bucket) { entry in
      let slope = SIMD4<Float>(slope)
      entry.squares += slope * slope
      entry.weights -= Float(Self.rate) * slope / (entry.squares.squareRoot() + 1e-6)
    }
  }

  func weights(of bucket: UInt32) -> Logits { table[bucket].map { Logits($0.weights) } ?? Logits(repeating: 0) }

  /// Adds what was learned of a text to `logits`; whether anything was.
  func add(_ set: FeatureSet, to logits: inout Logits) -> Bool {
    var sum = SIMD4<Float>(repeating: 0)
    var isKnown = false
    for bucket in set.buckets {
      guard let entry = table[bucket] else { continue }
      sum += entry.weights
      isKnown = true
    }
    logits = turned(logits) + Logits(sum) * set.share
    return isKnown
  }
}
