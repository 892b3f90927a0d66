package import SQLAccess
package import TextClassifier

/// What a person said of a mail, beside what the machine had said.
package struct Saying: Sendable {
  package var id: Int64
  package var message: Int64
  package var agent: String
  package var told: TextLabel
  package var confidence: Double
  package var routing: Routing
  package var isUnbiased: Bool
  /// False: see ``Agreement``.
  package var isSaid: Bool
  package var said: TextLabel
  var features: [UInt8]
}

/// The mail that opened a conversation, as far as a saying about its kind needs it.
struct LabelledMail: Sendable {
  var message: Int64
  var mailbox: Int64
  var mailboxName: String
  var told: TextLabel
  var confidence: Double
  var routing: Routing
  var bytes: [UInt8]
}

extension Transaction {
  /// Nil when the conversation was opened by a mail that was not classified.
  func labelledMail(of conversation: Int64) throws -> LabelledMail? {
    try row(
      """
      SELECT m.id, m.mailbox_id, b.name, m.label, m.confidence, m.routing, r.bytes
      FROM message m JOIN mailbox b ON b.id = m.mailbox_id JOIN raw_mail r ON r.message_id = m.id
      WHERE m.conversation_id = $1 AND m.routing IS NOT NULL ORDER BY m.id LIMIT 1
      """, [.integer(conversation)]
    ).map { row in
      LabelledMail(
        message: try row.int(0), mailbox: try row.int(1), mailboxName: try row.text(2),
        told: TextLabel(rawValue: try row.text(3)) ?? .inquiry, confidence: try row.real(4),
        routing: Routing(rawValue: try row.text(5)) ?? .suggested, bytes: try row.blob(6))
    }
  }

  /// What was said of the mail last; nil when nothing was.
  func lastSaying(of message: Int64) throws -> (said: TextLabel, agent: String, isUnbiased: Bool)? {
    try row(
      """
      SELECT l.said, a.name, l.is_unbiased FROM lesson l JOIN agent a ON a.id = l.agent_id
      WHERE l.message_id = $1 AND l.is_said = 1 ORDER BY l.id DESC LIMIT 1
      """, [.integer(message)]
    ).map { (TextLabel(rawValue: try $0.text(0)) ?? .inquiry, try $0.text(1), try $0.bool(2)) }
  }

  /// Whether the mail is in the log.
  func hasLesson(_ message: Int64) throws -> Bool {
    try row("SELECT 1 FROM lesson WHERE message_id = $1 LIMIT 1", [.integer(message)]) != nil
  }

  @discardableResult
  func insertLesson(
    _ mail: LabelledMail, _ lesson: Lesson, isUnbiased: Bool, isSaid: Bool = true, customer: Int64, agent: Int64,
    now: Instant
  ) throws -> Int64 {
    let row = try row(
      """
      INSERT INTO lesson (mailbox_id, message_id, customer_id, agent_id, told, confidence, routing, is_unbiased,
        is_said, said, said_at, features) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id
      """,
      [
        .integer(mail.mailbox), .integer(mail.message), .integer(customer), .integer(agent), .text(mail.told.rawValue),
        .real(mail.confidence), .text(mail.routing.rawValue), .bool(isUnbiased), .bool(isSaid),
        .text(lesson.label.rawValue), .integer(now), .blob(lesson.bytes),
      ])
    return try row?.int(0) ?? 0
  }

  /// What counts of a mailbox's log: the last row about each mail, in the order of the mails.
  package func sayings(_ mailbox: Int64) throws -> [Saying] {
    try rows(
      """
      SELECT l.id, l.message_id, a.name, l.told, l.confidence, l.routing, l.is_unbiased, l.is_said, l.said,
        l.features
      FROM lesson l JOIN agent a ON a.id = l.agent_id
      WHERE l.mailbox_id = $1 AND l.id = (SELECT MAX(n.id) FROM lesson n WHERE n.message_id = l.message_id)
      ORDER BY l.message_id
      """, [.integer(mailbox)]
    ).map { row in
      Saying(
        id: try row.int(0), message: try row.int(1), agent: try row.text(2),
        told: TextLabel(rawValue: try row.text(3)) ?? .inquiry, confidence: try row.real(4),
        routing: Routing(rawValue: try row.text(5)) ?? .suggested, isUnbiased: try row.bool(6),
        isSaid: try row.bool(7), said: TextLabel(rawValue: try row.text(8)) ?? .inquiry, features: try row.blob(9))
    }
  }

  /// So many labels at most carry a threshold: the older ones tell of other mails, and of another model.
  private static let labelsThatCount = 2000

  /// The threshold that the mailbox's own labels carry.
  func estimatedThreshold(_ mailbox: Int64, precision: Double) throws -> ConfidenceThreshold {
    let labels = try rows(
      """
      SELECT l.confidence, l.told, l.said FROM lesson l WHERE l.mailbox_id = $1 AND l.is_unbiased = 1
        AND l.id = (SELECT MAX(n.id) FROM lesson n WHERE n.message_id = l.message_id)
      ORDER BY l.id DESC LIMIT $2
      """, [.integer(mailbox), .int(Self.labelsThatCount)]
    ).map { (confidence: try $0.real(0), isRight: try $0.text(1) == $0.text(2)) }
    return ConfidenceThreshold(labels, precision: precision)
  }

  func setKind(_ kind: TextLabel, of conversation: Int64) throws {
    try execute(
      "UPDATE conversation SET kind = $2, to_confirm = 0 WHERE id = $1",
      [.integer(conversation), .text(kind.rawValue)])
  }

  func isToConfirm(_ conversation: Int64) throws -> Bool {
    try row("SELECT to_confirm FROM conversation WHERE id = $1", [.integer(conversation)])?.bool(0) ?? false
  }
}
