import PostroomCore
import Testing

@Suite("Segments of one condition")
struct SegmentTests {
  @Test(
    "a segment is read and written back",
    arguments: [
      ("all", Segment.all), ("ALL", .all), ("tier=vip", .tier(.vip)), ("tier = VIP", .tier(.vip)),
      ("tier>=vip", .tierAtLeast(.vip)), ("tier >= 高级VIP", .tierAtLeast(.senior)), ("tier=普通", .tier(.regular)),
      ("language=en", .language(.english)), ("language=zh-CN", .language(.chinese)),
      ("zone=Asia/Shanghai", .zone("Asia/Shanghai")), ("zone=europe/london", .zone("Europe/London")),
      ("birthday-month=5", .birthdayMonth(5)), ("customers-of=support", .customersOf(mailbox: "support")),
      ("not-contacted=90d", .notContacted(90 * 86_400)),
    ])
  func reads(text: String, expected: Segment) throws {
    let segment = try Segment(text, mailboxes: ["support", "sales"])
    #expect(segment == expected)
    #expect(try Segment(segment.description, mailboxes: ["support"]) == expected)
  }

  @Test(
    "what is no segment is refused with advice",
    arguments: [
      ("", "one condition of"), ("everyone", "one condition of"), ("teir=vip", "did you mean tier=vip?"),
      ("tier=gold", "regular, vip or senior"), ("tier>vip", "one condition of"), ("tier<=vip", "one condition of"),
      ("language>=en", "one condition of"), ("language=fr", "zh-Hans or en"), ("zone=Shanghai", "Asia/Shanghai?"),
      ("zone=../../etc/passwd", "Asia/Shanghai"), ("zone=GMT+8", "Asia/Shanghai"), ("birthday-month=13", "1 to 12"),
      ("birthday-month=May", "1 to 12"), ("customers-of=suport", "did you mean support?"),
      ("customers-of=x", "known are sales, support"), ("not-contacted=soon", "90d"), ("not-contacted=0d", "90d"),
      ("tier=vip,language=en", "regular, vip or senior"), ("=", "one condition of"),
      ("tier=", "regular, vip or senior"),
      ("id=1; DROP TABLE customer", "one condition of"),
    ])
  func refuses(text: String, advice: String) {
    let problem = #expect(throws: SegmentProblem.self) { try Segment(text, mailboxes: ["support", "sales"]) }
    #expect(problem?.description.contains(advice) == true)
  }

  @Test("the tiers rise")
  func tiers() {
    #expect(Tier.regular < .vip)
    #expect(Tier.vip < .senior)
    #expect(Tier(word: "senior VIP") == .senior)
    #expect(Tier(word: "gold") == nil)
  }
}
