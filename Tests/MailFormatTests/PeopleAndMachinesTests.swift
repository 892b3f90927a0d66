import MailFormat
import Testing

/// Customers who write about what machines write, through programs that mark their mail; and machines beside them.
@Suite("People and machines")
struct PeopleAndMachinesTests {
  private static let answer = "In-Reply-To: <out-1@own.test>\nReferences: <out-1@own.test>\n"

  private func kind(_ header: String, _ text: String = "Please help.", own: Set<String> = []) -> MailKind {
    let bytes = Array("\(header)\nTo: support@own.test\n\n\(text)\n".utf8)
    return MailKind.find(in: MessageParser.parse(bytes), ownAddresses: own).kind
  }

  @Test(
    "a subject about vacations and automatic replies is a person's, in a thread too",
    arguments: [
      "休假申请咨询", "休假模块无法保存", "自动回复功能怎么设置", "自动回复太慢了", "自动回复 不能关闭", "不在通知が届きました", "休暇の予約について",
      "Vacation booking", "Vacation: two rooms", "Auto response does not work", "Autoreply settings",
      "Away from home on delivery day", "On holiday until Monday, please hold my parcel", "Out of office chair stock?",
      "Abwesenheit bei Lieferung", "Absence du bureau le 3 : livraison", "Ausente en la entrega",
      "Afwezig bij bezorging", "Poissa kotoa", "Re: Automatic reply: order 12", "回复：自动回复：订单未收到", "RE: Out of office",
    ])
  func knowsTopics(_ subject: String) {
    for mark in ["", Self.answer, "X-Auto-Response-Suppress: DR, OOF, AutoReply\n", "Precedence: normal\n"] {
      #expect(kind("\(mark)From: Ann <ann@cust.test>\nSubject: \(subject)") == .human, "\(mark)")
    }
  }

  @Test("a label before the subject is a machine's when the header agrees")
  func knowsLabels() {
    for label in [
      "自动回复：订单", "[自动回复]您的订单", "外出自动回复: 订单", "自动答复", "Automatic reply: Order", "Out of office Re: Order 5",
      "Out of Office AutoReply: Order", "Abwesenheitsnotiz: Bestellung", "【自動返信】", "已读回执：订单",
    ] {
      #expect(kind("\(Self.answer)From: Ann <ann@cust.test>\nSubject: \(label)") == .autoReply, "\(label)")
      #expect(kind("X-Auto-Response-Suppress: All\nFrom: ann@cust.test\nSubject: \(label)") == .autoReply, "\(label)")
      #expect(kind("Return-Path: <>\nFrom: ann@cust.test\nSubject: \(label)") == .autoReply, "\(label)")
      #expect(kind("From: ann@cust.test\nSubject: \(label)") == .human, "\(label)")
    }
    #expect(kind("Precedence: junk\n\(Self.answer)From: ann@cust.test\nSubject: away from my mail") == .autoReply)
  }

  @Test("fields that say no say no")
  func knowsDenials() {
    for field in ["X-Autorespond: false", "X-Autoreply: 0", "X-Vacation: none", "Auto-Submitted: no"] {
      #expect(kind("\(field)\nFrom: ann@cust.test\nSubject: order") == .human, "\(field)")
    }
  }

