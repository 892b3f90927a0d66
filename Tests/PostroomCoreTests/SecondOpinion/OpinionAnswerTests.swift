import Testing
import TextClassifier

@testable import PostroomCore

@Suite("What counts as a second opinion")
struct OpinionAnswerTests {
  private static func read(_ content: String) -> Opinion? {
    try? OpinionAnswer.read(Array(ModelServer.chat(content).utf8)).get()
  }

  @Test("one of three labels, with or without a confidence")
  func right() {
    #expect(Self.read("{\"label\":\"complaint\"}") == Opinion(label: .complaint))
    #expect(
      Self.read(" {\"label\": \"inquiry\", \"confidence\": 0.75}\n") == Opinion(label: .inquiry, probability: 0.75))
    #expect(Self.read("{\"label\":\"suggestion\",\"confidence\":null}") == Opinion(label: .suggestion))
    #expect(Self.read("{\"label\":\"suggestion\",\"confidence\":1}") == Opinion(label: .suggestion, probability: 1))
  }

  @Test(
    "anything else is none",
    arguments: [
      "", "complaint", "\"complaint\"", "{}", "[]", "{\"label\":\"Complaint\"}", "{\"label\":\"praise\"}",
      "{\"label\":[\"complaint\"]}", "{\"label\":null}", "```json\n{\"label\":\"complaint\"}\n```",
      "Sure: {\"label\":\"complaint\"}", "{\"label\":\"complaint\"} {\"label\":\"inquiry\"}",
      "{\"label\":\"complaint\",\"confidence\":1.5}", "{\"label\":\"complaint\",\"confidence\":-0.1}",
      "{\"label\":\"complaint\",\"confidence\":\"high\"}", "{\"label\":\"complaint\",\"confidence\":1e999}",
      "{\"label\":\"complaint\",\"confidence\":\"nan\"}", "{\"label\":\"complaint\",\"confidence\":[0.5]}",
      "{\"label\":\"complaint\",\"owner\":\"bo\"}", "{\"label\":\"complaint\"",
    ])
  func wrong(content: String) {
    #expect(Self.read(content) == nil)
  }

  @Test(
    "nor is an answer that is no whole chat",
    arguments: [
      "", "ok", "[]", "{}", "{\"choices\":[]}", "{\"choices\":[{\"message\":{\"content\":null}}]}",
      "{\"choices\":[{\"message\":{\"content\":\"{\\\"label\\\":\\\"inquiry\\\"}\"},\"finish_reason\":\"length\"}]}",
      "{\"label\":\"complaint\"}", String(repeating: "[", count: 100_000),
    ])
  func noChat(body: String) {
    #expect((try? OpinionAnswer.read(Array(body.utf8)).get()) == nil)
  }

  @Test("no sentence about a fault repeats what the model said")
  func discretion() {
    for content in [
      "zhao.lin", "{\"label\":\"zhao.lin\"}", "{\"zhao.lin\":1}", "{\"label\":\"inquiry\",\"confidence\":\"zhao.lin\"}",
    ] {
      guard case .failure(let fault) = OpinionAnswer.read(Array(ModelServer.chat(content).utf8)) else {
        Issue.record("\(content) was taken")
        continue
      }
      #expect(!fault.sentence.contains("zhao"))
    }
  }
}

@Suite("The breaker of second opinions")
struct OpinionBreakerTests {
  private let failure = OpinionOutcome.failed("it hung up")

  @Test("opens after five failures in a row, rests longer each time up to ten minutes, tells it once")
  func opens() {
    var breaker = OpinionBreaker()
    for _ in 1...4 { #expect(breaker.note(failure, isTrial: false, now: monday) == nil) }
    #expect(breaker.mayBeAsked(monday))
    #expect(breaker.note(failure, isTrial: false, now: monday) == .rests("it hung up"))
    for seconds in [30, 60, 120, 240, 480, 600, 600] as [Seconds] {
      #expect(!breaker.mayBeAsked(monday.adding(seconds * 2 / 3 - 1)))
      #expect(breaker.mayBeAsked(monday.adding(seconds)))
      #expect(breaker.note(failure, isTrial: true, now: monday) == nil)
    }
  }

  @Test("an answer closes it, and that is told when it was open")
  func closes() {
    var breaker = OpinionBreaker(failures: 4, lastError: "x")
    #expect(breaker.note(.answered(Opinion(label: .inquiry)), isTrial: false, now: monday) == nil)
    #expect(breaker.failures == 0)
    breaker = OpinionBreaker(failures: 7, pausedUntil: monday + 1, lastError: "x")
    #expect(breaker.note(.answered(Opinion(label: .inquiry)), isTrial: true, now: monday) == .worksAgain)
    #expect(breaker == OpinionBreaker())
  }

  @Test("what was asked before a rest does not change it")
  func late() {
    var breaker = OpinionBreaker()
    _ = breaker.note(.refused("401"), isTrial: false, now: monday)
    let resting = breaker
    #expect(breaker.note(failure, isTrial: false, now: monday) == nil)
    #expect(breaker.note(.answered(Opinion(label: .inquiry)), isTrial: false, now: monday) == nil)
    #expect(breaker == resting)
  }

  @Test("a refusal rests at once for ten minutes; being busy, as long as was asked for")
  func refusal() {
    var breaker = OpinionBreaker()
    #expect(breaker.note(.refused("401"), isTrial: false, now: monday) == .rests("401"))
    #expect(breaker.pausedUntil == monday.adding(600))
    breaker = OpinionBreaker()
    #expect(breaker.note(.busy("429", retryAfter: 77), isTrial: false, now: monday) == nil)
    #expect(breaker.pausedUntil == monday.adding(77))
    breaker = OpinionBreaker()
    _ = breaker.note(.busy("429", retryAfter: 999_999), isTrial: false, now: monday)
    #expect(breaker.pausedUntil == monday.adding(3600))
  }
}
