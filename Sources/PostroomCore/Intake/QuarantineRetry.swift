package import SQLAccess

/// Tries a quarantined mail again: after a fault was mended, or because a new version reads what the old could not.
package struct QuarantineRetry: Sendable {
  private let database: Database
  package init(database: Database) { self.database = database }

  /// Nil when nothing waits under this number. `intakes` by name of the mailbox.
  package func retry(_ id: Int64, intakes: [String: Intake], now: Instant) async throws -> Receipt? {
    guard let stored = try await database.read({ tx in try tx.quarantinedBytes(id) }) else { return nil }
    guard let intake = intakes[stored.mailbox] else {
      throw SettingsError("the mailbox \(stored.mailbox) of this mail is not in the settings any more")
    }
    let mail = intake.preparation.prepare(FetchedMail(uid: 0, bytes: stored.bytes, arrivedAt: stored.arrivedAt))
    do {
      if let obstacle = mail.obstacle { throw SettingsError(obstacle) }
      return try await database.write { tx in
        let (receipt, message) = try intake.accept(mail, in: tx, now: now)
        try tx.settle(quarantine: id, receipt.outcome, message: message)
        try tx.recordQuarantineRetry(id, cause: nil, now: now)
        return receipt
      }
    } catch let error as SQLError where error.concernsWholeDatabase {
      throw error
    } catch {
      let cause = "\(error)"
      try await database.write { tx in try tx.recordQuarantineRetry(id, cause: cause, now: now) }
      return Receipt(outcome: .quarantine, repliesQueued: 0)
    }
  }
}
