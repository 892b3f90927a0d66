/// Makes phrases that a person can read of the n-grams and cues that spoke for a label: what overlaps or touches is one
/// phrase, up to some eight Han characters or five words; single Han characters and the shortest words alone
/// are left out.
struct PhraseFinder {
  private struct Phrase {
    var start: Int
    var end: Int
    let label: Int
    var weight: Double
    /// A cue is a phrase by itself, however short.
    let isCue: Bool
  }

  /// In bytes of the folded text.
  private static let longestHan = 24
  private static let longestLatin = 30
  /// An n-gram that gives less than this part of what the strongest gives is not looked at.
  private static let leastShare = 0.2
  /// A phrase that gives less than this part of what the strongest gives is no reason to name.
  private static let leastPhrase = 0.1
  private static let most = 12

  private let text: FoldedText
  private var found: [Phrase] = []
  private var strongest = 0.0

  init(_ text: FoldedText) {
    self.text = text
    found.reserveCapacity(64)
  }

  mutating func add(_ tally: Tally, times factor: Double) {
    for vote in tally.votes {
      let (label, weight) = tally.share(of: vote)
      found.append(Phrase(start: vote.start, end: vote.end, label: label, weight: weight * factor, isCue: true))
      strongest = max(strongest, weight * factor)
    }
  }

  /// The n-grams, each for the label that it raises most above the mean of the two others.
  mutating func add(
    _ set: FeatureSet, _ spans: UnsafeBufferPointer<FeatureSet.Span>, _ gain: (UInt32) -> Logits
  ) {
    for (bucket, span) in zip(set.buckets, spans) {
      let gain = gain(bucket)
      add(span, gain, weight: 1.5 * max(gain[0], gain[1], gain[2]) - 0.5 * (gain[0] + gain[1] + gain[2]))
    }
  }

  /// The same for a model alone. Most n-grams say too little to be named: that is seen in whole numbers.
  mutating func add(
    _ set: FeatureSet, _ spans: UnsafeBufferPointer<FeatureSet.Span>, _ part: LinearModel.Part
  ) {
    let unit = 0.5 * part.factor * set.share
    guard unit > 0 else { return }
    var least = strongest * Self.leastShare / unit
    for (bucket, span) in zip(set.buckets, spans) {
      let weights = part.weights + Int(bucket) * 3
      let (one, two, three) = (Int(weights[0]), Int(weights[1]), Int(weights[2]))
      let excess = Double(3 * max(one, two, three) - one - two - three)
      guard excess > least else { continue }
      add(span, Logits(Double(one), Double(two), Double(three), 0), weight: excess * unit)
      least = strongest * Self.leastShare / unit
    }
  }

  private mutating func add(_ span: FeatureSet.Span, _ gain: Logits, weight: Double) {
    guard weight > strongest * Self.leastShare else { return }
    strongest = max(strongest, weight)
    var best = 0
    if gain[1] > gain[best] { best = 1 }
    if gain[2] > gain[best] { best = 2 }
    found.append(
      Phrase(start: Int(span.start), end: Int(span.end), label: best, weight: weight, isCue: false))
  }

  func evidence(in original: String) -> [Evidence] {
    var phrases = gathered()
    let best = phrases.reduce(0) { max($0, $1.weight) }
    phrases.removeAll { isScrap($0) || $0.weight < best * Self.leastPhrase }
    // Stable: equal weights stay in the order of the text.
    phrases.sort(by: Self.precedes)
    var evidence: [Evidence] = []
    for phrase in phrases where evidence.count < Self.most {
      let quoted = quote(phrase, in: original)
      let label = TextLabel.allCases[phrase.label]
      if evidence.contains(where: { $0.label == label && $0.text == quoted }) { continue }
      evidence.append(Evidence(text: quoted, label: label, weight: phrase.weight))
    }
    return evidence
  }

  /// From the strongest on, each joins the phrase of its label that it overlaps or touches, if that stays short enough.
  private func gathered() -> [Phrase] {
    let candidates = found.filter { $0.isCue || $0.weight >= strongest * Self.leastShare }.sorted(by: Self.precedes)
    var phrases: [Phrase] = []
    phrases.reserveCapacity(candidates.count)
    candidates: for candidate in candidates {
      for (place, phrase) in phrases.enumerated() where phrase.label == candidate.label {
        guard touches(phrase, candidate) else { continue }
        let start = min(phrase.start, candidate.start)
        let end = max(phrase.end, candidate.end)
        if end - start <= longest(from: start) || (start == phrase.start && end == phrase.end) {
          phrases[place].start = start
          phrases[place].end = end
          phrases[place].weight += candidate.weight
          continue candidates
        }
        // It only repeats a part of the phrase.
        if candidate.start < phrase.end && phrase.start < candidate.end { continue candidates }
      }
      phrases.append(candidate)
    }
    return phrases
  }

  private static func precedes(_ one: Phrase, _ other: Phrase) -> Bool {
    one.weight != other.weight ? one.weight > other.weight : one.start < other.start
  }

  /// With nothing or one space between.
  private func touches(_ one: Phrase, _ other: Phrase) -> Bool {
    let gap = max(one.start, other.start) - min(one.end, other.end)
    return gap <= 0 || (gap == 1 && text.bytes[min(one.end, other.end)] == 0x20)
  }

  private func longest(from start: Int) -> Int { text.bytes[start] < 0x80 ? Self.longestLatin : Self.longestHan }

  private func isScrap(_ phrase: Phrase) -> Bool {
    !phrase.isCue && phrase.end - phrase.start <= 3
  }

  private func quote(_ phrase: Phrase, in original: String) -> String {
    let utf8 = original.utf8
    let from = utf8.index(utf8.startIndex, offsetBy: Int(text.origins[phrase.start]))
    let to = utf8.index(utf8.startIndex, offsetBy: Int(text.origins[phrase.end]))
    return String(original[from..<to])
  }
}
