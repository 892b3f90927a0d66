import Foundation
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("The gate and the database")
struct OutboxGateTests {
  private func phone(_ number: Int) -> String { "+86138\(String(format: "%08d", number))" }
  private var open: SendingRules { SendingRules() }

  @Test("no consent, no marketing; an opt-out a moment before holds", arguments: Engine.available)
  func consent(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let willing = try await office.customer(sms: phone(1))
      let silent = try await office.database.write { tx in
        try tx.customer(.sms, address: "+8613800000002", name: "", now: monday).id
      }
      let leaving = try await office.customer(sms: phone(3))
      for (customer, number) in [(willing, 1), (silent, 2), (leaving, 3)] {
        try await office.promote(customer, phone(number))
      }
      try await office.database.write { tx in try tx.optOut(.sms, "+8613800000003", source: "test", now: .now) }
      let gateway = ScriptedGateway(.accepted("ok"))
      let tally = try await office.dispatcher(["sms": gateway]).sendDue()
      #expect(tally.accepted == 1 && tally.suppressed == 2)
      #expect(gateway.sent.map(\.recipient) == [phone(1)])
      #expect(
        try await office.texts("SELECT reason FROM delivery WHERE state = 'suppressed' ORDER BY id")
          == ["no_consent", "opted_out"])
    }
  }

  @Test("two promotions due at once: the customer gets one, the other waits", arguments: Engine.available)
  func pressure(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let customer = try await office.customer(sms: phone(1))
      try await office.promote(customer, phone(1), key: "1")
      try await office.promote(customer, phone(1), key: "2")
      let tally = try await office.dispatcher(["sms": ScriptedGateway(.accepted("ok"))]).sendDue()
      #expect(tally.accepted == 1 && tally.held == 1)
      #expect(try await office.texts("SELECT reason FROM delivery WHERE state = 'held'") == ["pressure"])
      #expect(
        try await office.number("SELECT due_at FROM delivery WHERE state = 'held'") > Instant.now.adding(6 * 86_400))
    }
  }

  @Test(
    "of two messages to one number, a provider that takes one in a while gets one", arguments: Engine.available)
  func providersCounter(engine: Engine) async throws {
    var rules = SendingRules()
    rules.recipientLimits = [SendingRules.RecipientLimit(count: 1, window: 3600)]
    try await withOffice(engine) { office in
      let (one, other) = (try await office.customer(sms: phone(1)), try await office.customer(sms: phone(2)))
      for (customer, number, key) in [(one, 1, "a"), (one, 1, "b"), (other, 2, "c")] {
        try await office.promote(customer, phone(number), key: key)
      }
      try await office.execute("UPDATE delivery SET purpose = 'notice', priority = 0")
      let gateway = ScriptedGateway { _, _ in .accepted("ok") }
      let tally = try await office.dispatcher(["sms": gateway], rules: rules).sendDue()
      #expect(tally.accepted == 2 && tally.held == 1)
      #expect(gateway.sent.map(\.recipient).sorted() == [phone(1), phone(2)])
      #expect(try await office.texts("SELECT reason FROM delivery WHERE state = 'held'") == ["recipient_limit"])
    }
  }

  @Test("nobody is promoted to in the middle of a complaint; when it is resolved, he is", arguments: Engine.available)
  func complaint(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let customer = try await office.customer(sms: phone(1))
      try await office.database.write { tx in
        try tx.addContact(.mail, "li.wei@customer.example", to: customer, now: monday)
      }
      try await office.take(Letter("1@c", subject: "Complaint", body: "This is unacceptable, I want a refund."))
      #expect(try await office.conversation().kind == .complaint)
      try await office.promote(customer, phone(1))
      #expect(try await office.dispatcher(["sms": ScriptedGateway()]).sendDue().held == 1)
      #expect(try await office.texts("SELECT reason FROM delivery WHERE channel = 'sms'") == ["open_complaint"])
      try await office.desk.resolve(ConversationNumber(id: 1), by: "anna", force: true, now: .now)
      try await office.makeDue()
      #expect(try await office.dispatcher(["sms": ScriptedGateway(.accepted("ok"))]).sendDue().accepted == 1)
    }
  }

  @Test("the day's cost is a limit that a person lifts", arguments: Engine.available)
  func cost(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...5 {
        try await office.promote(try await office.customer(sms: phone(number)), phone(number), cost: 100)
      }
      var rules = open
      rules.dailyCost = 250
      let gateway = ScriptedGateway { _, _ in .accepted("ok") }
      let tally = try await office.dispatcher(["sms": gateway], rules: rules).sendDue()
      #expect(tally.accepted == 2 && tally.held == 3)
      #expect(try await office.number("SELECT spent FROM gateway") == 200)
      try await office.database.write { tx in
        _ = try tx.releaseCost("sms", more: 200, day: Instant.now / 86_400_000, now: .now)
      }
      #expect(try await office.dispatcher(["sms": gateway], rules: rules).sendDue().accepted == 2)
      #expect(gateway.sent.count == 4)
    }
  }

  @Test("a gateway's pace is kept, and service goes first", arguments: Engine.available)
  func pace(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...30 {
        try await office.promote(try await office.customer(sms: phone(number)), phone(number))
      }
      try await office.enqueue(gateway: "sms")
      var rules = open
      rules.pace = SendingPace(count: 20, seconds: 1)
      let gateway = ScriptedGateway(concurrency: 1) { _, _ in .accepted("ok") }
      let start = ContinuousClock.now
      #expect(try await office.dispatcher(["sms": gateway], rules: rules).sendDue().accepted == 31)
      // 20 at once, 11 at 50 ms each.
      #expect(start.duration(to: .now) > .milliseconds(500))
      #expect(gateway.sent.first?.recipient == "r1@customer.example")
    }
  }

  @Test("a slow route holds its marketing and lets the others pass", arguments: Engine.available)
  func routes(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...4 {
        try await office.promote(try await office.customer(sms: phone(number)), phone(number))
      }
      try await office.promote(try await office.customer(sms: "+14155550100"), "+14155550100")
      var rules = open
      rules.routes["+86"] = SendingPace(count: 1, seconds: 3600)
      let gateway = ScriptedGateway { _, _ in .accepted("ok") }
      let tally = try await office.dispatcher(["sms": gateway], rules: rules).sendDue()
      #expect(tally.accepted == 2 && tally.held == 3)
      let turns = try await office.texts(
        "SELECT CAST(due_at AS TEXT) FROM delivery WHERE state = 'held' ORDER BY due_at"
      )
      .compactMap { Int64($0) }
      #expect(turns.count == 3)
      for (earlier, later) in zip(turns, turns.dropFirst()) {
        #expect((3_590_000...3_610_000).contains(later - earlier))
      }
    }
  }

  @Test(
    "five lost answers in a row stop a gateway, and one message at a time tries it again", arguments: Engine.available)
  func breaker(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...20 {
        try await office.promote(try await office.customer(sms: phone(number)), phone(number))
      }
      let silent = ScriptedGateway(concurrency: 1) { _, _ in .uncertain("no answer") }
      _ = try await office.dispatcher(["sms": silent]).sendDue()
      #expect(silent.sent.count == 5)
      #expect(try await office.states[.uncertain] == 5)
      #expect(try await office.number("SELECT paused_until FROM gateway") > Instant.now)
      // Another process knows it, too.
      #expect(try await office.dispatcher(["sms": ScriptedGateway()], node: "b").sendDue().sent == 0)
      try await office.makeDue()
      let still = ScriptedGateway(.unavailable("connection refused"))
      _ = try await office.dispatcher(["sms": still]).sendDue()
      #expect(still.sent.count == 1)
      try await office.makeDue()
      let mended = ScriptedGateway { _, _ in .accepted("ok") }
      #expect(try await office.dispatcher(["sms": mended]).sendDue().accepted == 15)
      #expect(try await office.number("SELECT failures FROM gateway") == 0)
    }
  }

  @Test(
    "a callback by mail leaves by the clock of its mailbox when the customer's is not known",
    arguments: Engine.available)
  func mailboxClock(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.enqueue()
      try await office.execute("UPDATE delivery SET purpose = 'callback', due_at = 0")
      let shanghai = try #require(TimeZone(identifier: "Asia/Shanghai"))
      func claim(_ hour: Int64, _ zones: [String: TimeZone]) async throws -> Int {
        let now = monday.adding((hour - 2) * 3600)
        let terms = ClaimTerms(holder: "a", leaseSeconds: 900, zone: .gmt, mailboxZones: zones)
        let claim = try await office.database.write { tx in
          try tx.claimDeliveries(of: "mail", room: 9, rules: .mail, terms: terms, now: now)
        }
        try await office.execute("UPDATE delivery SET state = 'queued', due_at = 0")
        return claim.deliveries.count
      }
      // 10:00 and 22:00 in Shanghai.
      #expect(try await claim(2, ["support": shanghai]) == 1)
      #expect(try await claim(14, ["support": shanghai]) == 0)
      #expect(try await claim(2, ["sales": shanghai]) == 0)
      #expect(try await claim(14, [:]) == 1)
      // The customer's own goes first.
      try await office.execute(
        "UPDATE delivery SET customer_id = (SELECT customer_id FROM conversation WHERE id = delivery.conversation_id)")
      try await office.execute("UPDATE customer SET zone = 'America/New_York'")
      #expect(try await claim(14, ["support": shanghai]) == 1)
    }
  }

  @Test("an SMS of which nobody knows is not sent again, not even after a crash", arguments: Engine.available)
  func uncertain(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for number in 1...2 {
        try await office.promote(try await office.customer(sms: phone(number)), phone(number))
      }
      _ = try await office.dispatcher(["sms": ScriptedGateway(.uncertain("cut"), .uncertain("cut"))]).sendDue()
      #expect(try await office.states == [.uncertain: 2])
      try await office.promote(try await office.customer(sms: phone(3)), phone(3))
      let journal = try office.journal()
      let claimed = try await office.database.write { tx in
        try tx.claimDeliveries(of: "sms", room: 9, terms: ClaimTerms(holder: "a", leaseSeconds: 900), now: .now)
      }
      for delivery in claimed.deliveries {
        journal.note(delivery: delivery.id, attempt: delivery.attempt, .committed)
      }
      #expect(try await office.dispatcher(["sms": ScriptedGateway()]).sendDue().sent == 0)
      #expect(try await office.states == [.uncertain: 3])
    }
  }

  @Test("a promotion that cannot leave in its time expires with the reason", arguments: Engine.available)
  func validity(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let customer = try await office.customer(sms: phone(1))
      try await office.execute("UPDATE customer SET satisfaction = 20 WHERE id = \(customer)")
      try await office.promote(customer, phone(1), expiresAt: Instant.now.adding(3600))
      #expect(try await office.dispatcher(["sms": ScriptedGateway()]).sendDue().expired == 1)
      #expect(try await office.texts("SELECT reason FROM delivery") == ["low_score"])
    }
  }
}
