import SQLAccess
import TextClassifier

/// What intake must know of a conversation before it adds a mail.
struct ConversationHead {
  var id: Int64
  var customer: Int64
  var kind: TextLabel
  var state: Conversation.State
  var owner: Int64
  var subject: String
}

extension Transaction {
  /// The customer with this address (lower case) or number (E.164), made when new. `name` fills in a name that is not
  /// known yet.
  func customer(
    _ channel: Channel = .mail, address: String, name: String, now: Instant
  ) throws -> (id: Int64, name: String, owner: Int64?, isNew: Bool) {
    let select = """
      SELECT c.id, c.name, c.owner_id FROM contact k JOIN customer c ON c.id = k.customer_id
      WHERE k.channel = $1 AND k.address = $2
      """
    let key: [SQLValue] = [.text(channel.rawValue), .text(address)]
    if let row = try row(select, key) {
      let id = try row.int(0)
      var known = try row.text(1)
      if known.isEmpty, !name.isEmpty {
        try execute("UPDATE customer SET name = $2 WHERE id = $1", [.integer(id), .text(name)])
        known = name
      }
      return (id, known, try row.optionalInt(2), false)
    }
    // When another node is faster, the unique key ends this savepoint, and the next look finds the customer.
    let id = try insertCustomer(name: name, now: now)
    try addContact(channel, address, to: id, now: now)
    return (id, name, nil, true)
  }

  func insertCustomer(name: String, now: Instant) throws -> Int64 {
    let made = try row(
      "INSERT INTO customer (name, created_at) VALUES ($1, $2) RETURNING id", [.text(name), .integer(now)])
    return try made?.int(0) ?? 0
  }

  /// Throws a unique violation when the address belongs to a customer already.
  func addContact(_ channel: Channel, _ address: String, to customer: Int64, now: Instant) throws {
    try execute(
      "INSERT INTO contact (channel, address, customer_id, added_at) VALUES ($1, $2, $3, $4)",
      [.text(channel.rawValue), .text(address), .integer(customer), .integer(now)])
  }

  func setOwner(ofCustomer customer: Int64, to agent: Int64) throws {
    try execute(
      "UPDATE customer SET owner_id = $2 WHERE id = $1 AND (owner_id IS NULL OR owner_id <> $2)",
      [.integer(customer), .integer(agent)])
  }

  func conversationHead(_ id: Int64) throws -> ConversationHead? {
    // FOR UPDATE: two nodes must not both find no open promise in it.
    try row(
      "SELECT id, customer_id, kind, state, owner_id, subject FROM conversation WHERE id = $1\(dialect.forUpdate)",
      [.integer(id)]
    ).map { row in
      ConversationHead(
        id: try row.int(0), customer: try row.int(1), kind: TextLabel(rawValue: try row.text(2)) ?? .inquiry,
        state: Conversation.State(rawValue: try row.text(3)) ?? .open, owner: try row.int(4), subject: try row.text(5))
    }
  }

  /// The conversation that holds a mail with one of these Message-IDs, if the customer takes part in it.
  func conversation(ofMessageIDs ids: [String], customer: Int64) throws -> Int64? {
    for id in ids {
      if let row = try row(
        """
        SELECT c.id FROM message m JOIN conversation c ON c.id = m.conversation_id
        WHERE m.rfc_message_id = $1 AND c.customer_id = $2 ORDER BY c.id DESC LIMIT 1
        """, [.text(id), .integer(customer)])
      {
        return try row.int(0)
      }
    }
    return nil
  }

  /// Whether the address wrote to the conversation or is its customer's.
  func takesPart(address: String, in conversation: Int64) throws -> Bool {
    try row(
      """
      SELECT 1 FROM conversation c JOIN contact k ON k.customer_id = c.customer_id
      WHERE c.id = $1 AND k.channel = 'mail' AND k.address = $2
      UNION ALL SELECT 1 FROM message WHERE conversation_id = $1 AND sender = $2 LIMIT 1
      """, [.integer(conversation), .text(address)]) != nil
  }

  func insertConversation(
    mailbox: Int64, customer: Int64, channel: Channel = .mail, contact: String, subject: String, kind: TextLabel,
    toConfirm: Bool = false, language: Language, owner: Assignment.Choice, now: Instant
  ) throws -> Int64 {
    let row = try row(
      """
      INSERT INTO conversation (mailbox_id, customer_id, subject, kind, language, state, owner_id, owner_reason,
        message_count, created_at, last_message_at, channel, contact, to_confirm)
      VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, 1, $8, $8, $9, $10, $11) RETURNING id
      """,
      [
        .integer(mailbox), .integer(customer), .text(subject), .text(kind.rawValue), .text(language.rawValue),
        .integer(owner.agent), .text(owner.reason.rawValue), .integer(now), .text(channel.rawValue), .text(contact),
        .bool(toConfirm),
      ])
    return try row?.int(0) ?? 0
  }

  /// A mail joined: it counts, the conversation is open again, and nobody asks any more whether it is settled.
  func reopen(_ conversation: Int64, now: Instant) throws {
    try execute(
      """
      UPDATE conversation SET state = 'open', resolved_at = NULL, message_count = message_count + 1, last_message_at = $2
      WHERE id = $1
      """, [.integer(conversation), .integer(now)])
    try cancelCallbacks(of: conversation, .reopened, now: now)
  }

  /// A machine's mail or an agent's reply joined: it counts, but nobody has to act.
  func countMessage(in conversation: Int64) throws {
    try execute("UPDATE conversation SET message_count = message_count + 1 WHERE id = $1", [.integer(conversation)])
  }

  /// A callback that waits is for the solution before, and is given up.
  func setState(_ state: Conversation.State, of conversation: Int64, now: Instant) throws {
    try execute(
      """
      UPDATE conversation SET state = $2, resolved_at = CASE WHEN $2 = 'resolved' THEN $3 ELSE NULL END WHERE id = $1
      """, [.integer(conversation), .text(state.rawValue), .integer(now)])
    try cancelCallbacks(of: conversation, state == .resolved ? .resolvedAnew : .reopened, now: now)
  }

  func setOwner(of conversation: Int64, to agent: Int64, reason: OwnerReason) throws {
    try execute(
      "UPDATE conversation SET owner_id = $2, owner_reason = $3 WHERE id = $1",
      [.integer(conversation), .integer(agent), .text(reason.rawValue)])
  }

  // MARK: Promises

  func hasOpenPromise(_ conversation: Int64) throws -> Bool {
    try row("SELECT 1 FROM promise WHERE conversation_id = $1 AND kept_at IS NULL", [.integer(conversation)]) != nil
  }

  func insertPromise(_ conversation: Int64, dueAt: Instant, told: Bool, now: Instant) throws {
    try execute(
      "INSERT INTO promise (conversation_id, due_at, told, made_at) VALUES ($1, $2, $3, $4)",
      [.integer(conversation), .integer(dueAt), .bool(told), .integer(now)])
  }

  func keepPromise(_ conversation: Int64, now: Instant) throws {
    try execute(
      "UPDATE promise SET kept_at = $2 WHERE conversation_id = $1 AND kept_at IS NULL",
      [.integer(conversation), .integer(now)])
  }

  // MARK: Events

  func note(_ what: String, in conversation: Int64, by actor: String, detail: String? = nil, now: Instant) throws {
    try execute(
      "INSERT INTO event (conversation_id, at, actor, what, detail) VALUES ($1, $2, $3, $4, $5)",
      [.integer(conversation), .integer(now), .text(actor), .text(what), .optional(detail)])
  }
}
