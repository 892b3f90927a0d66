import Foundation
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("Learning the log anew")
struct RefitTests {
  /// Words that the shipped model knows nothing of, with labels that only these people can teach.
  private static let words: [(TextLabel, [String])] = [
    (.complaint, ["zorble", "quixit", "vramp"]), (.suggestion, ["plimfer", "dorrin", "skabel"]),
    (.inquiry, ["wexo", "jintle", "hurpa"]),
  ]

  private func letter(_ turn: Int) -> (Letter, TextLabel) {
    let (label, words) = Self.words[turn % 3]
    let body = "\(words[turn / 3 % 3]) \(words[(turn / 3 + 1) % 3])"
    return (Letter("\(turn)@c", from: "c\(turn % 6)@customer.example", subject: "Matter \(turn)", body: body), label)
  }

  /// Takes mails in and says what they are: the first of customer 1, and so on in turn.
  private func teach(_ office: Office, _ turns: ClosedRange<Int>, wrong: Set<Int> = []) async throws {
    for turn in turns {
      let (letter, label) = letter(turn)
      try await office.take(letter)
      let number = try await office.number("SELECT MAX(id) FROM conversation")
      let said = wrong.contains(turn) ? TextLabel.allCases.first { $0 != label } ?? label : label
      try await office.labels.say(ConversationNumber(id: number), said, by: turn % 2 == 0 ? "bo" : "anna", now: monday)
    }
  }

  private func refit(_ office: Office) async throws -> Refit.Result? {
    try await office.models.refit("support", now: monday)
  }

  @Test("too little is not learned anew; enough is, measured against what is in use", arguments: Engine.available)
  func accepted(engine: Engine) async throws {
    try await withOffice(engine) { office in
      #expect(try await refit(office) == nil)
      try await teach(office, 1...19)
      #expect(try await refit(office) == nil)
      try await teach(office, 20...36)
      let result = try #require(try await refit(office))
      #expect(result.outcome == .accepted && result.lessons == 36 && result.leftOut == 0)
      #expect(result.refitScore >= result.activeScore && result.refitScore > 0.7)
      let versions = try await office.versions()
      #expect(versions.map(\.version) == [2, 1])
      #expect(versions.map(\.why) == [.refit, .step])
      #expect(versions.map(\.isActive) == [true, false])
      // A second time comes to the same bytes.
      _ = try await refit(office)
      #expect(try await office.versions().first?.bytes == versions[0].bytes)
      let id = try await office.mailboxID()
      #expect(try await office.database.read { tx in try tx.refits(id) }.count == 2)
    }
  }

  @Test(
    "a refit that tells less than what is in use is thrown away, and both figures are kept", arguments: Engine.available
  )
  func refused(engine: Engine) async throws {
    try await withOffice(engine) { office in
      // At first people said the wrong thing; steps follow those who came later, a refit weighs all alike.
      try await teach(office, 1...36, wrong: Set(1...20))
      let before = try #require(try await office.versions().first)
      let result = try #require(try await refit(office))
      #expect(result.outcome == .refused && result.refitScore < result.activeScore && result.version == nil)
      let versions = try await office.versions()
      #expect(versions.map(\.version) == [1] && versions[0].bytes == before.bytes)
      let id = try await office.mailboxID()
      let kept = try #require(try await office.database.read { tx in try tx.refits(id) }.first)
      #expect(kept.activeScore == result.activeScore && kept.refitScore == result.refitScore)
    }
  }

