import MailFormat
import Testing

/// A bounce in words: header, notice, and the mail that comes back.
private func bounce(
  from: String = "MAILER-DAEMON@mx.test", subject: String = "failure notice", _ notice: String,
  returned: String =
    "Return-Path: <desk@own.test>\nMessage-ID: <out-7@own.test>\nFrom: desk@own.test\nSubject: Your order"
) throws -> BounceReport {
  let header = "From: \(from)\nTo: desk@own.test\nSubject: \(subject)\n\n"
  let message = MessageParser.parse(Array((header + notice + "\n" + returned + "\n\nHello").utf8))
  #expect(MailKind.find(in: message).kind == .bounce)
  return try #require(BounceReport(message))
}

@Suite("Bounces in words")
struct BounceNoticeTests {
  @Test("a line that starts with an address names a recipient, the lines below it the reason")
  func readsParagraphs() throws {
    let report = try bounce(
      """
      Hi. This is the mail program at mx.test. I could not deliver your message to
      the following addresses. This is a permanent error; I've given up.

      <anna@shop.test>:
      192.0.2.7 does not like recipient.
      Remote host said: 550 5.1.1 <anna@shop.test>: no such mailbox

      <bert@shop.test>:
      Remote host said: 552 5.2.2 over quota

      --- Below this line is a copy of the message.

      """)
    #expect(report.recipients == ["anna@shop.test", "bert@shop.test"])
    #expect(report.statuses == ["5.1.1", "5.2.2"])
    #expect(report.entries.map(\.replyCode) == [550, 552])
    #expect(report.entries.map(\.isHard) == [true, false])
    #expect(report.originalMessageID == "out-7@own.test")
    #expect(report.originalSubject == "Your order")
  }

  @Test("addresses deeper than the one above belong to its answer")
  func readsIndentedAnswers() throws {
    let report = try bounce(
      """
      A message that you sent could not be delivered. The following address failed:

        anna@shop.test
          host mx.shop.test [192.0.2.9]: 550 5.7.1
          <other@shop.test>: sender refused

      ------ This is a copy of the message ------

      """)
    #expect(report.recipients == ["anna@shop.test"])
    #expect(report.statuses == ["5.7.1"])
  }

  @Test("a transcript of the session names the recipients, after the list or instead of it")
  func readsTranscripts() throws {
    let report = try bounce(
      subject: "Returned mail: see transcript",
      """
         ----- The following addresses had permanent fatal errors -----
      <anna@shop.test>
          (reason: 550 5.1.1 <anna@shop.test>... User unknown)
      <bert@shop.test>
          (expanded from: <team@shop.test>)

         ----- Transcript of session follows -----
      ... while talking to mx.shop.test.:
      >>> DATA
      <<< 550 5.1.1 <anna@shop.test>... User unknown
      <<< 554 5.7.1 <bert@shop.test>... blocked
      """)
    #expect(report.recipients == ["anna@shop.test", "bert@shop.test"])
    #expect(report.statuses == ["5.1.1", "5.7.1"])
    let old = try bounce(
      subject: "Returned mail: Host unknown",
      """
         ----- Transcript of session follows -----
      >>> RCPT To:<anna@shop.test>
      <<< 550 Host unknown
      """)
    #expect(old.recipients == ["anna@shop.test"])
    #expect(old.statuses == ["5.1.2"])
    #expect(old.entries.first?.isStatusDerived == true)
  }

  @Test("an alias is named by the list, not by the session behind it")
  func prefersListToSession() throws {
    let report = try bounce(
      subject: "Returned mail: User unknown",
      """
         ----- The following addresses had permanent fatal errors -----
      <team@shop.test>
          (expanded from: <team@shop.test>)

         ----- Transcript of session follows -----
      >>> RCPT To:<anna@store.test>
      <<< 550 5.1.1 <anna@store.test>... User unknown

      """)
    #expect(report.recipients == ["team@shop.test"])
    #expect(report.statuses == ["5.1.1"])
  }

