extension Schema {
  static let customers = [
    // Of the birthday, the year may be unknown. `satisfaction` is the last score given, of 100.
    """
    CREATE TABLE customer (
      id {id},
      name TEXT NOT NULL,
      reference TEXT UNIQUE,
      language TEXT,
      zone TEXT,
      tier TEXT NOT NULL DEFAULT 'regular' CHECK \(oneOf("tier", "regular", "vip", "senior")),
      birth_month {int} CHECK (birth_month BETWEEN 1 AND 12),
      birth_day {int} CHECK (birth_day BETWEEN 1 AND 31),
      birth_year {int},
      satisfaction {int} CHECK (satisfaction BETWEEN 0 AND 100),
      owner_id {int} REFERENCES agent(id),
      created_at {int} NOT NULL,
      CHECK ((birth_month IS NULL) = (birth_day IS NULL))
    ) {strict}
    """,
    "CREATE INDEX customer_birthday ON customer(birth_month, birth_day) WHERE birth_month IS NOT NULL",
    "CREATE INDEX customer_tier ON customer(tier, id) WHERE tier <> 'regular'",
    // An address (lower case) or number (E.164) belongs to one customer.
    """
    CREATE TABLE contact (
      channel TEXT NOT NULL CHECK (channel IN ('mail', 'sms')),
      address TEXT NOT NULL,
      customer_id {int} NOT NULL REFERENCES customer(id),
      added_at {int} NOT NULL,
      PRIMARY KEY (channel, address)
    ) {keyed}
    """,
    "CREATE INDEX contact_customer ON contact(customer_id, channel, added_at)",
    // What a customer said to messages of a purpose on a channel, last; nothing said is no consent. `source` tells where
    // it comes from: the proof.
    """
    CREATE TABLE consent (
      customer_id {int} NOT NULL REFERENCES customer(id),
      channel TEXT NOT NULL CHECK (channel IN ('mail', 'sms')),
      purpose TEXT NOT NULL CHECK \(oneOf("purpose", "greeting", "promotion", "survey")),
      given {int} NOT NULL CHECK (given IN (0, 1)),
      source TEXT NOT NULL,
      said_at {int} NOT NULL,
      PRIMARY KEY (customer_id, channel, purpose)
    ) {keyed}
    """,
    // Addresses that get nothing more: of any kind (it does not exist, its owner called us spam) or of marketing.
    """
    CREATE TABLE suppression (
      channel TEXT NOT NULL CHECK (channel IN ('mail', 'sms')),
      address TEXT NOT NULL,
      scope TEXT NOT NULL CHECK (scope IN ('all', 'marketing')),
      reason TEXT NOT NULL CHECK
        \(oneOf("reason", "hard_bounce", "soft_bounces", "complaint", "opt_out", "by_hand")),
      source TEXT NOT NULL,
      created_at {int} NOT NULL,
      PRIMARY KEY (channel, address, scope)
    ) {keyed}
    """,
  ]
}
