import SQLAccess
import Testing

@testable import PostroomCore

@Suite("What gateways tell of their own accord")
struct GatewayEventTests {
  private static func receipt(_ news: GatewayEvent.News, _ key: String = "k") -> GatewayEvent {
    GatewayEvent(news, gatewayReference: "77", words: "\(news.code)", key: key)
  }

  /// One message that the gateway accepted as 77.
  private func withAccepted(
    _ engine: Engine, _ outcome: SendOutcome = .accepted("ok", reference: "77"), _ body: (Office) async throws -> Void
  ) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      _ = try await office.dispatcher(["mail": ScriptedGateway(outcome)]).sendDue()
      try await body(office)
    }
  }

  @Test("a receipt moves a message forward, once", arguments: Engine.available)
  func delivered(engine: Engine) async throws {
    try await withAccepted(engine) { office in
      let isNew = try await office.tell(Self.receipt(.delivered))
      #expect(isNew)
      #expect(try await office.states == [.delivered: 1])
      #expect(try await !office.tell(Self.receipt(.delivered)))
      // What comes late and out of order turns nothing back.
      #expect(try await office.tell(Self.receipt(.underWay, "k2")))
      #expect(try await office.tell(Self.receipt(.failed(addressIsDead: false), "k3")))
      #expect(try await office.states == [.delivered: 1])
      #expect(try await office.number("SELECT COUNT(*) FROM gateway_event WHERE applied_at IS NULL") == 0)
    }
  }

  @Test("a failure is final, a dead address gets nothing more", arguments: Engine.available)
  func failed(engine: Engine) async throws {
    try await withAccepted(engine) { office in
      try await office.tell(Self.receipt(.failed(addressIsDead: true)))
      #expect(try await office.states == [.rejected: 1])
      #expect(try await office.texts("SELECT reason || ' ' || scope FROM suppression") == ["hard_bounce all"])
      #expect(try await office.texts("SELECT what FROM event ORDER BY id").contains("undelivered"))
      try await office.execute("UPDATE delivery SET state = 'queued', attempts = 0")
      #expect(try await office.dispatcher(["mail": ScriptedGateway()]).sendDue().suppressed == 1)
      #expect(try await office.texts("SELECT reason FROM delivery") == ["dead_address"])
    }
  }

  @Test("news before its message waits for it", arguments: Engine.available)
  func early(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      try await office.tell(Self.receipt(.delivered))
      #expect(try await office.states == [.queued: 1])
      let gateway = ScriptedGateway(.accepted("ok", reference: "77"))
      _ = try await office.dispatcher(["mail": gateway]).sendDue()
      #expect(try await office.states == [.delivered: 1])
    }
  }

  @Test("news that comes while the message is being sent waits for the end of the attempt", arguments: Engine.available)
  func underWay(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      let gateway = ScriptedGateway(concurrency: 1) { delivery, _ in
        var event = Self.receipt(.delivered)
        event.gatewayReference = nil
        event.reference = delivery.reference
        _ = try? await office.tell(event)
        return .accepted("ok")
      }
      _ = try await office.dispatcher(["mail": gateway]).sendDue()
      #expect(try await office.states == [.delivered: 1])
    }
  }

  @Test("news ends a doubt: what arrived is not sent again", arguments: Engine.available)
  func doubt(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      _ = try await office.dispatcher(["mail": ScriptedGateway(.uncertain("cut"))]).sendDue()
      let reference = try #require(try await office.texts("SELECT reference FROM delivery").first)
      try await office.tell(GatewayEvent(.delivered, reference: reference, words: "DELIVRD", key: "1"))
      #expect(try await office.states == [.delivered: 1])
      try await office.makeDue()
      #expect(try await office.dispatcher(["mail": ScriptedGateway()]).sendDue().sent == 0)
    }
  }

  @Test("a vendor's opt-out counts for the customer's every channel", arguments: Engine.available)
  func optOut(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let customer = try await office.customer(sms: "+8613800000001")
      try await office.tell(GatewayEvent(.optOut, address: "8613800000001", words: "STOP", key: "1"))
      #expect(try await office.texts("SELECT address || ' ' || scope FROM suppression") == ["+8613800000001 marketing"])
      let given = "SELECT COUNT(*) FROM consent WHERE given = 1 AND customer_id = \(customer)"
      #expect(try await office.number(given) == 0)
      try await office.tell(GatewayEvent(.optIn, address: "8613800000001", words: "START", key: "2"))
      #expect(try await office.count("suppression") == 0)
      #expect(try await office.number(given) == 3)
    }
  }

  @Test("mail that came back: a dead address at once, a full mailbox the fifth time", arguments: Engine.available)
  func bounces(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...5 {
        try await office.take(
          Letter("\(number)@c", body: "Question \(number)?"), now: monday.adding(Int64(number) * 90_000))
      }
      try await office.execute("UPDATE delivery SET state = 'accepted'")
      let ids = try await office.texts("SELECT reference FROM delivery ORDER BY id")
      for (index, id) in ids.enumerated() {
        #expect(try await office.count("suppression") == 0)
        let full = String(decoding: Letter.bounce(of: id), as: UTF8.self).replacing("5.1.1", with: "5.2.2")
          .replacing("bounce-1", with: "bounce-\(index)")
        try await office.take(Array(full.utf8), now: monday.adding(500_000))
      }
      #expect(try await office.texts("SELECT reason FROM suppression") == (ids.count >= 5 ? ["soft_bounces"] : []))
      try await office.execute("DELETE FROM suppression")
      try await office.take(Letter.bounce(of: try #require(ids.first)), now: monday.adding(600_000))
      #expect(
        try await office.texts("SELECT reason || address FROM suppression") == ["hard_bounceli.wei@customer.example"])
      #expect(try await office.states[.rejected] == Int64(ids.count))
    }
  }
}

extension Office {
  @discardableResult
  func tell(_ event: GatewayEvent, from gateway: String = "mail") async throws -> Bool {
    try await database.write { tx in try tx.take(event, from: gateway, now: .now) }
  }

  /// A customer who agreed to everything by SMS and mail.
  @discardableResult
  func customer(sms number: String, name: String = "李雷", zone: String? = nil) async throws -> Int64 {
    try await database.write { tx in
      let customer = try tx.customer(.sms, address: number, name: name, now: monday)
      for channel in Channel.allCases {
        for purpose in Purpose.allCases where purpose.isMarketing {
          try tx.setConsent(of: customer.id, channel, purpose, given: true, source: "test", now: monday)
        }
      }
      if let zone {
        try tx.execute("UPDATE customer SET zone = $2 WHERE id = $1", [.integer(customer.id), .text(zone)])
      }
      return customer.id
    }
  }
}
