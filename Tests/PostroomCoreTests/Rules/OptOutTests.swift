import PostroomCore
import Testing

@Suite("Opting out and in by SMS")
struct OptOutTests {
  private func intent(_ text: String, afterMarketing: Bool = false) -> OptOut.Intent {
    OptOut(text, afterMarketing: afterMarketing).intent
  }

  @Test(
    "a word alone stops messages, however it is written",
    arguments: [
      "STOP", "stop", "Stop.", " stop \n", "ＳＴＯＰ", "“STOP”", "STOP!!!", "stop stop stop", "S T O P", "STOP ALL",
      "STOPALL",
      "UNSUBSCRIBE", "un-subscribe", "Cancel", "END", "Quit", "revoke", "OPT-OUT", "opt out", "Remove", "ARRÊT",
      "ARRE\u{302}T", "TD", "td。", "ＴＤ", "退订", "退訂", "【退订】", "退 订", "退订！", "拒收", "取消", "取消订阅", "取消訂閱", "回T", "回 TD",
      "回复R", "回覆TD", "TD退订", "退订回T", "拒收请回复R", "停止发送", "停止發送", "STOP 🛑", "\u{FEFF}STOP\u{200B}", "ST\u{200B}OP",
    ])
  func stops(text: String) {
    #expect(intent(text) == .stop)
  }

  @Test(
    "a lone letter stops messages only as an answer to marketing",
    arguments: ["T", "t", "R", "r", "N", "n", "Ｔ", "Ｒ。", " N "])
  func letters(text: String) {
    #expect(intent(text) == .none)
    #expect(intent(text, afterMarketing: true) == .stop)
    let word = OptOut(text, afterMarketing: true).reason
    if case .word(let letter) = word {
      #expect(OptOut(text, afterMarketing: false).reason == .notAfterMarketing(letter))
    } else {
      Issue.record("\(word)")
    }
  }

  @Test(
    "a word inside a sentence is for a person to read",
    arguments: [
      "please don't stop", "Don't stop", "non-stop", "when does the sale stop?", "I want to cancel my order 123",
      "请问怎么退订会员",
      "我要取消订单", "不要退订", "别退订", "The end of the day", "help me with my invoice", "start on Monday", "恢复出厂设置", "取消了吗",
      "end-to-end", "no", "ok", "好的", "1", "TTD", "", " ", "...", "🛑", "\u{0}",
    ])
  func sentences(text: String) {
    #expect(intent(text, afterMarketing: true) == .none)
    #expect(OptOut(text, afterMarketing: true).reason == .noWord)
  }

  @Test("messages are taken up again, but a yes means that only after marketing")
  func starts() {
    for text in ["START", "start.", "ＳＴＡＲＴ", "UNSTOP", "恢复", "恢复订阅", "恢復訂閱", "取消退订"] { #expect(intent(text) == .start) }
    #expect(intent("YES") == .none)
    #expect(intent("YES", afterMarketing: true) == .start)
  }

  @Test("help is recognised", arguments: ["HELP", "help?", "Info", "帮助", "幫助", "ｈｅｌｐ"])
  func helps(text: String) {
    #expect(intent(text) == .help)
  }

  @Test("every reason has a sentence in both languages")
  func words() {
    for reason in [OptOut.Reason.word("stop"), .notAfterMarketing("t"), .noWord] {
      #expect(!reason.words.chinese.isEmpty && !reason.words.english.isEmpty)
    }
  }

  @Test("a megabyte is read in linear time")
  func hostile() {
    for text in ["stop ", "a", " ", "\u{301}", "退", "\u{200B}"] {
      #expect([.none, .stop].contains(intent(String(repeating: text, count: 300_000))))
    }
  }
}
