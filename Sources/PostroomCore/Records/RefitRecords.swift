package import SQLAccess

extension Transaction {
  /// The last row of a mailbox's log; 0 when it is empty.
  func lastLesson(_ mailbox: Int64) throws -> Int64 {
    try row("SELECT MAX(id) FROM lesson WHERE mailbox_id = $1", [.integer(mailbox)])?.optionalInt(0) ?? 0
  }

  func insertRefit(_ mailbox: Int64, _ result: Refit.Result) throws {
    try execute(
      """
      INSERT INTO model_refit (mailbox_id, at, lessons, left_out, active_score, refit_score, outcome, version)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """,
      [
        .integer(mailbox), .integer(result.at), .int(result.lessons), .int(result.leftOut), .real(result.activeScore),
        .real(result.refitScore), .text(result.outcome.rawValue), .optional(result.version),
      ])
  }

  /// What came of a mailbox's refits, the newest first.
  package func refits(_ mailbox: Int64, limit: Int = 20) throws -> [Refit.Result] {
    try rows(
      """
      SELECT at, lessons, left_out, active_score, refit_score, outcome, version FROM model_refit WHERE mailbox_id = $1
      ORDER BY id DESC LIMIT $2
      """, [.integer(mailbox), .int(limit)]
    ).map { row in
      Refit.Result(
        at: try row.int(0), lessons: Int(try row.int(1)), leftOut: Int(try row.int(2)), activeScore: try row.real(3),
        refitScore: try row.real(4), outcome: Refit.Outcome(rawValue: try row.text(5)) ?? .refused,
        version: try row.optionalInt(6))
    }
  }
}
