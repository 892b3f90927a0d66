import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Customers of a segment")
struct SegmentRecordsTests {
  /// Ann (vip, en), Bo (regular, zh), Chen (senior, born in May, London), in this order.
  private static func fill(_ office: Office) async throws -> [Int64] {
    try await office.database.write { tx in
      let ids = try ["Ann", "Bo", "Chen"].map { try tx.insertCustomer(name: $0, now: monday) }
      try tx.execute("UPDATE customer SET tier = 'vip', language = 'en' WHERE id = $1", [.integer(ids[0])])
      try tx.execute("UPDATE customer SET language = 'zh-Hans' WHERE id = $1", [.integer(ids[1])])
      try tx.execute(
        "UPDATE customer SET tier = 'senior', birth_month = 5, birth_day = 1, zone = 'Europe/London' WHERE id = $1",
        [.integer(ids[2])])
      return ids
    }
  }

  private static func members(_ text: String, _ office: Office, now: Instant = monday) async throws -> [Int64] {
    let segment = try Segment(text, mailboxes: office.settings.mailboxes.keys)
    return try await office.database.read { tx in
      let all = try tx.customerIDs(in: segment, limit: 100, now: now)
      #expect(try tx.customerCount(in: segment, now: now) == Int64(all.count))
      return all
    }
  }

  @Test("each condition finds its customers", arguments: Engine.available)
  func conditions(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let ids = try await Self.fill(office)
      let (ann, bo, chen) = (ids[0], ids[1], ids[2])
      for (text, expected) in [
        ("all", [ann, bo, chen]), ("tier=regular", [bo]), ("tier=vip", [ann]), ("tier=senior", [chen]),
        ("tier>=regular", [ann, bo, chen]), ("tier>=vip", [ann, chen]), ("tier>=senior", [chen]),
        ("language=en", [ann]), ("language=zh", [bo]), ("zone=Europe/London", [chen]), ("birthday-month=5", [chen]),
        ("birthday-month=6", []), ("customers-of=support", []), ("not-contacted=90d", [ann, bo, chen]),
      ] {
        #expect(try await Self.members(text, office) == expected, "\(text)")
      }
    }
  }

  @Test("who has a conversation in a mailbox is its customer", arguments: Engine.available)
  func conversations(engine: Engine) async throws {
    try await withOffice(engine) { office in
      _ = try await Self.fill(office)
      try await office.take(Letter("1@customer.example", from: "dora@example.com"), at: "support")
      let dora = try await office.number("SELECT customer_id FROM contact WHERE address = 'dora@example.com'")
      #expect(try await Self.members("customers-of=support", office) == [dora])
      #expect(try await Self.members("customers-of=sales", office).isEmpty)
      // The automatic answer waits; once it was sent, she was contacted.
      #expect(try await Self.members("not-contacted=90d", office).contains(dora))
      try await office.execute("UPDATE delivery SET state = 'accepted', sent_at = $1", [.integer(monday)])
      #expect(try await !Self.members("not-contacted=90d", office).contains(dora))
      #expect(try await Self.members("not-contacted=90d", office, now: monday.adding(91 * 86_400)).contains(dora))
    }
  }

  @Test("pages follow each other without gaps", arguments: Engine.available)
  func pages(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.database.write { tx in
        for number in 1...25 {
          let id = try tx.insertCustomer(name: "\(number)", now: monday)
          if number.isMultiple(of: 2) {
            try tx.execute("UPDATE customer SET tier = 'vip' WHERE id = $1", [.integer(id)])
          }
        }
      }
      let segment = Segment.tierAtLeast(.vip)
      var found: [Int64] = []
      while true {
        let after = found.last ?? 0
        let page = try await office.database.read { tx in
          try tx.customerIDs(in: segment, after: after, limit: 5, now: monday)
        }
        found += page
        if page.count < 5 { break }
      }
      #expect(found.count == 12)
      #expect(found == found.sorted())
      #expect(Set(found).count == 12)
    }
  }
}
