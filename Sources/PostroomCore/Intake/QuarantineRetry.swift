package import SQLAccess

/// Tries a quarantined mail again: after a fault was mended, or because a new version reads what the old could not.
package struct QuarantineRetry: Sendable {
  /// What came of one try.
  package struct Attempt: Sendable, Equatable {
    package var outcome: Outcome
    /// Why it still waits; nil when it was taken in.
    package var cause: String?
  }

  private let database: Database
  private let source: @Sendable (MailboxSettings) -> (any MailSource)?

  /// `source` reads a mailbox: a mail that its server did not deliver is fetched again. A source is closed after use.
  package init(
    database: Database, source: @escaping @Sendable (MailboxSettings) -> (any MailSource)? = { _ in nil }
  ) {
    self.database = database
    self.source = source
  }

  /// Nil when nothing waits under this number. `intakes` by name of the mailbox.
  package func retry(_ id: Int64, intakes: [String: Intake], now: Instant) async throws -> Attempt? {
    guard let stored = try await database.read({ tx in try tx.quarantinedBytes(id) }) else { return nil }
    guard let intake = intakes[stored.mailbox] else {
      throw SettingsError("the mailbox \(stored.mailbox) of this mail is not in the settings any more")
    }
    let source = source(intake.mailbox.settings)
    do {
      var mail = FetchedMail(uid: 0, bytes: stored.bytes, arrivedAt: stored.arrivedAt)
      if stored.bytes.isEmpty, let source { mail.bytes = try await fetch(id, from: source) }
      // A whole mail of exactly this size gets a needless note, and nothing else.
      mail.isTruncated = mail.bytes.count == source?.beginningBytes
      let prepared = intake.preparation.prepare(
        mail, with: try await database.read { tx in try intake.shelf.model(tx) })
      if let obstacle = prepared.obstacle { throw SourceError(obstacle) }
      return try await database.write { tx in
        let (receipt, message) = try intake.accept(prepared, in: tx, now: now)
        try tx.settle(quarantine: id, receipt.outcome, message: message)
        try tx.recordQuarantineRetry(id, cause: nil, now: now)
        return Attempt(outcome: receipt.outcome)
      }
    } catch let error as SQLError where !error.isAboutTheRow {
      throw error
    } catch {
      let cause = "\(error)"
      try await database.write { tx in try tx.recordQuarantineRetry(id, cause: cause, now: now) }
      return Attempt(outcome: .quarantine, cause: cause)
    }
  }

  /// The contents from where the mail lies, stored at once: they are safe then, whatever they hold.
  private func fetch(_ id: Int64, from source: any MailSource) async throws -> [UInt8] {
    let place = try await database.read { tx in try tx.placeOfQuarantined(id) }
    guard let place, place.key.uidValidity == place.uidValidityNow else {
      throw SourceError("the server has numbered its mails anew since: this one cannot be asked for any more")
    }
    let mail: FetchedMail?
    do {
      mail = try await source.fetch(place.key)
      await source.close()
    } catch {
      await source.close()
      throw error
    }
    guard let mail else { throw SourceError("the mail is not in \(source.folder) any more") }
    if let obstacle = mail.obstacle { throw SourceError(obstacle) }
    try await database.write { tx in try tx.complete(quarantined: id, mail.bytes) }
    return mail.bytes
  }
}

extension Transaction {
  /// UIDs of mails that wait in quarantine without contents.
  func undelivered(folder: Int64, uidValidity: Int64) throws -> Set<Int64> {
    let rows = try rows(
      """
      SELECT l.uid FROM ledger l JOIN quarantine q ON q.id = l.quarantine_id
      WHERE l.quarantine_id IS NOT NULL AND l.folder_id = $1 AND l.uid_validity = $2 AND LENGTH(q.bytes) = 0
      """, [.integer(folder), .integer(uidValidity)])
    return Set(try rows.map { try $0.int(0) })
  }

  /// Where a quarantined mail lies, and the UIDVALIDITY that its folder has now.
  fileprivate func placeOfQuarantined(_ id: Int64) throws -> (key: LedgerKey, uidValidityNow: Int64)? {
    try row(
      """
      SELECT l.folder_id, l.uid_validity, l.uid, l.name, f.uid_validity
      FROM ledger l JOIN folder f ON f.id = l.folder_id WHERE l.quarantine_id = $1
      """, [.integer(id)]
    ).map { row in
      let key = LedgerKey(
        folder: try row.int(0), uidValidity: try row.int(1), uid: try row.int(2), name: try row.optionalText(3))
      return (key, try row.int(4))
    }
  }

  fileprivate func complete(quarantined id: Int64, _ bytes: [UInt8]) throws {
    try execute("UPDATE quarantine SET bytes = $2 WHERE id = $1", [.integer(id), .blob(bytes)])
  }
}
