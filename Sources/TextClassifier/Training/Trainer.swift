/// Makes model files of labelled texts. The same texts in the same order give the same bytes.
package struct Trainer {
  private let plan: TrainingPlan
  private let texts: [TrainingText]
  private let calibration: [TrainingText]

  /// - Parameter calibration: texts to fit the blend on; empty: the texts themselves, each judged by a model that did
  ///   not see it.
  package init(_ plan: TrainingPlan, texts: [TrainingText], calibration: [TrainingText] = []) {
    self.plan = plan
    self.texts = texts
    self.calibration = calibration
  }

  /// A whole model file; ``LinearModel/init(bytes:place:)`` reads it.
  package func model() -> [UInt8] {
    var blends: [Blend] = []
    var weights: [Int16] = []
    for language in plan.languages {
      let set = TrainingSet(texts, language: language, classes: plan.classes)
      plan.progress("\(language): \(set.entries.count) texts from \(set.sources.count) sources")
      let floats = fit(set) { _ in true }
      plan.progress("\(language): weights are fitted; now the blend")
      let examples = examples(set, language, floats)
      let fit = BlendFit(classes: plan.classes.count)
      var blend = fit.fit(examples, language: language)
      if plan.isForSpam { blend.threshold = fit.spamThreshold(examples + known(language, floats), blend) }
      let highest = floats.reduce(0) { max($0, max(abs($1.max()), abs($1.min()))) }
      blend.scale = highest == 0 ? 1 : highest / Double(Int16.max)
      for bucket in floats {
        for label in plan.classes.indices { weights.append(Int16((bucket[label] / blend.scale).rounded())) }
      }
      blends.append(blend)
    }
    let header = ModelHeader(
      data: TrainingText.hash(of: texts + calibration), classes: plan.classes, blends: blends)
    return header.encoded(weights: weights)
  }

  /// The weights by bucket, fitted to the entries that `isWanted` lets through.
  private func fit(_ set: TrainingSet, where isWanted: (Int) -> Bool) -> [Logits] {
    let weights = set.weights(plan)
    let wanted = set.entries.indices.filter(isWanted)
    let matrix = TextMatrix(wanted.map { set.entries[$0].buckets }, leastTexts: plan.leastTexts)
    let examples = wanted.enumerated().map { row, place in
      SoftmaxRegression.Example(row: row, label: set.entries[place].label, weight: weights[place])
    }
    let found = SoftmaxRegression(classes: plan.classes.count, strength: plan.strength).fit(matrix, examples)
    var floats = [Logits](repeating: .zero, count: Featuriser.bucketCount)
    for (column, bucket) in matrix.buckets.enumerated() { floats[Int(bucket)] = found[column] }
    return floats
  }

  private func examples(_ set: TrainingSet, _ language: String, _ floats: [Logits]) -> [BlendFit.Example] {
    let given = TrainingSet(plan.isForSpam ? [] : calibration, language: language, classes: plan.classes)
    guard given.entries.isEmpty else { return examples(of: given, set, floats) }
    let folds = set.folds(plan)
    var examples: [BlendFit.Example] = []
    for fold in Set(folds).sorted() {
      let others = fit(set) { folds[$0] != fold }
      for (entry, own) in zip(set.entries, folds) where own == fold { examples.append(example(entry, others)) }
    }
    return examples
  }

  /// Where the sources to come are unseen ones, a source that was trained on is judged by a model without it.
  private func examples(
    of given: TrainingSet, _ set: TrainingSet, _ floats: [Logits]
  ) -> [BlendFit.Example] {
    let seen = plan.isForUnseenSources ? Set(set.sources).intersection(given.sources).sorted() : []
    var without: [String: [Logits]] = [:]
    for source in seen { without[source] = fit(set) { set.entries[$0].source != source } }
    return given.entries.map { example($0, without[$0.source] ?? floats) }
  }

  /// What the finished model says of the texts for calibration.
  private func known(_ language: String, _ floats: [Logits]) -> [BlendFit.Example] {
    TrainingSet(calibration, language: language, classes: plan.classes).entries.map { example($0, floats) }
  }

  private func example(_ entry: TrainingSet.Entry, _ floats: [Logits]) -> BlendFit.Example {
    var sum = Logits.zero
    for bucket in entry.buckets { sum += floats[Int(bucket)] }
    return BlendFit.Example(
      linear: sum * FeatureSet.share(of: entry.buckets.count), cues: plan.isForSpam ? .zero : entry.cues,
      label: entry.label
    )
  }
}
