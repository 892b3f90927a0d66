import ArgumentParser
import Foundation
import TextClassifier

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the classifier on labelled texts.",
    discussion: """
      Reads files as `postroom train` does. Told by language: how many texts of each label were
      given which, precision, recall and F1 of each; by source, too: macro-F1, accuracy, calibration error, and the greatest
      share of the texts, the surest first, of which 95 % are right.

      With --curve also how each source of 60 texts or more gets better by corrections: its texts come in at random, those
      told wrong are corrected, the others left alone, and what has not come in is measured; the mean of twenty such runs.
      """)

  @Option(help: ArgumentHelp("File with a JSON object a line; again for more.", valueName: "file"))
  var data: [String]

  @Option(help: ArgumentHelp("Model file. (default: the one in the program)", valueName: "file")) var model: String?

  @Option(help: ArgumentHelp("Leave out a source; again for more.", valueName: "source")) var without: [String] = []

  @Flag(help: "Show how corrections help.") var curve = false
  @Flag(help: "One JSON object.") var json = false
  @Flag(help: "Measure the spam model: what is taken for spam.") var spam = false

  func validate() throws {
    if spam, curve || json { throw ValidationError("--spam goes with neither --curve nor --json.") }
  }

  func run() async throws {
    if spam { return try measureSpam() }
    let model = try model.map { try LinearModel(file: $0) } ?? .shipped
    let classifier = try TextClassifier(model: model)
    let file = try TrainingFile(data)
    let rows = file.texts.compactMap { text in TextLabel(name: text.label).map { (text: text, label: $0) } }
      .filter { !without.contains($0.text.source) }
    guard !rows.isEmpty else { throw Self.nothing }
    var groups: [Group: Evaluation] = [:]
    for (text, label) in rows {
      let answer = classifier.classify(text.text)
      for group in [Group(language: text.language), Group(language: text.language, source: text.source)] {
        groups[group, default: Evaluation()].add(answer, truth: label)
      }
    }
    let curves = curve ? try self.curves(rows, model) : [:]
    if json {
      try Console.json(Report(groups, curves))
    } else {
      show(groups)
      if curve { show(curves) }
      file.reportSkipped()
    }
    if file.faultCount > 0 { throw ExitCode.failure }
  }

  private static let nothing = TrainingFileError(
    description: "no row can be measured; give files with labelled texts to --data, and leave some with --without")

  /// By language, source and label: how many of the texts are taken for spam.
  private func measureSpam() throws {
    let spamModel = try model.map { try SpamModel(model: LinearModel(file: $0)) } ?? SpamModel()
    let file = try TrainingFile(data, classes: SpamModel.classes)
    var counts: [Group: [String: (all: Int, spam: Int)]] = [:]
    for text in file.texts where !without.contains(text.source) {
      let isSpam = spamModel.score(text.text).isSpam
      for group in [Group(language: text.language), Group(language: text.language, source: text.source)] {
        let before = counts[group, default: [:]][text.label] ?? (0, 0)
        counts[group, default: [:]][text.label] = (before.all + 1, before.spam + (isSpam ? 1 : 0))
      }
    }
    guard !counts.isEmpty else { throw Self.nothing }
    Console.table(
      ["texts", "source", "are", "taken for spam"],
      counts.sorted { $0.key < $1.key }.flatMap { group, labels in
        labels.sorted { $0.key < $1.key }.map { label, count in
          [
            "\(count.all)", "\(group.language) \(group.source ?? "all")", label,
            String(format: "%.2f %%", 100 * Double(count.spam) / Double(count.all)),
          ]
        }
      })
    file.reportSkipped()
    if file.faultCount > 0 { throw ExitCode.failure }
  }

  private func curves(
    _ rows: [(text: TrainingText, label: TextLabel)], _ model: LinearModel
  ) throws -> [Group: LearningCurve] {
    var curves: [Group: LearningCurve] = [:]
    let bySource = Dictionary(grouping: rows) { Group(language: $0.text.language, source: $0.text.source) }
    for (group, rows) in bySource where rows.count >= 60 {
      curves[group] = try LearningCurve(rows.map { ($0.text.text, $0.label) }, model: model)
    }
    return curves
  }

  struct Group: Hashable, Comparable {
    var language: String
    /// nil: all of the language.
    var source: String?

    static func < (one: Self, other: Self) -> Bool {
      (one.language, one.source ?? "") < (other.language, other.source ?? "")
    }
  }

  private func show(_ groups: [Group: Evaluation]) {
    for (group, evaluation) in groups.sorted(by: { $0.key < $1.key }) where group.source == nil {
      Console.line("\(group.language): \(evaluation.count) texts")
      Console.table(
        ["is", "told", "", "", "precision", "recall", "F1"],
        [[""] + TextLabel.allCases.map(\.rawValue) + ["", "", ""]]
          + TextLabel.allCases.map { label in
            [label.rawValue] + evaluation.confusion[TextLabel.allCases.firstIndex(of: label) ?? 0].map(String.init)
              + [evaluation.precision(label), evaluation.recall(label), evaluation.f1(label)].map(Self.shown)
          }, indent: "  ")
      Console.line()
    }
    Console.table(
      ["texts", "source", "macro-F1", "accuracy", "calibration error", "covered at 95 %"],
      groups.sorted { $0.key < $1.key }.map { group, evaluation in
        [
          "\(evaluation.count)", "\(group.language) \(group.source ?? "all")", Self.shown(evaluation.macroF1),
          Self.shown(evaluation.accuracy), Self.shown(evaluation.reliability.calibrationError),
          Self.shown(evaluation.reliability.coverage),
        ]
      })
  }

  private func show(_ curves: [Group: LearningCurve]) {
    Console.line()
    Console.line("macro-F1 on what had not come in: before → after so many corrections, a step each / after a refit")
    Console.table(
      ["source"] + LearningCurve.steps.map(String.init),
      curves.sorted { $0.key < $1.key }.map { group, curve in
        ["\(group.language) \(group.source ?? "all")"] + curve.points.map(Self.shown)
          + Array(repeating: "", count: LearningCurve.steps.count - curve.points.count)
      })
  }

  private static func shown(_ point: LearningCurve.Point) -> String {
    point.corrections == 0
      ? shown(point.before)
      : "\(shown(point.before)) → \(shown(point.macroF1)) / \(shown(point.refitted)) (\(Int(point.texts)) texts)"
  }

  private static func shown(_ number: Double) -> String { String(format: "%.3f", number) }
}

