import Foundation
import MailFormat
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("What people say of the kind of a conversation")
struct LabelDeskTests {
  private static let first = ConversationNumber(id: 1)
  private static let question = Letter("1@c", body: "Could you tell me when the shop opens? Thank you.")

  private func refusal(_ body: () async throws -> Void) async -> String? {
    do { try await body() } catch let refusal as DeskRefusal { return refusal.description } catch { return "\(error)" }
    return nil
  }

  @Test(
    "a correction changes the kind, is noted and logged, and the next mail like it is called so",
    arguments: Engine.available)
  func correction(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.question)
      #expect(try await office.conversation().kind == .inquiry)
      #expect(try await office.conversation().isToConfirm)
      let before = try await office.confidence(of: .complaint, in: Self.question)
      let answer = try await office.labels.say(Self.first, .complaint, by: "bo", now: monday)
      #expect(answer == LabelDesk.Answer(before: .inquiry, now: .complaint, isLesson: true))
      #expect(try await office.conversation().kind == .complaint)
      #expect(try await !office.conversation().isToConfirm)
      #expect(try await office.texts("SELECT detail FROM event WHERE what = 'relabelled'") == ["inquiry → complaint"])
      #expect(
        try await office.texts("SELECT told || ' ' || said || ' ' || routing FROM lesson") == [
          "inquiry complaint suggested"
        ])
      #expect(try await office.number("SELECT is_unbiased FROM lesson") == 1)
      // The promise and the answer stay as they were.
      #expect(try await office.count("promise") == 1)
      #expect(try await office.count("delivery") == 1)
      #expect(try await office.confidence(of: .complaint, in: Self.question) > before + 0.1)
      try await office.expectInvariants(ledger: 1)
    }
  }

  @Test(
    "a confirmation makes surer; the same once more is refused, another agent's other word counts",
    arguments: Engine.available)
  func confirmation(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.question)
      let before = try await office.confidence(of: .inquiry, in: Self.question)
      try await office.labels.say(Self.first, nil, by: "bo", now: monday)
      #expect(try await office.confidence(of: .inquiry, in: Self.question) > before)
      #expect(try await office.texts("SELECT what FROM event WHERE actor = 'bo'") == ["confirmed"])
      let again = await refusal { try await office.labels.say(Self.first, nil, by: "anna", now: monday) }
      #expect(again == "bo has said already that #10001 is of the kind inquiry")
      #expect(try await office.count("lesson") == 1)
      try await office.labels.say(Self.first, .suggestion, by: "anna", now: monday)
      let sayings = try await office.sayings()
      #expect(sayings.map(\.said) == [.suggestion])
      #expect(sayings.map(\.agent) == ["anna"])
      // It was first looked at because all such mails are.
      #expect(sayings.map(\.isUnbiased) == [true])
      #expect(try await office.count("lesson") == 2)
    }
  }

  @Test(
    "nobody, a stranger and a conversation that is none are refused, and nothing is learned",
    arguments: Engine.available)
  func refusals(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.question)
      let stranger = await refusal { try await office.labels.say(Self.first, .complaint, by: "zoe", now: monday) }
      #expect(stranger?.contains("zoe") == true)
      let none = await refusal {
        try await office.labels.say(ConversationNumber(id: 9), .complaint, by: "bo", now: monday)
      }
      #expect(none == "there is no conversation #10009")
      #expect(try await office.count("lesson") == 0)
      #expect(try await office.count("model_delta") == 0)
    }
  }

  @Test("a log is never rewritten", arguments: Engine.available)
  func appendOnly(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.question)
      try await office.labels.say(Self.first, nil, by: "bo", now: monday)
      await #expect(throws: (any Error).self) { try await office.execute("UPDATE lesson SET said = 'complaint'") }
      #expect(try await office.texts("SELECT said FROM lesson") == ["inquiry"])
    }
  }

  @Test("many agents at once lose no step", arguments: Engine.available)
  func concurrent(engine: Engine) async throws {
    try await withOffice(engine) { office in
      for turn in 1...8 {
        try await office.take(
          Letter(
            "\(turn)@c", from: "c\(turn)@customer.example", subject: "Matter \(turn)", body: "word\(turn) thing\(turn)")
        )
      }
      let other = try await Database.open(office.url, options: .init(durability: .normal, connections: 3))
      let nodes = [office.database, other].map { database in
        LabelDesk(
          database: database, settings: office.settings,
          replies: ReplyWriter(templates: office.templates, signer: office.signer))
      }
      try await withThrowingTaskGroup { group in
        for turn in 1...8 {
          group.addTask {
            try await nodes[turn % 2].say(
              ConversationNumber(id: Int64(turn)), .suggestion, by: turn % 3 == 0 ? "anna" : "bo", now: monday)
          }
        }
        try await group.waitForAll()
      }
      await other.close()
      let active = try #require(try await office.versions().first)
      #expect(active.lessons == 8 && active.why == .step && active.isActive)
      #expect(try await office.count("model_delta") == 1)
      #expect(try ModelDelta(bytes: active.bytes).lessonCount == 8)
      #expect(try await office.number("SELECT lessons FROM learner") == 8)
    }
  }

  @Test("a running intake notices at its next batch, and only its own mailbox learns", arguments: Engine.available)
  func pollers(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let (support, sales) = (try office.intake(), try office.intake("sales"))
      let before = try await office.database.read { tx in try support.shelf.model(tx) }
      try await office.take(Self.question)
      try await office.labels.say(Self.first, .complaint, by: "bo", now: monday)
      #expect(Self.told(.complaint, by: support.shelf.last) == Self.told(.complaint, by: before))
      let (mine, other) = try await office.database.read { tx in
        (try support.shelf.model(tx), try sales.shelf.model(tx))
      }
      #expect(Self.told(.complaint, by: mine) > Self.told(.complaint, by: before))
      #expect(Self.told(.complaint, by: other) == Self.told(.complaint, by: before))
    }
  }

  @Test("a poller that runs already tells the next mail apart by what was said", arguments: Engine.available)
  func nextBatch(engine: Engine) async throws {
    try await withOffice(engine) { office in
      let maildir = office.folder + "/Maildir"
      for part in ["new", "cur", "tmp"] {
        try FileManager.default.createDirectory(atPath: "\(maildir)/\(part)", withIntermediateDirectories: true)
      }
      let poller = try office.poller(MaildirSource(path: maildir))
      for turn in 1...4 {
        var letter = Self.question
        letter.id = "\(turn)@c"
        letter.from = "c\(turn)@customer.example"
        try Data(letter.bytes).write(to: URL(fileURLWithPath: "\(maildir)/new/\(turn).a.b"))
        #expect(try await poller.pollOnce().mails == 1)
        if turn < 4 {
          try await office.labels.say(ConversationNumber(id: Int64(turn)), .complaint, by: "bo", now: monday)
        }
      }
      let told = try await office.texts("SELECT label FROM message ORDER BY id")
      #expect(told.first == "inquiry" && told.last == "complaint")
      #expect(try await office.conversation(4).kind == .complaint)
    }
  }

  @Test(
    "a complaint resolved and then called otherwise asks nobody back, and the other way round",
    arguments: Engine.available)
  func callbacks(engine: Engine) async throws {
    try await withOffice(engine) { office in
      try await office.take(Self.question)
      try await office.labels.say(Self.first, .complaint, by: "bo", now: monday)
      try await office.desk.resolve(Self.first, by: "bo", force: true, now: monday)
      let callbacks = "SELECT state || ' ' || COALESCE(reason, '') FROM delivery WHERE purpose = 'callback'"
      #expect(try await office.texts(callbacks) == ["queued "])
      try await office.labels.say(Self.first, .inquiry, by: "bo", now: monday)
      #expect(try await office.texts(callbacks) == ["cancelled relabelled"])
      try await office.take(Letter("2@c", from: "other@customer.example"))
      let second = ConversationNumber(id: 2)
      try await office.desk.resolve(second, by: "bo", force: true, now: monday)
      try await office.labels.say(second, .complaint, by: "bo", now: monday)
      #expect(
        try await office.number("SELECT COUNT(*) FROM delivery WHERE purpose = 'callback' AND state = 'queued'") == 1)
      try await office.expectInvariants()
    }
  }

  private static func told(_ label: TextLabel, by model: MailboxModel) -> Double {
    model.classifier.classify("Opening hours\n" + question.body).scores.first { $0.label == label }?.probability ?? 0
  }
}
