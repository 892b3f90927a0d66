package import SQLAccess
package import TextClassifier

/// How a mailbox learns, as its row says.
package struct LearnerState: Sendable, Equatable {
  package var revision: Int64
  var epoch: Int64
  /// Ever said.
  package var lessons: Int64
  package var threshold: Double?
  /// Erased lessons that still weigh in what is active.
  package var forgotten: Int64
  var refitDay: Int64
  /// The last lesson that the last refit looked at.
  var refitLesson: Int64
  /// The model on which the last refit learned, by its fingerprint.
  var refitBase: UInt64?
}

/// A version of what a mailbox learned.
package struct DeltaVersion: Sendable {
  package enum Why: String, Sendable { case step, refit, rollback }
  package var version: Int64
  package var why: Why
  package var isActive: Bool
  /// Who went back.
  package var agent: String?
  package var lessons: Int64
  var settledLesson: Int64
  var lastLesson: Int64
  package var madeAt: Instant
  package var bytes: [UInt8]

  /// - Throws: when another program wrote it.
  func delta() throws(ModelError) -> ModelDelta { try ModelDelta(bytes: bytes, place: "version \(version)") }

  /// Why it cannot be read; nil when it can.
  package var fault: ModelError? {
    do { _ = try delta() } catch { return error }
    return nil
  }
}

extension Transaction {
  /// So many versions are kept.
  static let keptVersions: Int64 = 20

  private static var learnerColumns: String {
    "revision, epoch, lessons, threshold, forgotten, refit_day, refit_lesson, refit_base"
  }

  /// Nil when nothing was ever said about the mailbox.
  package func learnerState(_ mailbox: Int64) throws -> LearnerState? {
    try row("SELECT \(Self.learnerColumns) FROM learner WHERE mailbox_id = $1", [.integer(mailbox)]).map(learnerState)
  }

  /// The row, made when it is new, and nobody else's until the end: whoever changes what a mailbox learned begins here,
  /// so that no step is lost.
  func lockLearner(_ mailbox: Int64) throws -> LearnerState {
    try execute(
      "INSERT INTO learner (mailbox_id) VALUES ($1) ON CONFLICT (mailbox_id) DO NOTHING", [.integer(mailbox)])
    let row = try row(
      "SELECT \(Self.learnerColumns) FROM learner WHERE mailbox_id = $1\(dialect.forUpdate)", [.integer(mailbox)])
    guard let row else { throw SettingsError("the learner of a mailbox could not be recorded") }
    return try learnerState(row)
  }

  private func learnerState(_ row: SQLRow) throws -> LearnerState {
    LearnerState(
      revision: try row.int(0), epoch: try row.int(1), lessons: try row.int(2), threshold: try row.optionalReal(3),
      forgotten: try row.int(4), refitDay: try row.int(5), refitLesson: try row.int(6),
      refitBase: try row.optionalInt(7).map(UInt64.init(bitPattern:)))
  }

  /// Writes the row back; intake notices by the revision, which grows.
  func storeLearner(_ mailbox: Int64, _ state: LearnerState) throws {
    try execute(
      """
      UPDATE learner SET revision = revision + 1, epoch = $2, lessons = $3, threshold = $4, forgotten = $5, refit_day = $6,
        refit_lesson = $7, refit_base = $8 WHERE mailbox_id = $1
      """,
      [
        .integer(mailbox), .integer(state.epoch), .integer(state.lessons), state.threshold.map { .real($0) } ?? .null,
        .integer(state.forgotten), .integer(state.refitDay), .integer(state.refitLesson),
        .optional(state.refitBase.map(Int64.init(bitPattern:))),
      ])
  }

  // MARK: Versions

  private static var deltas: String {
    """
    SELECT d.version, d.why, d.is_active, d.lesson_count, d.settled_lesson, d.last_lesson, d.made_at, d.bytes, a.name
    FROM model_delta d LEFT JOIN agent a ON a.id = d.agent_id
    """
  }

  private func delta(_ row: SQLRow) throws -> DeltaVersion {
    DeltaVersion(
      version: try row.int(0), why: DeltaVersion.Why(rawValue: try row.text(1)) ?? .step, isActive: try row.bool(2),
      agent: try row.optionalText(8), lessons: try row.int(3), settledLesson: try row.int(4),
      lastLesson: try row.int(5), madeAt: try row.int(6),
      bytes: try row.blob(7))
  }

  package func activeDelta(_ mailbox: Int64) throws -> DeltaVersion? {
    try row("\(Self.deltas) WHERE d.mailbox_id = $1 AND d.is_active = 1", [.integer(mailbox)]).map(delta)
  }

  /// The newest first.
  package func deltaVersions(_ mailbox: Int64) throws -> [DeltaVersion] {
    try rows("\(Self.deltas) WHERE d.mailbox_id = $1 ORDER BY d.version DESC", [.integer(mailbox)]).map(delta)
  }

  /// Makes another version the active one; gives its number. The oldest beyond those that are kept go.
  @discardableResult
  func addVersion(
    _ mailbox: Int64, _ why: DeltaVersion.Why, _ delta: ModelDelta, settled: Int64, last: Int64, by agent: Int64? = nil,
    now: Instant
  ) throws -> Int64 {
    let highest = try row("SELECT MAX(version) FROM model_delta WHERE mailbox_id = $1", [.integer(mailbox)])
    let version = (try highest?.optionalInt(0) ?? 0) + 1
    try execute("UPDATE model_delta SET is_active = 0 WHERE mailbox_id = $1 AND is_active = 1", [.integer(mailbox)])
    try execute(
      """
      INSERT INTO model_delta (mailbox_id, version, why, is_active, lesson_count, settled_lesson, last_lesson, made_at,
        bytes, agent_id) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9)
      """,
      [
        .integer(mailbox), .integer(version), .text(why.rawValue), .int(delta.lessonCount), .integer(settled),
        .integer(last), .integer(now), .blob(delta.bytes), .optional(agent),
      ])
    try execute(
      "DELETE FROM model_delta WHERE mailbox_id = $1 AND version <= $2",
      [.integer(mailbox), .integer(version - Self.keptVersions)])
    return version
  }

  /// Steps towards lessons that were just written down, whose row `lockLearner` holds. The first after a refit or a
  /// rollback makes a version of its own, so that there is a way back to before the steps; the others go on in it. What
  /// cannot be read is not stepped on: a delta of one lesson would take its place, and what was learned before would be
  /// gone without anybody having measured it. The next refit takes these lessons in from the log.
  func step(_ mailbox: Int64, _ lessons: [Lesson], last: Int64, now: Instant) throws {
    let active = try activeDelta(mailbox)
    var delta = ModelDelta()
    if let active {
      guard let known = try? active.delta() else { return }
      delta = known
    }
    for lesson in lessons { delta.learn(lesson) }
    guard let active, active.why == .step else {
      try addVersion(mailbox, .step, delta, settled: active?.settledLesson ?? 0, last: last, now: now)
      return
    }
    try execute(
      """
      UPDATE model_delta SET bytes = $3, lesson_count = $4, last_lesson = $5, made_at = $6
      WHERE mailbox_id = $1 AND version = $2
      """,
      [
        .integer(mailbox), .integer(active.version), .blob(delta.bytes), .int(delta.lessonCount), .integer(last),
        .integer(now),
      ])
  }
}
