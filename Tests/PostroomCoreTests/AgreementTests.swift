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

  /// Mails of words that the shipped model does not know and takes for inquiries; the labels are these people's.
  private static let kinds: [(label: TextLabel, words: [String])] = [
    (.complaint, ["zorble", "quixit"]), (.inquiry, ["wexo", "jintle"]), (.inquiry, ["hurpa", "morvane"]),
  ]

  private func work(_ office: Office, isAnswering: Bool) async throws {
    for turn in 1...75 {
      let kind = Self.kinds[turn % 3]
      let body = "\(kind.words[turn % 2]) number \(turn)"
      try await office.take(Letter("\(turn)@c", from: "c\(turn)@customer.example", subject: "Matter", body: body))
      let number = ConversationNumber(id: Int64(turn))
      if kind.label == .complaint {
        try await office.labels.say(number, .complaint, by: "bo", now: monday)
      } else if isAnswering {
        try await answer(office, number)
      }
    }
    _ = try await office.models.refit("support", now: monday)
  }

  @Test("mailboxes whose people only correct go on telling what was right", arguments: Engine.available)
  func corrections(engine: Engine) async throws {
    let wrong = Letter("90@c", subject: "Matter", body: "zorble number 90")
    let right = Letter("91@c", subject: "Matter", body: "wexo number 91")
    try await withOffice(engine) { office in
      try await work(office, isAnswering: false)
      // Nobody ever answered: all that is known are complaints.
      #expect(try await office.confidence(of: .complaint, in: right) > 0.5)
    }
    try await withOffice(engine) { office in
      try await work(office, isAnswering: true)
      #expect(try await office.sayings().count { !$0.isSaid } == 50)
      #expect(try await office.confidence(of: .complaint, in: wrong) > 0.5)
      #expect(try await office.confidence(of: .inquiry, in: right) > 0.5)
    }
  }
}
