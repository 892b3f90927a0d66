import PostroomCore
import Testing

@Suite("Waiting before the next try")
struct BackoffTests {
  private let backoff = Backoff(first: 30, limit: 3600)

  @Test("doubles up to the limit")
  func doubling() {
    let waits = (1...10).map { backoff.milliseconds(after: $0, chance: 0) / 1000 }
    #expect(waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
  }

  @Test("is shortened by up to a third, never more, never to nothing")
  func spread() {
    var random = SeededGenerator(seed: 3)
    for attempt in 1...40 {
      let full = backoff.milliseconds(after: Int64(attempt), chance: 0)
      for _ in 0..<20 {
        let wait = backoff.milliseconds(after: Int64(attempt), chance: .random(in: 0..<1, using: &random))
        #expect(wait <= full && wait * 3 >= full * 2 - 3)
      }
    }
    #expect(backoff.milliseconds(after: 1, chance: 1.0.nextDown) == 20_000)
  }

  @Test("takes any number of attempts", arguments: [-5, 0, 1, 31, 64, 1000, Int64.max])
  func anyAttempt(attempt: Int64) {
    let wait = backoff.milliseconds(after: attempt, chance: 0)
    #expect(wait == (attempt <= 1 ? 30_000 : 3_600_000))
  }

  @Test("never exceeds a limit below the first wait")
  func lowLimit() {
    #expect(Backoff(first: 60, limit: 10).milliseconds(after: 1, chance: 0) == 10_000)
    #expect(Backoff(first: 36_525 * 86_400, limit: 36_525 * 86_400).milliseconds(after: 99, chance: 0) > 0)
  }
}
