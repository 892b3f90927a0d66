import MailFormat
import Testing

@Suite("Kinds of mail")
struct MailKindTests {
  private func kind(_ lines: String...) -> MailKind {
    MailKind.find(
      in: MessageParser.parse(Array((["From: a@b.test"] + lines + ["", "x"]).joined(separator: "\r\n").utf8))
    ).kind
  }

  @Test("people are people, whatever they write about")
  func knowsPeople() {
    #expect(kind("Subject: 自动回复功能怎么关闭") == .human)
    #expect(kind("Auto-Submitted: no") == .human)
    #expect(kind("Subject: undeliverable parcel") == .human)
    #expect(kind("X-Auto-Response-Suppress: All") == .human)
  }

  @Test("automatic answers by their fields, by their subject only with evidence")
  func knowsAutoReplies() {
    #expect(kind("Auto-Submitted: Auto-Replied; owner-email=\"a@b.test\"") == .autoReply)
    #expect(kind("X-Autoreply: yes") == .autoReply)
    #expect(kind("Precedence: auto_reply") == .autoReply)
    #expect(kind("Subject: 自动回复：退款", "In-Reply-To: <1@b.test>") == .autoReply)
    #expect(kind("Subject: Automatic reply: hello", "Return-Path: <>") == .autoReply)
  }

  @Test("lists, failed recipients, bounces of old style")
  func knowsOthers() {
    #expect(kind("List-Id: <l.b.test>") == .list)
    #expect(kind("Precedence: bulk") == .list)
    #expect(kind("X-Failed-Recipients: c@d.test") == .bounce)
    #expect(kind("Return-Path: <>", "Subject: 系统退信") == .bounce)
    #expect(kind("Content-Type: multipart/report; report-type=feedback-report; boundary=a") == .report)
    #expect(kind("Content-Type: multipart/report; report-type=disposition-notification; boundary=a") == .receipt)
  }

  @Test("our own mail coming back")
  func knowsLoops() {
    let message = mail("From: Desk <Desk@Own.test>", "X-Loop-Mark: abc", "", "x")
    #expect(MailKind.find(in: message, ownAddresses: ["desk@own.test"]).kind == .loop)
    #expect(MailKind.find(in: message, ownLoopHeader: ("x-loop-mark", "ABC")).kind == .loop)
    #expect(MailKind.find(in: message, ownLoopHeader: ("x-loop-mark", "other")).kind == .human)
  }

  private func report(_ status: String...) -> MailMessage {
    let lines = [
      "From: MAILER-DAEMON@b.test", "Content-Type: multipart/report; report-type=delivery-status; boundary=a", "",
      "--a", "",
      "Sorry.", "--a", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; b.test", "",
    ]
    let returned = ["--a", "Content-Type: text/rfc822-headers", "", "Message-ID: <out-1@own.test>", "", "--a--"]
    return MessageParser.parse(Array((lines + status + returned).joined(separator: "\r\n").utf8))
  }

  @Test("a delivery status tells who, why and of which mail")
  func readsDeliveryStatus() throws {
    let message = report(
      "Final-Recipient: rfc822; C@d.test", "Action: delivered", "Status: 2.0.0", "",
      "Final-Recipient: rfc822;<e@f.test>",
      "Action: failed", "Status: 5.1.1 (no such user)", "Diagnostic-Code: smtp; 550 5.1.1 unknown", "")
    #expect(MailKind.find(in: message).kind == .bounce)
    let bounce = try #require(BounceReport(message))
    #expect(bounce.recipients == ["e@f.test"])
    #expect(bounce.status == "5.1.1")
    #expect(bounce.diagnostic == "smtp; 550 5.1.1 unknown")
    #expect(bounce.originalMessageID == "out-1@own.test")
  }

  @Test("a delivery status of success is a receipt")
  func readsReceipt() {
    let message = report("Final-Recipient: rfc822; c@d.test", "Action: delivered", "Status: 2.0.0", "")
    #expect(MailKind.find(in: message).kind == .receipt)
    #expect(BounceReport(message)?.isFailure == false)
  }

  @Test("a bounce in prose is read as far as it goes")
  func readsProse() throws {
    let message = mail(
      "Return-Path: <>", "From: MAILER-DAEMON@b.test", "Subject: failure notice", "", "<c@d.test>:",
      "host said: 550-5.1.1 unknown", "", "--- Below is a copy.", "Message-ID: <o@own.test>")
    let bounce = try #require(BounceReport(message))
    #expect(bounce.recipients == ["c@d.test"])
    #expect(bounce.status == "5.1.1")
    #expect(bounce.originalMessageID == "o@own.test")
    #expect(BounceReport(mail("From: a@b.test", "", "order 550 5.1.1")) == nil)
  }

  @Test("who must get no automatic answer")
  func suppresses() {
    #expect(MailKind.suppressesAutoReply(mail("From: a@b.test", "", "x")) == nil)
    for field in [
      "From: No-Reply@b.test", "From: a@b.test\r\nX-Auto-Response-Suppress: DR, OOF",
      "From: a@b.test\r\nReturn-Path: <>",
      "Subject: nobody",
    ] {
      #expect(MailKind.suppressesAutoReply(mail(field, "", "x")) != nil, "\(field)")
    }
  }
}
