import Testing

@testable import TextClassifier

@Suite("The features of a text")
struct FeaturiserTests {
  private struct Spans: FeatureSink {
    var found: [(hash: UInt64, text: String)] = []
    let bytes: [UInt8]

    mutating func add(_ hash: UInt64, _ start: Int, _ end: Int) {
      found.append((hash, String(decoding: bytes[start..<end], as: UTF8.self)))
    }
  }

  private func features(_ text: String) -> [(hash: UInt64, text: String)] {
    let folded = FoldedText(text)
    var spans = Spans(bytes: folded.bytes)
    Featuriser.walk(folded, into: &spans)
    return spans.found
  }

  private func spans(_ text: String) -> [String] { features(text).map(\.text) }

  @Test("words alone and by twos, parted by punctuation")
  func words() {
    #expect(spans("Can't open it. Why?") == ["can't", "open", "can't open", "it", "open it", "why", "?"])
    #expect(spans("sign-in 'page'") == ["sign", "in", "sign-in", "page", "in 'page"])
    #expect(spans("café ouvert") == ["café", "ouvert", "café ouvert"])
  }

  @Test("Han characters alone and by twos, and once more where a run begins and ends")
  func han() {
    #expect(spans("退货吗") == ["退", "退货", "退货", "货", "货吗", "吗", "货吗"])
    #expect(spans("退，货") == ["退", "货"])
    #expect(Set(features("退货吗").map(\.hash)).count == 7)
  }

  @Test("any number is the same symbol")
  func digits() {
    #expect(features("order 12345").map(\.hash) == features("order 7").map(\.hash))
    #expect(features("b2b").map(\.hash) == features("b77b").map(\.hash))
    #expect(features("b2b").map(\.hash) != features("bb").map(\.hash))
  }

  @Test("the subject counts once more, with a mark")
  func subject() {
    #expect(features("refund\nrefund").map(\.text) == ["refund", "refund", "refund"])
    #expect(Set(features("refund\nrefund").map(\.hash)).count == 2)
    #expect(features("refund").count == 1)
  }

  @Test(
    "addresses and what is no word are skipped",
    arguments: [
      "https://shop.example/a?b=c", "www.shop.example", "(see:http://x.example)", "anna.b@mail.example",
      String(repeating: "QUJD", count: 30), String(repeating: "x", count: 33), "😀😀", "Привет",
    ])
  func skipped(text: String) {
    #expect(spans(text).isEmpty)
  }

  @Test("signs that stand alone count; an address does not end the sentence before it")
  func signs() {
    #expect(spans("50$ @home!…") == ["50", "$", "@", "home", "!", "…"])
    #expect(spans("请看http://a.example/x然后") == ["请", "请看", "请看", "看", "请看", "然", "然后", "然后", "后", "然后"])
  }

  @Test("buckets are pinned: change them only together with the version, and train again")
  func pinned() {
    #expect(FeatureSet.buckets(of: FoldedText("Please add a dark mode!")) == pinnedEnglish)
    #expect(FeatureSet.buckets(of: FoldedText("退货\n请问怎么退？")) == pinnedChinese)
    #expect(hex(Featuriser.hash) == "d525e5fe634ca290")
  }

  private let pinnedEnglish: [UInt32] = [
    137925, 112932, 105797, 229499, 180660, 1750, 228249, 87310, 233834, 61552,
  ]
  private let pinnedChinese: [UInt32] = [
    166656, 256605, 55938, 206017, 99746, 130661, 10504, 79334, 244982, 188695, 247254, 246955, 14642, 54591, 2133,
    198687, 202370, 31881, 79918, 96321, 232785,
  ]

  @Test("each feature counts once, whatever the text, and room is never short")
  func distinct() {
    for text in ["", "a", "a\nb", "退\n退", String(repeating: "a? ", count: 3000), String(repeating: "退货", count: 5000)] {
      let buckets = FeatureSet.buckets(of: FoldedText(text + "\n" + text))
      #expect(Set(buckets).count == buckets.count)
    }
  }
}
