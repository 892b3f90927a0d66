import Foundation
import PostroomCore
import Testing

@Suite("The text of an SMS and its segments")
struct SMSTextTests {
  private let alphabet = SMSProfile()
  private func named(_ name: String) throws -> SMSProfile { try #require(SMSProfile.named[name]) }
  private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  @Test("5,000 random texts are parted as smsutil parts them")
  func vectors() throws {
    let lines = try String(decoding: fixture("sms", "txt"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 5000)
    for (seed, line) in lines.enumerated() {
      let text = randomText(seed: UInt64(seed))
      let plan = SMSText.plan(text, profile: alphabet)
      let lengths = plan.segments.map { String($0.unicodeScalars.count) }.joined(separator: ",")
      #expect("\(plan.encoding == .gsm7 ? "g" : "u") \(plan.units) \(lengths)" == line, "seed \(seed)")
      #expect(plan.segments.joined().unicodeScalars.elementsEqual(text.unicodeScalars))
      #expect(plan.obstacles.isEmpty == (plan.encoding == .gsm7))
    }
  }

  /// As in Tests/Vectors/make-sms.py.
  private func randomText(seed: UInt64) -> String {
    var state = seed
    func pick(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
    let basic = Array(
      ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1B}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
        + "abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
    let extended = Array("\u{0C}^{}\\[~]|€".unicodeScalars)
    let other = Array("汉字您好，。【】’“”–…ç`éКи한あ\u{301}\u{200B}\u{FE0F}☎".unicodeScalars)
    let pairs = Array("😀🎉👩𠮷".unicodeScalars)
    _ = pick(1)
    let groups = [
      [basic], [basic, basic, extended], [basic, extended], [other], [other, pairs], [basic, extended, other, pairs],
      [pairs],
    ][pick(7)]
    let length = 1 + pick([40, 80, 170, 700][pick(4)])
    var text = String.UnicodeScalarView()
    for _ in 0..<length {
      let group = groups[pick(groups.count)]
      text.append(group[pick(group.count)])
    }
    return String(text)
  }

  @Test(
    "messages are parted at the known limits",
    arguments: [
      (String(repeating: "a", count: 160), [160]), (String(repeating: "a", count: 161), [153, 8]),
      (String(repeating: "a", count: 306), [153, 153]), (String(repeating: "a", count: 307), [153, 153, 1]),
      (String(repeating: "€", count: 80), [80]), (String(repeating: "€", count: 81), [76, 5]),
      (String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 10), [152, 11]),
      (String(repeating: "汉", count: 70), [70]), (String(repeating: "汉", count: 71), [67, 4]),
      (String(repeating: "汉", count: 134), [67, 67]), (String(repeating: "汉", count: 135), [67, 67, 1]),
      (String(repeating: "😀", count: 35), [35]), (String(repeating: "😀", count: 36), [33, 3]),
      (String(repeating: "汉", count: 66) + "😀" + String(repeating: "汉", count: 5), [66, 6]), ("", [0]),
    ])
  func limits(text: String, lengths: [Int]) {
    #expect(SMSText.plan(text, profile: alphabet).segments.map { $0.unicodeScalars.count } == lengths)
  }

  @Test("é and Ç are in the alphabet of GSM, ç, ’ and ` are not")
  func alphabetOfGSM() {
    #expect(SMSText.plan("éÇ{}[]~\\|^€\n", profile: alphabet).encoding == .gsm7)
    for text in ["ç", "’", "`", "á", "\t", "汉"] {
      #expect(SMSText.plan(text, profile: alphabet).encoding == .ucs2)
    }
  }

  @Test("a curly quote that halves what fits is named, with what saves a segment")
  func curlyQuote() {
    let plan = SMSText.plan(repeated("a", 158) + "’’", profile: alphabet)
    #expect(plan.segments.count == 3)
    #expect(plan.obstacles == [SMSObstacle(character: "’", remedy: .replace("'"))])
    #expect(plan.segmentsWithoutObstacles == 1)
  }

  @Test("letters are to be spelt otherwise, symbols may go, other scripts stay")
  func remedies() {
    let french = SMSText.plan(repeated("a", 100) + "ça… 😀～", profile: alphabet)
    #expect(french.obstacles.map(\.character) == ["ç", "…", "😀", "～"])
    #expect(french.obstacles.map(\.remedy) == [.respell, .replace("..."), .leaveOut, .replace("~")])
    #expect(french.segmentsWithoutObstacles == 1)
    let chinese = SMSText.plan(repeated("汉", 71) + "’", profile: alphabet)
    #expect(chinese.obstacles.first?.remedy == SMSObstacle.Remedy.none)
    #expect(chinese.segmentsWithoutObstacles == nil)
    // Nothing is saved where one segment is enough.
    #expect(SMSText.plan("it’s", profile: alphabet).segmentsWithoutObstacles == nil)
  }

  @Test("marketing in mainland China has signature and opt-out once and counts as one of 70")
  func mainland() throws {
    let whole = "【示例商城】李雷您好，双十二 VIP 专享 9 折，12月12日止。拒收请回复R"
    let body = "李雷您好，双十二 VIP 专享 9 折，12月12日止。"
    for text in [body, "【示例商城】" + body, body + "拒收请回复R", whole, "【示例商城】 【示例商城】" + body + "【示例商城】"] {
      let plan = SMSText.plan(text, signature: "示例商城", optOut: .chinese, profile: try named("tencent"))
      #expect(plan.text == whole)
      #expect(plan.submission == body + "拒收请回复R")
      #expect(plan.units == 40)
      #expect(plan.segments == [whole])
      #expect(
        SMSText.plan(text, signature: "【示例商城】", optOut: .chinese, profile: try named("kannel")).submission == whole)
    }
    #expect(SMSText.plan(body, signature: "示例商城", profile: try named("aliyun")).text == "【示例商城】" + body)
  }

  @Test("the signature of a mainland vendor uses up what fits, and Latin letters count as Chinese ones")
  func mainlandCounting() throws {
    let vendor = try named("aliyun")
    #expect(SMSText.plan(repeated("a", 64), signature: "示例商城", profile: vendor).segments.count == 1)
    #expect(SMSText.plan(repeated("a", 65), signature: "示例商城", profile: vendor).segments.count == 2)
    #expect(SMSText.plan(repeated("a", 64), signature: "示例商城", profile: vendor).obstacles.isEmpty)
    #expect(!SMSText.plan(repeated("字", 494), signature: "示例商城", profile: vendor).isTooLong)
    #expect(SMSText.plan(repeated("字", 495), signature: "示例商城", profile: vendor).isTooLong)
  }

  @Test("the signature stands at the end where a gateway wants it there")
  func signatureAtEnd() {
    let profile = SMSProfile(signaturePlace: .end)
    for text in ["您好", "【示例】您好", "您好 【示例】"] {
      #expect(SMSText.plan(text, signature: "示例", profile: profile).text == "您好【示例】")
    }
    #expect(SMSText.plan("好礼", signature: "示例", optOut: .chinese, profile: profile).text == "好礼，拒收请回复R【示例】")
    // Another's brackets are part of the text.
    #expect(SMSText.plan("【别家】您好", signature: "示例", profile: profile).text == "【别家】您好【示例】")
    #expect(SMSText.plan(" 您好 ", signature: "", profile: profile).text == " 您好 ")
  }

  @Test("each gateway has its own opt-out in each language, after marketing only")
  func optOuts() throws {
    func text(_ name: String, _ language: Language?) throws -> String {
      SMSText.plan("Sale", optOut: language, profile: try named(name)).text
    }
    #expect(try text("kannel", nil) == "Sale")
    #expect(try text("kannel", .english) == "Sale. Reply STOP to opt out")
    #expect(try text("twilio", .chinese) == "Sale，退订请回复STOP")
    #expect(try text("qiniu", .chinese) == "Sale，回T退订")
    #expect(try text("upyun", .chinese) == "Sale，退订回T")
    let profile = try named("kannel")
    for body in ["Sale!", "Sale! ", "Sale! Reply STOP to opt out", "Sale! Reply STOP to opt out."] {
      let text = SMSText.plan(body, optOut: .english, profile: profile).text
      #expect(text.hasPrefix("Sale! Reply STOP to opt out"))
      #expect(text.ranges(of: "STOP").count == 1)
    }
    let pointed = SMSProfile(optOut: Localized(chinese: "退订回T。", english: "Text STOP to end."))
    #expect(SMSText.plan("好礼。退订回T", optOut: .chinese, profile: pointed).text == "好礼。退订回T")
    #expect(SMSText.plan("好礼", optOut: .chinese, profile: pointed).text == "好礼，退订回T。")
    #expect(SMSText.plan("", optOut: .chinese, profile: profile).text == "拒收请回复R")
  }

  @Test("the cost is the price of a segment for each, in micro-units")
  func cost() {
    let plan = SMSText.plan(repeated("a", 161), profile: alphabet)
    #expect(plan.cost(perSegment: 45_000) == 90_000)
    #expect(plan.cost(perSegment: .max) == .max)
  }

  @Test("text of any length is planned in linear time", arguments: ["a", "【示例】", "\u{301}", " ", "😀", "’"])
  func hostile(unit: String) {
    let isLinear = isLinear(from: 60_000) {
      let plan = SMSText.plan(repeated(unit, $0), signature: "示例", optOut: .english, profile: alphabet)
      #expect(!plan.segments.isEmpty)
    }
    #expect(isLinear)
  }
}
