package import SQLAccess

/// A mail that opened no conversation and joined none, as lists show it.
package struct FiledMail: Sendable, Equatable {
  package var id: Int64
  package var mailbox: String
  package var owner: String
  /// spam, automatic or bounce.
  package var outcome: Outcome
  package var sender: String
  package var senderName: String
  package var subject: String
  package var preview: String
  /// Which sort of machine, as intake saw it: `autoreply`, `list` and so on.
  package var kind: String
  /// What in the mail says so.
  package var evidence: String?
  package var arrivedAt: Instant
}

extension Transaction {
  /// Mails without a conversation, the newest first; nil shows every outcome.
  package func filedMail(outcome: Outcome? = nil, limit: Int) throws -> [FiledMail] {
    let condition = outcome.map { "AND \(Self.filedOutcome) = '\($0.rawValue)'" } ?? ""
    return try rows("\(Self.filedQuery) \(condition) ORDER BY m.id DESC LIMIT $1", [.int(limit)]).map(filedMail)
  }

  func filedMail(_ id: Int64) throws -> FiledMail? {
    try row("\(Self.filedQuery) AND m.id = $1", [.integer(id)]).map(filedMail)
  }

  /// The ledger says it too, but one mail can have several rows there.
  private static var filedOutcome: String {
    """
    CASE WHEN m.reply_decision = 'spam' THEN 'spam' WHEN m.mail_kind IN ('bounce', 'arf') THEN 'bounce'
      ELSE 'automatic' END
    """
  }

  private static var filedQuery: String {
    """
    SELECT m.id, b.name, a.name, \(filedOutcome), m.sender, m.sender_name, m.subject, m.preview, m.mail_kind,
      m.mail_evidence, m.arrived_at
    FROM message m JOIN mailbox b ON b.id = m.mailbox_id JOIN agent a ON a.id = m.owner_id
    WHERE m.conversation_id IS NULL
    """
  }

  private func filedMail(_ row: SQLRow) throws -> FiledMail {
    let outcome = Outcome(rawValue: try row.text(3)) ?? .automatic
    return FiledMail(
      id: try row.int(0), mailbox: try row.text(1), owner: try row.text(2), outcome: outcome, sender: try row.text(4),
      senderName: try row.text(5),
      subject: try row.text(6), preview: try row.text(7), kind: try row.text(8),
      evidence: outcome == .spam ? "the mail server's filter says so" : try row.optionalText(9),
      arrivedAt: try row.int(10))
  }

  func rawMail(of message: Int64) throws -> [UInt8]? {
    try row("SELECT bytes FROM raw_mail WHERE message_id = $1", [.integer(message)]).map { try $0.blob(0) }
  }

  func conversation(ofMessage message: Int64) throws -> Int64? {
    try row("SELECT conversation_id FROM message WHERE id = $1", [.integer(message)])?.optionalInt(0)
  }

  /// Takes the fingerprint from a filed mail, so that the same bytes can be taken in once more. False when it is no
  /// filed mail any more.
  func releaseFingerprint(of message: Int64) throws -> Bool {
    // A fingerprint has 32 bytes: this can never be another mail's.
    try execute(
      "UPDATE message SET fingerprint = $2 WHERE id = $1 AND conversation_id IS NULL",
      [.integer(message), .blob(Array("replaced \(message)".utf8))]) == 1
  }

  /// Another row stands for this mail from now on, with another outcome. Rows of its duplicates remain duplicates.
  func replaceMessage(_ old: Int64, by new: Int64, _ outcome: Outcome) throws {
    try execute(
      """
      UPDATE ledger SET message_id = $2, outcome = CASE WHEN outcome = 'duplicate' THEN outcome ELSE $3 END
      WHERE message_id = $1
      """, [.integer(old), .integer(new), .text(outcome.rawValue)])
    try execute("DELETE FROM raw_mail WHERE message_id = $1", [.integer(old)])
    try execute("DELETE FROM message WHERE id = $1", [.integer(old)])
  }
}
