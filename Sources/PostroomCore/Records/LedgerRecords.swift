package import SQLAccess

/// Which mail of a source a ledger row stands for.
package struct LedgerKey: Sendable, Hashable {
  package var folder: Int64
  package var uidValidity: Int64
  package var uid: Int64
  /// File name of a Maildir's mail without its flags; nil for IMAP.
  package var name: String?
}

extension Transaction {
  package func enter(_ key: LedgerKey, _ outcome: Outcome, message: Int64?, quarantine: Int64?, now: Instant) throws {
    try execute(
      """
      INSERT INTO ledger (folder_id, uid_validity, uid, name, outcome, message_id, quarantine_id, recorded_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """,
      [
        .integer(key.folder), .integer(key.uidValidity), .integer(key.uid), .optional(key.name),
        .text(outcome.rawValue), .optional(message), .optional(quarantine), .integer(now),
      ])
  }

  /// The rows of a quarantined mail get the outcome that a later try had.
  package func settle(quarantine: Int64, _ outcome: Outcome, message: Int64) throws {
    try execute(
      "UPDATE ledger SET outcome = $2, message_id = $3, quarantine_id = NULL WHERE quarantine_id = $1",
      [.integer(quarantine), .text(outcome.rawValue), .integer(message)])
  }

  /// Those of `names` that the ledger of a Maildir folder already holds.
  package func namesInLedger(folder: Int64, _ names: [String]) throws -> Set<String> {
    var known: Set<String> = []
    for name in names
    where try row("SELECT 1 FROM ledger WHERE folder_id = $1 AND name = $2", [.integer(folder), .text(name)]) != nil {
      known.insert(name)
    }
    return known
  }

  /// UIDs of one UIDVALIDITY that the ledger holds between two, both included, in order.
  package func uidsInLedger(folder: Int64, uidValidity: Int64, from first: Int64, through last: Int64) throws -> [Int64]
  {
    try rows(
      "SELECT uid FROM ledger WHERE folder_id = $1 AND uid_validity = $2 AND uid BETWEEN $3 AND $4 ORDER BY uid",
      [.integer(folder), .integer(uidValidity), .integer(first), .integer(last)]
    ).map { try $0.int(0) }
  }

  package func outcomes(folder: Int64, uidValidity: Int64) throws -> [Outcome: Int64] {
    var result: [Outcome: Int64] = [:]
    for row in try rows(
      "SELECT outcome, COUNT(*) FROM ledger WHERE folder_id = $1 AND uid_validity = $2 GROUP BY outcome",
      [.integer(folder), .integer(uidValidity)])
    {
      if let outcome = Outcome(rawValue: try row.text(0)) { result[outcome] = try row.int(1) }
    }
    return result
  }

  // MARK: Quarantine

  package func quarantine(
    mailbox: Int64, owner: Int64, cause: String, bytes: [UInt8], arrivedAt: Instant, now: Instant
  ) throws -> Int64 {
    let row = try row(
      """
      INSERT INTO quarantine (mailbox_id, owner_id, cause, bytes, arrived_at, created_at)
      VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
      """,
      [.integer(mailbox), .integer(owner), .text(cause), .blob(bytes), .integer(arrivedAt), .integer(now)])
    return try row?.int(0) ?? 0
  }

  package func quarantined(includingSettled: Bool = false) throws -> [QuarantinedMail] {
    try rows(
      """
      SELECT q.id, m.name, a.name, q.cause, q.attempts, q.arrived_at, q.created_at, LENGTH(q.bytes), q.settled_at
      FROM quarantine q JOIN mailbox m ON m.id = q.mailbox_id JOIN agent a ON a.id = q.owner_id
      WHERE q.settled_at IS NULL OR $1 = 1 ORDER BY q.id
      """, [.bool(includingSettled)]
    ).map { row in
      QuarantinedMail(
        id: try row.int(0), mailbox: try row.text(1), owner: try row.text(2), cause: try row.text(3),
        attempts: try row.int(4), arrivedAt: try row.int(5), createdAt: try row.int(6), size: try row.int(7),
        settledAt: try row.optionalInt(8))
    }
  }

  /// Mailbox, bytes and time of arrival of a mail that still waits in quarantine.
  package func quarantinedBytes(_ id: Int64) throws -> (mailbox: String, bytes: [UInt8], arrivedAt: Instant)? {
    try row(
      """
      SELECT m.name, q.bytes, q.arrived_at FROM quarantine q JOIN mailbox m ON m.id = q.mailbox_id
      WHERE q.id = $1 AND q.settled_at IS NULL
      """, [.integer(id)]
    ).map { (try $0.text(0), try $0.blob(1), try $0.int(2)) }
  }

  package func recordQuarantineRetry(_ id: Int64, cause: String?, now: Instant) throws {
    try execute(
      """
      UPDATE quarantine SET attempts = attempts + 1, cause = COALESCE($2, cause),
        settled_at = CASE WHEN $2 IS NULL THEN $3 ELSE settled_at END WHERE id = $1
      """, [.integer(id), .optional(cause), .integer(now)])
  }
}

/// A mail that could not be taken in, as lists show it.
package struct QuarantinedMail: Sendable, Codable {
  package var id: Int64
  package var mailbox: String
  package var owner: String
  package var cause: String
  package var attempts: Int64
  package var arrivedAt: Instant
  package var createdAt: Instant
  package var size: Int64
  package var settledAt: Instant?
}
