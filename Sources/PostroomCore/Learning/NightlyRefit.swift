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
        log.error("\(error); next try in \((pause + 999) / 1000) s")
      }
      try? await Task.sleep(for: .milliseconds(pause))
    }
  }

  /// Refits the mailboxes whose night it is and that were not refitted since. One that fails does not stop the others.
  /// - Throws: when all were tried, what went wrong with which.
  package func refitDue(now: Instant) async throws {
    let ids = try await database.read { tx in try tx.mailboxIDs() }
    var faults: [String] = []
    for mailbox in settings.mailboxes.values.sorted(by: { $0.name < $1.name }) {
      guard let id = ids[mailbox.name] else { continue }
      do {
        try await refit(mailbox, id, now: now)
      } catch {
        if Task.isCancelled { throw error }
        faults.append("\(mailbox.name): the log could not be learned anew: \(error)")
      }
    }
    if !faults.isEmpty { throw SettingsError(faults.joined(separator: "; ")) }
  }

  private func refit(_ mailbox: MailboxSettings, _ id: Int64, now: Instant) async throws {
    let local = mailbox.calendar.localTime(now)
    let day = Int64(local.date.daysSinceEpoch)
    let state = try await database.read { tx in try tx.learnerState(id) }
    guard let state, local.secondOfDay >= Self.secondOfDay, state.refitDay < day else { return }
    let refit = Refit(database: database, mailbox: id, settings: mailbox.classifier)
    guard try await refit.isDue() else { return try await refit.skip(day) }
    let (turn, node) = ("refit:\(id)", node)
    let isMine = try await database.write { tx in
      guard try tx.takeLease(turn, holder: node, seconds: Self.leaseSeconds, now: now) != nil else { return false }
      // The node that had the lease until now may have done it.
      return try tx.learnerState(id).map { $0.refitDay < day } ?? false
    }
    if isMine, let result = try await refit.run(day: day, now: now) { log.info("\(mailbox.name): \(result.words)") }
    try await database.write { tx in try tx.releaseLease(turn, holder: node) }
  }
}

extension Refit.Result {
  /// For logs.
  fileprivate var words: String {
    let figures = "\(Self.shown(refitScore)) on lessons not seen, what was in use \(Self.shown(activeScore))"
    switch outcome {
    case .accepted: return "\(lessons) lessons learned anew: \(figures)"
    case .refused: return "\(lessons) lessons learned anew and thrown away: \(figures)"
    case .unlearned: return "\(lessons) lessons learned anew, in the place of what was erased or unreadable: \(figures)"
    }
  }

  private static func shown(_ score: Double) -> String { "\((score * 1000).rounded() / 1000)" }
}
