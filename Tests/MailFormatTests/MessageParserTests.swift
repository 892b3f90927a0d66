import MailFormat
import Testing

/// A mail of these lines, joined with CRLF.
func mail(_ lines: String...) -> MailMessage {
  MessageParser.parse(Array(lines.joined(separator: "\r\n").utf8))
}

@Suite("Parsing a mail")
struct MessageParserTests {
  @Test("reads who, what and when")
  func readsHeader() {
    let message = mail(
      "Return-Path: <>", "From: =?utf-8?B?546L5bCP5piO?= <Ming@Example.CN>", "To: a@b.test, \"Doe, J\" <c@d.test>",
      "Subject: =?gb2312?B?zcu/7g==?=", "Date: Sun, 22 Nov 2026 10:00:00 +0800", "Message-ID: <1@b.test>",
      "In-Reply-To: <0@b.test>", "References: <a@b.test>", "\t<0@b.test>", "", "hello")
    #expect(message.from == [MailAddress(name: "王小明", address: "Ming@example.cn")])
    #expect(message.to.map(\.name) == ["", "Doe, J"])
    #expect(message.subject == "退款")
    #expect(message.date == 1_795_312_800_000)
    #expect(message.messageID == "1@b.test")
    #expect(message.inReplyTo == ["0@b.test"])
    #expect(message.references == ["a@b.test", "0@b.test"])
    #expect(message.returnPath?.isEmpty == true)
    #expect(message.text == "hello")
    #expect(message.defects.isEmpty)
  }

  @Test("the header ends where the body starts, in the source", arguments: ["\r\n", "\n", "\r"])
  func findsHeaderEnd(lineEnd: String) {
    let source = ["From: a@b.test", "", "body", ""].joined(separator: lineEnd)
    let message = MessageParser.parse(Array(source.utf8))
    #expect(String(decoding: Array(source.utf8)[message.headerEnd...], as: UTF8.self) == "body" + lineEnd)
    #expect(message.text == "body\n")
  }

  @Test("text and HTML of an alternative, a named part attached and decoded on demand")
  func dividesParts() throws {
    let lines = [
      "Content-Type: multipart/mixed; boundary=\"o\"", "", "preamble", "--o",
      "Content-Type: multipart/alternative; boundary=i", "", "--i", "", "plain", "--i", "Content-Type: text/html", "",
      "<p>rich", "--i--", "epilogue", "--o",
      "Content-Disposition: attachment; filename*0*=utf-8''%E5%8F%91; filename*1*=%E7%A5%A8.pdf",
      "Content-Type: application/pdf", "Content-Transfer-Encoding: base64", "", "aGVs", "bG8=", "--o--",
    ]
    let source = Array(lines.joined(separator: "\r\n").utf8)
    let message = MessageParser.parse(source)
    #expect(message.text == "plain")
    #expect(message.html == "<p>rich")
    #expect(message.bodyText == "plain")
    let file = try #require(message.attachments.first)
    #expect(file.name == "发票.pdf")
    #expect(file.size == 5)
    #expect(file.decode(from: source) == Array("hello".utf8))
    #expect(!file.isInline)
  }

  @Test("an attached mail is an attachment named by its subject")
  func attachesMessages() {
    let message = mail(
      "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "see below", "--b", "Content-Type: message/rfc822",
      "",
      "Subject: =?utf-8?Q?gr=C3=BCn?=", "", "inner text", "--b--")
    #expect(message.attachments.map(\.name) == ["grün"])
    #expect(message.text == "see below")
  }

  @Test("a broken line, an mbox line, a byte order mark do not hide the header")
  func survivesBadLines() {
    #expect(mail("From nobody Sun Nov 22 10:00:00 2026", "Subject: a", "", "x").subject == "a")
    #expect(mail("\u{FEFF}Subject: a", "", "x").subject == "a")
    let broken = mail("Subject: a", "this is no field", "From: b@c.test", "", "x")
    #expect(broken.from.first?.address == "b@c.test")
    #expect(broken.defects.contains(.badHeaderLine))
    let unended = mail("Subject: a", "Dear all", "how are you?")
    #expect(unended.text == "Dear all\nhow are you?")
    #expect(unended.defects.contains(.missingHeaderEnd))
  }

