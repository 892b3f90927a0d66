import MailFormat
import Testing

/// A report (RFC 3464) with these lines as its status part.
private func report(
  _ status: String, type: String = "message/delivery-status", encoding: String = "7bit",
  container: String = "multipart/report; report-type=delivery-status", text: String = "Sorry.",
  from: String = "MAILER-DAEMON@mx.test"
) -> MailMessage {
  let source = """
    From: \(from)
    Subject: Undelivered Mail Returned to Sender
    Content-Type: \(container); boundary=cut

    --cut

    \(text)
    --cut
    Content-Type: \(type)
    Content-Transfer-Encoding: \(encoding)

    \(status)
    --cut
    Content-Type: message/rfc822

    Message-ID: <out-1@own.test>
    Subject: =?utf-8?B?6YCA5qy+?=
    To: anna@shop.test

    Hello
    --cut--
    """
  return MessageParser.parse(Array(source.utf8))
}

@Suite("Delivery status notifications")
struct BounceStatusFieldTests {
  private let fields = """
    Reporting-MTA: dns; mx.test

    Final-Recipient: rfc822; anna@shop.test
    Action: failed
    Status: 5.1.1
    Diagnostic-Code: smtp; 550 5.1.1 unknown
    """

  private func expectAnna(_ message: MailMessage, _ comment: Comment) throws {
    #expect(MailKind.find(in: message).kind == .bounce, comment)
    let report = try #require(BounceReport(message), comment)
    #expect(report.recipients == ["anna@shop.test"], comment)
    #expect(report.statuses == ["5.1.1"], comment)
    #expect(report.isHard, comment)
  }

  @Test("tells who, why and of which mail")
  func readsFields() throws {
    let message = report(fields)
    try expectAnna(message, "as in the standard")
    let bounce = try #require(BounceReport(message))
    #expect(bounce.action == .failed)
    #expect(bounce.entries.first?.replyCode == 550)
    #expect(bounce.entries.first?.isStatusDerived == false)
    #expect(bounce.originalMessageID == "out-1@own.test")
    #expect(bounce.originalSubject == "退款")
  }

  @Test("fields are found under a wrong type, in another container, encoded, in the text, out of order")
  func readsDamaged() throws {
    try expectAnna(report(fields, type: "application/octet-stream"), "octets")
    try expectAnna(report(fields, type: "text/plain; name=status.txt"), "named text")
    try expectAnna(report(fields, type: "message/delivery-statu"), "no type")
    try expectAnna(report(fields, container: "multipart/mixed"), "mixed")
    try expectAnna(report("nothing", text: fields), "in the text")
    try expectAnna(report(fields.replacing("shop.test", with: "sh=\nop.test"), encoding: "quoted-printable"), "quoted")
    try expectAnna(
      report("Action: failed\nStatus: 5.1.1\nFinal-Recipient: RFC822; <anna@shop.test>"), "recipient last")
    try expectAnna(report("Final-Recipient: rfc822; anna@shop.test\n\nAction: failed\nStatus: 5.1.1"), "torn")
    try expectAnna(report("Original-Recipient: <anna@shop.test>\nDiagnostic-Code: smtp; 550 5.1.1 no"), "few fields")
  }

  @Test("fields in base64 are read")
  func readsBase64() throws {
    // Final-Recipient: rfc822; anna@shop.test, Action: failed, Status: 5.1.1
    let code = "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFubmFAc2hvcC50ZXN0CkFjdGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEK"
    try expectAnna(report(code, encoding: "base64"), "base64")
  }

  @Test("a bounce that a gateway put into another mail is read")
  func readsEnclosed() throws {
    let source = """
      From: postmaster@mx.test
      Subject: Delivery Status Notification (Failure)
      Content-Type: multipart/mixed; boundary=outer

      --outer
      Content-Type: message/rfc822

      From: postmaster@mx.test
      Content-Type: multipart/report; report-type=delivery-status; boundary=inner

      --inner

      Delivery to the following recipients failed.
      --inner
      Content-Type: message/delivery-status

      \(fields)
      --inner--
      --outer--
      """
    try expectAnna(MessageParser.parse(Array(source.utf8)), "enclosed")
  }

  @Test("the server's own code counts rather than the field, unless it says less")
  func choosesStatus() {
    func status(_ field: String, _ diagnostic: String) -> [String] {
      BounceReport(
        report(
          "Final-Recipient: rfc822; a@shop.test\nAction: failed\nStatus: \(field)\nDiagnostic-Code: smtp; \(diagnostic)"
        )
      )?.statuses ?? []
    }
    #expect(status("5.0.0", "550 5.1.1 unknown") == ["5.1.1"])
    #expect(status("5.1.1", "550 5.7.1 refused") == ["5.7.1"])
    #expect(status("5.1.1", "550 5.0.0 refused") == ["5.1.1"])
    #expect(status("4.4.7", "421 4.4.1 no answer") == ["4.4.1"])
    #expect(status("5.0.0 (other)", "550 unknown user") == ["5.0.0"])
    #expect(status("553 too large", "x") == ["5.1.3"])
  }

