import CurlClient
import Foundation
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

@Suite("Second opinions about mail")
struct SecondOpinionTests {
  private static let complaint = "{\"label\":\"complaint\",\"confidence\":0.8}"

  @Test("an unsure mail is asked about once, and the answer changes nothing but itself", arguments: Engine.available)
  func answered(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      #expect(try await office.opinionRows == ["waiting 0"])
      let before = try await office.conversation()
      let tally = try await office.opinions(curl).askDue { monday }
      #expect(tally.asked == 1 && tally.answered == 1 && tally.hindrance == nil)
      #expect(try await office.opinionRows == ["answered 1 complaint"])
      let opinion = try await office.database.read { tx in try tx.lastSecondOpinion(in: 1) }
      #expect(opinion?.opinion == Opinion(label: .complaint, probability: 0.8))
      #expect(opinion?.model == "small-7b")
      let after = try await office.conversation()
      #expect(after.kind == before.kind && after.owner == before.owner && after.promisedAt == before.promisedAt)
      #expect(try await office.texts("SELECT label FROM message") == [before.kind.rawValue])
      #expect(try await office.opinions(curl).askDue { monday.adding(3600) }.asked == 0)
      #expect(server.questions.count == 1)
    }
  }

  @Test("what is sent holds words and no personal data; the secret goes into one field", arguments: Engine.available)
  func masked(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      _ = try await office.opinions(curl).askDue { monday }
      let question = try #require(server.questions.first)
      #expect(question.path == "/v1/chat/completions")
      #expect(question.header.contains("Authorization: Bearer sk-very-secret"))
      for secret in ["zhao", "Zhao", "138", "8000", "110105", "x.example", "sk-very-secret", "postroom.example"] {
        #expect(!question.body.contains(secret), "\(secret) went out")
      }
      for word in ["Lorem ipsum", "[EMAIL]", "[PHONE]", "[ID]", "[URL]", "[NAME]", "small-7b"] {
        #expect(question.body.contains(word), "\(word) is missing")
      }
      #expect(JSONValue(Array(question.body.utf8)) != nil)
    }
  }

  @Test(
    "nobody is asked about sure mail, other mailboxes, machines, old mail, or when it is off",
    arguments: Engine.available)
  func notAsked(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server, { $0.mailboxes = ["support"] }) { office, curl in
      let sure = Letter(
        "s1@c", subject: "投诉：质量太差", body: "我要投诉！产品质量太差，客服态度恶劣，非常失望，要求立即退款赔偿！")
      try await office.take(sure)
      try await office.take(.unsure("u2@c"), at: "sales")
      try await office.take(Letter.unsure("u3@c").with("Auto-Submitted", "auto-replied"))
      try await office.take(Letter.unsure("u4@c").bytes, arrivedAt: monday.adding(-86_400))
      #expect(try await office.count("second_opinion") == 0)
      #expect(try await office.opinions(curl).askDue { monday }.asked == 0)
    }
    try await withOffice(engine) { office in
      try await office.take(.unsure())
      #expect(try await office.count("second_opinion") == 0)
      #expect(
        SecondOpinions(database: office.database, settings: office.settings, engine: CurlEngine(), log: .quiet) == nil)
    }
    #expect(server.questions.isEmpty)
  }

  @Test("what a mail waits for too long, or a person has labelled, is not asked", arguments: Engine.available)
  func withdrawn(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      try await office.take(.unsure("u2@c", from: "b@other.example"))
      try await office.database.write { tx in try tx.withdrawSecondOpinions(in: 1) }
      #expect(try await office.opinions(curl).askDue { monday.adding(86_400) }.asked == 0)
      #expect(
        try await office.opinionRows == [
          "expired 0 a person has labelled it", "expired 0 the mail is older than 24 hours",
        ])
      #expect(server.questions.isEmpty)
    }
  }

  @Test("a mail whose mailbox was taken out of the settings since is not asked about", arguments: Engine.available)
  func narrowed(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      var settings = office.settings
      settings.secondOpinion?.mailboxes = ["sales"]
      let opinions = try #require(
        SecondOpinions(database: office.database, settings: settings, engine: curl, log: .quiet))
      _ = try await opinions.askDue { monday }
      #expect(try await office.opinionRows == ["failed 1 its mailbox is not asked about any more"])
      #expect(try await office.number("SELECT asked FROM opinion_endpoint") == 0, "nothing left the house")
      #expect(server.questions.isEmpty)
    }
  }

  @Test("a person's word during a question is stronger than its answer", arguments: Engine.available)
  func overtaken(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, _ in
      try await office.take(.unsure())
      let terms = OpinionTerms(url: "u", room: 4, dailyLimit: 9, leaseSeconds: 40, day: 1)
      let claim = try await office.database.write { tx in try tx.claimOpinions(terms, now: monday) }
      let question = try #require(claim.questions.first)
      try await office.database.write { tx in try tx.withdrawSecondOpinions(in: 1) }
      _ = try await office.database.write { tx in
        try tx.settle(question, .answered(Opinion(label: .complaint)), model: "m", url: "u", now: monday)
      }
      #expect(try await office.opinionRows == ["expired 1 a person has labelled it"])
    }
  }

  @Test(
    "without a usable answer it is asked three times, with growing pauses, then given up", arguments: Engine.available)
  func givenUp(engine: Engine) async throws {
    let server = try ModelServer(
      .status(500), .says("{\"label\":\"praise\"}"), .status(200, body: "<html>zhao.lin</html>"))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      for attempt in 1...3 as ClosedRange<Int64> {
        let tally = try await office.opinions(curl).askDue { monday }
        #expect(tally.asked == 1 && tally.failed == 1)
        let next = try await office.number("SELECT next_at FROM second_opinion")
        #expect(next >= monday.adding(20 << (attempt - 1)) && next <= monday.adding(30 << (attempt - 1)) + 60_000)
        #expect(try await office.opinions(curl).askDue { monday }.asked == 0)
        try await office.endPauses(monday)
      }
      #expect(try await office.opinionRows == ["failed 3 127.0.0.1: the answer is not JSON"])
      #expect(server.questions.count == 3)
    }
  }

  @Test(
    "silence, a hang-up, an answer too long and a server error are failures in time",
    arguments: [
      ModelServer.Answer.silence, .half, .status(500), .says(String(repeating: "x", count: 100_000)),
      .status(200, body: "{\"choices\":[]}"), .says("complaint"),
    ])
  func failures(answer: ModelServer.Answer) async throws {
    let server = try ModelServer(answer)
    try await withOpinions(.sqlite, server, { $0.timeout = 1 }) { office, curl in
      try await office.take(.unsure())
      #expect(try await office.opinions(curl).askDue { monday }.failed == 1)
      #expect(
        try await office.number("SELECT COUNT(*) FROM second_opinion WHERE state = 'waiting' AND attempts = 1") == 1)
      #expect(try await office.number("SELECT failures FROM opinion_endpoint") == 1)
    }
  }

  @Test("429 is waited for as long as it says and costs the mail nothing", arguments: Engine.available)
  func busy(engine: Engine) async throws {
    let server = try ModelServer(.status(429, header: "Retry-After: 90\r\n"), .says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      let opinions = try office.opinions(curl)
      #expect(try await opinions.askDue { monday }.failed == 1)
      #expect(try await office.opinionRows == ["waiting 0 127.0.0.1 answers HTTP 429"])
      try await office.endPauses(monday, endpoint: false)
      #expect(try await opinions.askDue { monday.adding(89) }.hindrance != nil)
      #expect(server.questions.count == 1)
      #expect(try await opinions.askDue { monday.adding(3600) }.answered == 1)
    }
  }

  @Test(
    "a refused secret rests at once, is told once without the secret, and mail goes on", arguments: Engine.available)
  func refused(engine: Engine) async throws {
    let server = try ModelServer(.status(401, body: "{\"error\":{\"message\":\"bad key sk-very-secret\"}}"))
    let lines = LogLines()
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      let opinions = try office.opinions(curl, log: lines.logger)
      #expect(try await opinions.askDue { monday }.failed == 1)
      try await office.endPauses(monday, endpoint: false)
      let hindrance = try #require(try await opinions.askDue { monday.adding(500) }.hindrance)
      #expect(hindrance.words.english.contains("rests until"))
      #expect(try await opinions.askDue { monday.adding(3600) }.failed == 1)
      #expect(server.questions.count == 2)
      #expect(lines.all.count == 1)
      #expect(lines.all.first?.contains("HTTP 401: it does not accept the secret") == true)
      let stored = try await office.texts(
        "SELECT words FROM second_opinion UNION ALL SELECT last_error FROM opinion_endpoint")
      #expect(!(lines.all + stored).contains { $0.contains("very-secret") })
      #expect(try await office.opinionRows.first?.hasPrefix("waiting 0 ") == true)
      let status = try await office.database.read { tx in
        try tx.opinionStatus(server.settings.url, day: office.settings.day(of: monday))
      }
      #expect(status.waiting == 1 && status.askedToday == 2 && status.pausedUntil > monday)
    }
  }

  @Test(
    "five failures in a row open the breaker; one question tries it, and an answer closes it",
    arguments: Engine.available)
  func breaker(engine: Engine) async throws {
    let server = try ModelServer(.status(500))
    let lines = LogLines()
    try await withOpinions(engine, server) { office, curl in
      for mail in 1...9 { try await office.take(.unsure("u\(mail)@c", from: "c\(mail)@d\(mail).example")) }
      let opinions = try office.opinions(curl, log: lines.logger)
      let first = try await opinions.askDue { monday }
      #expect(first.hindrance?.words.english.contains("rests until") == true)
      let asked = server.questions.count
      #expect(asked == 8)
      let later = monday.adding(700)
      try await office.endPauses(later, endpoint: false)
      #expect(try await opinions.askDue { later }.asked == 1)
      #expect(lines.all.count == 1)
      server.answer(.says(Self.complaint))
      let end = later.adding(700)
      try await office.endPauses(end, endpoint: false)
      #expect(try await opinions.askDue { end }.answered == 9)
      #expect(lines.all.count == 2 && lines.all.last?.contains("come again") == true)
      #expect(try await office.number("SELECT failures FROM opinion_endpoint") == 0)
    }
  }

  @Test("the day's limit holds for all nodes and ends with the day", arguments: Engine.available)
  func dailyLimit(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server, { $0.dailyLimit = 5 }) { office, curl in
      for mail in 1...7 { try await office.take(.unsure("u\(mail)@c", from: "c\(mail)@d\(mail).example")) }
      let (one, other) = (try office.opinions(curl), try office.opinions(curl))
      async let first = one.askDue { monday }
      async let second = other.askDue { monday }
      let tallies = try await [first, second]
      #expect(tallies.reduce(0) { $0 + $1.answered } == 5)
      #expect(tallies.contains { $0.hindrance == .dailyLimit })
      #expect(server.questions.count == 5)
      #expect(try await one.askDue { monday.adding(86_000) }.answered == 2)
    }
  }

  @Test("two nodes never ask about one mail at the same time", arguments: Engine.available)
  func nodes(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      for mail in 1...12 { try await office.take(.unsure("u\(mail)@c", from: "c\(mail)@d\(mail).example")) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 1...3 {
          let opinions = try office.opinions(curl)
          group.addTask { _ = try await opinions.askDue { monday } }
        }
        try await group.waitForAll()
      }
      #expect(try await office.number("SELECT COUNT(*) FROM second_opinion WHERE state = 'answered'") == 12)
      #expect(server.questions.count == 12)
    }
  }

  @Test("a process that is killed while asking leaves a mail that is asked about again", arguments: Engine.available)
  func killed(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      let terms = OpinionTerms(url: server.settings.url, room: 4, dailyLimit: 9, leaseSeconds: 40, day: 1)
      // Claimed and never settled: what is left when the process dies there.
      let claim = try await office.database.write { tx in try tx.claimOpinions(terms, now: monday) }
      #expect(claim.questions.count == 1)
      let again = try await Database.open(office.url)
      let opinions = try #require(
        SecondOpinions(database: again, settings: office.settings, engine: curl, log: .quiet))
      #expect(try await opinions.askDue { monday.adding(39) }.asked == 0)
      #expect(try await opinions.askDue { monday.adding(41) }.answered == 1)
      await again.close()
      #expect(try await office.opinionRows == ["answered 2 complaint"])
      // The first question's answer comes after all.
      let late = try #require(claim.questions.first)
      _ = try await office.database.write { tx in
        try tx.settle(late, .answered(Opinion(label: .suggestion)), model: "m", url: terms.url, now: monday.adding(42))
      }
      #expect(try await office.opinionRows == ["answered 2 complaint"])
    }
  }

  @Test("three questions that no process lived to settle are enough", arguments: Engine.available)
  func killedThrice(engine: Engine) async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(engine, server) { office, curl in
      try await office.take(.unsure())
      let terms = OpinionTerms(url: server.settings.url, room: 4, dailyLimit: 9, leaseSeconds: 40, day: 1)
      for turn in 0..<3 as Range<Int64> {
        let claim = try await office.database.write { tx in try tx.claimOpinions(terms, now: monday.adding(turn * 50)) }
        #expect(claim.questions.count == 1)
      }
      #expect(try await office.opinions(curl).askDue { monday.adding(200) }.asked == 0)
      #expect(try await office.opinionRows == ["failed 3 Postroom ended before the answer came"])
    }
  }

  @Test("a redirect is not followed, plain http and private addresses only when allowed")
  func whereTo() async throws {
    let other = try ModelServer(.says(Self.complaint))
    let server = try ModelServer(.status(307, header: "Location: \(other.settings.url)/chat/completions\r\n"))
    let engine = CurlEngine()
    let mail = MaskedText(subject: "", words: "hello")
    guard case .refused(let redirect) = await OpinionEndpoint(server.settings, engine: engine).ask(mail) else {
      Issue.record("a redirect was followed")
      return
    }
    #expect(redirect.contains("not followed"))
    for adjust in [{ $0.mayBePlain = false }, { $0.mayBePrivate = false }] as [(inout SecondOpinionSettings) -> Void] {
      var settings = other.settings
      adjust(&settings)
      guard case .refused = await OpinionEndpoint(settings, engine: engine).ask(mail) else {
        Issue.record("it was asked")
        continue
      }
    }
    #expect(other.questions.isEmpty)
    #expect(try await OpinionEndpoint(other.settings, engine: engine).check().get().label == .complaint)
    await engine.shutdown()
  }

  @Test("the loop asks by itself and ends when its task is cancelled")
  func loop() async throws {
    let server = try ModelServer(.says(Self.complaint))
    try await withOpinions(.sqlite, server) { office, curl in
      try await office.take(Letter.unsure().bytes, now: .now)
      let opinions = try office.opinions(curl)
      let task = Task { await opinions.run() }
      for _ in 0..<1200 where try await office.opinionRows != ["answered 1 complaint"] {
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(try await office.opinionRows == ["answered 1 complaint"])
      task.cancel()
      await task.value
    }
  }
}

