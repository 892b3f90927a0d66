extension Schema {
  /// A message that is still to be sent. A query must say it in these words to find it by the index.
  static let isWaiting = oneOf("state", "queued", "held", "deferred")
  /// One that did not go its way.
  static func isTroubled(_ column: String = "state") -> String {
    oneOf(column, "held", "deferred", "rejected", "uncertain", "suppressed")
  }

  static let outbox = [
    // The natural key says what the message is for (purpose, occurrence, person, channel); it is unique, so no crash and
    // no retry makes two of it. `reference` is ours (the Message-ID of a mail), the same at each attempt;
    // `gateway_reference` is theirs. `sent_at` is the start of the last attempt. Costs are in millionths of the gateway's
    // currency.
    """
    CREATE TABLE delivery (
      id {id},
      natural_key TEXT NOT NULL UNIQUE,
      purpose TEXT NOT NULL CHECK \(
        oneOf("purpose", "acknowledgement", "reply", "notice", "callback", "greeting", "promotion", "survey")),
      channel TEXT NOT NULL CHECK (channel IN ('mail', 'sms')),
      gateway TEXT NOT NULL,
      priority {int} NOT NULL CHECK (priority IN (0, 1)),
      customer_id {int} REFERENCES customer(id),
      conversation_id {int} REFERENCES conversation(id),
      message_id {int} REFERENCES message(id),
      author_id {int} REFERENCES agent(id),
      campaign TEXT,
      sender TEXT NOT NULL,
      recipient TEXT NOT NULL,
      subject TEXT NOT NULL,
      reference TEXT NOT NULL UNIQUE,
      gateway_reference TEXT,
      template_hash TEXT,
      content {blob} NOT NULL,
      segments {int} NOT NULL DEFAULT 1,
      cost {int} NOT NULL DEFAULT 0,
      state TEXT NOT NULL CHECK \(
        oneOf("state", "queued", "held", "sending", "accepted", "delivered", "deferred", "rejected", "uncertain",
          "suppressed", "expired", "cancelled")),
      reason TEXT,
      attempts {int} NOT NULL DEFAULT 0,
      uncertainties {int} NOT NULL DEFAULT 0,
      created_at {int} NOT NULL,
      due_at {int} NOT NULL,
      expires_at {int},
      sent_at {int},
      lease_holder TEXT,
      lease_expires_at {int},
      finished_at {int},
      CHECK (state <> 'sending' OR (lease_holder IS NOT NULL AND lease_expires_at IS NOT NULL)),
      CHECK (conversation_id IS NOT NULL OR customer_id IS NOT NULL)
    ) {strict}
    """,
    "CREATE INDEX delivery_due ON delivery(gateway, priority, due_at, id) WHERE \(isWaiting)",
    "CREATE INDEX delivery_sending ON delivery(lease_expires_at) WHERE state = 'sending'",
    "CREATE INDEX delivery_conversation ON delivery(conversation_id) WHERE conversation_id IS NOT NULL",
    "CREATE INDEX delivery_callback ON delivery(due_at, id) WHERE purpose = 'callback'",
    "CREATE INDEX delivery_campaign ON delivery(campaign, state) WHERE campaign IS NOT NULL",
    """
    CREATE INDEX delivery_trouble ON delivery(id)
    WHERE \(isTroubled())
    """,
    // What counts against caps: by customer across channels, by recipient for the rules of a provider.
    "CREATE INDEX delivery_customer ON delivery(customer_id, sent_at) WHERE priority = 1 AND sent_at IS NOT NULL",
    "CREATE INDEX delivery_recipient ON delivery(recipient, sent_at) WHERE channel = 'sms' AND sent_at IS NOT NULL",
    """
    CREATE INDEX delivery_gateway_reference ON delivery(gateway, gateway_reference)
    WHERE gateway_reference IS NOT NULL
    """,
    """
    CREATE TABLE attempt (
      delivery_id {int} NOT NULL REFERENCES delivery(id),
      number {int} NOT NULL,
      started_at {int} NOT NULL,
      finished_at {int},
      outcome TEXT,
      answer TEXT,
      PRIMARY KEY (delivery_id, number)
    ) {keyed}
    """,
    // What gateways told, each once. News of a message that is not known yet, or not settled, waits (`applied_at` is
    // empty) until it is.
    """
    CREATE TABLE gateway_event (
      gateway TEXT NOT NULL,
      event_key TEXT NOT NULL,
      news TEXT NOT NULL,
      reference TEXT,
      gateway_reference TEXT,
      address TEXT,
      words TEXT NOT NULL,
      happened_at {int},
      received_at {int} NOT NULL,
      applied_at {int},
      PRIMARY KEY (gateway, event_key)
    ) {keyed}
    """,
    "CREATE INDEX gateway_event_waiting ON gateway_event(gateway, received_at) WHERE applied_at IS NULL",
    "CREATE INDEX gateway_event_reference ON gateway_event(reference) WHERE applied_at IS NULL AND reference IS NOT NULL",
    """
    CREATE INDEX gateway_event_gateway_reference ON gateway_event(gateway_reference)
    WHERE applied_at IS NULL AND gateway_reference IS NOT NULL
    """,
    // Mail that came back for now; five within a week end what is sent there.
    """
    CREATE TABLE soft_bounce (
      address TEXT NOT NULL,
      delivery_id {int} NOT NULL REFERENCES delivery(id),
      bounced_at {int} NOT NULL,
      PRIMARY KEY (address, delivery_id)
    ) {keyed}
    """,
    // How a gateway fares: the circuit breaker, and the day's spending in millionths of its currency. `day` counts from
    // 1970-01-01 in the house's zone.
    """
    CREATE TABLE gateway (
      name TEXT NOT NULL PRIMARY KEY,
      failures {int} NOT NULL DEFAULT 0,
      paused_until {int} NOT NULL DEFAULT 0,
      last_error TEXT,
      last_error_at {int},
      last_success_at {int},
      day {int} NOT NULL DEFAULT 0,
      spent {int} NOT NULL DEFAULT 0,
      released {int} NOT NULL DEFAULT 0
    ) {keyed}
    """,
    // Token buckets: `tokens` in thousandths at `filled_at`.
    """
    CREATE TABLE rate_bucket (
      gateway TEXT NOT NULL,
      scope TEXT NOT NULL,
      tokens {int} NOT NULL,
      filled_at {int} NOT NULL,
      PRIMARY KEY (gateway, scope)
    ) {keyed}
    """,
  ]
}
