@testable import TextClassifier

/// A handful of texts of made-up words and a model of them: enough to see what training and learning do. Some labels
/// are wrong, so that the model is not too sure of the others.
enum SmallCorpus {
  static let texts: [TrainingText] = {
    let words: [(label: String, chinese: String, english: String)] = [
      ("INQUIRY", "甲乙丙丁戊", "alfa bravo charlie delta echo"), ("COMPLAINT", "己庚辛壬癸", "foxtrot golf hotel india juliett"),
      ("SUGGESTION", "子丑寅卯辰", "kilo lima mike november oscar"),
    ]
    return words.enumerated().flatMap { place, word in
      (0..<12).flatMap { turn -> [TrainingText] in
        let label = isWrong(turn) ? words[(place + 1) % 3].label : word.label
        let chinese = rotated(Array(word.chinese), by: turn).prefix(3 + turn % 3)
        let english = rotated(word.english.split(separator: " "), by: turn).prefix(3 + turn % 3)
        return [
          TrainingText(text: String(chinese), label: label, language: "zh", source: "one"),
          TrainingText(
            text: english.joined(separator: " "), label: label, language: "en", source: turn < 6 ? "one" : "two"),
        ]
      }
    }
  }()

  private static func isWrong(_ turn: Int) -> Bool { turn % 6 == 5 }

  /// Without those whose label is wrong.
  static var rightTexts: [TrainingText] {
    texts.enumerated().filter { !isWrong($0.offset / 2 % 12) }.map(\.element)
  }

  static let modelBytes = Trainer(TrainingPlan(), texts: texts).model()

  static func classifier(_ delta: ModelDelta? = nil) throws -> TextClassifier {
    try TextClassifier(model: LinearModel(bytes: modelBytes), delta: delta)
  }

  private static func rotated<Item>(_ items: [Item], by turn: Int) -> [Item] {
    let place = turn % items.count
    return Array(items[place...] + items[..<place])
  }
}
