import SQLAccess

/// Somebody else wrote the same addresses meanwhile: the group is to be decided anew.
struct CustomersChanged: Error {}

extension Transaction {
  /// Nobody else adds a contact until the transaction ends.
  func lockContacts() throws {
    if dialect == .postgres { try execute("LOCK TABLE contact IN SHARE ROW EXCLUSIVE MODE") }
  }

  /// All that the database knows of the customers whom these rows speak of. For an import that will write them, nobody
  /// else changes them until the transaction ends.
  func customerGroup(for drafts: [CustomerDraft], renewsConsents: Bool, isWriting: Bool) throws -> CustomerGroup {
    var ids: Set<Int64> = []
    try eachBatch(drafts.compactMap { $0.reference.map(SQLValue.text) }) { places, values in
      for row in try rows("SELECT id FROM customer WHERE reference IN (\(places))", values) {
        ids.insert(try row.int(0))
      }
    }
    var contacts: [Contact: Int64] = [:]
    var optedOut: Set<Contact> = []
    for channel in Channel.allCases {
      let addresses = drafts.flatMap(\.contacts).filter { $0.channel == channel }.map { SQLValue.text($0.address) }
      try eachBatch(addresses) { places, values in
        for row in try rows(
          "SELECT address, customer_id FROM contact WHERE channel = '\(channel.rawValue)' AND address IN (\(places))",
          values)
        {
          contacts[Contact(channel, try row.text(0))] = try row.int(1)
        }
        for row in try rows(
          """
          SELECT address FROM suppression WHERE channel = '\(channel.rawValue)' AND address IN (\(places))
            AND scope = 'marketing' AND reason = 'opt_out'
          """, values)
        {
          optedOut.insert(Contact(channel, try row.text(0)))
        }
      }
    }
    ids.formUnion(contacts.values)
    return CustomerGroup(
      known: try customerEntries(ids.sorted(), isWriting: isWriting), contacts: contacts, optedOut: optedOut,
      renewsConsents: renewsConsents)
  }

  private func customerEntries(_ ids: [Int64], isWriting: Bool) throws -> [CustomerGroup.Entry] {
    var entries: [Int64: CustomerGroup.Entry] = [:]
    try eachBatch(ids.map(SQLValue.integer)) { places, values in
      for row in try rows(
        """
        SELECT id, reference, name, language, zone, tier, birth_month, birth_day, birth_year, satisfaction FROM customer
        WHERE id IN (\(places)) ORDER BY id\(isWriting ? dialect.forUpdate : "")
        """, values)
      {
        let id = try row.int(0)
        entries[id] = CustomerGroup.Entry(
          id: id, reference: try row.optionalText(1), name: try row.text(2), language: try row.optionalText(3),
          zone: try row.optionalText(4), tier: Tier(rawValue: try row.text(5)) ?? .regular,
          birthday: try Birthday(row, month: 6, day: 7, year: 8), satisfaction: try row.optionalInt(9))
      }
      for row in try rows(
        "SELECT customer_id, channel, purpose, given FROM consent WHERE customer_id IN (\(places))", values)
      {
        guard let topic = ConsentTopic(channel: try row.text(1), purpose: try row.text(2)) else { continue }
        entries[try row.int(0)]?.consents[topic] = try row.bool(3)
      }
    }
    return Array(entries.values)
  }

