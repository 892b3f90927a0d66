import Testing

@testable import TextClassifier

@Suite("Learning from corrections")
struct ModelDeltaTests {
  @Test("a correction moves its text, texts like it, and nothing without its words")
  func correction() throws {
    let base = try SmallCorpus.classifier()
    #expect(base.classify("alfa bravo charlie").label == .inquiry)
    var delta = ModelDelta()
    delta.learn(base.lesson("alfa bravo charlie", .suggestion))
    let taught = try SmallCorpus.classifier(delta)
    #expect(taught.classify("alfa bravo charlie").label == .suggestion)
    let near = (before: base.classify("bravo charlie delta"), after: taught.classify("bravo charlie delta"))
    #expect(probability(.suggestion, near.after) > probability(.suggestion, near.before))
    #expect(taught.classify("foxtrot golf hotel india").label == .complaint)
  }

  @Test("a confirmation makes surer, the less the surer it was")
  func confirmation() throws {
    let base = try SmallCorpus.classifier()
    var delta = ModelDelta()
    var confidences = [base.classify("kilo lima mike").confidence]
    for _ in 0..<3 {
      delta.learn(base.lesson("kilo lima mike", .suggestion))
      confidences.append(try SmallCorpus.classifier(delta).classify("kilo lima mike").confidence)
    }
    #expect(zip(confidences, confidences.dropFirst()).allSatisfy { $0 < $1 })
    #expect(confidences[1] - confidences[0] > confidences[3] - confidences[2])
  }

  @Test("a refit does not depend on the order of the lessons, to the byte")
  func refit() throws {
    let base = try SmallCorpus.classifier()
    let lessons = [
      base.lesson("alfa bravo", .complaint), base.lesson("甲乙丙", .suggestion), base.lesson("golf hotel", .inquiry),
      base.lesson("golf hotel", .inquiry), base.lesson("golf hotel", .complaint), base.lesson("", .complaint),
    ]
    let bytes = ModelDelta.refit(lessons).bytes
    #expect(ModelDelta.refit(lessons.reversed()).bytes == bytes)
    #expect(ModelDelta.refit([3, 0, 5, 1, 4, 2].map { lessons[$0] }).bytes == bytes)
    #expect(ModelDelta.refit(lessons.dropFirst().map { $0 }).bytes != bytes)
    let taught = try SmallCorpus.classifier(ModelDelta.refit(lessons))
    #expect(taught.classify("alfa bravo").label == .complaint && taught.classify("甲乙丙").label == .suggestion)
  }

  @Test("a refit learns what the model takes for what, though no word comes twice")
  func leanings() {
    func lesson(_ word: Int, _ base: Logits, _ label: TextLabel) -> Lesson {
      Lesson(buckets: [UInt32(word)], base: base, label: label, origin: 0)
    }
    let (inquiry, complaint): (Logits, Logits) = ([3, 0, 0, 0], [0, 3, 0, 0])
    let lessons = (0..<30).map { word in
      word % 2 == 0 ? lesson(word, complaint, .suggestion) : lesson(word, inquiry, .inquiry)
    }
    let delta = ModelDelta.refit(lessons)
    #expect(delta.answer(to: lesson(100, complaint, .complaint)).label == .suggestion)
    #expect(delta.answer(to: lesson(101, inquiry, .complaint)).label == .inquiry)
  }

  @Test("a text is told like its lesson")
  func answer() throws {
    let base = try SmallCorpus.classifier()
    var delta = ModelDelta.refit([base.lesson("alfa bravo", .complaint), base.lesson("golf 甲乙", .suggestion)])
    delta.learn(base.lesson("kilo alfa", .suggestion))
    let taught = try SmallCorpus.classifier(delta)
    for text in ["alfa hotel", "甲乙丙", "kilo", "unheard of", ""] {
      let (told, answer) = (taught.classify(text), delta.answer(to: base.lesson(text, .inquiry)))
      #expect(told.label == answer.label && abs(told.confidence - answer.confidence) < 1e-5, "\(text)")
    }
  }

  @Test("no lessons, no change")
  func empty() throws {
    #expect(ModelDelta.refit([]).isEmpty && ModelDelta().isEmpty)
    let plain = try SmallCorpus.classifier().classify("alfa 甲乙")
    let same = try SmallCorpus.classifier(ModelDelta.refit([])).classify("alfa 甲乙")
    #expect(plain.confidence == same.confidence && plain.label == same.label)
  }

  @Test("what was learned explains itself in words of the text")
  func evidence() throws {
    let base = try SmallCorpus.classifier()
    var delta = ModelDelta()
    delta.learn(base.lesson("xylophone zebra", .complaint))
    let result = try SmallCorpus.classifier(delta).explain("Xylophone  ZEBRA!")
    #expect(result.label == .complaint)
    #expect(result.evidence.first?.text == "Xylophone  ZEBRA")
  }

  @Test("bytes are read as they were written, and refused when damaged, cut or of other features")
  func bytes() throws {
    let base = try SmallCorpus.classifier()
    var delta = ModelDelta()
    for label in TextLabel.allCases { delta.learn(base.lesson("alfa 甲乙 \(label)", label)) }
    let bytes = delta.bytes
    let read = try ModelDelta(bytes: bytes)
    #expect(read.bytes == bytes && read.lessonCount == 3 && read.featureCount == delta.featureCount)
    let damaged = bytes.dropLast() + [bytes[bytes.count - 1] ^ 1]
    for (bad, why) in [
      (Array(damaged), "damaged"), (bytes.dropLast(), "bytes instead of"), ([], "no learned correction"),
      (bytes[..<16] + [bytes[16] ^ 1] + bytes[17...], "this program has \(hex(Featuriser.hash))"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: ModelError.self) { try ModelDelta(bytes: bad, place: "support") }
      #expect(try #require(error).description.contains(why))
    }
  }

  private func probability(_ label: TextLabel, _ result: Classification) -> Double {
    result.scores.first { $0.label == label }?.probability ?? 0
  }
}
