import Testing

@testable import PostroomCore

@Suite("What is to be written down")
struct SettlementQueueTests {
  private func settlement(_ id: Int64) -> Settlement {
    Settlement(
      Delivery(
        id: id, gateway: "sms", channel: .sms, reference: "r\(id)", sender: "", recipient: "+8613800000000",
        content: [], attempt: 1, uncertainties: 0, expiresAt: nil, startedAt: 0, cost: 0), .accepted)
  }

  @Test("what ended before anybody waited is news at once, and only once", .timeLimit(.minutes(10)))
  func knownBefore() async {
    let queue = SettlementQueue()
    queue.append(settlement(1))
    await queue.news(within: 86_400_000)
    #expect(queue.takeAll().map(\.delivery) == [1])
    #expect(queue.takeAll().isEmpty)
    await queue.news(within: 1)
  }

  @Test("a sleeper is woken by what ends", .timeLimit(.minutes(10)))
  func sleeper() async {
    let queue = SettlementQueue()
    async let slept: Void = queue.news(within: 86_400_000)
    try? await Task.sleep(for: .milliseconds(20))
    queue.append(settlement(1))
    await slept
    #expect(queue.count == 1)
  }

  @Test("a sleeper is woken without a settlement, too", .timeLimit(.minutes(10)))
  func woken() async {
    let queue = SettlementQueue()
    async let slept: Void = queue.news(within: 86_400_000)
    try? await Task.sleep(for: .milliseconds(20))
    queue.wake()
    await slept
    #expect(queue.count == 0)
  }

  @Test("what could not be written down stands in front of what ended since")
  func putBack() {
    let queue = SettlementQueue()
    queue.append(settlement(1))
    let taken = queue.takeAll()
    queue.append(settlement(2))
    queue.putBack(taken)
    #expect(queue.takeAll().map(\.delivery) == [1, 2])
  }
}
