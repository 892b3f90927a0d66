import MailFormat
import Testing

/// What customers write and what only looks like a part of another mail, a signature or a footer.
@Suite("Own words")
struct OwnWordsTests {
  private func newText(_ text: String) -> String { ReplyText(text).newText }

  @Test(
    "parcels, journeys and complaints have senders, recipients and dates too",
    arguments: [
      "你好，我的快递丢了：\n\n发件人：李四\n发件时间：2026-11-20 10:00\n收件人：张三\n收件地址：上海市\n快递单号：SF999\n\n请尽快处理。",
      "包裹信息\n发件人：李四\n日期：2026年11月20日\n收件人：张三\n标题：投诉\n内容：东西坏了\n请赔偿",
      "投诉单\n\n发件人：张三\n日期：2026-11-26\n主题：退货\n\n内容：杯子碎了，要求退款。",
      "请改地址：\n收件人：张三\n电话：13800138000\n地址：上海市浦东新区世纪大道1号\n日期：2026-11-26\n谢谢",
      "Book a courier:\nFrom: Berlin\nTo: Paris\nSent: 2 May 2026\nWeight: 3 kg\n\nWhere is it?",
    ])
  func keepsParcels(_ text: String) { #expect(newText(text) == text) }

  @Test("a header without any address is one when it has all fields and the time")
  func knowsBareHeaders() {
    let header = "发件人： 客服\n发送时间： 2026-11-26 10:00\n收件人： 王芳\n主题： 回复: 订单\n\n您的订单已发货。"
    #expect(newText("还没收到。\n\n" + header) == "还没收到。")
  }

  @Test(
    "sentences about phones and programs are no lines of them",
    arguments: [
      "使用手机无法登录", "使用微信支付失败", "使用安卓手机，微信客户端", "来自微信的订单没有发货", "来自微信小程序的付款失败",
      "Sent from my old phone, please use this new number 555 1234567.", "sent via Android app, not arrived",
      "Get Outlook for my phone?",
    ])
  func keepsSentences(_ text: String) {
    #expect(newText(text) == text)
    #expect(newText("你好\n\n" + text) == "你好\n\n" + text)
  }

  @Test(
    "the lines of phones and programs",
    arguments: [
      "Sent from my iPhone 15 Pro Max", "Sent from Yahoo Mail for iPhone", "Sent from Mail for Windows", "发自我的iPhone",
      "发自我的华为手机", "从 Windows 版邮件发送", "获取 Outlook for iOS<https://aka.test/o>", "来自微信邮箱", "iPhoneから送信",
      "Von meinem iPhone gesendet", "나의 iPhone에서 보냄",
    ])
  func foldsLines(_ line: String) { #expect(newText("没收到。\n\n" + line) == "没收到。") }

  @Test("who asks to be unsubscribed is no footer, a list's line with a link is")
  func knowsUnsubscribers() {
    for text in ["取消订阅 anna@shop.test", "Please help.\n\nUnsubscribe anna@shop.test from all newsletters."] {
      #expect(newText(text) == text)
    }
    #expect(newText("Thanks.\n\nUnsubscribe: https://list.test/u?7") == "Thanks.")
    #expect(newText("Thanks.\n\nTo unsubscribe, write to leave@list.test.") == "Thanks.")
  }

  @Test("who complains about secrets is no notice of secrecy")
  func knowsComplaints() {
    let complaint =
      "Hello,\n\nyou sent me confidential data of another customer. I am not the intended recipient. Please delete it "
      + "from my account, notify the sender, and tell me what disclosure happened."
    #expect(newText(complaint) == complaint)
    let notice = "本邮件及其附件含有保密信息，仅供指定的收件人使用。如您误收本邮件，请立即通知我们并立即删除。"
    #expect(newText("收到，谢谢。\n\n" + notice) == "收到，谢谢。")
  }

  @Test("numbers below thanks and a name are what the customer wants us to know")
  func keepsNumbers() {
    let text = "Please check.\n\nThanks\nBob\n\nOrder: 123456789\nAccount: 987654321"
    #expect(newText(text) == text)
    #expect(newText("Please check.\n\nThanks\nBob\n+49 30 1234567\nbob@corp.test") == "Please check.")
  }

  @Test("a rule above an order is no signature")
  func keepsRuledText() {
    for text in [
      "Name: Bob\n________________________________\nOrder: 1234567\nProblem: broken",
      "Hello\n________________________________\nWhere is my order 12345678?",
      "无法登录\n----------\n账号：13800138000\n密码错误：3",
    ] { #expect(newText(text) == text) }
    #expect(newText("无法登录\n\n----------\n王芳\n手机：138 0000 0000") == "无法登录")
  }

  @Test("sentences with the words of footers and of help desks' lines stay")
  func keepsSentencesLikeFooters() {
    for text in [
      "手机无法发送", "邮件无法从 Outlook 发送", "使用手机无法发送",
      "This email has been checked for viruses? I think it had one.",
      "此邮件已由杀毒软件拦截，为什么？", "You are receiving this because I want a refund. bob@corp.test",
      "Your mail says: type your reply above\n\nWhat does it mean?",
      "Please reply above this line is what it says, why?",
    ] { #expect(newText("Hello,\n\n" + text) == "Hello,\n\n" + text) }
    #expect(newText("没收到。\n\n从我的小米手机发送") == "没收到。")
    #expect(newText("Not yet.\n\nPlease type your reply above this line.\n\nold") == "Not yet.")
  }

  @Test("a form that announces its message is read")
  func readsForms() {
    let form = "You have a new message:\n\nFrom: Bob <bob@corp.test>\nSubject: Login\nDate: 20 Nov 2026 10:00\n\n"
    #expect(newText(form + "I cannot log in.").hasSuffix("I cannot log in."))
    let old = "发件人: 客服 <desk@own.test>\n发送时间: 2026-11-26 10:00\n收件人: 王芳\n主题: 账单\n\n请付款。"
    #expect(newText("见附件：\n\n" + old) == "见附件：")
  }

  @Test("where nothing else stands, everything is new")
  func keepsSomething() {
    for text in ["这个文件是机密的，仅限内部使用，请立即删除账号里的副本，否则追究法律责任。", "--\nBob\nbob@corp.test"] {
      #expect(newText(text) == text)
    }
  }
}