  @Test(
    "a label in front of an address names a recipient",
    arguments: [
      "Recipient: [SMTP:anna@shop.test]", "Undeliverable Address: anna@shop.test", "Unknown user: anna@shop.test",
      "Unable to deliver message to: <anna@shop.test>", "RCPT TO: anna@shop.test", "收件人：anna@shop.test",
      "宛先: <anna@shop.test>",
      "   * anna@shop.test", "-- anna@shop.test", "\"anna@shop.test\":", "anna@shop.test on Fri, 20 Nov 2026 09:13:24",
    ])
  func readsLabels(line: String) throws {
    let report = try bounce("Your message could not be delivered.\n\n\(line)\n    no such user\n")
    #expect(report.recipients == ["anna@shop.test"])
    #expect(report.statuses == ["5.1.1"])
  }

  @Test("a sentence that tells the failure names a recipient; contacts, senders and postmasters are none")
  func readsSentences() throws {
    let report = try bounce(
      """
      Your message to <anna@shop.test> was automatically rejected: Quota exceeded.
      It came from desk@own.test. For assistance please contact helpdesk@mx.test
      or send mail to postmaster@mx.test.

      """)
    #expect(report.recipients == ["anna@shop.test"])
    #expect(report.statuses == ["5.2.2"])
    #expect(!report.isHard)
  }

  @Test("when the notice names nobody, the only recipient of the mail was meant, unless a list sent it")
  func readsReturnedRecipient() throws {
    let returned =
      "Message-ID: <1@own.test>\nDate: Fri, 20 Nov 2026 09:00:00 +0000\nFrom: desk@own.test\nTo: anna@shop.test"
    let report = try bounce("Message could not be delivered: no valid recipients.\n", returned: returned)
    #expect(report.recipients == ["anna@shop.test"])
    let list = try bounce("Message could not be delivered.\n", returned: returned + "\nList-Id: <news.own.test>")
    #expect(list.recipients.isEmpty)
  }

  @Test("details of the mail in front of the recipients are no recipients")
  func skipsDetails() throws {
    let report = try bounce(
      from: "System Administrator <postmaster@shop.test>", subject: "Undeliverable: Your order",
      """
      Your message

        To:      info@shop.test
        Subject: Your order
        Sent:    Fri, 20 Nov 2026 09:25:07 +0000

      did not reach the following recipient(s):

      anna@shop.test on Fri, 20 Nov 2026 09:25:09 +0000
          The recipient name is not recognized

      """, returned: "")
    #expect(report.recipients == ["anna@shop.test"])
    #expect(report.statuses == ["5.1.1"])
    #expect(report.originalSubject == "Your order")
  }

  @Test(
    "words become a status where no code is written",
    arguments: [
      ("The user's mailbox is full", "5.2.2"), ("No such user here", "5.1.1"), ("Domain does not exist", "5.1.2"),
      ("Message size exceeds fixed limit", "5.3.4"), ("Relaying denied", "5.7.1"), ("Blocked by spam filter", "5.7.1"),
      ("Account disabled", "5.2.1"), ("retry timeout exceeded", "4.4.7"), ("too many hops", "5.4.6"),
      ("用户不存在", "5.1.1"), ("邮箱空间不足", "5.2.2"), ("被认为是垃圾邮件", "5.7.1"), ("メールボックスの容量", "5.2.2"),
      ("ユーザーが見つかりません", "5.1.1"), ("Empfänger unbekannt", "5.1.1"), ("boîte pleine", "5.2.2"),
      ("пользователь не найден", "5.1.1"), ("something went wrong", "5.0.0"),
    ])
  func derivesStatus(words: String, status: String) throws {
    let report = try bounce("Your message was not delivered to:\n\nanna@shop.test\n\(words)\n")
    #expect(report.statuses == [status])
    #expect(report.entries.first?.isStatusDerived == true)
  }

