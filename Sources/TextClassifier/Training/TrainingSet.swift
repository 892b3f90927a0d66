/// The texts of one language made ready: features, what the cues say, labels and weights.
struct TrainingSet {
  struct Entry {
    let buckets: [UInt32]
    /// What the cues say.
    let cues: Logits
    let label: Int
    let source: String
    let isWeak: Bool
    /// The same for the same text, in every run.
    let textHash: UInt64
    /// By script, as the program will see it.
    let language: TextLanguage
  }

  private(set) var entries: [Entry] = []

  /// Takes the texts of the language whose label is a class; `*` takes all.
  init(_ texts: [TrainingText], language: String, classes: [String]) {
    for text in texts where language == "*" || text.language == language {
      guard let label = classes.firstIndex(of: text.label) else { continue }
      let folded = FoldedText(text.text)
      let tally = Tally(counting: folded)
      let hash = folded.bytes.reduce(FeatureHash.start) { FeatureHash.step($0, UInt32($1)) }
      entries.append(
        Entry(
          buckets: FeatureSet.buckets(of: folded), cues: tally.scores, label: label, source: text.source,
          isWeak: text.isWeak, textHash: FeatureHash.spread(hash), language: folded.language))
    }
  }

  var sources: [String] { Array(Set(entries.map(\.source))).sorted() }

  /// Each source and each label in it counts by the root of its size, so that neither a large source nor a common label
  /// drowns the others; a weak label half; the mean is 1.
  func weights(_ plan: TrainingPlan) -> [Double] {
    var sizes: [String: Int] = [:]
    let keys = entries.map { "\($0.label) \($0.source)" }
    for key in keys { sizes[key, default: 0] += 1 }
    let raw = zip(entries, keys).map { entry, key in
      plan.factor(of: entry.source) * (entry.isWeak ? 0.5 : 1) / Double(sizes[key] ?? 1).squareRoot()
    }
    let mean = raw.reduce(0, +) / Double(max(1, raw.count))
    return raw.map { $0 / mean }
  }

  /// The fold of each entry: by text, or with all of a source in one.
  func folds(_ plan: TrainingPlan) -> [Int] {
    guard plan.isForUnseenSources, sources.count > 1 else {
      return entries.map { Int($0.textHash % UInt64(plan.folds)) }
    }
    let places = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0 % plan.folds) })
    return entries.map { places[$0.source] ?? 0 }
  }
}

extension TrainingText {
  /// The same rows in the same order give the same number.
  static func hash(of texts: [TrainingText]) -> UInt64 {
    var hash = FeatureHash.start
    for text in texts {
      for part in [text.text, text.label, text.language, text.source, text.isWeak ? "weak" : ""] {
        for byte in part.utf8 { hash = FeatureHash.step(hash, UInt32(byte)) }
        hash = FeatureHash.step(hash, 0x100)
      }
    }
    return FeatureHash.spread(hash)
  }
}
