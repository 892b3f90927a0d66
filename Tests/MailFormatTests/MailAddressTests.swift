import MailFormat
import Testing

@Suite("Addresses and dates")
struct MailAddressTests {
  private func list(_ text: String) -> [String] {
    MailAddress.list(Array(text.utf8)).map { "\($0.name)|\($0.address)" }
  }

  @Test(
    "lists as they are written",
    arguments: [
      ("a@B.Test", ["|a@b.test"]), ("A B <a@b.test>, c@d.test", ["A B|a@b.test", "|c@d.test"]),
      ("\"Doe, \\\"J\\\"\" <a@b.test>", ["Doe, \"J\"|a@b.test"]), ("a@b.test (Ann (x))", ["Ann (x)|a@b.test"]),
      ("Team: a@b.test, C <c@d.test>; e@f.test", ["|a@b.test", "C|c@d.test", "|e@f.test"]),
      ("undisclosed-recipients:;", []), ("=?utf-8?Q?Doe,_J?= <a@b.test>", ["Doe, J|a@b.test"]),
      ("<@x.test,@y.test:a@b.test>", ["|a@b.test"]), ("John a@b.test", ["John|a@b.test"]),
      ("moderator", ["|moderator"]),
      ("\"John <a@b.test>", ["John|a@b.test"]), ("Ann <a@b.test", ["Ann|a@b.test"]),
      ("a@b.test; c@d.test", ["|a@b.test", "|c@d.test"]),
      ("\"a b\"@c.test", ["|\"a b\"@c.test"]), ("", []), (",,<>,", []),
      ("=?utf-8?B?5byg5LiJIDxhQGIudGVzdD4=?=", ["张三|a@b.test"]), ("'a@b.test' <a@b.test>", ["a@b.test|a@b.test"]),
    ] as [(String, [String])])
  func parsesLists(field: String, expected: [String]) {
    #expect(list(field) == expected)
  }

  @Test("what a server takes and what not")
  func tellsSendable() {
    for good in ["a@b.test", "a.b+c@xn--fiq228c.cn", "\"a b\"@c.test", "x@localhost"] {
      #expect(MailAddress(address: good).isSendable, "\(good)")
    }
    for bad in [
      "", "a", "@b.test", "a@", "a..b@c.test", "a b@c.test", "a@b..c", "a@-b.test", "用户@例子.cn", "a@b.test\r\nX: y",
      "a@[1.2.3.4]", "\"a\"b\"@c.test",
    ] {
      #expect(!MailAddress(address: bad).isSendable, "\(bad)")
    }
  }

  @Test("parts of an address")
  func dividesAddress() {
    let address = MailAddress(name: "A", address: "Ann@Example.Test")
    #expect(address.localPart == "Ann")
    #expect(address.domain == "example.test")
    #expect(address.normalized == "ann@example.test")
  }

  @Test(
    "dates in the forms that occur",
    arguments: [
      ("Sun, 22 Nov 2026 10:00:00 +0800 (CST)", 1_795_312_800_000), ("22 Nov 2026 02:00 GMT", 1_795_312_800_000),
      ("Sun Nov 22 02:00:00 2026", 1_795_312_800_000), ("2026-11-22T10:00:00+08:00", 1_795_312_800_000),
      ("22-Nov-2026 02:00:00 -0000", 1_795_312_800_000), ("Sat, 21 Nov 26 21:00:00 EST", 1_795_312_800_000),
      ("1 Jan 1970 00:00:00 +0000", 0), ("29 Feb 2024 00:00:00 Z", 1_709_164_800_000), ("tomorrow", nil), ("", nil),
      ("99 Nov 2026 10:00:00 +0800", nil), ("99999999999999999999", nil),
    ] as [(String, Int64?)])
  func parsesDates(text: String, expected: Int64?) {
    #expect(MailDate.parse(Array(text.utf8)) == expected)
  }

  @Test("dates are written as they are read")
  func formatsDates() {
    #expect(MailDate.format(1_795_312_800_000, zoneOffset: 28_800) == "Sun, 22 Nov 2026 10:00:00 +0800")
    #expect(MailDate.format(1_795_312_800_999, zoneOffset: -12_600) == "Sat, 21 Nov 2026 22:30:00 -0330")
    #expect(MailDate.format(.max, zoneOffset: .max).hasSuffix(" +2300"))
    #expect(MailDate.format(.min, zoneOffset: 0) == "Thu, 1 Jan 1970 00:00:00 +0000")
  }

  @Test(
    "subjects without reply marks",
    arguments: [
      ("Re: Fwd: a", "a"), ("回复：答复: 退款", "退款"), ("RE[2]: a", "a"), ("轉寄：Re:a", "a"), ("Re a", "Re a"),
      ("Recall: a", "Recall: a"), ("Re:", ""), ("12:30 meeting", "12:30 meeting"),
    ])
  func stripsPrefixes(subject: String, expected: String) {
    #expect(SubjectLine.strippingReplyPrefixes(subject) == expected)
  }

  @Test("number tags in a subject")
  func findsTags() {
    #expect(SubjectLine.numberTags(in: "Re: [#12345] 退款 [#7][#7] [#] [#x] [#9999999999999999999]") == [12_345, 7])
    #expect(SubjectLine.numberTags(in: "[#1").isEmpty)
  }
}
