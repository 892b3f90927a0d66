import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("When a label counts without a person")
struct RoutingTests {
  private func letter(_ turn: Int) -> Letter {
    Letter(
      "\(turn)@c", from: "c\(turn)@customer.example", subject: "Opening hours \(turn)",
      body: "Could you tell me when the shop opens? Thank you.")
  }

  /// As if the mailbox had earned it.
  private func setThreshold(_ value: Double, _ office: Office) async throws {
    let id = try await office.mailboxID()
    try await office.database.write { tx in
      var state = try tx.lockLearner(id)
      state.threshold = value
      try tx.storeLearner(id, state)
    }
  }

  @Test("a mailbox without labels of its own has every mail confirmed", arguments: Engine.available)
  func suggest(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.classifier.auditShare = 0 }) { office in
      try await office.take(letter(1))
      try await office.take(letter(2))
      try await office.take(Letter("3@c", from: "c1@customer.example", body: "And on Sunday?").answering("1@c"))
      // What joins a conversation decides nothing.
      #expect(try await office.texts("SELECT routing FROM message ORDER BY id") == ["suggested", "suggested", ""])
      var filter = ConversationFilter()
      filter.isToConfirm = true
      let list = try await office.database.read { [filter] tx in try tx.conversations(filter) }
      #expect(list.map(\.id) == [2, 1])
    }
  }

  @Test(
    "at the threshold it counts, below it is shown, and what is drawn is shown as well", arguments: Engine.available)
  func threshold(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.classifier.auditShare = 0 }) { office in
      try await setThreshold(0.35, office)
      try await office.take(letter(1))
      #expect(try await office.texts("SELECT routing FROM message") == ["automatic"])
      #expect(try await !office.conversation().isToConfirm)
      try await setThreshold(0.9999, office)
      try await office.take(letter(2))
      #expect(try await office.texts("SELECT routing FROM message ORDER BY id") == ["automatic", "suggested"])
    }
    try await withOffice(engine, { $0.mailboxes["support"]?.classifier.auditShare = 1 }) { office in
      try await setThreshold(0.35, office)
      try await office.take(letter(1))
      #expect(try await office.texts("SELECT routing FROM message") == ["audit"])
      #expect(try await office.conversation().isToConfirm)
    }
  }

  @Test("what somebody corrects unasked does not count for the threshold", arguments: Engine.available)
  func unbiased(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.classifier.auditShare = 0 }) { office in
      try await setThreshold(0.35, office)
      try await office.take(letter(1))
      try await office.labels.say(ConversationNumber(id: 1), .complaint, by: "bo", now: monday)
      #expect(try await office.sayings().map(\.isUnbiased) == [false])
      #expect(try await office.sayings().map(\.routing) == [.automatic])
    }
  }

  @Test(
    "after a hundred confirmed labels the mailbox has a threshold, and after enough mistakes none",
    arguments: Engine.available)
  func earned(engine: Engine) async throws {
    try await withOffice(engine, { $0.mailboxes["support"]?.classifier.auditShare = 0 }) { office in
      let id = try await office.mailboxID()
      for turn in 1...100 {
        try await office.take(letter(turn))
        try await office.labels.say(ConversationNumber(id: Int64(turn)), nil, by: "bo", now: monday)
        if turn == 99 {
          #expect(try await office.database.read { tx in try tx.learnerState(id)?.threshold } == nil)
        }
      }
      #expect(try await office.database.read { tx in try tx.learnerState(id)?.threshold } != nil)
      try await office.take(letter(101))
      #expect(try await office.texts("SELECT routing FROM message WHERE id = 101") == ["automatic"])
      // The fifty surest were wrong after all.
      for turn in 51...100 {
        try await office.labels.say(ConversationNumber(id: Int64(turn)), .complaint, by: "anna", now: monday)
      }
      #expect(try await office.database.read { tx in try tx.learnerState(id)?.threshold } == nil)
    }
  }
}