  @Test("a multipart without its boundary still shows what was written")
  func survivesBadBoundaries() {
    let wrong = mail(
      "Content-Type: multipart/mixed; boundary=x", "", "--y", "Content-Type: text/plain", "", "hi", "--y--")
    #expect(wrong.text == "hi")
    #expect(wrong.defects.contains(.missingBoundary))
    #expect(mail("Content-Type: multipart/mixed", "", "only text").text == "only text")
    let cut = mail("Content-Type: multipart/mixed; boundary=x", "", "--x", "", "hi")
    #expect(cut.text == "hi")
    #expect(cut.defects.contains(.unclosedMultipart))
  }

  @Test("uuencoded files leave the text")
  func findsUUEncode() {
    let source = Array("Subject: a\n\nbefore\nbegin 644 cat.txt\n#0V%T\n`\nend\nafter\n".utf8)
    let message = MessageParser.parse(source)
    #expect(message.text == "before\nafter\n")
    #expect(message.attachments.map(\.name) == ["cat.txt"])
    #expect(message.attachments.first?.decode(from: source) == Array("Cat".utf8))
  }

  @Test("flowed lines are joined, quotes and signatures kept apart")
  func joinsFlowedText() {
    let message = mail(
      "Content-Type: text/plain; format=flowed", "", "one ", "two", "> a ", "> b", " >literal", "-- ", "me")
    #expect(message.text == "one two\n> a b\n>literal\n-- \nme")
  }

  @Test("HTML alone becomes text")
  func convertsHTML() {
    let html =
      "<head><title>t</title><style>p{}</style></head><p>a&nbsp;&lt;b&gt; &#20013;</p><br><div title=\"1>2\">c</div>"
    let message = mail("Content-Type: text/html; charset=utf-8", "", html + "<script>x</script><!-- y --><li>d")
    #expect(message.text == nil)
    #expect(message.bodyText == "a <b> 中\n\n\nc\n- d")
  }

  @Test("limits keep what was found and say so")
  func keepsToLimits() {
    let nested = (0..<100_000).map { "Content-Type: multipart/mixed; boundary=\"b\($0)\"\r\n\r\n--b\($0)\r\n" }.joined()
    #expect(MessageParser.parse(Array(nested.utf8)).defects.contains(.tooDeep))
    let parts = "Content-Type: multipart/mixed; boundary=a\n\n" + String(repeating: "--a\n\nx\n", count: 5_000)
    let many = MessageParser.parse(Array(parts.utf8))
    #expect(many.defects.contains(.tooManyParts))
    #expect(many.text?.isEmpty == false)
    let fields = MessageParser.parse(Array((String(repeating: "a: b\n", count: 10_000) + "\nbody").utf8))
    #expect(fields.header.count == ParseLimits.default.headerFields)
    #expect(fields.text == "body")
    #expect(fields.defects.contains(.headerTooLong))
  }

  @Test("any bytes give a mail", arguments: 0..<200)
  func parsesAnything(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let bits = [
      "\r\n", "\n\n", "--a\n", "--a--\n", "Content-Type: multipart/report; boundary=a; report-type=delivery-status\n",
      "Content-Type: message/delivery-status\n\n", "Content-Type: text/html; charset=gbk\n\n", "=?utf-8?B?", "?=", "<",
      ">",
      "\"", "(", "From: ", "Date: ", "=E5", "\u{0}", "begin 644 x\n", "end\n", "format=flowed",
      "Final-Recipient: rfc822;",
    ]
    var bytes: [UInt8] = []
    for _ in 0..<random(60) {
      bytes += random(4) == 0 ? (0..<random(9)).map { _ in UInt8(random(256)) } : Array(bits[random(bits.count)].utf8)
    }
    let message = MessageParser.parse(bytes)
    for attachment in message.attachments { _ = attachment.decode(from: bytes) }
    _ = (message.bodyText, MailKind.find(in: message), BounceReport(message), MailKind.suppressesAutoReply(message))
    #expect(message.headerEnd <= bytes.count)
  }
}
