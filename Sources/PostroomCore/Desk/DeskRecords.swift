internal import MailFormat
package import SQLAccess
package import TextClassifier

/// What a reply needs to know of its conversation.
struct ReplyFacts {
  var mailbox: String
  var channel: Channel
  var language: Language
  var customerName: String
  /// Where the last mail wants its answer (Reply-To, else From); a number for SMS.
  var customerAddress: String
  var messages: Int64
  var deliveries: Int64
  /// The last mail of a person, which the reply answers.
  var lastMessage: Int64?
  var lastMessageID: String?
  /// Message-IDs of the conversation: theirs, ours, and last the one that is answered.
  var references: [String]
}

/// Which conversations a list shows.
package struct ConversationFilter: Sendable {
  package var state: Conversation.State?
  package var owner: String?
  package var kind: TextLabel?
  package var mailbox: String?
  package var customer: Int64?
  /// Only those whose promise is due before this moment.
  package var overdueAt: Instant?
  /// Only those whose kind a person is to confirm.
  package var isToConfirm = false
  package var limit = 50
  /// Below this row: the next page.
  package var before: Int64?
  package init() {}
}

extension Transaction {
  func replyFacts(_ conversation: Int64) throws -> ReplyFacts {
    guard
      let row = try row(
        """
        SELECT m.name, c.language, k.name, c.contact, c.message_count,
          (SELECT COUNT(*) FROM delivery d WHERE d.conversation_id = c.id), c.channel
        FROM conversation c JOIN mailbox m ON m.id = c.mailbox_id JOIN customer k ON k.id = c.customer_id WHERE c.id = $1
        """, [.integer(conversation)])
    else { throw DeskRefusal("there is no such conversation") }
    let mails = try rows(
      "SELECT id, rfc_message_id, reply_address FROM message WHERE conversation_id = $1 AND mail_kind = 'human' ORDER BY id",
      [.integer(conversation)])
    let sent = try rows(
      """
      SELECT reference FROM delivery WHERE conversation_id = $1 AND channel = 'mail'
        AND (purpose <> 'callback' OR sent_at IS NOT NULL) ORDER BY id
      """,
      [.integer(conversation)])
    return ReplyFacts(
      mailbox: try row.text(0), channel: Channel(rawValue: try row.text(6)) ?? .mail,
      language: Language(rawValue: try row.text(1)) ?? .chinese,
      customerName: try row.text(2), customerAddress: try mails.last?.text(2) ?? row.text(3), messages: try row.int(4),
      deliveries: try row.int(5), lastMessage: try mails.last?.int(0), lastMessageID: try mails.last?.optionalText(1),
      // The mail that is answered comes last (RFC 5322 §3.6.4).
      references: try mails.dropLast().compactMap { try $0.optionalText(1) } + sent.map { try $0.text(0) }
        + mails.suffix(1).compactMap { try $0.optionalText(1) })
  }

  private static var conversationColumns: String {
    """
    c.id, m.name, k.id, c.contact, k.name, c.subject, c.kind, c.state, a.name, c.owner_reason, c.message_count,
    c.created_at, c.last_message_at, p.due_at, c.to_confirm
    """
  }

  private static var conversationTables: String {
    """
    conversation c JOIN mailbox m ON m.id = c.mailbox_id JOIN customer k ON k.id = c.customer_id
    JOIN agent a ON a.id = c.owner_id LEFT JOIN promise p ON p.conversation_id = c.id AND p.kept_at IS NULL
    """
  }

  private func conversation(_ row: SQLRow) throws -> Conversation {
    Conversation(
      id: try row.int(0), mailbox: try row.text(1),
      customer: Customer(id: try row.int(2), address: try row.text(3), name: try row.text(4)),
      subject: try row.text(5), kind: TextLabel(rawValue: try row.text(6)) ?? .inquiry,
      state: Conversation.State(rawValue: try row.text(7)) ?? .open, owner: try row.text(8),
      ownerReason: try row.text(9), messages: try row.int(10), createdAt: try row.int(11),
      lastMessageAt: try row.int(12), promisedAt: try row.optionalInt(13), isToConfirm: try row.bool(14))
  }

  package func conversation(_ id: Int64) throws -> Conversation? {
    try row(
      "SELECT \(Self.conversationColumns) FROM \(Self.conversationTables) WHERE c.id = $1", [.integer(id)]
    ).map(conversation)
  }

