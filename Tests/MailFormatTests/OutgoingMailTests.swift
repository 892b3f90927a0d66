import MailFormat
import Testing

@Suite("Composing a mail")
struct OutgoingMailTests {
  private func reply() -> OutgoingMail {
    OutgoingMail(
      from: MailAddress(name: "客服中心", address: "desk@own.test"),
      to: MailAddress(name: "Doe, \"J\"", address: "j@b.test"),
      subject: "Re: 退款申请进度 [#12345] 我们已经收到您的来信并将在两个工作日之内给您答复", text: "您好：\n\n.\nFrom here\n", date: 1_795_312_800_000,
      zoneOffset: 28_800, messageID: "<out-1@own.test>", inReplyTo: "in-1@b.test",
      references: (0..<30).map { "r\($0)@b.test" }, automatic: .replied, extraHeaders: [("X-Loop-Mark", "abc")])
  }

  private func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
      String(String.UnicodeScalarView($0))
    }
  }

  @Test("what was composed is what is read")
  func roundTrips() throws {
    let outgoing = reply()
    let message = MessageParser.parse(try outgoing.composed())
    #expect(message.subject == outgoing.subject)
    #expect(message.from == [outgoing.from])
    #expect(message.to == [outgoing.to])
    #expect(message.text == outgoing.text)
    #expect(message.date == outgoing.date)
    #expect(message.messageID == "out-1@own.test")
    #expect(message.inReplyTo == ["in-1@b.test"])
    #expect(message.references == ["r0@b.test"] + (20..<30).map { "r\($0)@b.test" })
    #expect(message.first("Auto-Submitted") == "auto-replied")
    #expect(message.first("X-Auto-Response-Suppress") == "All")
    #expect(message.first("Precedence") == "auto_reply")
    #expect(message.first("X-Loop-Mark") == "abc")
    #expect(message.defects.isEmpty)
  }

  @Test("what goes to many says so, and that a machine sends it")
  func bulk() throws {
    var outgoing = reply()
    outgoing.automatic = .generated
    outgoing.isBulk = true
    let message = MessageParser.parse(try outgoing.composed())
    #expect(message.first("Auto-Submitted") == "auto-generated")
    #expect(message.first("Precedence") == "bulk")
    outgoing.automatic = nil
    outgoing.isBulk = false
    #expect(MessageParser.parse(try outgoing.composed()).first("Precedence") == nil)
  }

  @Test("ASCII, CRLF and short lines only, the same bytes each time")
  func keepsToFormat() throws {
    var outgoing = reply()
    outgoing.html = "<p>" + String(repeating: "您好 hello ", count: 100) + "</p>"
    let bytes = try outgoing.composed()
    #expect(bytes == (try outgoing.composed()))
    #expect(bytes.allSatisfy { $0 < 128 && $0 != 0 })
    for line in lines(bytes).dropLast() {
      #expect(line.unicodeScalars.last == "\r")
      #expect(line.utf8.count <= 79)
    }
    let message = MessageParser.parse(bytes)
    #expect(message.html == (outgoing.html ?? "") + "\n")
    #expect(message.text == outgoing.text)
    #expect(message.contentType == "multipart/alternative")
  }

  @Test("no variable breaks the header", arguments: ["\r\n", "\n", "\r", "\u{0}", "\u{85}", "\u{2028}", "\u{2029}"])
  func resistsInjection(mark: String) throws {
    var outgoing = reply()
    let attack = "a\(mark)Bcc: evil@x.test\(mark)\(mark)body"
    outgoing.subject = attack
    outgoing.from.name = attack
    outgoing.inReplyTo = attack
    outgoing.messageID = attack
    outgoing.references = [attack]
    outgoing.extraHeaders = [("X-A", attack)]
    let message = MessageParser.parse(try outgoing.composed())
    #expect(message.first("Bcc") == nil)
    #expect(message.header.count == 14)
    #expect(message.text == outgoing.text)
  }

  @Test("addresses, ids and names that cannot be written are refused")
  func refuses() {
    var outgoing = reply()
    outgoing.to = MailAddress(address: "a@b.test\r\nBcc: c@d.test")
    #expect(throws: OutgoingMail.Refusal.address(field: "To", outgoing.to.address)) { try outgoing.composed() }
    outgoing = reply()
    outgoing.messageID = "<\r\n>"
    #expect(throws: OutgoingMail.Refusal.messageID("<\r\n>")) { try outgoing.composed() }
    for name in ["Subject", "Content-Type", "X A", "", "X:A", "X\r\nA"] {
      outgoing = reply()
      outgoing.extraHeaders = [(name, "v")]
      #expect(throws: OutgoingMail.Refusal.fieldName(name)) { try outgoing.composed() }
    }
  }

  @Test(
    "names and subjects of every shape survive",
    arguments: ["", "a", "a  b", "=?utf-8?Q?x?=", "é", "👨‍👩‍👧‍👦", "\"q\" \\ b", "A. B"])
  func survivesShapes(word: String) throws {
    for count in [1, 40] {
      var outgoing = reply()
      let text = String(repeating: word, count: count)
      outgoing.subject = text
      outgoing.to.name = text
      let message = MessageParser.parse(try outgoing.composed())
      #expect(message.subject == text)
      #expect(message.to == [outgoing.to])
    }
  }
}
