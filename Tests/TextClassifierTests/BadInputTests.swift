import Testing

@testable import TextClassifier

@Suite("Bad input")
struct BadInputTests {
  private let classifier = TextClassifier()

  @Test(
    "what says nothing is not sure of anything",
    arguments: [
      "", "\n", " \t ", "😀😀😡😡❤️", "\u{0}\u{0}", "Где мой заказ? Жду уже неделю.", "注文はいつ届きますか。",
      "ご注文の商品がまだ届きません。確認してください。",
      "주문이 언제 오나요", "أين طلبي", "SGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
      "https://shop.example/a/b?c=d", "anna@mail.example", "12345 67890", "-----", "\u{FEFF}\u{200B}",
    ])
  func nothing(text: String) {
    let result = classifier.explain(text)
    #expect(!result.isSure)
    #expect(result.confidence < 0.75, "\(result.label) \(result.confidence)")
  }

  @Test("a megabyte is answered from its beginning, at once and without trapping")
  func large() {
    let letters = String(repeating: "c29tZSBiYXNlNjQ", count: 70_000)
    #expect(classifier.explain(letters).confidence < 0.5)
    let lines = String(
      repeating: "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n", count: 13_000)
    #expect(classifier.explain(lines).confidence < 0.5)
    #expect(classifier.explain(String(repeating: "😀", count: 260_000)).confidence < 0.5)
    let begins = "Broken\nThe lamp is broken and I want a refund. "
    #expect(classifier.explain(begins + String(repeating: "= ", count: 500_000)).label == .complaint)
  }

  @Test("evidence is quoted from the text, whatever it is made of")
  func quotes() {
    let pieces = [
      "退货", "ＲＥＦＵＮＤ", "can’t", "\n", "  ", "😀", "é", "e\u{301}", "請問", "?!…", "a@b.c", "x", "\u{0}", "https://a.b",
      "投诉", "please add",
    ]
    var generator = Shuffler(state: 11)
    for _ in 0..<400 {
      let text = generator.shuffled(Array(pieces.indices)).prefix(9).map { pieces[$0] }.joined()
      let result = classifier.explain(text)
      for evidence in result.evidence {
        #expect(evidence.weight > 0 && !evidence.text.isEmpty)
        // By scalars: an accent that stands by itself is no part of a word.
        #expect(Array(text.unicodeScalars).contains(Array(evidence.text.unicodeScalars)))
      }
      #expect(result.confidence >= 1.0 / 3 - 1e-9 && result.confidence <= 1)
      #expect(classifier.classify(text).confidence == result.confidence)
    }
  }

  @Test("mixed mail shows the second label")
  func second() {
    let texts = ["发票什么时候能开？建议网站增加自动开票的功能。", "The app crashes on start. Please add an offline mode, it would be great."]
    let results = texts.map(classifier.classify)
    for result in results { #expect((result.second != nil) == (result.scores[1].probability > 0.3)) }
    #expect(classifier.classify("我要投诉，客服态度恶劣，要求赔偿").second == nil)
  }
}
