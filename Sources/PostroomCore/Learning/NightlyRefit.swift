package import Logging
package import SQLAccess

/// Learns every mailbox's log anew each night, at half past two of its own clock.
package struct NightlyRefit: Sendable {
  private let database: Database
  private let settings: Settings
  private let node: String
  private let log: Logger

  private static let secondOfDay = 150 * 60
  /// How long a node keeps the others from refitting the same mailbox.
  private static let leaseSeconds: Seconds = 1800

  /// `node` names this process among those that share the database.
  package init(database: Database, settings: Settings, node: String, log: Logger) {
    self.database = database
    self.settings = settings
    self.node = node
    self.log = log
  }

  /// Until the task is cancelled. A night that was missed is made up for at once; what fails is tried again.
  package func run() async {
    var failures: Int64 = 0
    while !Task.isCancelled {
      var pause: Int64 = 60_000
      do {
        try await refitDue(now: .now)
        failures = 0
      } catch {
        if Task.isCancelled { return }
        failures += 1
        pause = Backoff(first: 10, limit: 600).milliseconds(after: failures)
        log.error("what was learned could not be learned anew: \(error); next try in \((pause + 999) / 1000) s")
      }
      try? await Task.sleep(for: .milliseconds(pause))
    }
  }

  /// Refits the mailboxes whose night it is and that were not refitted since.
  package func refitDue(now: Instant) async throws {
    let ids = try await database.read { tx in try tx.mailboxIDs() }
    for mailbox in settings.mailboxes.values.sorted(by: { $0.name < $1.name }) {
      guard let id = ids[mailbox.name] else { continue }
      let local = mailbox.calendar.localTime(now)
      let day = Int64(local.date.daysSinceEpoch)
      let state = try await database.read { tx in try tx.learnerState(id) }
      guard let state, local.secondOfDay >= Self.secondOfDay, state.refitDay < day else { continue }
      let refit = Refit(database: database, mailbox: id, settings: mailbox.classifier)
      guard try await refit.isDue() else {
        try await refit.skip(day)
        continue
      }
      let (turn, node) = ("refit:\(id)", node)
      let lease = try await database.write { tx in
        try tx.takeLease(turn, holder: node, seconds: Self.leaseSeconds, now: now)
      }
      guard lease != nil else { continue }
      if let result = try await refit.run(day: day, now: now) {
        log.info("\(mailbox.name): \(result.words)")
      }
      try await database.write { tx in try tx.releaseLease(turn, holder: node) }
    }
  }
}

extension Refit.Result {
  /// For logs.
  fileprivate var words: String {
    let figures = "\(Self.shown(refitScore)) on lessons not seen, what was in use \(Self.shown(activeScore))"
    switch outcome {
    case .accepted: return "\(lessons) lessons learned anew: \(figures)"
    case .refused: return "\(lessons) lessons learned anew and thrown away: \(figures)"
    case .unlearned: return "\(lessons) lessons learned anew, and what was erased is unlearned: \(figures)"
    }
  }

  private static func shown(_ score: Double) -> String { "\((score * 1000).rounded() / 1000)" }
}
