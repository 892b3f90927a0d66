package import SQLAccess

/// The tables. What must always hold stands here as a constraint, so that no code can break it. Instants are
/// milliseconds UTC, durations carry their unit in the name, booleans are 0 or 1.
package enum Schema {
  package static let migrations: [Migration] = [
    Migration(
      name: "001-postroom", sql: people + customers + conversations + outbox + learning + secondOpinions)
  ]

  /// The condition that a column holds one of these. As comparisons and not as `IN`: SQLite makes a temporary index of
  /// each list of more than two, whenever it looks at a constraint or at the condition of a partial index, and a message
  /// on its way costs twice as much.
  static func oneOf(_ column: String, _ values: String...) -> String {
    "(" + values.map { "\(column) = '\($0)'" }.joined(separator: " OR ") + ")"
  }

  private static let people = [
    """
    CREATE TABLE agent (
      id {id},
      name TEXT NOT NULL UNIQUE,
      display_name TEXT NOT NULL,
      email TEXT NOT NULL,
      capacity {int} NOT NULL CHECK (capacity > 0),
      active {int} NOT NULL CHECK (active IN (0, 1)),
      open_count {int} NOT NULL DEFAULT 0 CHECK (open_count >= 0),
      assigned_day {int} NOT NULL DEFAULT 0,
      assigned_count {int} NOT NULL DEFAULT 0,
      last_assigned_at {int} NOT NULL DEFAULT 0
    ) {strict}
    """,
    """
    CREATE TABLE mailbox (
      id {id},
      name TEXT NOT NULL UNIQUE,
      address TEXT NOT NULL,
      last_success_at {int},
      last_error_at {int},
      last_error TEXT
    ) {strict}
    """,
    """
    CREATE TABLE folder (
      id {id},
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      name TEXT NOT NULL,
      uid_validity {int} NOT NULL DEFAULT 0,
      last_uid {int} NOT NULL DEFAULT 0,
      UNIQUE (mailbox_id, name)
    ) {strict}
    """,
    // A lease makes one node the only one to poll a mailbox. Its token grows with each holder, and whoever writes
    // under it proves that he still holds it (fencing).
    """
    CREATE TABLE lease (
      name TEXT NOT NULL PRIMARY KEY,
      holder TEXT NOT NULL,
      token {int} NOT NULL,
      expires_at {int} NOT NULL
    ) {keyed}
    """,
  ]

  private static let conversations = [
    // Exactly one owner: the column cannot be empty and holds one.
    """
    CREATE TABLE conversation (
      id {id},
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      customer_id {int} NOT NULL REFERENCES customer(id),
      channel TEXT NOT NULL CHECK (channel IN ('mail', 'sms')),
      contact TEXT NOT NULL,
      subject TEXT NOT NULL,
      kind TEXT NOT NULL CHECK \(oneOf("kind", "inquiry", "complaint", "suggestion")),
      language TEXT NOT NULL,
      state TEXT NOT NULL CHECK \(oneOf("state", "open", "waiting", "resolved")),
      owner_id {int} NOT NULL REFERENCES agent(id),
      owner_reason TEXT NOT NULL,
      to_confirm {int} NOT NULL DEFAULT 0 CHECK (to_confirm IN (0, 1)),
      message_count {int} NOT NULL,
      created_at {int} NOT NULL,
      last_message_at {int} NOT NULL,
      resolved_at {int}
    ) {strict}
    """,
    "CREATE INDEX conversation_owner ON conversation(owner_id, state, last_message_at)",
    "CREATE INDEX conversation_state ON conversation(state, last_message_at)",
    "CREATE INDEX conversation_customer ON conversation(customer_id)",
    "CREATE INDEX conversation_to_confirm ON conversation(id) WHERE to_confirm = 1",
    // `routing` stands at the mail that opened a conversation: how far the machine was trusted with its kind.
    // A mail belongs to a conversation, whose owner is its owner, or has an owner of its own: never neither, never both.
    """
    CREATE TABLE message (
      id {id},
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      conversation_id {int} REFERENCES conversation(id),
      owner_id {int} REFERENCES agent(id),
      fingerprint {blob} NOT NULL UNIQUE,
      rfc_message_id TEXT,
      sender TEXT NOT NULL,
      sender_name TEXT NOT NULL,
      reply_address TEXT NOT NULL,
      subject TEXT NOT NULL,
      preview TEXT NOT NULL,
      mail_kind TEXT NOT NULL,
      mail_evidence TEXT,
      label TEXT CHECK \(oneOf("label", "inquiry", "complaint", "suggestion")),
      confidence {real},
      label_evidence TEXT,
      routing TEXT CHECK \(oneOf("routing", "suggested", "automatic", "audit")),
      spam_score {real} CHECK (spam_score BETWEEN 0 AND 1),
      reply_decision TEXT NOT NULL,
      defects TEXT,
      attachment_count {int} NOT NULL,
      sent_at {int},
      arrived_at {int} NOT NULL,
      taken_in_at {int} NOT NULL,
      CHECK ((conversation_id IS NULL) <> (owner_id IS NULL)),
      CHECK (routing IS NULL OR (label IS NOT NULL AND confidence IS NOT NULL))
    ) {strict}
    """,
    "CREATE INDEX message_conversation ON message(conversation_id) WHERE conversation_id IS NOT NULL",
    "CREATE INDEX message_filed ON message(id) WHERE conversation_id IS NULL",
    "CREATE INDEX message_rfc_id ON message(rfc_message_id) WHERE rfc_message_id IS NOT NULL",
    // Apart from message, so that lists never read whole mails.
    """
    CREATE TABLE raw_mail (
      message_id {int} NOT NULL PRIMARY KEY REFERENCES message(id),
      bytes {blob} NOT NULL
    ) {strict}
    """,
    """
    CREATE TABLE quarantine (
      id {id},
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      owner_id {int} NOT NULL REFERENCES agent(id),
      cause TEXT NOT NULL,
      bytes {blob} NOT NULL,
      attempts {int} NOT NULL DEFAULT 1,
      arrived_at {int} NOT NULL,
      created_at {int} NOT NULL,
      settled_at {int}
    ) {strict}
    """,
    // One row for each mail the server ever showed, with its one outcome and what holds it now.
    """
    CREATE TABLE ledger (
      folder_id {int} NOT NULL REFERENCES folder(id),
      uid_validity {int} NOT NULL,
      uid {int} NOT NULL,
      name TEXT,
      outcome TEXT NOT NULL CHECK (outcome IN
        ('conversation', 'reply', 'duplicate', 'automatic', 'bounce', 'spam', 'quarantine')),
      message_id {int} REFERENCES message(id),
      quarantine_id {int} REFERENCES quarantine(id),
      recorded_at {int} NOT NULL,
      PRIMARY KEY (folder_id, uid_validity, uid),
      CHECK ((message_id IS NULL) <> (quarantine_id IS NULL))
    ) {keyed}
    """,
    "CREATE UNIQUE INDEX ledger_name ON ledger(folder_id, name) WHERE name IS NOT NULL",
    "CREATE INDEX ledger_quarantine ON ledger(quarantine_id) WHERE quarantine_id IS NOT NULL",
    // What the customer was told to get, and by when. At most one is open in a conversation.
    """
    CREATE TABLE promise (
      id {id},
      conversation_id {int} NOT NULL REFERENCES conversation(id),
      due_at {int} NOT NULL,
      told {int} NOT NULL CHECK (told IN (0, 1)),
      made_at {int} NOT NULL,
      kept_at {int}
    ) {strict}
    """,
    "CREATE UNIQUE INDEX promise_open ON promise(conversation_id) WHERE kept_at IS NULL",
    "CREATE INDEX promise_due ON promise(due_at) WHERE kept_at IS NULL",
    // Counters behind the caps of automatic replies, written in the transaction that enqueues one.
    """
    CREATE TABLE replied_sender (
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      address TEXT NOT NULL,
      replied_at {int} NOT NULL,
      PRIMARY KEY (mailbox_id, address)
    ) {keyed}
    """,
    """
    CREATE TABLE reply_count (
      mailbox_id {int} NOT NULL REFERENCES mailbox(id),
      scope TEXT NOT NULL,
      span {int} NOT NULL,
      replies {int} NOT NULL,
      PRIMARY KEY (mailbox_id, scope, span)
    ) {keyed}
    """,
    // What happened, for people: append only.
    """
    CREATE TABLE event (
      id {id},
      conversation_id {int} NOT NULL REFERENCES conversation(id),
      at {int} NOT NULL,
      actor TEXT NOT NULL,
      what TEXT NOT NULL,
      detail TEXT
    ) {strict}
    """,
    "CREATE INDEX event_conversation ON event(conversation_id, id)",
  ]
}
