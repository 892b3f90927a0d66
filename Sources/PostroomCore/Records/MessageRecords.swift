package import SQLAccess

/// The columns of a message row that intake fills in.
struct MessageRow {
  var mailbox: Int64
  var conversation: Int64?
  /// Set exactly when there is no conversation.
  var owner: Int64?
  var fingerprint: [UInt8]
  var rfcMessageID: String?
  var sender: String
  var senderName: String
  var replyAddress: String
  var subject: String
  var preview: String
  var mailKind: String
  var mailEvidence: String?
  var label: String?
  var confidence: Double?
  var labelEvidence: String?
  /// Of the mail that opens a conversation.
  var routing: Routing?
  /// 0…1; of a stranger's mail only.
  var spamScore: Double?
  var replyDecision: String
  var defects: String?
  var attachments: Int
  var sentAt: Instant?
  var arrivedAt: Instant
}

extension Transaction {
  /// The message with these contents, if it was taken in before.
  func message(fingerprint: [UInt8]) throws -> Int64? {
    try row("SELECT id FROM message WHERE fingerprint = $1", [.blob(fingerprint)]).map { try $0.int(0) }
  }

  func insertMessage(_ message: MessageRow, bytes: [UInt8], now: Instant) throws -> Int64 {
    let row = try row(
      """
      INSERT INTO message (mailbox_id, conversation_id, owner_id, fingerprint, rfc_message_id, sender, sender_name,
        reply_address, subject, preview, mail_kind, mail_evidence, label, confidence, label_evidence, reply_decision, defects,
        attachment_count, sent_at, arrived_at, taken_in_at, routing, spam_score)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
      RETURNING id
      """,
      [
        .integer(message.mailbox), .optional(message.conversation), .optional(message.owner),
        .blob(message.fingerprint), .optional(message.rfcMessageID), .text(message.sender), .text(message.senderName),
        .text(message.replyAddress),
        .text(message.subject), .text(message.preview), .text(message.mailKind), .optional(message.mailEvidence),
        .optional(message.label), message.confidence.map { .real($0) } ?? .null, .optional(message.labelEvidence),
        .text(message.replyDecision), .optional(message.defects), .int(message.attachments), .optional(message.sentAt),
        .integer(message.arrivedAt), .integer(now), .optional(message.routing?.rawValue),
        message.spamScore.map { .real($0) } ?? .null,
      ])
    let id = try row?.int(0) ?? 0
    try execute("INSERT INTO raw_mail (message_id, bytes) VALUES ($1, $2)", [.integer(id), .blob(bytes)])
    return id
  }

  func setReplyDecision(_ code: String, of message: Int64) throws {
    try execute("UPDATE message SET reply_decision = $2 WHERE id = $1", [.integer(message), .text(code)])
  }

  // MARK: Counters of automatic replies

  func lastReply(to address: String, mailbox: Int64) throws -> Instant? {
    try row(
      "SELECT replied_at FROM replied_sender WHERE mailbox_id = $1 AND address = $2",
      [.integer(mailbox), .text(address)]
    ).map { try $0.int(0) }
  }

  func replies(_ span: ReplySpan, mailbox: Int64) throws -> Int64 {
    try row(
      "SELECT replies FROM reply_count WHERE mailbox_id = $1 AND scope = $2 AND span = $3",
      [.integer(mailbox), .text(span.scope), .integer(span.number)]
    ).map { try $0.int(0) } ?? 0
  }

  func countReply(to address: String, mailbox: Int64, spans: [ReplySpan], now: Instant) throws {
    try execute(
      """
      INSERT INTO replied_sender (mailbox_id, address, replied_at) VALUES ($1, $2, $3)
      ON CONFLICT (mailbox_id, address) DO UPDATE SET replied_at = $3
      """, [.integer(mailbox), .text(address), .integer(now)])
    for span in spans {
      try execute(
        """
        INSERT INTO reply_count (mailbox_id, scope, span, replies) VALUES ($1, $2, $3, 1)
        ON CONFLICT (mailbox_id, scope, span) DO UPDATE SET replies = reply_count.replies + 1
        """, [.integer(mailbox), .text(span.scope), .integer(span.number)])
    }
  }

  /// Forgets counters that no cap looks at any more.
  package func forgetReplyCounts(mailbox: Int64, before now: Instant) throws {
    try execute(
      "DELETE FROM reply_count WHERE mailbox_id = $1 AND ((scope = 'm' AND span < $2) OR (scope <> 'm' AND span < $3))",
      [.integer(mailbox), .integer(now / 60_000 - 10), .integer(now / 86_400_000 - 2)])
    try execute(
      "DELETE FROM replied_sender WHERE mailbox_id = $1 AND replied_at < $2",
      [.integer(mailbox), .integer(now.adding(-90 * 86_400))])
  }
}