  @Test("what services, gateways and ticket systems mark as bulk is still an answer of a person")
  func knowsMarkedAnswers() {
    for field in [
      "Precedence: bulk", "Precedence: list", "List-Unsubscribe: <https://crm.test/u>", "X-Campaign-Id: 7",
      "Feedback-ID: 1:2:3:service",
    ] {
      let mail = "\(field)\n\(Self.answer)From: Bob <bob@corp.test>\nSubject: Re: order"
      #expect(kind(mail) == .human, "\(field)")
    }
    #expect(kind("Feedback-ID: 1:2:3:service\nFrom: Bob <bob@corp.test>\nSubject: order") == .human)
    #expect(kind("List-Id: <l.b.test>\n\(Self.answer)From: Bob <bob@corp.test>\nSubject: Re: order") == .list)
    #expect(kind("List-Unsubscribe: <https://s.test/u>\nFrom: Shop <news@shop.test>\nSubject: Sale") == .list)
    #expect(
      kind("List-Unsubscribe: <https://s.test/u>\nFrom: news@mail.shop.test\nReply-To: help@shop.test\nSubject: Sale")
        == .list)
  }

  @Test("what a form service passes on is a person's, and gets no automatic answer when it is marked")
  func knowsForms() {
    for field in ["Auto-Submitted: auto-generated", "List-Unsubscribe: <https://forms.test/u>", "X-Mailer: forms"] {
      let header = "\(field)\nFrom: Form <noreply@forms.test>\nReply-To: Bob <bob@cust.test>\nSubject: Contact"
      #expect(kind(header) == .human, "\(field)")
      #expect(MailKind.suppressesAutoReply(mail(header, "", "x")) != nil || field.hasPrefix("X-Mailer"), "\(field)")
      #expect(kind(header + "\nReply-To: noreply@forms.test") == .human)
    }
    let ticket = "Auto-Submitted: auto-generated\nFrom: desk@corp.test\nReply-To: desk+7@corp.test\nSubject: Received"
    #expect(kind(ticket) == .autoReply)
    #expect(kind("Auto-Submitted: auto-replied\nFrom: a@b.test\nReply-To: bob@cust.test\nSubject: Away") == .autoReply)
  }

  @Test("a mail that an Exchange rule passes on is a person's")
  func knowsRules() {
    let rule = "X-MS-Exchange-Inbox-Rules-Loop: bob@corp.test\nFrom: Bob <bob@corp.test>\n"
    #expect(kind(rule + "X-Auto-Response-Suppress: DR\nSubject: order") == .human)
    #expect(kind(rule + "X-Auto-Response-Suppress: All\nSubject: FW: order") == .human)
    #expect(kind(rule + "X-Auto-Response-Suppress: All\nSubject: I am away") == .autoReply)
  }

  @Test("the answer of a calendar is a machine's, unless somebody added a word")
  func knowsCalendars() {
    func reply(_ text: String, _ method: String = "REPLY") -> MailKind {
      kind(
        "From: Bob <bob@corp.test>\nSubject: Accepted: Meeting\nContent-Type: multipart/alternative; boundary=b",
        "--b\nContent-Type: text/plain\n\n\(text)\n--b\nContent-Type: text/calendar; method=\(method)\n\nBEGIN:VCALENDAR\n"
          + "--b--")
    }
    #expect(reply("") == .autoReply)
    #expect(reply("I will come. What about the invoice?") == .human)
    #expect(reply("", "REQUEST") == .human)
    #expect(
      kind("From: b@corp.test\nSubject: Accepted\nContent-Type: text/calendar; method=reply", "BEGIN:VCALENDAR")
        == .autoReply)
  }

  @Test("a customer without a name who writes about failed deliveries is a customer")
  func knowsNamelessCustomers() {
    for (subject, text) in [
      ("Delivery failed again!", "sales@own.test bounces. Delivery failed again. I need the invoice now."),
      ("Undeliverable", "Cannot reach\n\nsales@own.test\n\nIt says 550 user unknown."),
      ("Mailbox full", "joe@cust.test mailbox is full, quota exceeded. Can I buy more?"),
      ("mail error", "joe@cust.test: mail could not be delivered from your app, error 550. Please fix."),
      ("退信", "sales@own.test 一直退信，是邮箱换了吗？"),
      ("发送失败", "验证码发送失败\n123@qq.test\n请处理"),
      ("Non remis : colis 12", "joe@cust.test\nLe colis n'a pas pu être livré."),
      (
        "mail delivery failed",
        "Your message could not be delivered to the following recipient:\n\n<sales@own.test>: 550 5.1.1 unknown\n\nWhy?"
      ),
    ] {
      #expect(kind("From: joe@cust.test\nSubject: \(subject)", text) == .human, "\(subject)")
    }
  }

  @Test("a postmaster who writes with an envelope of his own is a person")
  func knowsAdministrators() {
    #expect(
      kind(
        "Return-Path: <postmaster@shop.test>\nFrom: postmaster@shop.test\nSubject: Delivery failed for order 4711",
        "My parcel could not be delivered. Please send it to\n\nanna@shop.test") == .human)
    #expect(
      kind(
        "Return-Path: <it@corp.test>\nFrom: 系统管理员 <it@corp.test>\nSubject: 邮件被退回",
        "您好，我们给 sales@own.test 发的邮件被退回，提示 550 用户不存在，请核实。") == .human)
    #expect(
      kind(
        "Return-Path: <postmaster@mx.test>\nFrom: postmaster@mx.test\nSubject: failure notice",
        "The mail could not be delivered to the following address:\n\nanna@shop.test\n\n550 user unknown") == .bounce)
  }

  @Test("a house with a mail system's name, an empty envelope and a subject about mail make no bounce")
  func knowsMailHouses() {
    for header in [
      "From: Mail Delivery Services <office@mds.test>\nSubject: Mail delivery on Monday",
      "Return-Path: <>\nFrom: bob@corp.test\nSubject: Mail delivery to Hamburg?",
      "Return-Path: <>\nFrom: bob@corp.test\nSubject: Message delivery time in your API",
      "From: 管理者 <admin@corp.test>\nSubject: メール配信の設定について",
    ] {
      #expect(kind(header, "Please tell me. Questions to bob@corp.test.") == .human, "\(header)")
    }
    #expect(
      kind(
        "From: System Administrator <sysadmin@corp.test>\nSubject: User unknown in your portal",
        "Hello,\n\nour user anna@corp.test gets 'user unknown' when she logs in.") == .human)
  }

  @Test("a person who attaches a part of a report is a person")
  func knowsAttachedReports() {
    for part in [
      "message/delivery-status\n\nFinal-Recipient: rfc822; s@own.test\nAction: failed\nStatus: 5.1.1",
      "message/disposition-notification\n\nFinal-Recipient: rfc822; s@own.test\nDisposition: manual-action; displayed",
      "message/feedback-report\n\nFeedback-Type: abuse",
    ] {
      let text = "--b\nContent-Type: text/plain\n\nWhat is this?\n--b\nContent-Type: \(part)\n--b--"
      let header = "Subject: your report\nContent-Type: multipart/mixed; boundary=b"
      #expect(kind("From: Bob <bob@corp.test>\n\(header)", text) == .human, "\(part)")
    }
    #expect(kind("From: Bob <bob@corp.test>\nSubject: JSON", #"{"type":"Bounce"} is what I get. Why?"#) == .human)
  }

  @Test("a customer whose address is a group answers through its list")
  func knowsGroups() {
    let mail = "From: Bob <bob@corp.test>\nList-Id: <sales.corp.test>\nSubject: Re: order"
    #expect(kind("\(Self.answer)\(mail)", own: ["support@own.test"]) == .human)
    #expect(kind(mail, own: ["support@own.test"]) == .list)
    #expect(kind("\(Self.answer)\(mail)", own: ["other@own.test"]) == .list)
  }

  @Test(
    "bounces of Chinese providers",
    arguments: [
      ("PostMaster@qq.test", "来自qq.test的退信", "抱歉，您的邮件被退回来了……\n\n收件人：nobody@qq.test\n退信原因：收件人不存在。"),
      ("Postmaster@163.test", "系统退信/Systems bounce", "您的邮件无法送达 nobody@163.test。原因：550 User not found"),
      ("MAILER-DAEMON@sina.test", "退信通知", "您的邮件 未能送达：\n<nobody@sina.test>: 邮箱已满"),
      ("postmaster@corp.test", "未送达: 订单", "向下列收件人传递失败:\n\nnobody@b.test\n找不到您输入的地址。 #550 5.1.1"),
    ])
  func knowsChineseBounces(_ from: String, _ subject: String, _ text: String) {
    #expect(kind("Return-Path: <>\nFrom: \(from)\nSubject: \(subject)", text) == .bounce)
  }
}