  @Test("each recipient has a status of its own; the text fills in what a field leaves open")
  func readsSeveral() throws {
    let message = report(
      """
      Final-Recipient: rfc822; anna@shop.test
      Action: failed
      Status: 5.0.0

      Final-Recipient: rfc822; bert@shop.test
      Action: delayed
      Status: 4.2.2
      """,
      text: "<anna@shop.test>:\n>>> RCPT TO:<anna@shop.test>\n<<< 550 5.1.10 not here\n\n<bert@shop.test>: full")
    let bounce = try #require(BounceReport(message))
    #expect(bounce.recipients == ["anna@shop.test", "bert@shop.test"])
    #expect(bounce.statuses == ["5.1.10", "4.2.2"])
    #expect(bounce.entries.map(\.isHard) == [true, false])
  }

  @Test("the address that we wrote to counts, not the one behind it; pipes and files are none")
  func choosesAddress() throws {
    let alias = report(
      "Original-Recipient: rfc822; anna@shop.test\nFinal-Recipient: rfc822; a17@store.shop.test\nAction: failed\nStatus: 5.1.1"
    )
    #expect(BounceReport(alias)?.recipients == ["anna@shop.test"])
    let pipe = report(
      "Final-Recipient: rfc822;|/usr/bin/tool anna@shop.test /home\nAction: failed\nStatus: 5.3.0", text: "x")
    #expect(BounceReport(pipe)?.recipients == ["anna@shop.test"])
    let cut = report("Final-Recipient: rfc822; ann...@shop.test\nAction: failed\nStatus: 5.1.1", text: "x")
    #expect(BounceReport(cut)?.recipients == ["anna@shop.test"])
  }

  @Test("delays are soft bounces, successes are receipts, and one failure makes a bounce")
  func knowsActions() {
    func kind(_ action: String, _ status: String) -> MailKind {
      MailKind.find(in: report("Final-Recipient: rfc822; a@shop.test\nAction: \(action)\nStatus: \(status)")).kind
    }
    #expect(kind("delayed", "4.4.1") == .bounce)
    #expect(kind("Failure", "5.1.1") == .bounce)
    for action in ["delivered", "relayed", "expanded (to list)"] { #expect(kind(action, "2.0.0") == .receipt) }
    let mixed = report(
      "Final-Recipient: rfc822; a@shop.test\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b@shop.test\nAction: failed\nStatus: 5.1.1"
    )
    #expect(BounceReport(mixed)?.recipients == ["b@shop.test"])
  }

  @Test("a Status field that holds no code gives none")
  func ignoresFalseStatus() {
    for field in ["2.10222233; Thu", "2.", "2.1.5555", "5.1", "9.1.1", "5.8.1", "5.1.1.1", ""] {
      let message = report("Final-Recipient: rfc822; a@shop.test\nAction: deliverable\nStatus: \(field)")
      #expect(BounceReport(message)?.entries.allSatisfy { $0.status == nil || $0.isStatusDerived } == true, "\(field)")
    }
  }

  @Test("a notification in JSON is read")
  func readsJSON() throws {
    let message = mail(
      "From: no-reply@notices.test", "Subject: Notification", "",
      #"{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"anna@shop.test","status":"5.1.1","#
        + #""diagnosticCode":"smtp; 550 5.1.1 unknown"}]},"mail":{"source":"desk@own.test"}}"#)
    try expectAnna(message, "JSON")
  }

  @Test("a receipt that says that a filter threw the mail away is a bounce")
  func readsRejection() {
    func kind(_ text: String, _ disposition: String) -> MailKind {
      MailKind.find(
        in: report(
          "Final-Recipient: rfc822; anna@shop.test\nDisposition: \(disposition)",
          type: "message/disposition-notification",
          container: "multipart/report; report-type=disposition-notification", text: text)
      ).kind
    }
    let rejected = "automatic-action/MDN-sent-automatically; deleted"
    #expect(kind("Your message was automatically rejected: no advertising", rejected) == .bounce)
    #expect(kind("Your message was deleted unread.", rejected) == .receipt)
    #expect(kind("Your message was displayed.", "manual-action/MDN-sent-manually; displayed") == .receipt)
  }
}
