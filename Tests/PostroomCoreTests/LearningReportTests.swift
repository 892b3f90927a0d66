import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("What is told of learning")
struct LearningReportTests {
  private func take(_ office: Office, _ turn: Int, _ body: String) async throws {
    try await office.take(
      Letter("\(turn)@c", from: "c\(turn)@customer.example", subject: "Matter", body: body))
  }

  @Test(
    "the report counts by routing, agent and label, and leaves unasked corrections out of the figures",
    arguments: Engine.available)
  func report(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.classifier.auditShare = 0 }) { office in
      for turn in 1...3 { try await take(office, turn, "Could you tell me when the shop opens? Thank you.") }
      try await office.labels.say(ConversationNumber(id: 1), nil, by: "bo", now: monday)
      try await office.labels.say(ConversationNumber(id: 2), .complaint, by: "anna", now: monday)
      let id = try await office.mailboxID()
      try await office.database.write { tx in
        var state = try tx.lockLearner(id)
        state.threshold = 0.34
        try tx.storeLearner(id, state)
      }
      try await take(office, 4, "Could you tell me when the shop opens? Thank you.")
      try await office.labels.say(ConversationNumber(id: 4), .suggestion, by: "anna", now: monday)
      let report = try await office.models.report("support")
      #expect(report.threshold == 0.34 && report.estimate.value == nil && report.forgotten == 0)
      #expect(report.parts[.suggested] == LearningReport.Part(mails: 3, said: 2, right: 1))
      #expect(report.parts[.automatic] == LearningReport.Part(mails: 1, said: 1, right: 0))
      #expect(report.agents["anna"] == LearningReport.Agent(confirmed: 0, corrected: 2))
      #expect(report.agents["bo"] == LearningReport.Agent(confirmed: 1, corrected: 0))
      #expect(report.evaluation.confusion == [[1, 0, 0], [1, 0, 0], [0, 0, 0]])
      let sales = try await office.models.report("sales")
      #expect(sales.evaluation.count == 0 && sales.parts.isEmpty && sales.threshold == nil)
      await #expect(throws: DeskRefusal.self) { try await office.models.report("none") }
    }
  }

  @Test("a replay tells what another version would call otherwise, and changes nothing", arguments: Engine.available)
  func replay(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let question = "Could you tell me when the shop opens? Thank you."
      for turn in 1...5 { try await take(office, turn, question) }
      for turn in 1...4 {
        try await office.labels.say(ConversationNumber(id: Int64(turn)), .complaint, by: "bo", now: monday)
      }
      try await take(office, 6, question)
      #expect(try await office.conversation(6).kind == .complaint)
      let before = try await office.versions()
      let replay = try await office.models.replay("support", model: nil, version: 0, days: 1, now: monday)
      #expect(replay.mails == 6 && replay.changeCount == 6)
      #expect(replay.changes.map(\.conversation.id) == [1, 2, 3, 4, 5, 6])
      #expect(replay.changes[0].before == .complaint && replay.changes[0].after == .inquiry)
      #expect(replay.changes.map(\.said) == [.complaint, .complaint, .complaint, .complaint, nil, nil])
      #expect(replay.inUse.accuracy == 1 && replay.other.accuracy == 0 && replay.inUse.count == 4)
      #expect(try await office.versions().map(\.bytes) == before.map(\.bytes))
      #expect(try await office.count("lesson") == 4)
      // Nothing that old.
      let later = try await office.models.replay(
        "support", model: nil, version: 0, days: 1, now: monday.adding(48 * hour))
      #expect(later.mails == 0)
      await #expect(throws: DeskRefusal.self) {
        try await office.models.replay("support", model: nil, version: 9, days: 1, now: monday)
      }
    }
  }
}
