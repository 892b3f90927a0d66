import MailFormat
package import SQLAccess
import TextClassifier

/// Learns a mailbox's whole log anew. What comes out does not depend on the order in which things were said, holds nothing
/// of what was erased, and is used only if it tells labels that it has not seen no worse than what is in use.
package struct Refit: Sendable {
  package enum Outcome: String, Sendable {
    /// It is in use now.
    case accepted
    /// It was worse than what is in use, which stays.
    case refused
    /// It is in use whatever its figures: what was in use holds what was erased, or cannot be read.
    case unlearned
  }

  /// What came of it; the figures are macro-F1 on lessons not seen, by five-fold cross-validation; of a long log, by some
  /// of the folds.
  package struct Result: Sendable {
    package var at: Instant
    package var lessons: Int
    /// Of an agent who said more than all others together.
    package var leftOut: Int
    package var activeScore: Double
    package var refitScore: Double
    package var outcome: Outcome
    package var version: Int64?
  }

  /// Fewer that were said are learned by steps alone.
  package static let leastLessons = 20
  private static let tries = 3
  private static let parts = 5
  /// A longer log is not told whole: so many lessons tell the difference, and each part costs two fits.
  static let enoughTold = 4000

  private let database: Database
  private let mailbox: Int64
  private let settings: ClassifierSettings

  /// - Parameter mailbox: its row.
  package init(database: Database, mailbox: Int64, settings: ClassifierSettings) {
    self.database = database
    self.mailbox = mailbox
    self.settings = settings
  }

  /// The log and what is in use at a moment.
  private struct Basis: Sendable {
    var state: LearnerState
    var active: DeltaVersion?
    var entries: [LessonChoice.Entry]
    /// The last row of the log, whether it counts or not.
    var last: Int64

    /// What is in use holds what was erased, or cannot be read.
    var mustReplace: Bool { state.forgotten > 0 || active?.fault != nil }

    var saidCount: Int { entries.count(where: \.isSaid) }
  }

  /// - Parameter day: of the mailbox's calendar, remembered as the one of its last refit; nil leaves the night's to come.
  /// - Returns: nil when there is too little to learn from, and nothing to forget.
  package func run(day: Int64? = nil, now: Instant) async throws -> Result? {
    for _ in 0..<Self.tries {
      guard let basis = try await basis() else { return nil }
      guard basis.saidCount >= Self.leastLessons || basis.mustReplace else {
        if let day { try await skip(day) }
        return nil
      }
      let choice = LessonChoice(basis.entries)
      let work = RefitWork()
      let (refit, scores) = try await work.run {
        (ModelDelta.refit(choice.chosen.map(\.lesson)), Self.scores(choice.chosen, active: basis.active, work))
      }
      let outcome: Outcome =
        basis.mustReplace ? .unlearned : scores.refit >= scores.active ? .accepted : .refused
      let result = Result(
        at: now, lessons: choice.chosen.count, leftOut: choice.leftOut, activeScore: scores.active,
        refitScore: scores.refit, outcome: outcome)
      if let stored = try await store(refit, result, basis, day: day, now: now) { return stored }
    }
    throw SettingsError("what the mailbox learned was taken back again and again during the refit; run it again")
  }

  /// Whether something was said, erased or lost since the last refit, or the model below is another one.
  package func isDue() async throws -> Bool {
    let (mailbox, base) = (mailbox, settings.base.fingerprint)
    return try await database.read { tx in
      guard let state = try tx.learnerState(mailbox) else { return false }
      if state.forgotten > 0 { return true }
      if try tx.lastLesson(mailbox) > state.refitLesson { return true }
      if let learned = state.refitBase, learned != base { return true }
      return try tx.activeDelta(mailbox)?.fault != nil
    }
  }

  private func basis() async throws -> Basis? {
    let (mailbox, base) = (mailbox, settings.base)
    return try await database.read { tx -> Basis? in
      guard let state = try tx.learnerState(mailbox) else { return nil }
      let entries = try tx.sayings(mailbox).compactMap { saying in
        try tx.lesson(of: saying, base).map {
          LessonChoice.Entry(id: saying.id, agent: saying.agent, isSaid: saying.isSaid, lesson: $0)
        }
      }
      return Basis(
        state: state, active: try tx.activeDelta(mailbox), entries: entries, last: try tx.lastLesson(mailbox))
    }
  }

  /// What is in use has seen the log, so that measuring it there would flatter it. It is made once more without each part,
  /// as it came to be: by its last refit, and by the steps since.
  private static func scores(
    _ entries: [LessonChoice.Entry], active: DeltaVersion?, _ work: RefitWork
  ) -> (active: Double, refit: Double) {
    let (settled, last) = (active?.settledLesson ?? 0, active?.lastLesson ?? 0)
    var (old, new) = (Evaluation(), Evaluation())
    for part in 0..<partsTold(of: entries.count) where !work.isStopped {
      let others = entries.indices.filter { $0 % parts != part }.map { entries[$0] }
      let refit = ModelDelta.refit(others.map(\.lesson))
      let first = others.filter { $0.id <= settled }
      // The fit is what costs: what nothing was said since is the same.
      var active = first.isEmpty ? ModelDelta() : first.count == others.count ? refit : .refit(first.map(\.lesson))
      for entry in others.sorted(by: { $0.id < $1.id }) where entry.isSaid && entry.id > settled && entry.id <= last {
        active.learn(entry.lesson)
      }
      for place in stride(from: part, to: entries.count, by: parts) {
        let lesson = entries[place].lesson
        let (told, now) = (active.answer(to: lesson), refit.answer(to: lesson))
        old.add(told.label, confidence: told.confidence, truth: lesson.label)
        new.add(now.label, confidence: now.confidence, truth: lesson.label)
      }
    }
    return (old.macroF1, new.macroF1)
  }

  /// How many of the parts are told.
  static func partsTold(of count: Int) -> Int {
    let size = max(count / parts, 1)
    return min(parts, (enoughTold + size - 1) / size)
  }

  /// Nil when something was taken back meanwhile: then all of it is begun anew.
  private func store(
    _ refit: ModelDelta, _ result: Result, _ basis: Basis, day: Int64?, now: Instant
  ) async throws -> Result? {
    let (mailbox, precision, base) = (mailbox, settings.precision, settings.base)
    return try await database.write { tx -> Result? in
      var state = try tx.lockLearner(mailbox)
      guard state.epoch == basis.state.epoch else { return nil }
      var result = result
      if result.outcome != .refused {
        let version = try tx.addVersion(
          mailbox, .refit, refit, settled: basis.last, last: basis.last, now: now)
        result.version = version
        if state.forgotten > 0 {
          // Older versions hold what was erased: there is no way back to them.
          try tx.execute(
            "DELETE FROM model_delta WHERE mailbox_id = $1 AND version < $2", [.integer(mailbox), .integer(version)])
          state.forgotten = 0
        }
        // What was said while it was made.
        let late = try tx.sayings(mailbox).filter { $0.isSaid && $0.id > basis.last }.sorted { $0.id < $1.id }
        let lessons = try late.compactMap { try tx.lesson(of: $0, base) }
        if let last = late.last { try tx.step(mailbox, lessons, last: last.id, now: now) }
      }
      try tx.insertRefit(mailbox, result)
      state.threshold = try tx.estimatedThreshold(mailbox, precision: precision).value
      state.refitLesson = basis.last
      state.refitBase = base.fingerprint
      if let day { state.refitDay = day }
      try tx.storeLearner(mailbox, state)
      return result
    }
  }

  /// Lets a night pass.
  func skip(_ day: Int64) async throws {
    let mailbox = mailbox
    try await database.write { tx in
      var state = try tx.lockLearner(mailbox)
      state.refitDay = day
      try tx.storeLearner(mailbox, state)
    }
  }
}

extension Transaction {
  /// The lesson of a row; made again from the mail when it comes from another model or other cues. Nil when that is not
  /// possible any more.
  func lesson(of saying: Saying, _ base: TextClassifier) throws -> Lesson? {
    let logged = try? Lesson(bytes: saying.features, label: saying.said)
    if let logged, logged.origin == base.fingerprint { return logged }
    guard let bytes = try rawMail(of: saying.message) else { return nil }
    return base.lesson(MailReading(MessageParser.parse(bytes)).classifiedText, saying.said)
  }
}
