import MailFormat
import Testing

@Suite("Character sets")
struct CharsetTests {
  private func text(_ label: String?, _ bytes: [UInt8]) -> MailMessage {
    let type = label.map { "Content-Type: text/plain; charset=\($0)\r\n" } ?? ""
    return MessageParser.parse(Array("From: a@b.test\r\n\(type)\r\n".utf8) + bytes)
  }

  @Test(
    "labels of mail programs",
    arguments: [
      ("gb2312", [0xCD, 0xCB, 0xBF, 0xEE, 0x94, 0x44], "退款擠"), ("big5", [0xB0, 0x68, 0xB4, 0xDA], "退款"),
      ("iso-8859-1", [0x80, 0xE9], "€é"), ("us-ascii", [0x93, 0x61, 0x94], "“a”"),
      ("hz-gb-2312", Array("~{MK?n~}".utf8), "退款"), ("iso-2022-jp", Array("\u{1B}$B%F%9\u{1B}(B".utf8), "テス"),
      ("shift_jis", [0x83, 0x65, 0x87, 0x40], "テ①"), ("euc-jp", [0xA5, 0xC6], "テ"), ("euc-kr", [0x8C, 0x63], "똠"),
      ("utf-7", Array("+kABrPg-".utf8), "退款"), ("koi8-r", [0xC1], "а"),
    ] as [(String, [UInt8], String)])
  func decodesLabels(label: String, bytes: [UInt8], expected: String) {
    #expect(text(label, bytes).text == expected)
  }

  @Test(
    "spellings of one label",
    arguments: [
      "GB18030", "gb_18030", "GB-18030", "csGB18030", "x-gbk", "CP-936", "gb2312", "\"gb2312\"", "EUC_CN",
      "gb18030-2022",
    ])
  func readsSpellings(label: String) {
    let message = text(label, [0xCD, 0xCB, 0xBF, 0xEE])
    #expect(message.text == "退款")
    #expect(message.defects.isEmpty)
  }

  @Test("syllables that EUC-KR spells letter by letter")
  func putsHangulTogether() {
    // 쓔 is filler, ㅆ, ㅠ, filler; 닁 is filler, ㄴ, ㅢ, ㅇ.
    let spelled: [UInt8] = [
      0xA4, 0xD4, 0xA4, 0xB6, 0xA4, 0xD0, 0xA4, 0xD4, 0xA4, 0xD4, 0xA4, 0xA4, 0xA4, 0xD2, 0xA4, 0xB7,
    ]
    #expect(text("euc-kr", spelled).text == "쓔닁")
    #expect(text("euc-kr", [0xA4, 0xD4, 0x61]).text == "\u{3164}a")
  }

  @Test("a raw header is in the character set of the text")
  func readsRawHeaders() {
    let subject: [UInt8] = [0xB0, 0x68, 0xB4, 0xDA]
    let message = MessageParser.parse(
      Array("Subject: ".utf8) + subject + Array("\r\nFrom: ".utf8) + subject
        + Array(" <a@b.test>\r\nContent-Type: text/plain; charset=big5\r\n\r\nhi".utf8))
    #expect(message.subject == "退款")
    #expect(message.from == [MailAddress(name: "退款", address: "a@b.test")])
    #expect(message.first("subject") == "退款")
  }

  @Test("a label that lies is not believed")
  func survivesWrongLabels() {
    let wrong = text("gb2312", Array("退款申请".utf8))
    #expect(wrong.text == "退款申请")
    #expect(wrong.defects == [.doubtfulCharset("gb2312")])
    #expect(text("x-unknown", Array("é退".utf8)).text == "é退")
    #expect(text("x-unknown", [0xCD, 0xCB, 0xBF, 0xEE]).text == "退款")
    #expect(text(nil, [0x66, 0xFC, 0x72]).text == "für")
    #expect(text("utf-8", [0xCD, 0xCB, 0xBF, 0xEE]).text == "退款")
  }

  @Test("bytes without meaning become U+FFFD and a defect")
  func replacesInvalidBytes() {
    let message = text("gb2312", [0x61, 0xFF, 0x62])
    #expect(message.text == "a\u{FFFD}b")
    #expect(message.defects == [.undecodableText])
    #expect(text("utf-8", Array("退".utf8) + [0xFF]).text == "退\u{FFFD}")
  }

  @Test("encoded words split within a character are joined")
  func joinsSplitWords() {
    #expect(mail("Subject: =?utf-8?B?6YA=?=", " =?utf-8?B?gOasvg==?= x", "").subject == "退款 x")
    #expect(mail("Subject: a =?utf-8?Q?b_c?=  =?utf-8?q?=C3=A9?= d?", "").subject == "a b cé d?")
    #expect(mail("Subject: =?utf-8?Q?really??= =?broken", "").subject == "really? =?broken")
  }

  @Test("raw 8-bit headers are UTF-8, else GB18030")
  func guessesRawHeaders() {
    let gbk: [UInt8] = [0xCD, 0xCB, 0xBF, 0xEE]
    #expect(MessageParser.parse(Array("Subject: ".utf8) + gbk + [10, 10]).subject == "退款")
    #expect(mail("Subject: 退款", "").subject == "退款")
  }
}
