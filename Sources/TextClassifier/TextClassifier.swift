/// Tells inquiries, complaints and suggestions apart by weighted n-grams and lists of phrases, Chinese and English. A
/// pure function of the text: same text, same answer. Time is linear in the text, of which the first 8,000 scalars are
/// read.
package struct TextClassifier: Sendable {
  let model: LinearModel
  let delta: ModelDelta?

  /// With the model that is part of the program. Costs nothing; phrase lists are made ready once, at the first use.
  package init() {
    model = .shipped
    delta = nil
  }

  /// - Parameters:
  ///   - model: holds the three classes of ``TextLabel``.
  ///   - delta: what was learned on top of it; one learned for other features was refused when it was read.
  /// - Throws: ``ModelError`` when the model tells other classes apart.
  package init(model: LinearModel, delta: ModelDelta? = nil) throws(ModelError) {
    let wanted = TextLabel.allCases.map(\.name)
    guard model.classes == wanted else {
      throw ModelError(
        "the model", "tells \(model.classes.joined(separator: ", ")) apart, not \(wanted.joined(separator: ", "))")
    }
    self.model = model
    self.delta = delta.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Identifies all that a lesson's features and logits come from: the featuriser, the cues and the model, not what was
  /// learned on top of it.
  package var fingerprint: UInt64 {
    FeatureHash.spread(FeatureHash.spread(Featuriser.hash ^ Lexicon.hash) ^ UInt64(model.checksum))
  }

  /// The same model with other knowledge on top of it.
  package func with(_ delta: ModelDelta?) -> TextClassifier { TextClassifier(trusted: model, delta: delta) }

  private init(trusted model: LinearModel, delta: ModelDelta?) {
    self.model = model
    self.delta = delta.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Never fails; a text in which nothing is known is an inquiry with low confidence. Finds no evidence.
  /// - Parameter text: the first line is the subject and counts more.
  package func classify(_ text: String) -> Classification {
    let folded = FoldedText(text)
    let tally = Tally(counting: folded)
    let part = model.part(for: folded.language)
    let weighed = FeatureSet.with(roomFor: folded) { set in
      Featuriser.walk(folded, into: &set)
      return weigh(set, tally, part, folded.language)
    }
    return classification(weighed, part, folded.language, evidence: [])
  }

  /// As ``classify(_:)``, with the phrases that decided; takes about twice as long.
  package func explain(_ text: String) -> Classification { explain(text) { _ in }.classification }

  /// As ``explain(_:)``, and how much the text looks like spam: both look at the same features.
  package func explain(_ text: String, spam: SpamModel) -> (classification: Classification, spam: SpamScore) {
    explain(text) { spam.score($0) }
  }

  private func explain<Other>(
    _ text: String, _ other: (FeatureSet) -> Other
  ) -> (classification: Classification, Other) {
    let folded = FoldedText(text)
    let tally = Tally(counting: folded)
    let part = model.part(for: folded.language)
    var phrases = PhraseFinder(folded)
    phrases.add(tally, times: part.cues)
    let (weighed, other) = FeatureSet.withSpans(of: folded) { set, spans in
      if let delta {
        phrases.add(set, spans) { part.gain($0, share: set.share) + delta.weights(of: $0) * set.share }
      } else {
        phrases.add(set, spans, part)
      }
      return (weigh(set, tally, part, folded.language), other(set))
    }
    return (classification(weighed, part, folded.language, evidence: phrases.evidence(in: text)), other)
  }

  /// A text and the label a person gave it, as ``ModelDelta`` learns from it.
  package func lesson(_ text: String, _ label: TextLabel) -> Lesson {
    let folded = FoldedText(text)
    let tally = Tally(counting: folded)
    return FeatureSet.with(roomFor: folded) { set in
      Featuriser.walk(folded, into: &set)
      let part = model.part(for: folded.language)
      let base = weigh(set, tally, part, folded.language, withDelta: false).logits
      return Lesson(buckets: Array(set.buckets), base: base, label: label, origin: fingerprint)
    }
  }

  /// What speaks for each label, and whether anything did.
  private struct Weighed {
    var logits: Logits
    var isKnown: Bool
  }

  @inline(__always)
  private func weigh(
    _ set: FeatureSet, _ tally: Tally, _ part: LinearModel.Part, _ language: TextLanguage, withDelta: Bool = true
  ) -> Weighed {
    var logits = tally.scores * part.cues
    var isKnown = !tally.votes.isEmpty
    if part.add(set, to: &logits) { isKnown = true }
    logits += part.bias
    // Words of a language that the model knows, within one that it does not, tell little.
    if language == .other { logits *= Self.strangeShare }
    if !isKnown { logits = [Self.unknownBias, 0, 0, 0] }
    if withDelta, let delta, delta.add(set, to: &logits) { isKnown = true }
    return Weighed(logits: logits, isKnown: isKnown)
  }

  /// An unknown text is best answered as an inquiry, and best shown to a person.
  private static let unknownBias = 0.3
  private static let strangeShare = 0.3

  private func classification(
    _ weighed: Weighed, _ part: LinearModel.Part, _ language: TextLanguage, evidence: [Evidence]
  ) -> Classification {
    let scores = Self.ranked(softmax(weighed.logits))
    return Classification(
      label: scores[0].label, confidence: scores[0].probability, scores: scores, language: language,
      isSure: weighed.isKnown && language != .other && scores[0].probability >= part.threshold, evidence: evidence)
  }

  /// Most probable first; equal ones in the order of `TextLabel.allCases`.
  private static func ranked(_ chances: Logits) -> [(label: TextLabel, probability: Double)] {
    var first = (label: TextLabel.inquiry, probability: chances[0])
    var second = (label: TextLabel.complaint, probability: chances[1])
    var third = (label: TextLabel.suggestion, probability: chances[2])
    if second.probability > first.probability { swap(&first, &second) }
    if third.probability > second.probability { swap(&second, &third) }
    if second.probability > first.probability { swap(&first, &second) }
    return [first, second, third]
  }
}

/// Over the first `classes`; the others are 0.
@inline(__always)
func softmax(_ logits: Logits, classes: Int = 3) -> Logits {
  var highest = logits[0]
  for label in 1..<classes { highest = max(highest, logits[label]) }
  var powers = Logits(repeating: 0)
  for label in 0..<classes { powers[label] = exponential(logits[label] - highest) }
  return powers / powers.sum()
}
