internal import Crypto
internal import Foundation

/// The pages behind a link to unsubscribe: what ends, a button, the way back. They need no script, load nothing and say
/// nothing of the person. Each has both languages, the reader's first.
struct UnsubscribePage {
  enum State {
    /// Nothing has happened yet.
    case question
    case stopped
    case resumed
    case notFound
    case tooOften
    /// The database cannot write now.
    case trouble
  }

  var company: Localized
  /// The reader's.
  var language: Language

  func answer(_ state: State, _ token: UnsubscribeToken? = nil, status: Int) -> WebAnswer {
    WebAnswer(
      status: status, contentType: "text/html; charset=utf-8", body: Array(html(state, token).utf8),
      policy: Self.policy, fields: [HTTPField("Vary", "Accept-Language")])
  }

  private func html(_ state: State, _ token: UnsubscribeToken?) -> String {
    let other: Language = language == .chinese ? .english : .chinese
    let words = words(state, token)
    let button = words.button.map { button in
      """
      <form method="post"><button name="\(button.field)" value="1">\(button.words[language])\
      <small lang="\(other.rawValue)">\(button.words[other])</small></button></form>
      """
    }
    return """
      <!doctype html>
      <html lang="\(language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(words.title[language]) · \(company[language].escapedForHTML)</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <main>
      <p class="house">\(company[language].escapedForHTML)</p>
      <h1>\(words.title[language])</h1>
      <p>\(words.text[language])</p>
      \(button ?? "")
      <section lang="\(other.rawValue)">
      <h2>\(words.title[other])</h2>
      <p>\(words.text[other])</p>
      </section>
      </main>
      </body>
      </html>

      """
  }

  // MARK: Words

  private struct Words {
    var title: Localized
    var text: Localized
    var button: (field: String, words: Localized)?
  }

  private static let stop = (field: "confirm", words: Localized(chinese: "停止发送", english: "Stop sending"))
  private static let resume = (field: "resume", words: Localized(chinese: "恢复接收", english: "Send them again"))

  private func words(_ state: State, _ token: UnsubscribeToken?) -> Words {
    let house = Localized(chinese: company.chinese.escapedForHTML, english: company.english.escapedForHTML)
    let kinds = Self.kinds(token?.purposes ?? [])
    let channel =
      token?.channel == .sms
      ? Localized(chinese: "短信", english: "SMS") : Localized(chinese: "邮件", english: "e-mail")
    switch state {
    case .question:
      return Words(
        title: Localized(chinese: "不再接收？", english: "Stop these messages?"),
        text: Localized(
          chinese: "按下按钮后，\(house.chinese)不再通过邮件和短信向您发送\(kinds.chinese)。您的来信我们照常答复。",
          english: """
            Press the button and \(house.english) sends you no more \(kinds.english), neither by e-mail nor by SMS. \
            What you write to us is answered as before.
            """), button: Self.stop)
    case .stopped:
      return Words(
        title: Localized(chinese: "已停止", english: "Stopped"),
        text: Localized(
          chinese: "\(house.chinese)不再向您发送\(kinds.chinese)。您的来信我们照常答复。改变主意了？可以恢复通过\(channel.chinese)接收。",
          english: """
            \(house.english) sends you no more \(kinds.english). What you write to us is answered as before. \
            If you change your mind, you can get them by \(channel.english) again.
            """), button: Self.resume)
    case .resumed:
      return Words(
        title: Localized(chinese: "已恢复", english: "Welcome back"),
        text: Localized(
          chinese: "\(house.chinese)会继续通过\(channel.chinese)向您发送\(kinds.chinese)。",
          english: "\(house.english) sends you \(kinds.english) by \(channel.english) again."), button: Self.stop)
    case .notFound:
      return Words(
        title: Localized(chinese: "链接无效", english: "This link is not valid"),
        text: Localized(
          chinese: "链接可能不完整。请从收到的消息中重新打开，或直接回复该消息。",
          english: "It may be incomplete. Please open it from the message again, or answer the message."))
    case .tooOften:
      return Words(
        title: Localized(chinese: "请稍候", english: "One moment, please"),
        text: Localized(chinese: "请求过于频繁，请一分钟后再试。", english: "There were too many requests. Try again in a minute."))
    case .trouble:
      return Words(
        title: Localized(chinese: "暂时无法处理", english: "Not now, sorry"),
        text: Localized(
          chinese: "您的选择还没有保存，请过几分钟再试。", english: "Your choice is not saved yet. Please try again in a few minutes."))
    }
  }

  /// A list of kinds as words of a sentence.
  private static func kinds(_ purposes: Set<Purpose>) -> Localized {
    let names: [(Purpose, Localized)] = [
      (.greeting, Localized(chinese: "节日和生日问候", english: "greetings")),
      (.promotion, Localized(chinese: "优惠信息", english: "offers")),
      (.survey, Localized(chinese: "满意度调查", english: "surveys")),
    ]
    let chosen = names.filter { purposes.contains($0.0) }.map(\.1)
    return Localized(
      chinese: joined(chosen.map(\.chinese), "、", "和"), english: joined(chosen.map(\.english), ", ", " and "))
  }

  private static func joined(_ words: [String], _ comma: String, _ and: String) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: comma) + and + last
  }

  // MARK: Looks

  /// The style is allowed by its hash (CSP 3 §6.6.3): nothing else that found its way into the page would be.
  private static let policy: String = {
    let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
    return "default-src 'none'; style-src 'sha256-\(hash)'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  }()

  private static let style = """

    :root { color-scheme: light dark; --paper: #faf7f2; --card: #fffefb; --ink: #2b2622; --soft: #6d645b;
      --line: #e6ded3; --seal: #a63d2f; --on-seal: #fff; }
    @media (prefers-color-scheme: dark) { :root { --paper: #1c1917; --card: #26221f; --ink: #efe9e2; --soft: #b3a99e;
      --line: #3d3731; --seal: #e08a76; --on-seal: #241512; } }
    * { box-sizing: border-box; margin: 0; }
    body { min-height: 100vh; padding: 1.25rem; display: grid; place-items: center; background: var(--paper);
      color: var(--ink); font: 1.0625rem/1.65 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB",
      "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    main { width: 100%; max-width: 34rem; padding: clamp(1.5rem, 6vw, 2.75rem); background: var(--card);
      border: 1px solid var(--line); border-top: 4px solid var(--seal); border-radius: .75rem; }
    .house { color: var(--soft); font-size: .9375rem; }
    h1 { margin: .25rem 0 .75rem; font-size: 1.625rem; line-height: 1.3; }
    form { margin-top: 1.5rem; }
    button { width: 100%; min-height: 3.25rem; padding: .6rem 1.25rem; border: 0; border-radius: .5rem;
      background: var(--seal); color: var(--on-seal); font: inherit; font-weight: 600; cursor: pointer; }
    button:hover { filter: brightness(1.08); }
    button:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
    small { margin-left: .75em; font-size: .875rem; font-weight: 400; }
    section { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); color: var(--soft);
      font-size: .9375rem; }
    h2 { font-size: 1rem; color: var(--ink); }

    """
}
