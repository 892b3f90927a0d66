import MailFormat
import Testing

/// Mails that look like bounces and are none.
@Suite("Mails about bounces")
struct BounceNegativeTests {
  private static let notice = """
    Your message could not be delivered to the following recipient:

    <anna@shop.test>: host mx.shop.test said: 550 5.1.1 User unknown
    """

  private func kind(_ header: String, _ text: String) -> MailKind {
    let message = MessageParser.parse(Array((header + "\n\n" + text + "\n").utf8))
    #expect((BounceReport(message) == nil) == (MailKind.find(in: message).kind != .bounce))
    return MailKind.find(in: message).kind
  }

  @Test("a customer who writes about a bounce is a customer")
  func knowsCustomers() {
    #expect(
      kind(
        "From: Bert <bert@shop.test>\nSubject: Mail delivery failed?",
        "I wrote to anna@shop.test and got 550 5.1.1 user unknown. What now?") == .human)
    #expect(
      kind("From: Bert <bert@shop.test>\nSubject: Delivery failed", "This is what I get:\n\n" + Self.notice) == .human)
    #expect(
      kind("From: Bert <bert@shop.test>\nSubject: 退信怎么办", "我给 anna@shop.test 写信，提示用户不存在。") == .human)
    #expect(
      kind(
        "From: bert@shop.test\nSubject: parcel not delivered", "My parcel was not delivered. Write to bert@shop.test.")
        == .human)
  }

  @Test("a person who forwards a bounce is a person, in line and attached")
  func knowsForwards() {
    let quoted = Self.notice.split(separator: "\n", omittingEmptySubsequences: false).map { "> " + $0 }
    for subject in ["Fwd: Returned mail: see transcript", "转发：系统退信", "WG: Unzustellbar"] {
      #expect(kind("From: Bert <bert@shop.test>\nSubject: \(subject)", "See below.\n\n" + Self.notice) == .human)
      #expect(
        kind("From: Bert <bert@shop.test>\nSubject: \(subject)", "See below.\n\n" + quoted.joined(separator: "\n"))
          == .human)
    }
    let attached = """
      --cut

      What does this mean?
      --cut
      Content-Type: message/rfc822

      From: MAILER-DAEMON@mx.test
      Subject: Undelivered Mail Returned to Sender
      Content-Type: multipart/report; report-type=delivery-status; boundary=b

      --b

      \(Self.notice)
      --b
      Content-Type: message/delivery-status

      Final-Recipient: rfc822; anna@shop.test
      Action: failed
      Status: 5.1.1
      --b--
      --cut--
      """
    for subject in ["Fwd: Undelivered Mail Returned to Sender", "Undelivered Mail Returned to Sender", "help"] {
      #expect(
        kind(
          "From: Bert <bert@shop.test>\nSubject: \(subject)\nContent-Type: multipart/mixed; boundary=cut", attached)
          == .human)
    }
    let loose = """
      --cut

      What does this mean?
      --cut
      Content-Type: message/delivery-status

      Final-Recipient: rfc822; anna@shop.test
      Action: failed
      --cut--
      """
    #expect(
      kind("From: Bert <bert@shop.test>\nSubject: Undelivered mail\nContent-Type: multipart/mixed; boundary=cut", loose)
        == .human)
  }

  @Test("a postmaster who writes is a person")
  func knowsPostmasters() {
    #expect(
      kind(
        "From: Postmaster <postmaster@shop.test>\nSubject: Your mail server",
        "Hello, we refuse your mail with 550 5.7.1 because you are listed. Please contact me at bert@shop.test.")
        == .human)
    #expect(
      kind(
        "From: postmaster@shop.test\nIn-Reply-To: <1@own.test>\nSubject: Re: Delivery failed",
        "That mailbox exists again.\n\n> <anna@shop.test>: 550 5.1.1 User unknown\n") == .human)
  }

  @Test("a parcel that was not delivered is no bounce, whoever's envelope the shop's mail has")
  func knowsParcels() {
    for header in ["Return-Path: <>", "Return-Path: <bounces+7@sender.test>", "Return-Path: <mailer@sender.test>"] {
      for subject in ["Delivery status of your order", "Delivery failed", "Return to sender", "包裹投递失败"] {
        #expect(
          kind(
            "\(header)\nFrom: Shop <orders@shop.test>\nTo: desk@own.test\nSubject: \(subject)",
            "Your parcel could not be delivered to you. Please call us or write to help@shop.test.") == .human,
          "\(header) \(subject)")
      }
    }
  }

  @Test("a newsletter about bounces is a newsletter")
  func knowsNewsletters() {
    #expect(
      kind(
        "From: news@shop.test\nList-Unsubscribe: <mailto:u@shop.test>\nSubject: Undelivered mail explained", Self.notice
      )
        == .list)
  }

  @Test("an out-of-office note with an empty envelope is no bounce")
  func knowsVacations() {
    #expect(
      kind(
        "Return-Path: <>\nFrom: anna@shop.test\nSubject: Out of office",
        "I am unable to deliver anything before Monday. Please contact bert@shop.test.") == .autoReply)
    #expect(
      kind("Return-Path: <>\nFrom: anna@shop.test\nSubject: back on Monday", "Write to bert@shop.test.") == .human)
  }

  @Test("a request to prove that the sender is a person is no bounce")
  func knowsChallenges() {
    #expect(
      kind(
        "Return-Path: <>\nFrom: anna@shop.test\nSubject: Please confirm",
        "Your message to anna@shop.test has been held and was not delivered yet. Confirm that you are a person.")
        == .human)
  }
}
