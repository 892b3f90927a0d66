import Testing

@testable import PostroomCore

@Suite("From which confidence on a label counts without a person")
struct ConfidenceThresholdTests {
  @Test("the lower bound is Wilson's")
  func bound() {
    // Worked by hand: 81 of 100.
    #expect(abs(ConfidenceThreshold.lowerBound(81, of: 100) - 0.7222) < 0.0005)
    #expect(abs(ConfidenceThreshold.lowerBound(100, of: 100) - 0.9630) < 0.0005)
    #expect(ConfidenceThreshold.lowerBound(0, of: 10) == 0 || ConfidenceThreshold.lowerBound(0, of: 10) < 1e-9)
    #expect(ConfidenceThreshold.lowerBound(0, of: 0) == 0)
  }

  private func labels(_ count: Int, _ confidence: Double, wrong: Int = 0) -> [(confidence: Double, isRight: Bool)] {
    (0..<count).map { (confidence, $0 >= wrong) }
  }

  @Test("99 labels, all right, are not enough, and 100 are")
  func least() {
    #expect(ConfidenceThreshold(labels(99, 0.9), precision: 0.9).value == nil)
    #expect(ConfidenceThreshold(labels(100, 0.9), precision: 0.9).value == 0.9)
    #expect(ConfidenceThreshold([], precision: 0.9).value == nil)
  }

  @Test("the smallest that keeps the precision is taken, and equal confidences stand or fall together")
  func smallest() {
    let some = labels(100, 0.95) + labels(50, 0.8, wrong: 2) + labels(50, 0.6, wrong: 30)
    let threshold = ConfidenceThreshold(some.shuffled(), precision: 0.9)
    #expect(threshold.value == 0.8)
    #expect(threshold.coverage == 0.75)
    #expect(ConfidenceThreshold(some, precision: 0.96).value == 0.95)
    #expect(ConfidenceThreshold(some, precision: 0.99).value == nil)
  }

  @Test("as many as the share are drawn, the same again, and others under another key")
  func lot() {
    let lot = AuditLot(secret: Array(repeating: 7, count: 32))
    let mails = (0..<20_000).map { number in [UInt8(number & 255), UInt8(number >> 8), 3] }
    let drawn = mails.filter { lot.draws($0, share: 0.03) }
    #expect((500...700).contains(drawn.count))
    #expect(drawn == mails.filter { AuditLot(secret: Array(repeating: 7, count: 32)).draws($0, share: 0.03) })
    let other = AuditLot(secret: Array(repeating: 8, count: 32))
    #expect(drawn != mails.filter { other.draws($0, share: 0.03) })
    #expect(mails.allSatisfy { lot.draws($0, share: 1) && !lot.draws($0, share: 0) })
  }
}
