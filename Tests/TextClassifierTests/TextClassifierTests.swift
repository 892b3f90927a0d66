import Testing

@testable import TextClassifier

@Suite("Classifying customer texts")
struct TextClassifierTests {
  let classifier = TextClassifier()

  @Test(
    "plain texts get the label a person would give",
    arguments: [
      ("订单什么时候发货\n您好，请问我上周下的订单什么时候能发货？", TextLabel.inquiry),
      ("咨询保修政策\n想问一下耳机的保修期是多久，需要什么凭证？", .inquiry),
      ("我要投诉\n买了三天手机就黑屏了，客服一直不处理，太让人失望了，要求退款！", .complaint),
      ("快递态度恶劣\n包裹破损，打了多次电话没人回复。", .complaint),
      ("一点建议\n希望能在网站上增加到货提醒的功能，会更方便。", .suggestion),
      ("夸一下\n客服很耐心，非常满意，继续保持。", .suggestion),
      ("Opening hours\nHi, could you tell me when the shop is open on Sunday?", .inquiry),
      ("Broken again\nThe kettle stopped working after two days. This is unacceptable, I want a refund.", .complaint),
      ("Feature request\nIt would be great if you could add a dark mode to the site.", .suggestion),
    ])
  func plainTexts(text: String, label: TextLabel) {
    #expect(classifier.classify(text).label == label)
  }

  @Test("Traditional Chinese, full-width letters and capitals are the same cues")
  func variants() {
    #expect(classifier.classify("請問這款手機什麼時候有貨？").label == .inquiry)
    #expect(classifier.classify("我要投訴：商品損壞，客服態度惡劣，沒有人處理").label == .complaint)
    #expect(classifier.classify("建議增加繁體中文介面").label == .suggestion)
    #expect(classifier.explain("ＲＥＦＵＮＤ！ This is TERRIBLE").evidence.contains { $0.text.contains("ＲＥＦＵＮＤ") })
  }

  @Test("a denied complaint is none")
  func negation() {
    for text in [
      "No complaints at all, just wondering: how long is the warranty?", "不是投诉，耳机没有问题，只想问问怎么配对",
    ] {
      #expect(classifier.classify(text).label == .inquiry)
      #expect(Tally(counting: FoldedText(text)).scores[TextLabel.complaint.index] == 0)
    }
  }

  @Test(
    "nothing to go by: an inquiry with low confidence and no evidence", arguments: ["", "\n\n", "  ", "😀😀", "\u{0}"])
  func nothing(text: String) {
    let result = classifier.explain(text)
    #expect(result.label == .inquiry)
    #expect(result.confidence < 0.5)
    #expect(!result.isSure)
    #expect(result.evidence.isEmpty)
    #expect(result.language == .other)
  }

  @Test("probabilities sum to 1, the best first, and evidence falls in weight")
  func shape() {
    let result = classifier.explain("建议\n希望增加客服，请问什么时候？太慢了，投诉！")
    #expect(abs(result.scores.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
    #expect(Set(result.scores.map(\.label)) == Set(TextLabel.allCases))
    #expect(result.scores[0].label == result.label && result.scores[0].probability == result.confidence)
    #expect(zip(result.evidence, result.evidence.dropFirst()).allSatisfy { $0.weight >= $1.weight })
    #expect(result.evidence.allSatisfy { $0.weight > 0 })
  }

  @Test("evidence is quoted as it stands in the text, beyond line wraps and capitals")
  func evidence() {
    let text = "Hello\nIt  WOULD  BE\n GREAT to have it in black."
    let quoted = classifier.explain(text).evidence.map(\.text)
    #expect(quoted.contains { $0.contains("WOULD  BE\n GREAT") })
    #expect(quoted.allSatisfy(text.contains))
  }

  @Test("a cue inside a word is none")
  func wordBounds() {
    #expect(Tally(counting: FoldedText("Debugging classes at the Abadan hotel")).votes.isEmpty)
  }

  @Test("a cue in the subject counts more than in the body")
  func subject() {
    let inSubject = Tally(counting: FoldedText("退货\n订单号 1234")).scores[TextLabel.complaint.index]
    let inBody = Tally(counting: FoldedText("订单号 1234\n退货")).scores[TextLabel.complaint.index]
    #expect(inSubject > inBody && inBody > 0)
  }

  @Test("language by script")
  func language() {
    #expect(classifier.classify("我的 iPhone 充不进电").language == .chinese)
    #expect(classifier.classify("My order from 北京 is late").language == .english)
    #expect(classifier.classify("Где мой заказ").language == .other)
    #expect(classifier.classify("注文はいつ届きますか、よろしくおねがいします").language == .other)
  }

  @Test("hostile lengths and bytes: bounded, no trap, same answer twice")
  func hostile() {
    var generator = Xorshift(state: 7)
    for _ in 0..<300 {
      let bytes = (0..<Int(generator.next() % 400)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      let text = String(decoding: bytes, as: UTF8.self)
      let first = classifier.explain(text)
      #expect(first.evidence == classifier.explain(text).evidence)
      #expect(first.confidence >= 1.0 / 3 - 1e-9 && first.confidence <= 1)
    }
    let long = classifier.explain(String(repeating: "好", count: 8_000) + "投诉")
    #expect(!long.evidence.contains { $0.text.contains("投诉") })
    #expect(classifier.classify(String(repeating: "投诉", count: 100_000)).label == .complaint)
    #expect(!classifier.explain("e" + String(repeating: "\u{301}", count: 20_000)).isSure)
  }
}

@Suite("The cue automaton")
struct CueAutomatonTests {
  private func phrases(_ cues: [String], _ text: String) -> [String] {
    CueAutomaton(cues).hits(in: Array(text.utf8)).map { cues[$0.cue] }
  }

  @Test("finds what a plain search finds when no cue lies within another")
  func search() {
    #expect(phrases(["abc", "bcd", "x"], "abcdx") == [])
    #expect(phrases(["abc*", "退货", "货到"], "abcd 退货到") == ["abc*", "退货", "货到"])
  }

  @Test("the outermost of nested cues counts, and a shorter one when the longer stands in a word")
  func nesting() {
    #expect(phrases(["问题", "有问题", "没有问题"], "没有问题，有问题") == ["没有问题", "有问题"])
    #expect(phrases(["not", "not work"], "not works, not work") == ["not", "not work"])
  }

  @Test("the shipped lists fit the automaton and are written in folded form")
  func lists() {
    let cues = Cues.groups.flatMap(\.cues) + Cues.pairs.flatMap { $0.openers + $0.closers }
    #expect(cues.reduce(0) { $0 + $1.utf8.count } < 65_536)
    for cue in cues {
      let folded = FoldedText(cue)
      #expect(String(decoding: folded.bytes, as: UTF8.self) == cue && !cue.isEmpty)
    }
    #expect(Lexicon.shared.weights.allSatisfy { $0 > 0 })
  }
}

/// Marsaglia's xorshift64: the same numbers in every run.
private struct Xorshift: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