  /// Writes what the rows made of the group. `source` and the row are the proof of a consent.
  func save(_ group: CustomerGroup, source: String, now: Instant) throws {
    let ids = try ids(forNew: group)
    func id(_ id: Int64) -> SQLValue { .integer(ids[id] ?? id) }
    try insert(
      group.touched.map { touched in
        let entry = group.entry(touched)
        return [
          id(touched), .text(entry.name), .text(entry.reference ?? ""), .text(entry.language ?? ""),
          .text(entry.zone ?? ""), .text(entry.tier.rawValue), .int(entry.birthday?.month ?? 0),
          .int(entry.birthday?.day ?? 0), .int(entry.birthday?.year ?? 0), .integer(entry.satisfaction ?? -1),
          .integer(now),
        ]
      },
      // Nothing is written as null: PostgreSQL would prepare the statement anew for each pattern of nulls.
      """
      INSERT INTO customer (id, name, reference, language, zone, tier, birth_month, birth_day, birth_year, satisfaction,
        created_at) VALUES
      """,
      row:
        "(#, #, NULLIF(#, ''), NULLIF(#, ''), NULLIF(#, ''), #, NULLIF(#, 0), NULLIF(#, 0), NULLIF(#, 0), NULLIF(#, -1), #)",
      """
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, reference = excluded.reference, language = excluded.language,
        zone = excluded.zone, tier = excluded.tier, birth_month = excluded.birth_month, birth_day = excluded.birth_day,
        birth_year = excluded.birth_year, satisfaction = excluded.satisfaction
      """)
    let added = try insert(
      group.newContacts.map { contact, customer in
        [.text(contact.channel.rawValue), .text(contact.address), id(customer), .integer(now)]
      },
      "INSERT INTO contact (channel, address, customer_id, added_at) VALUES", row: "(#, #, #, #)",
      "ON CONFLICT (channel, address) DO NOTHING")
    guard added == group.newContacts.count else { throw CustomersChanged() }
    // A refusal that came meanwhile stays, unless consent was asked for anew.
    try insert(
      group.sayings.map { key, saying in
        [
          id(key.customer), .text(key.topic.channel.rawValue), .text(key.topic.purpose.rawValue), .bool(saying.given),
          .text("\(source):\(saying.row)"), .integer(now),
        ]
      },
      "INSERT INTO consent (customer_id, channel, purpose, given, source, said_at) VALUES", row: "(#, #, #, #, #, #)",
      """
      ON CONFLICT (customer_id, channel, purpose) DO UPDATE SET given = excluded.given, source = excluded.source,
        said_at = excluded.said_at WHERE \(group.renewsConsents ? "1 = 1" : "excluded.given = 0")
      """)
    for contact in group.reopened {
      try unsuppress(contact.channel, contact.address, scopes: [.marketing], reasons: [.optOut])
    }
  }

  /// The database's ids for the group's new customers.
  private func ids(forNew group: CustomerGroup) throws -> [Int64: Int64] {
    let new = group.touched.filter { $0 < 0 }
    guard !new.isEmpty else { return [:] }
    let given: [Int64]
    switch dialect {
    case .sqlite:
      let last = try row("SELECT COALESCE(MAX(id), 0) FROM customer")?.int(0) ?? 0
      given = (1...Int64(new.count)).map { last + $0 }
    case .postgres:
      given = try rows(
        "SELECT nextval(pg_get_serial_sequence('customer', 'id')) FROM generate_series(1, $1)", [.int(new.count)]
      ).map { try $0.int(0) }
    }
    return Dictionary(zip(new, given), uniquingKeysWith: { first, _ in first })
  }

  // MARK: Many rows in one statement

  /// Few statement texts for any number of rows, so that they stay prepared; the number of rows inserted or changed. Each
  /// `#` of `row` is one value.
  @discardableResult
  private func insert(_ rows: [[SQLValue]], _ head: String, row: String, _ tail: String) throws -> Int {
    let parts = row.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
    var changed = 0
    var start = 0
    while start < rows.count {
      let size = [64, 8, 1].first { $0 <= rows.count - start } ?? 1
      let values = rows[start..<(start + size)].flatMap { $0 }
      var number = 0
      let places = (0..<size).map { _ in
        parts.dropFirst().reduce(parts[0]) { text, part in
          number += 1
          return text + "$\(number)" + part
        }
      }
      let text = "\(head) \(places.joined(separator: ", ")) \(tail)"
      changed += try execute(text, values)
      start += size
    }
    return changed
  }

  private static let lookupSize = 256
  private static let lookupPlaces = (1...lookupSize).map { "$\($0)" }.joined(separator: ", ")

  /// The values in lists of one length, the last one filled up with its last value.
  private func eachBatch(_ values: [SQLValue], _ body: (String, [SQLValue]) throws -> Void) throws {
    var rest = values[...]
    while let last = rest.prefix(Self.lookupSize).last {
      let batch = Array(rest.prefix(Self.lookupSize))
      try body(Self.lookupPlaces, batch + Array(repeating: last, count: Self.lookupSize - batch.count))
      rest = rest.dropFirst(batch.count)
    }
  }
}

extension Birthday {
  /// From the columns of a row; nil when the day is not known.
  init?(_ row: SQLRow, month: Int, day: Int, year: Int) throws {
    guard let month = try row.optionalInt(month), let day = try row.optionalInt(day) else { return nil }
    self.init(month: Int(month), day: Int(day), year: try row.optionalInt(year).map { Int($0) })
  }
}

extension ConsentTopic {
  init?(channel: String, purpose: String) {
    guard let channel = Channel(rawValue: channel), let purpose = Purpose(rawValue: purpose) else { return nil }
    self.init(channel, purpose)
  }
}
