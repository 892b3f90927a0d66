/// What an inbound SMS says about receiving more of them.
package struct OptOut: Sendable, Equatable {
  package enum Intent: String, Sendable { case stop, start, help, none }

  /// Why it was read so.
  package enum Reason: Sendable, Equatable {
    /// The whole text is this word, folded.
    case word(String)
    /// It would be one, but counts only as an answer to marketing.
    case notAfterMarketing(String)
    /// Nothing, or more than a word of the lists: a person reads it.
    case noWord

    package var words: Localized {
      switch self {
      case .word(let word): Localized(chinese: "整条短信只有“\(word)”", english: "the whole text is “\(word)”")
      case .notAfterMarketing(let word):
        Localized(
          chinese: "“\(word)”仅在回复营销短信时有效", english: "“\(word)” counts only as an answer to a marketing SMS")
      case .noWord: Localized(chinese: "不是单独的退订指令", english: "no opt-out word standing alone")
      }
    }
  }

  package var intent: Intent
  package var reason: Reason

  /// `afterMarketing`: the number got a marketing SMS a short time ago (72 h). Only then a lone letter or a plain yes is
  /// an answer to it; at other times a customer answers a question with them.
  package init(_ text: String, afterMarketing: Bool) {
    let word = Self.folded(text)
    guard let (intent, isCertain) = Self.vocabulary[word] else {
      self.init(intent: .none, reason: .noWord)
      return
    }
    if isCertain || afterMarketing {
      self.init(intent: intent, reason: .word(word))
    } else {
      self.init(intent: .none, reason: .notAfterMarketing(word))
    }
  }

  private init(intent: Intent, reason: Reason) {
    self.intent = intent
    self.reason = reason
  }

  /// Letters and digits only, in lower case, half width and Simplified; a word that is said again and again is said once.
  /// Empty for texts longer than any word of the lists.
  private static func folded(_ text: String) -> String {
    var words: [String] = []
    var isInside = false
    for scalar in text.unicodeScalars {
      let folded = fold(scalar)
      let isPart = folded.properties.isAlphabetic || folded.properties.numericType != nil
      if isPart {
        if !isInside { words.append("") }
        words[words.count - 1] += folded.properties.lowercaseMapping
        // So many short words, or one so long, are no command.
        if words.count > 16 || words[words.count - 1].utf8.count > 48 { return "" }
      }
      isInside = isPart || isInside && scalar.properties.isDefaultIgnorableCodePoint
    }
    return Set(words).count == 1 ? words[0] : words.joined()
  }

  private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if (0xFF01...0xFF5E).contains(scalar.value) { return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar }
    return simplified[scalar] ?? scalar
  }

  /// Traditional characters of the lists, each followed by its Simplified form.
  private static let simplified: [Unicode.Scalar: Unicode.Scalar] = {
    let pairs = Array("訂订閱阅閲阅復复覆复複复幫帮開开啟启啓启絕绝繼继續续說说煩烦擾扰發发簡简訊讯雜杂們们".unicodeScalars)
    return Dictionary(
      stride(from: 0, to: pairs.count, by: 2).map { (pairs[$0], pairs[$0 + 1]) }, uniquingKeysWith: { $1 })
  }()

  /// By folded word: what it means, and whether it does so at any time.
  private static let vocabulary: [String: (Intent, Bool)] = {
    var table: [String: (Intent, Bool)] = [:]
    func add(_ words: String, _ intent: Intent, isCertain: Bool = true) {
      for word in words.split(separator: " ") { table[String(word)] = (intent, isCertain) }
    }
    add("stop stopall unsubscribe cancel end quit revoke optout remove arret arrêt td", .stop)
    add("退订 取消 拒收 取消订阅 退订短信 取消短信 拒收短信 拒绝接收 不再接收 停止接收 停止发送 停止订阅 停发 停止 退定", .stop)
    // What customers write who type the instruction itself.
    for verb in ["回", "回复", "复", "发送", "退订回", "退订回复", "退订请回复", "拒收回", "拒收回复", "拒收请回复"] {
      for code in ["t", "td", "r", "n", "stop", "退订", "拒收"] { add(verb + code, .stop) }
    }
    for code in ["t", "td", "r", "n"] { add(code + "退订 退订" + code + " 回" + code + "退订", .stop) }
    add("t r n", .stop, isCertain: false)
    add("start unstop resume subscribe optin 恢复 恢复订阅 恢复接收 继续接收 重新订阅 订阅 取消退订", .start)
    add("yes", .start, isCertain: false)
    add("help info 帮助", .help)
    return table
  }()
}