extension Evaluate {
  /// Numbers as `--json` writes them.
  struct Report: Encodable {
    struct Part: Encodable {
      struct Label: Encodable {
        var precision: Double
        var recall: Double
        var f1: Double
        var texts: Int
      }
      var language: String
      var source: String?
      var texts: Int
      var macroF1: Double
      var accuracy: Double
      var calibrationError: Double
      var coverage: Double
      var confusion: [[Int]]
      var labels: [String: Label]
      var curve: [CurvePoint]?
    }
    struct CurvePoint: Encodable {
      var corrections: Int
      var texts: Double
      var before: Double
      var after: Double
      var refitted: Double
    }
    var parts: [Part]

    init(_ groups: [Group: Evaluation], _ curves: [Group: LearningCurve]) {
      parts = groups.sorted { $0.key < $1.key }.map { group, evaluation in
        let labels = TextLabel.allCases.map { label in
          (
            label.rawValue,
            Part.Label(
              precision: evaluation.precision(label), recall: evaluation.recall(label), f1: evaluation.f1(label),
              texts: evaluation.support(label))
          )
        }
        return Part(
          language: group.language, source: group.source, texts: evaluation.count, macroF1: evaluation.macroF1,
          accuracy: evaluation.accuracy, calibrationError: evaluation.reliability.calibrationError,
          coverage: evaluation.reliability.coverage, confusion: evaluation.confusion,
          labels: Dictionary(uniqueKeysWithValues: labels),
          curve: curves[group].map { curve in
            curve.points.map {
              CurvePoint(
                corrections: $0.corrections, texts: $0.texts, before: $0.before, after: $0.macroF1,
                refitted: $0.refitted)
            }
          })
      }
    }
  }
}
