import Testing

@testable import CurlClient

@Suite("Queues")
struct QueueTests {
  @Test("Elements leave in the order in which they came, put-back ones first")
  func order() {
    var queue = Queue<Int>()
    for number in 0..<5000 { queue.append(number) }
    for number in 0..<3000 { #expect(queue.popFirst() == number) }
    queue.prepend(2999)
    #expect(queue.remove { $0 == 3001 } && !queue.remove { $0 == 17 })
    #expect(queue.count == 2000)
    #expect((0..<3).map { _ in queue.popFirst() } == [2999, 3000, 3002])
    #expect(queue.popAll() == Array(3003..<5000))
    #expect(queue.count == 0 && queue.popFirst() == nil)
    queue.prepend(1)
    #expect(queue.popAll() == [1])
  }
}
