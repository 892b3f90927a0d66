import ArgumentParser
import Foundation
import TextClassifier

struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a model file of labelled texts.",
    discussion: """
      Reads {"id","text","label","lang","source"?,"weak"?} a line: label INQUIRY, COMPLAINT or SUGGESTION, lang zh, zh-Hans,
      zh-Hant or en; without a source it is the file's name. Faulty lines are told and left out. The same files in the same
      order give the same bytes.

      How much n-grams and phrase lists count, and what a confidence is worth, is fitted on the file of --calibrate, or else
      on the texts themselves, each judged by a model that did not see it.
      """)

  @Option(help: ArgumentHelp("File with a JSON object a line; again for more.", valueName: "file"))
  var data: [String]

  @Option(help: ArgumentHelp("File to fit the blend on.", valueName: "file")) var calibrate: [String] = []

  @Option(help: ArgumentHelp("Where the model goes.", valueName: "file")) var out: String

  @Option(help: "How closely weights follow the texts (C): 4 for mail of an unknown kind, 16 for more of the same.")
  var strength = 4.0

  @Option(
    help: ArgumentHelp(
      "Let the texts of a source count more or less; * at the end fits any ending. Again for more.",
      valueName: "source=factor"))
  var emphasis: [String] = []

  @Flag(help: "The mail to come is of other sources: judge each source by a model that did not see it.")
  var unseenSources = false

  @Flag(help: "Tell SPAM from HAM; customers' mails are HAM. --calibrate then only sets the threshold.") var spam =
    false

  mutating func validate() throws {
    guard strength > 0, strength.isFinite else { throw ValidationError("--strength must be above 0") }
    _ = try factors()
  }

  func run() async throws {
    var plan = spam ? TrainingPlan.spam : TrainingPlan()
    plan.strength = strength
    plan.emphasis = try factors()
    plan.isForUnseenSources = unseenSources
    plan.progress = { Console.progress($0) }
    let rows = try TrainingFile(data, classes: plan.classes)
    rows.reportSkipped()
    guard !rows.texts.isEmpty else {
      throw TrainingFileError(description: "no row can be learned from; give files with labelled texts to --data")
    }
    let others = try TrainingFile(calibrate, classes: plan.classes)
    others.reportSkipped()
    let bytes = Trainer(plan, texts: rows.texts, calibration: others.texts).model()
    try write(bytes)
    let model = try LinearModel(bytes: bytes)
    Console.progress("")
    Console.line("\(rows.texts.count) texts → \(out), data \(String(model.dataHash, radix: 16))")
    for line in model.summary { Console.line("  " + line) }
    if rows.faultCount + others.faultCount > 0 { throw ExitCode.failure }
  }

  /// By renaming: a program that has the old file mapped keeps it whole.
  private func write(_ bytes: [UInt8]) throws {
    let draft = out + ".new"
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: draft))
    } catch {
      throw TrainingFileError(description: "\(draft) cannot be written: \(error.localizedDescription)")
    }
    guard rename(draft, out) == 0 else {
      throw TrainingFileError(description: "\(draft) cannot be renamed to \(out): \(String(cString: strerror(errno)))")
    }
  }

  private func factors() throws -> [(source: String, factor: Double)] {
    try emphasis.map { text in
      let parts = text.split(separator: "=")
      guard parts.count == 2, let factor = Double(parts[1]), factor > 0, factor.isFinite else {
        throw ValidationError("--emphasis \(text) is not source=factor, like everyday*=4")
      }
      return (String(parts[0]), factor)
    }
  }
}
