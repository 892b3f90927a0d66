/// Phrases that speak for one label. A group's hits count once each, damped together, so that ten question marks
/// are not ten questions.
struct CueGroup: Sendable {
  /// nil: phrases that only keep the cues inside them from counting ("no complaint").
  let label: TextLabel?
  let weight: Double
  /// In folded form; a final `*` stands for any ending of the word.
  let cues: [String]
  /// Counts only where the subject or the body begins.
  let opensText: Bool

  /// - Parameter cues: separated by `|`.
  init(_ label: TextLabel?, _ weight: Double, opensText: Bool = false, _ cues: String) {
    self.label = label
    self.weight = weight
    self.opensText = opensText
    self.cues = cues.split(separator: "|").map(String.init)
  }
}

/// Two phrases that say something only together, in this order and near each other: "希望……增加".
struct CuePair: Sendable {
  let label: TextLabel
  let weight: Double
  let openers: [String]
  let closers: [String]

  init(_ label: TextLabel, _ weight: Double, openers: String, closers: String) {
    self.label = label
    self.weight = weight
    self.openers = openers.split(separator: "|").map(String.init)
    self.closers = closers.split(separator: "|").map(String.init)
  }
}

enum Cues {
  static let groups = Chinese.groups + English.groups
  static let pairs = Chinese.pairs + English.pairs
}
