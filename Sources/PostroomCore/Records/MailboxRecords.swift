package import SQLAccess

extension Transaction {
  /// Makes sure of a row for each mailbox of the settings; a mailbox that left keeps its row, conversations name it.
  package func syncMailboxes(_ mailboxes: [MailboxSettings]) throws {
    for mailbox in mailboxes {
      try execute(
        "INSERT INTO mailbox (name, address) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET address = $2",
        [.text(mailbox.name), .text(mailbox.address)])
    }
  }

  package func mailboxIDs() throws -> [String: Int64] {
    var result: [String: Int64] = [:]
    for row in try rows("SELECT name, id FROM mailbox") { result[try row.text(0)] = try row.int(1) }
    return result
  }

  package func recordPollSuccess(mailbox: Int64, at now: Instant) throws {
    try execute(
      "UPDATE mailbox SET last_success_at = $2, last_error = NULL, last_error_at = NULL WHERE id = $1",
      [.integer(mailbox), .integer(now)])
  }

  package func recordPollError(mailbox: Int64, _ sentence: String, at now: Instant) throws {
    try execute(
      "UPDATE mailbox SET last_error = $2, last_error_at = $3 WHERE id = $1",
      [.integer(mailbox), .text(sentence), .integer(now)])
  }

  // MARK: Folders: how far a source was read

  /// The folder's row, made when it is new.
  package func folder(mailbox: Int64, name: String) throws -> Folder {
    if let known = try findFolder(mailbox: mailbox, name: name) { return known }
    try execute(
      "INSERT INTO folder (mailbox_id, name) VALUES ($1, $2) ON CONFLICT (mailbox_id, name) DO NOTHING",
      [.integer(mailbox), .text(name)])
    guard let made = try findFolder(mailbox: mailbox, name: name) else {
      throw SettingsError("the folder \(name) could not be recorded")
    }
    return made
  }

  package func findFolder(mailbox: Int64, name: String) throws -> Folder? {
    try row(
      "SELECT id, uid_validity, last_uid FROM folder WHERE mailbox_id = $1 AND name = $2",
      [.integer(mailbox), .text(name)]
    ).map { row in
      Folder(id: try row.int(0), cursor: FolderCursor(uidValidity: try row.int(1), lastUID: try row.int(2)))
    }
  }

  package func moveCursor(of folder: Int64, to cursor: FolderCursor) throws {
    try execute(
      "UPDATE folder SET uid_validity = $2, last_uid = $3 WHERE id = $1",
      [.integer(folder), .integer(cursor.uidValidity), .integer(cursor.lastUID)])
  }

  // MARK: Leases

  /// Takes or prolongs the lease `name` until `now` + `seconds`. Nil when another holder has it. The token grows each
  /// time the holder changes.
  package func takeLease(_ name: String, holder: String, seconds: Seconds, now: Instant) throws -> Int64? {
    try row(
      """
      INSERT INTO lease (name, holder, token, expires_at) VALUES ($1, $2, 1, $3)
      ON CONFLICT (name) DO UPDATE SET
        token = CASE WHEN lease.holder = $2 THEN lease.token ELSE lease.token + 1 END, holder = $2, expires_at = $3
      WHERE lease.holder = $2 OR lease.expires_at <= $4
      RETURNING token
      """, [.text(name), .text(holder), .integer(now.adding(seconds)), .integer(now)]
    ).map { try $0.int(0) }
  }

  /// Whether the lease is still the one with this token: checked inside the transaction that writes under it.
  package func holdsLease(_ name: String, token: Int64) throws -> Bool {
    try row("SELECT token FROM lease WHERE name = $1", [.text(name)]).map { try $0.int(0) == token } ?? false
  }

  package func releaseLease(_ name: String, holder: String) throws {
    try execute("UPDATE lease SET expires_at = 0 WHERE name = $1 AND holder = $2", [.text(name), .text(holder)])
  }
}

/// A folder of a source and how far it was read.
package struct Folder: Sendable, Equatable {
  package var id: Int64
  package var cursor: FolderCursor
}
