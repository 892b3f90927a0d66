import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("Kinds that were left as they were")
struct AgreementTests {
  private static let first = ConversationNumber(id: 1)

  private func answer(_ office: Office, _ number: ConversationNumber, by agent: String = "anna") async throws {
    try await office.desk.reply(number, text: "好的，已为您处理。", by: agent, now: monday)
  }

  @Test(
    "who answers and leaves the kind alone agrees: a lesson without a step, and nothing was said",
    arguments: Engine.available)
  func silent(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c", subject: "发票", body: "请问发票怎么开？"))
      try await answer(office, Self.first)
      try await answer(office, Self.first, by: "bo")
      let sayings = try await office.sayings()
      #expect(sayings.map(\.said) == [.inquiry] && sayings.map(\.told) == [.inquiry])
      #expect(sayings.map(\.isSaid) == [false] && sayings.map(\.isUnbiased) == [false])
      #expect(try await office.versions().isEmpty)
      #expect(try await office.count("conversation WHERE to_confirm = 1") == 1)
      let report = try await office.models.report("support")
      #expect(report.leftAlone == 1 && report.agents.isEmpty && report.evaluation.count == 0)
      // A word says more.
      try await office.labels.say(Self.first, nil, by: "bo", now: monday)
      #expect(try await office.sayings().map(\.isUnbiased) == [true])
      let after = try await office.models.report("support")
      #expect(after.leftAlone == 0 && after.agents["bo"]?.confirmed == 1 && after.evaluation.count == 1)
    }
  }

  @Test("what a person said, and what a later mail made of it, is no agreement", arguments: Engine.available)
  func changed(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Letter("1@c", subject: "发票", body: "请问发票怎么开？"))
      try await office.labels.say(Self.first, .complaint, by: "bo", now: monday)
      try await answer(office, Self.first)
      #expect(try await office.sayings().map(\.agent) == ["bo"])
      try await office.take(Letter("2@c", from: "b@customer.example", subject: "地址", body: "请问门店在哪里？"))
      try await office.database.write { tx in try tx.setKind(.complaint, of: 2) }
      try await answer(office, ConversationNumber(id: 2))
      #expect(try await office.count("lesson") == 1)
    }
  }

  /// Asks or complains in words that the shipped model knows or does not; people correct what is wrong and answer the rest.
  private func work(_ office: Office, _ turns: ClosedRange<Int>) async throws {
    for turn in turns {
      let (label, body): (TextLabel, String) =
        turn % 3 == 0 ? (.complaint, "zorble quixit") : (.inquiry, "请问发票怎么开？第\(turn)次问")
      try await office.take(Letter("\(turn)@c", from: "c\(turn % 5)@customer.example", subject: "s\(turn)", body: body))
      let number = ConversationNumber(id: try await office.number("SELECT MAX(id) FROM conversation"))
      let kind = try await office.texts("SELECT kind FROM conversation WHERE id = \(number.id)")
      if kind == [label.rawValue], label == .inquiry {
        try await answer(office, number)
      } else {
        try await office.labels.say(number, label, by: "bo", now: monday)
      }
    }
  }

  @Test("a refit learns from what was left alone, once enough was said", arguments: Engine.available)
  func refit(engine: Engine) async throws {
    try await withOffice(engine) { office in
      func refit() async throws -> Refit.Result? { try await office.models.refit("support", now: monday) }
      try await work(office, 1...57)
      #expect(try await office.sayings().count { $0.isSaid } == 19)
      #expect(try await refit() == nil)
      try await work(office, 58...60)
      let result = try #require(try await refit())
      #expect(result.lessons == 60 && result.outcome == .accepted)
      let lessons = try await office.sayings().map { try Lesson(bytes: $0.features, label: $0.said) }
      #expect(try await office.versions().first?.bytes == ModelDelta.refit(lessons).bytes)
      // What a customer's mails taught without a word goes as well.
      let customer = try await office.number("SELECT customer_id FROM contact WHERE address = 'c1@customer.example'")
      #expect(try await office.models.forget(customer: customer, by: "anna", now: monday) == ["support": 12])
      #expect(try #require(try await refit()).lessons == 48)
    }
  }
}
