import SQLAccess
import Testing

@testable import PostroomCore

@Suite("Messages that did not leave")
struct DeskOutboxTests {
  private func refusal(_ body: () async throws -> Void) async -> String? {
    do { try await body() } catch let refusal as DeskRefusal { return refusal.description } catch { return "\(error)" }
    return nil
  }

  private func outbox(_ office: Office) -> OutboxDesk {
    OutboxDesk(database: office.database, settings: office.settings)
  }

  private func list(_ office: Office, _ state: DeliveryState? = nil) async throws -> [OutboxEntry] {
    var filter = OutboxFilter()
    filter.state = state
    let chosen = filter
    return try await office.database.read { tx in try tx.outbox(chosen) }
  }

  /// A customer's mail, acknowledged, and an agent's answer to it, which the gateway treats as told.
  private func answer(_ office: Office, _ outcome: SendOutcome) async throws {
    try await office.take(Letter("1@c"), now: .now)
    try await office.desk.reply(ConversationNumber(id: 1), text: "At nine.", by: "anna", now: .now)
    let gateway = ScriptedGateway(.accepted("ok"), outcome)
    _ = try await office.dispatcher(["mail": gateway]).sendDue()
  }

  @Test("what was refused is queued again with its Message-ID, and goes out", arguments: Engine.available)
  func retry(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await answer(office, .rejected("550 no such user"))
      let refused = try #require(try await list(office).first)
      #expect(refused.state == .rejected)
      #expect(refused.reason == "550 no such user")
      #expect(refused.conversation == ConversationNumber(id: 1))
      #expect(refused.nextTryAt == nil)
      #expect(try await office.conversation().state == .open)

      let before = try await outbox(office).retry(refused.id, by: "bo", now: .now)
      #expect(before == refused)
      #expect(try await list(office).isEmpty)
      #expect(try await office.conversation().state == .waiting)
      #expect(try await office.conversation().promisedAt == nil)
      #expect(try await office.texts("SELECT actor FROM event WHERE what = 'requeued'") == ["bo"])

      let gateway = ScriptedGateway(.accepted("ok"))
      _ = try await office.dispatcher(["mail": gateway]).sendDue()
      #expect(gateway.sent.map(\.attempt) == [2])
      let again = String(decoding: try #require(gateway.sent.first).content, as: UTF8.self)
      #expect(again.contains(refused.reference))
      #expect(try await office.states == [.accepted: 2])
      #expect(try await office.texts("SELECT outcome FROM attempt ORDER BY delivery_id, number").count == 3)
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("a retry does not keep a promise past a new mail of the customer", arguments: Engine.available)
  func retryAfterNewMail(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await answer(office, .rejected("550 no such user"))
      try await office.take(Letter("2@c", body: "And on Sunday?").answering("1@c"), now: .now + 5)
      let refused = try #require(try await list(office, .rejected).first)
      _ = try await outbox(office).retry(refused.id, by: "bo", now: .now)
      #expect(try await office.conversation().state == .open)
      #expect(try await office.conversation().promisedAt != nil)
      try await office.expectInvariants(ledger: 2)
    }
  }

  @Test("given up after too many attempts, it gets another", arguments: Engine.available)
  func retryAfterLastAttempt(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let id = try await office.enqueue()
      let full = SendOutcome.deferred("452 mailbox full")
      for _ in 1...2 {
        _ = try await office.dispatcher(["mail": ScriptedGateway(full)], maxAttempts: 2).sendDue()
        try await office.makeDue()
      }
      #expect(try await office.states == [.rejected: 1])
      _ = try await outbox(office).retry(id, by: "anna", now: .now)
      _ = try await office.dispatcher(["mail": ScriptedGateway(.accepted("ok"))], maxAttempts: 2).sendDue()
      #expect(try await office.states == [.accepted: 1])
    }
  }

  @Test("a validity that has ended is lifted by a retry", arguments: Engine.available)
  func retryExpired(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let id = try await office.enqueue(expiresAt: monday)
      _ = try await office.dispatcher(["mail": ScriptedGateway()]).sendDue()
      #expect(try await office.states == [.expired: 1])
      #expect(try await list(office).isEmpty)
      #expect(try await list(office, .expired).map(\.id) == [id])
      _ = try await outbox(office).retry(id, by: "anna", now: .now)
      _ = try await office.dispatcher(["mail": ScriptedGateway(.accepted("ok"))]).sendDue()
      #expect(try await office.states == [.accepted: 1])
    }
  }

  @Test("the list shows what was put off more than once", arguments: Engine.available)
  func needsPerson(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let id = try await office.enqueue()
      for expected in [[], [id]] {
        _ = try await office.dispatcher(["mail": ScriptedGateway(.deferred("451 later"))]).sendDue()
        #expect(try await list(office).map(\.id) == expected)
        #expect(try await list(office, .deferred).first?.nextTryAt != nil)
        try await office.makeDue()
      }
      _ = try await outbox(office).retry(id, by: "anna", now: .now)
      #expect(try await list(office, .queued).first?.attempts == 2)
    }
  }

  @Test("a cancelled answer leaves the customer without one", arguments: Engine.available)
  func cancel(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c"), now: .now)
      try await office.desk.reply(ConversationNumber(id: 1), text: "At ten.", by: "anna", resolving: true, now: .now)
      let id = try #require(try await list(office, .queued).first?.id)
      _ = try await outbox(office).cancel(id, by: "bo", reason: "the shop opens at nine", now: .now)
      let cancelled = try #require(try await list(office, .cancelled).first)
      #expect(cancelled.reason == "cancelled by bo: the shop opens at nine")
      #expect(cancelled.finishedAt != nil)
      #expect(try await office.conversation().state == .open)
      #expect(try await office.conversation().promisedAt != nil)
      let gateway = ScriptedGateway(.accepted("ok"))
      _ = try await office.dispatcher(["mail": gateway]).sendDue()
      #expect(gateway.sent.count == 1, "the acknowledgement alone")
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test("what is under way, sent or cancelled is left alone, in a sentence", arguments: Engine.available)
  func refusals(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let id = try await office.enqueue()
      let desk = outbox(office)
      #expect(await refusal { _ = try await desk.retry(id, by: "anna", now: .now) }?.contains("queued already") == true)
      #expect(await refusal { _ = try await desk.retry(77, by: "anna", now: .now) }?.contains("no message 77") == true)
      #expect(await refusal { _ = try await desk.cancel(id, by: "ana", now: .now) }?.contains("anna?") == true)
      _ = try await office.claimAndDie()
      for verb in [desk.retry, { id, agent, now in try await desk.cancel(id, by: agent, now: now) }] {
        #expect(await refusal { _ = try await verb(id, "anna", .now) }?.contains("being sent") == true)
      }
      for (state, word) in [("accepted", "sent already"), ("cancelled", "cancelled")] {
        try await office.execute("UPDATE delivery SET state = $1", [.text(state)])
        #expect(await refusal { _ = try await desk.retry(id, by: "anna", now: .now) }?.contains(word) == true)
        #expect(await refusal { _ = try await desk.cancel(id, by: "anna", now: .now) }?.contains(word) == true)
      }
      try await office.execute("UPDATE delivery SET state = 'rejected', gateway = 'fax'")
      #expect(await refusal { _ = try await desk.retry(id, by: "anna", now: .now) }?.contains("fax") == true)
      #expect(try await office.count("event") == 0)
    }
  }
}
