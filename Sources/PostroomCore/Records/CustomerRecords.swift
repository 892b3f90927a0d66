package import SQLAccess

extension Transaction {
  /// By id, address, number or reference, as staff writes it. Throws a sentence when a figure is the id of one and the
  /// reference of another: who is meant must not be guessed.
  package func customer(named text: String) throws -> Int64? {
    let name = text.filter { !$0.isWhitespace }
    if name.contains("@") { return try customer(havingContact: .mail, name.lowercased()) }
    if let number = try? PhoneNumber(name), let found = try customer(havingContact: .sms, number.e164) { return found }
    let byReference = try row("SELECT id FROM customer WHERE reference = $1", [.text(text)]).map { try $0.int(0) }
    guard let id = Int64(name.hasPrefix("#") ? name.dropFirst() : name[...]),
      try row("SELECT 1 FROM customer WHERE id = $1", [.integer(id)]) != nil
    else { return byReference }
    if let byReference, byReference != id {
      throw SettingsError(
        "\(text) is the reference of customer #\(byReference), but also the id of another: "
          + "write #\(byReference) or #\(id)")
    }
    return id
  }

  package func customerCard(_ id: Int64) throws -> CustomerCard? {
    guard
      var card = try row("\(Self.cardQuery) WHERE c.id = $1", [.integer(id)]).map({ row in try customerCard(row) })
    else { return nil }
    card.contacts = try contacts(of: [id])[id] ?? []
    card.consents = try rows(
      "SELECT channel, purpose, given, source, said_at FROM consent WHERE customer_id = $1 ORDER BY channel, purpose",
      [.integer(id)]
    ).compactMap { row in
      guard let topic = ConsentTopic(channel: try row.text(0), purpose: try row.text(1)) else { return nil }
      return Consent(topic: topic, given: try row.bool(2), source: try row.text(3), saidAt: try row.int(4))
    }
    return card
  }

  /// In the order of their ids, without consents.
  package func customerCards(_ filter: CustomerFilter) throws -> [CustomerCard] {
    var conditions = ["c.id > $1"]
    var values: [SQLValue] = [.integer(filter.after)]
    func place(_ value: SQLValue) -> String {
      values.append(value)
      return "$\(values.count)"
    }
    if let tier = filter.tier {
      // The condition of the index; see ``Segment/condition(from:now:)``.
      if tier != .regular { conditions.append("c.tier <> 'regular'") }
      conditions.append("c.tier = \(place(.text(tier.rawValue)))")
    }
    if let (month, day) = filter.birthday {
      conditions.append("c.birth_month = \(place(.int(month))) AND c.birth_day = \(place(.int(day)))")
    }
    if let search = filter.search {
      let pattern = place(.text(Self.pattern(search)))
      conditions.append(
        """
        (LOWER(c.name) LIKE \(pattern) ESCAPE '!' OR LOWER(c.reference) LIKE \(pattern) ESCAPE '!'
          OR EXISTS (SELECT 1 FROM contact k WHERE k.customer_id = c.id AND k.address LIKE \(pattern) ESCAPE '!'))
        """)
    }
    var cards = try rows(
      "\(Self.cardQuery) WHERE \(conditions.joined(separator: " AND ")) ORDER BY c.id LIMIT \(place(.int(filter.limit)))",
      values
    ).map { row in try customerCard(row) }
    let contacts = try contacts(of: cards.map(\.id))
    for index in cards.indices { cards[index].contacts = contacts[cards[index].id] ?? [] }
    return cards
  }

  /// What stands on the list of suppressions of the customer's addresses.
  package func suppressions(ofCustomer id: Int64) throws -> [Suppression] {
    try contacts(of: [id])[id, default: []].flatMap { contact in
      try suppressions(of: contact.address, limit: 10).filter { $0.channel == contact.channel }
    }
  }