  @Test("the reply code decides the class of a derived status")
  func derivesClass() throws {
    let report = try bounce("Your message was not delivered to:\n\nanna@shop.test: 452 mailbox full\n")
    #expect(report.statuses == ["4.2.2"])
    #expect(try bounce("Not delivered to:\n\nanna@shop.test: 550 no\n").statuses == ["5.0.0"])
  }

  @Test("of several codes the most exact counts: time that ran out explains nothing")
  func choosesCode() throws {
    let report = try bounce(
      "Your message was not delivered to:\n\nanna@shop.test: 554 4.4.7 expired <421 4.4.2 connection dropped>\n")
    #expect(report.statuses == ["4.4.2"])
  }

  @Test("versions, addresses of hosts and counts are no codes")
  func ignoresOtherNumbers() throws {
    let report = try bounce(
      """
      Mailer 5.1.2653.19 at 5.6.7.8 tried 500 times in 4.5 hours, unable to deliver to:

      anna@shop.test

      """)
    #expect(report.entries.first?.isStatusDerived == true)
    #expect(report.entries.first?.replyCode == nil)
  }

  @Test("a notice that it will be tried again is a soft bounce")
  func readsDelays() throws {
    let report = try bounce(
      subject: "Warning: message 1abc delayed 24 hours",
      """
      Your message has not yet been delivered to all recipients after 24 hours.
      The address to which it has not yet been delivered is:

        anna@shop.test
          Delay reason: connection timed out

      No action is required on your part. Delivery attempts will continue.

      """)
    #expect(report.action == .delayed)
    #expect(report.statuses == ["4.4.1"])
    #expect(!report.isHard)
  }

  @Test("words in many languages tell of a failure")
  func readsLanguages() throws {
    for (subject, words) in [
      ("系统退信", "很抱歉，您的邮件无法投递到以下地址："), ("メールエラー通知", "次の宛先へのメッセージは送信できませんでした。"),
      ("Unzustellbar: Bestellung", "Ihre Nachricht konnte nicht zugestellt werden:"),
      ("Non remis : commande", "Votre message n'a pas pu être remis :"),
      ("Недоставленное сообщение", "Ваше письмо не может быть доставлено:"),
    ] {
      let report = try bounce(from: "postmaster@mx.test", subject: subject, words + "\n\nanna@shop.test\n")
      #expect(report.recipients == ["anna@shop.test"], "\(subject)")
    }
  }

  @Test("a thousand recipients are kept, in time that grows with their number")
  func isBounded() throws {
    let lines = (0..<3_000).map { "user\($0)@shop.test: 550 5.1.1 unknown" }
    let report = try bounce("Not delivered to:\n\n" + lines.joined(separator: "\n") + "\n")
    #expect(report.recipients.count == 1_000)
    #expect(report.statuses.count == 1_000)
  }

  @Test(
    "texts made to cost time cost little", .timeLimit(.minutes(10)),
    arguments: [
      "@", "a@", "x y@b.c, ", "a:b@c ", "5.1.1 ", "550 ", "not ", " a@b.c\n", "Received: x\n", "Action: x\n", ">>> ",
      "我",
    ])
  func bearsHostileTexts(piece: String) throws {
    let report = try bounce(String(repeating: piece, count: (1 << 14) / piece.utf8.count))
    #expect(report.entries.count <= 1_000)
  }

  @Test("a mail within a report may be anything, a report again as well")
  func bearsNesting() {
    let part = "--a\nContent-Type: message/rfc822\n\nContent-Type: multipart/report; boundary=a\n\n"
    let source = "Return-Path: <>\nContent-Type: multipart/mixed; boundary=a\n\n" + String(repeating: part, count: 500)
    let message = MessageParser.parse(Array(source.utf8))
    #expect(MailKind.find(in: message).kind == .human)
  }
}
