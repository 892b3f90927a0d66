import Testing

@testable import TextClassifier

@Suite("Lessons in a log")
struct LessonFileTests {
  @Test("a lesson is read as it was written, with the label of its row")
  func roundTrip() throws {
    let base = try SmallCorpus.classifier()
    for text in ["alfa bravo charlie 甲乙丙?", "", String(repeating: "foxtrot 庚辛 ", count: 300)] {
      let lesson = base.lesson(text, .complaint)
      let read = try Lesson(bytes: lesson.bytes, label: .complaint)
      #expect(read == lesson)
      #expect(try Lesson(bytes: lesson.bytes, label: .inquiry) == base.lesson(text, .inquiry))
      #expect(read.origin == base.fingerprint)
    }
    #expect(base.lesson("alfa bravo charlie", .complaint).bytes.count < 33 + 6 * 3)
  }

  @Test("what a classifier knows on top does not change its fingerprint, another model does")
  func fingerprint() throws {
    let base = try SmallCorpus.classifier()
    var delta = ModelDelta()
    delta.learn(base.lesson("alfa", .complaint))
    #expect(base.with(delta).fingerprint == base.fingerprint)
    #expect(TextClassifier().fingerprint != base.fingerprint)
  }

  @Test("a delta answers to a lesson as the classifier does to its text")
  func answers() throws {
    let base = try SmallCorpus.classifier()
    var delta = ModelDelta()
    delta.learn(base.lesson("golf hotel", .suggestion))
    for text in ["alfa bravo", "golf hotel india", "甲乙", "unknown words here"] {
      let told = delta.answer(to: base.lesson(text, .inquiry))
      let classified = base.with(delta).classify(text)
      #expect(told.label == classified.label)
      #expect(abs(told.confidence - classified.confidence) < 1e-6)
    }
  }

  @Test("bytes that are no lesson are refused")
  func refused() throws {
    let bytes = try SmallCorpus.classifier().lesson("alfa bravo", .complaint).bytes
    for bad in [
      [], Array(bytes[..<20]), [9] + bytes[1...], bytes + [0x80], bytes + [0xFF, 0xFF, 0xFF, 0x7F], bytes + [0],
    ] {
      #expect(throws: ModelError.self) { try Lesson(bytes: bad, label: .complaint) }
    }
  }
}