  @Test(
    "steps after a refit are a version of their own, and there is a way back to before them",
    arguments: Engine.available)
  func rollback(engine: Engine) async throws {
    try await withOffice(engine) { office in
      await #expect(throws: DeskRefusal.self) {
        try await office.models.rollBack("support", to: nil, by: "bo", now: monday)
      }
      try await teach(office, 1...30)
      _ = try await refit(office)
      let settled = try #require(try await office.versions().first)
      let sample = letter(99).0
      let before = try await office.confidence(of: .complaint, in: sample)
      try await teach(office, 31...33, wrong: [31, 32, 33])
      #expect(try await office.versions().map(\.why) == [.step, .refit, .step])
      #expect(try await office.confidence(of: .complaint, in: sample) != before)
      let back = try await office.models.rollBack("support", to: nil, by: "bo", now: monday)
      #expect(back.version == 4 && back.copied == 2)
      #expect(try await office.versions().map(\.agent) == ["bo", nil, nil, nil])
      let stranger = await #expect(throws: DeskRefusal.self) {
        try await office.models.rollBack("support", to: 0, by: "zoe", now: monday)
      }
      #expect(stranger?.description.contains("zoe") == true)
      #expect(try await office.versions().first?.bytes == settled.bytes)
      // Once more would be forth again, to what was left.
      let again = await #expect(throws: DeskRefusal.self) {
        try await office.models.rollBack("support", to: nil, by: "bo", now: monday)
      }
      #expect(again?.description.contains("say to which of 3, 2, 1") == true)
      // The next mail uses it.
      #expect(try await office.confidence(of: .complaint, in: sample) == before)
      await #expect(throws: DeskRefusal.self) {
        try await office.models.rollBack("support", to: 77, by: "bo", now: monday)
      }
      #expect(try await office.models.rollBack("support", to: 0, by: "bo", now: monday).copied == 0)
      #expect(try await office.versions().first?.lessons == 0)
    }
  }

  @Test(
    "what a customer taught is gone after the next refit, to the byte, and there is no way back",
    arguments: Engine.available)
  func forget(engine: Engine) async throws {
    var never: [UInt8] = []
    try await withOffice(engine) { office in
      // As if customer 1 (every sixth mail from the first) had never written.
      for turn in 1...48 where turn % 6 != 1 { try await teach(office, turn...turn) }
      let lessons = try await office.sayings().map { try Lesson(bytes: $0.features, label: $0.said) }
      never = ModelDelta.refit(lessons).bytes
    }
    try await withOffice(engine) { office in
      try await teach(office, 1...48)
      _ = try await refit(office)
      #expect(try await office.versions().first?.bytes != never)
      let customer = try await office.number("SELECT customer_id FROM contact WHERE address = 'c1@customer.example'")
      #expect(try await office.models.forget(customer: customer, by: "anna", now: monday) == ["support": 8])
      let id = try await office.mailboxID()
      #expect(try await office.database.read { tx in try tx.learnerState(id)?.forgotten } == 8)
      // Every mail of that customer opened a conversation of its own.
      let notes = try await office.texts("SELECT actor || ' ' || detail FROM event WHERE what = 'unlearned'")
      #expect(notes == Array(repeating: "anna 1 lesson", count: 8))
      await #expect(throws: DeskRefusal.self) {
        try await office.models.forget(customer: customer, by: "zoe", now: monday)
      }
      let result = try #require(try await refit(office))
      #expect(result.outcome == .unlearned && result.lessons == 40)
      let versions = try await office.versions()
      #expect(versions.map(\.bytes) == [never])
      #expect(try await office.database.read { tx in try tx.learnerState(id)?.forgotten } == 0)
      #expect(try await office.models.forget(customer: customer, by: "anna", now: monday).isEmpty)
    }
  }

  @Test("the last lessons of all are forgotten as well", arguments: Engine.available)
  func forgetAll(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(letter(1).0)
      try await office.labels.say(ConversationNumber(id: 1), .complaint, by: "bo", now: monday)
      _ = try await office.models.forget(customer: 1, by: "anna", now: monday)
      let result = try #require(try await refit(office))
      #expect(result.outcome == .unlearned && result.lessons == 0)
      let active = try #require(try await office.versions().first)
      #expect(try ModelDelta(bytes: active.bytes).isEmpty)
    }
  }

  @Test("each night at half past two, once, and not when nothing was said", arguments: Engine.available)
  func nightly(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let nightly = NightlyRefit(database: office.database, settings: office.settings, node: "a", log: .quiet)
      try await teach(office, 1...24)
      // Monday 10:00 in Shanghai: last night was missed, and is made up for.
      try await nightly.refitDue(now: monday)
      #expect(try await office.count("model_refit") == 1)
      try await teach(office, 25...26)
      try await nightly.refitDue(now: monday.adding(12 * hour))
      #expect(try await office.count("model_refit") == 1)
      // Tuesday 02:29, and 02:30.
      try await nightly.refitDue(now: monday.adding(16 * hour + 29 * 60))
      #expect(try await office.count("model_refit") == 1)
      try await nightly.refitDue(now: monday.adding(16 * hour + 30 * 60))
      #expect(try await office.count("model_refit") == 2)
      try await nightly.refitDue(now: monday.adding(41 * hour))
      #expect(try await office.count("model_refit") == 2)
    }
  }

  @Test("a mailbox whose refit fails does not keep the others from theirs", arguments: Engine.available)
  func nightlyFault(engine: Engine) async throws {
    try await withOffice(engine) { office in
      // The first by name; its next revision does not fit into the column.
      try await office.execute(
        "INSERT INTO learner (mailbox_id, revision) VALUES ($1, $2)",
        [.integer(try await office.mailboxID("sales")), .integer(.max)])
      try await teach(office, 1...24)
      let nightly = NightlyRefit(database: office.database, settings: office.settings, node: "a", log: .quiet)
      let fault = await #expect(throws: SettingsError.self) { try await nightly.refitDue(now: monday) }
      #expect(fault?.description.contains("sales: the log could not be learned anew") == true)
      #expect(fault?.description.contains("support") == false)
      #expect(try await office.count("model_refit") == 1)
    }
  }

  @Test("another model below is a reason for a refit, once", arguments: Engine.available)
  func otherBase(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await teach(office, 1...24)
      let classifier = try #require(office.settings.mailboxes["support"]).classifier
      let support = Refit(database: office.database, mailbox: try await office.mailboxID(), settings: classifier)
      _ = try await refit(office)
      #expect(try await !support.isDue())
      try await office.execute("UPDATE learner SET refit_base = refit_base - 1")
      #expect(try await support.isDue())
      _ = try await refit(office)
      #expect(try await !support.isDue())
    }
  }

  @Test(
    "what another program wrote is told of, kept from steps, and made anew from the log", arguments: Engine.available)
  func unreadable(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await teach(office, 1...24)
      _ = try await refit(office)
      #expect(try await office.models.report("support").fault == nil)
      let strange: [UInt8] = Array("postdelt of tomorrow".utf8)
      try await office.execute("UPDATE model_delta SET bytes = $1", [.blob(strange)])
      try await office.execute("UPDATE learner SET revision = revision + 1")
      let fault = try #require(try await office.models.report("support").fault)
      #expect(fault.description.contains("version 2"))
      // What had earned a threshold is not there.
      try await office.execute("UPDATE learner SET threshold = 0.5")
      #expect(try await office.models.report("support").threshold == nil)
      let (told, id) = (RecordedLog(), try await office.mailboxID())
      let shelf = ModelShelf(mailbox: id, name: "support", base: TextClassifier(), log: told.logger)
      for turn in 25...26 {
        try await teach(office, turn...turn)
        #expect(try await office.database.read { tx in try shelf.model(tx).threshold } == nil)
      }
      #expect(told.sentences.count == 1 && told.sentences[0].contains("`postroom model refit support`"))
      #expect(try await office.versions().map(\.bytes) == [strange, strange])
      let result = try #require(try await refit(office))
      #expect(result.outcome == .unlearned && result.lessons == 26)
      #expect(try await office.models.report("support").fault == nil)
      _ = try await office.database.read { tx in try shelf.model(tx) }
      #expect(told.sentences.count == 1)
    }
  }

  @Test("of a long log so much is told that the night suffices")
  func parts() {
    #expect([0, 20, 4000, 5000, 10_000, 20_000, 200_000].map(Refit.partsTold) == [5, 5, 5, 4, 2, 1, 1])
  }

  @Test("a refit that is not wanted any more ends")
  func cancelled() async {
    let work = RefitWork()
    let task = Task {
      try await work.run {
        while !work.isStopped { usleep(1000) }
        return 1
      }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("so many versions are kept, and the active one is among them", arguments: Engine.available)
  func pruned(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(letter(1).0)
      try await office.labels.say(ConversationNumber(id: 1), .complaint, by: "bo", now: monday)
      for _ in 1...25 { _ = try await office.models.rollBack("support", to: 0, by: "bo", now: monday) }
      let versions = try await office.versions()
      #expect(versions.map(\.version) == Array((7...26).reversed()))
      #expect(versions.filter(\.isActive).map(\.version) == [26])
    }
  }

  @Test("of several agents none teaches more than all others together, whatever the order")
  func capped() {
    let base = TextClassifier()
    let entries = (0..<60).map { number in
      LessonChoice.Entry(
        id: Int64(number), agent: number < 50 ? "bo" : number < 57 ? "anna" : "chen",
        lesson: base.lesson(
          String(repeating: "x", count: number / 20 + 1) + String(repeating: "y", count: number % 20 + 1), .complaint))
    }
    let choice = LessonChoice(entries, freeLessons: 5)
    #expect(choice.leftOut == 40)
    #expect(choice.chosen.filter { $0.agent == "bo" }.count == 10)
    #expect(choice.chosen.filter { $0.agent != "bo" }.count == 10)
    let other = LessonChoice(entries.reversed(), freeLessons: 5)
    #expect(Set(other.chosen.map(\.id)) == Set(choice.chosen.map(\.id)))
    #expect(LessonChoice(entries).leftOut == 0, "so few are free")
    #expect(LessonChoice(Array(entries[..<50]), freeLessons: 5).leftOut == 0, "one agent alone is not capped")
  }
}