  /// The newest first.
  package func conversations(_ filter: ConversationFilter) throws -> [Conversation] {
    var conditions: [String] = []
    var values: [SQLValue] = []
    func require(_ condition: String, _ value: SQLValue) {
      values.append(value)
      conditions.append("\(condition) $\(values.count)")
    }
    if let state = filter.state { require("c.state =", .text(state.rawValue)) }
    if let owner = filter.owner { require("a.name =", .text(owner)) }
    if let kind = filter.kind { require("c.kind =", .text(kind.rawValue)) }
    if let mailbox = filter.mailbox { require("m.name =", .text(mailbox)) }
    if let customer = filter.customer { require("k.id =", .integer(customer)) }
    if let moment = filter.overdueAt { require("p.due_at <", .integer(moment)) }
    if let before = filter.before { require("c.id <", .integer(before)) }
    if filter.isToConfirm { conditions.append("c.to_confirm = 1") }
    let place = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    values.append(.int(filter.limit))
    return try rows(
      """
      SELECT \(Self.conversationColumns) FROM \(Self.conversationTables) \(place)
      ORDER BY c.id DESC LIMIT $\(values.count)
      """, values
    ).map(conversation)
  }

  /// Mails, sent messages and events of a conversation in order of time.
  package func timeline(_ conversation: Int64) throws -> [TimelineEntry] {
    let mails = try rows(
      """
      SELECT m.id, m.arrived_at, m.sender, m.mail_kind, m.subject, m.label, m.confidence, m.label_evidence,
        m.reply_decision, m.defects, r.bytes, m.routing, m.spam_score
      FROM message m JOIN raw_mail r ON r.message_id = m.id WHERE m.conversation_id = $1 ORDER BY m.id
      """, [.integer(conversation)]
    ).map { row in
      TimelineEntry(
        at: try row.int(1),
        content: .mail(
          TimelineEntry.Mail(
            id: try row.int(0), sender: try row.text(2), kind: try row.text(3), subject: try row.text(4),
            label: try row.optionalText(5), confidence: try row.isNull(6) ? nil : row.real(6),
            evidence: try row.optionalText(7), decision: try row.text(8), defects: try row.optionalText(9),
            bytes: try row.blob(10), routing: try row.optionalText(11).flatMap(Routing.init),
            spamScore: try row.optionalReal(12))))
    }
    let sent = try rows(
      """
      SELECT id, created_at, purpose, recipient, state, reason, attempts, content, due_at, channel FROM delivery
      WHERE conversation_id = $1 ORDER BY id
      """, [.integer(conversation)]
    ).map { row in
      TimelineEntry(
        at: try row.int(1),
        content: .delivery(
          TimelineEntry.Sent(
            id: try row.int(0), channel: Channel(rawValue: try row.text(9)) ?? .mail, purpose: try row.text(2),
            recipient: try row.text(3), state: try row.text(4),
            reason: try row.optionalText(5), attempts: try row.int(6), content: try row.blob(7),
            dueAt: try row.int(8))))
    }
    let events = try rows(
      "SELECT at, actor, what, detail FROM event WHERE conversation_id = $1 ORDER BY id", [.integer(conversation)]
    ).map { row in
      TimelineEntry(
        at: try row.int(0),
        content: .event(actor: try row.text(1), what: try row.text(2), detail: try row.optionalText(3)))
    }
    return (mails + sent + events).sorted { $0.at < $1.at }
  }

  /// How many conversations there are, by kind and owner.
  package func conversationCounts() throws -> [(kind: TextLabel, owner: String, count: Int64)] {
    try rows(
      """
      SELECT c.kind, a.display_name, COUNT(*) FROM conversation c JOIN agent a ON a.id = c.owner_id
      GROUP BY c.kind, a.display_name ORDER BY c.kind, a.display_name
      """
    ).map { (TextLabel(rawValue: try $0.text(0)) ?? .inquiry, try $0.text(1), try $0.int(2)) }
  }
}

/// One thing that happened in a conversation.
package struct TimelineEntry: Sendable {
  package struct Mail: Sendable {
    package var id: Int64
    package var sender: String
    package var kind: String
    package var subject: String
    package var label: String?
    package var confidence: Double?
    package var evidence: String?
    package var decision: String
    package var defects: String?
    package var bytes: [UInt8]
    /// Of the mail that opened the conversation, if it was classified.
    package var routing: Routing?
    /// How much a stranger's words look like spam, 0…1.
    package var spamScore: Double?
  }

  package struct Sent: Sendable {
    package var id: Int64
    package var channel: Channel
    package var purpose: String
    package var recipient: String
    package var state: String
    package var reason: String?
    package var attempts: Int64
    package var content: [UInt8]
    package var dueAt: Instant

    /// What the recipient reads.
    package var text: String {
      channel == .sms ? String(decoding: content, as: UTF8.self) : MessageParser.parse(content).bodyText
    }
  }

  package enum Content: Sendable {
    case mail(Mail)
    case delivery(Sent)
    case event(actor: String, what: String, detail: String?)
  }

  package var at: Instant
  package var content: Content
}
