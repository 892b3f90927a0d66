/// Tells how much a text looks like spam, in any language. Meant to be shown beside a mail: headers and the server's
/// verdict come first, and what it says is no reason to delete.
package struct SpamModel: Sendable {
  /// The classes of its model file.
  package static let classes = ["HAM", "SPAM"]

  private let model: LinearModel

  /// With the model that is part of the program.
  package init() { model = .shippedSpam }

  /// - Throws: ``ModelError`` when the model tells other classes apart.
  package init(model: LinearModel) throws(ModelError) {
    guard model.classes == Self.classes else {
      throw ModelError("the model", "tells \(model.classes.joined(separator: ", ")) apart, not HAM and SPAM")
    }
    self.model = model
  }

  /// Never fails; a text in which nothing is known is no spam.
  /// - Parameter text: the first line is the subject.
  package func score(_ text: String) -> SpamScore { score(FoldedText(text)) }

  func score(_ folded: FoldedText) -> SpamScore {
    FeatureSet.with(roomFor: folded) { set in
      Featuriser.walk(folded, into: &set)
      return score(set)
    }
  }

  func score(_ set: FeatureSet) -> SpamScore {
    let part = model.onlyPart
    var sums = (ham: 0, spam: 0)
    for bucket in set.buckets {
      let weight = part.weights + Int(bucket) * 2
      sums.ham += Int(weight[0])
      sums.spam += Int(weight[1])
    }
    if sums == (0, 0) { return SpamScore(logit: -10, isSpam: false) }
    let logit = Double(sums.spam - sums.ham) * part.factor * set.share + part.bias[1] - part.bias[0]
    return SpamScore(logit: logit, isSpam: 1 / (1 + exponential(-logit)) >= part.threshold)
  }
}

/// How much a text looks like spam.
package struct SpamScore: Sendable, Equatable {
  /// 0 is even; above, spam is likelier.
  package let logit: Double
  /// Of being spam, 0…1; rather a rank than a chance.
  package var probability: Double { 1 / (1 + exponential(-logit)) }
  /// Whether it reaches the model's threshold, which one in a thousand customers' mails does at most.
  package let isSpam: Bool
}