  /// The last ones, the newest first: marketing is found by the customer, service by its conversations.
  package func messagesSent(toCustomer id: Int64, limit: Int) throws -> [SentMessage] {
    let columns = "d.id, d.channel, d.purpose, d.recipient, d.subject, d.state, d.sent_at"
    return try rows(
      """
      SELECT \(columns) FROM delivery d WHERE d.customer_id = $1 AND d.priority = 1 AND d.sent_at IS NOT NULL
      UNION
      SELECT \(columns) FROM conversation v JOIN delivery d ON d.conversation_id = v.id
      WHERE v.customer_id = $1 AND d.sent_at IS NOT NULL
      ORDER BY 7 DESC, 1 DESC LIMIT $2
      """, [.integer(id), .int(limit)]
    ).map { row in
      SentMessage(
        id: try row.int(0), channel: Channel(rawValue: try row.text(1)) ?? .mail,
        purpose: Purpose(rawValue: try row.text(2)) ?? .notice, recipient: try row.text(3), subject: try row.text(4),
        state: DeliveryState(rawValue: try row.text(5)) ?? .uncertain, sentAt: try row.int(6))
    }
  }

  /// What staff changes; `source` is the proof of its consents. Consent takes the customer's addresses off the list of
  /// those who opted out, as far as the channel goes: the customer has asked for it.
  package func change(_ id: Int64, _ change: CustomerChange, source: String, now: Instant) throws {
    try execute(
      """
      UPDATE customer SET name = COALESCE($2, name), reference = COALESCE($3, reference),
        language = COALESCE($4, language), zone = COALESCE($5, zone), tier = COALESCE($6, tier),
        satisfaction = COALESCE($7, satisfaction)
      WHERE id = $1
      """,
      [
        .integer(id), .optional(change.name), .optional(change.reference), .optional(change.language?.rawValue),
        .optional(change.zone), .optional(change.tier?.rawValue), .optional(change.satisfaction),
      ])
    if let birthday = change.birthday {
      try execute(
        "UPDATE customer SET birth_month = $2, birth_day = $3, birth_year = $4 WHERE id = $1",
        [
          .integer(id), .int(birthday.month), .int(birthday.day), .optional(birthday.year.map { Int64($0) }),
        ])
    }
    let contacts = try contacts(of: [id])[id] ?? []
    for topic in ConsentTopic.all {
      guard let given = change.consents[topic] else { continue }
      try setConsent(of: id, topic.channel, topic.purpose, given: given, source: source, now: now)
      guard given else { continue }
      for contact in contacts where contact.channel == topic.channel {
        try unsuppress(contact.channel, contact.address, scopes: [.marketing], reasons: [.optOut])
      }
    }
  }

  private static var cardQuery: String {
    """
    SELECT c.id, c.reference, c.name, c.language, c.zone, c.tier, c.birth_month, c.birth_day, c.birth_year,
      c.satisfaction, a.name, c.created_at
    FROM customer c LEFT JOIN agent a ON a.id = c.owner_id
    """
  }

  private func customerCard(_ row: SQLRow) throws -> CustomerCard {
    CustomerCard(
      id: try row.int(0), reference: try row.optionalText(1), name: try row.text(2), language: try row.optionalText(3),
      zone: try row.optionalText(4), tier: Tier(rawValue: try row.text(5)) ?? .regular,
      birthday: try Birthday(row, month: 6, day: 7, year: 8), satisfaction: try row.optionalInt(9),
      owner: try row.optionalText(10), createdAt: try row.int(11))
  }

  private func contacts(of customers: [Int64]) throws -> [Int64: [Contact]] {
    guard !customers.isEmpty else { return [:] }
    // Numbers of our own: nothing in them can be more than a number.
    let list = customers.map(String.init).joined(separator: ", ")
    var contacts: [Int64: [Contact]] = [:]
    for row in try rows(
      """
      SELECT customer_id, channel, address FROM contact WHERE customer_id IN (\(list))
      ORDER BY customer_id, channel, added_at, address
      """)
    {
      let contact = Contact(Channel(rawValue: try row.text(1)) ?? .mail, try row.text(2))
      contacts[try row.int(0), default: []].append(contact)
    }
    return contacts
  }

  private static func pattern(_ text: String) -> String {
    var pattern = "%"
    for character in text.lowercased() {
      if character == "%" || character == "_" || character == "!" { pattern.append("!") }
      pattern.append(character)
    }
    return pattern + "%"
  }
}