@Suite("Settings of second opinions")
struct SecondOpinionSettingsTests {
  private static let settings = HomeFixture.settings

  private static func load(_ lines: String) throws -> SecondOpinionSettings? {
    let text = (HomeFixture.files[settings] ?? "") + lines
    return try HomeFixture([settings: text, "secrets/opinion": "sk-1\n"]).load().settings.secondOpinion
  }

  @Test("nobody is asked unless the settings name an endpoint")
  func off() throws {
    #expect(try Self.load("") == nil)
    #expect(try Self.load("second_opinion: off\n") == nil)
  }

  @Test("the least gives every default, and each key counts")
  func keys() throws {
    let least = try #require(try Self.load("second_opinion: { url: https://api.example.com/v1/, model: small }\n"))
    #expect(least == SecondOpinionSettings(url: "https://api.example.com/v1", model: "small"))
    #expect(least.timeout == 10 && least.dailyLimit == 500 && !least.mayBePrivate && least.covers("support"))
    let all = try #require(
      try Self.load(
        """
        second_opinion:
          url: http://127.0.0.1:11434/v1
          model: qwen3:8b
          password_file: secrets/opinion
          timeout: 20s
          daily_limit: 50
          mailboxes: [support]
          private: true
          plain: true

        """))
    #expect(all.timeout == 20 && all.dailyLimit == 50 && all.mayBePrivate && all.mayBePlain)
    #expect(all.covers("support") && !all.covers("sales"))
    guard case .passwordFile? = all.secret else {
      Issue.record("the secret is not read from its file")
      return
    }
  }
}
