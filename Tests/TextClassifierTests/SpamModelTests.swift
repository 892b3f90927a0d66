import Testing

@testable import TextClassifier

@Suite("The spam model")
struct SpamModelTests {
  private let spam = SpamModel()

  @Test(
    "what is sent to everybody scores higher than what a customer writes",
    arguments: [
      ("代开增值税专用发票，点数优惠，加微信详谈", "我上个月买的空调，发票能补开一张吗？"),
      (
        "Earn 5000 USD a week from home! Join our crypto signals group now, guaranteed profit",
        "The app shows my balance in USD, how do I change the currency?"
      ),
      (
        "We offer SEO backlinks and guest posts to rank your website first on Google",
        "Your website does not load on my phone since yesterday."
      ),
    ])
  func order(unwanted: String, wanted: String) {
    #expect(spam.score(unwanted).logit > spam.score(wanted).logit)
    #expect(!spam.score(wanted).isSpam)
  }

  @Test(
    "a text in which nothing is known is no spam",
    arguments: ["", "😀", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0"])
  func nothing(text: String) {
    #expect(!spam.score(text).isSpam)
  }

  @Test("its threshold lets through all but one in a thousand of the wanted mails")
  func threshold() {
    let wanted = (0..<2000).map { place in
      BlendFit.Example(linear: Logits(0, Double(place) / 100, 0, 0), cues: .zero, label: 0)
    }
    let threshold = BlendFit(classes: 2).spamThreshold(wanted, Blend(language: "*", classes: 2))
    let flagged = wanted.filter { softmax($0.linear, classes: 2)[1] >= threshold }
    #expect(flagged.count == 2)
    #expect(BlendFit(classes: 2).spamThreshold([], Blend(language: "*", classes: 2)) > 0.88)
  }

  @Test("a model of customers' texts is no spam model")
  func classes() throws {
    let model = try LinearModel(bytes: SmallCorpus.modelBytes)
    #expect(throws: ModelError.self) { try SpamModel(model: model) }
    #expect(throws: Never.self) { try SpamModel(model: LinearModel(bytes: LinearModel.shippedSpam.bytes)) }
  }
}
