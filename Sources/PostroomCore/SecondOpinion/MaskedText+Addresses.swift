/// E-mail addresses, links and account names. Each function is one for ``Swift/Array/replacing(_:)``.
extension MaskedText {
  typealias Finding = (end: Int, words: [Unicode.Scalar])

  // MARK: E-mail

  /// `li.wei@example.cn`, also with spaces around the sign, `(at)`, `%40` or `=40` for it; `@liwei`.
  static func address(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    if let start = sign(text, place) {
      guard start < text.count, isOfHost(text[start]), let end = host(text, start, mayBeBare: true) else { return nil }
      return (end, word("ACCOUNT"))
    }
    guard isOfLocalPart(text[place]), place == 0 || !isOfLocalPart(text[place - 1]) else { return nil }
    var end = place
    while end < text.count, isOfLocalPart(text[end]), sign(text, end) == nil { end += 1 }
    let isTight = end < text.count && text[end] == "@"
    let blank = blanks(text, end)
    if blank > end, let end = spokenHost(text, blank, isName: text[place..<end].contains { !$0.isLetterASCII }) {
      return (end, word("EMAIL"))
    }
    guard let start = sign(text, blank).map({ blanks(text, $0) }) else { return nil }
    guard let end = host(text, start, mayBeBare: isTight && start == blank + 1) else { return nil }
    return (end, word("EMAIL"))
  }

  private static let mailers: Set<String> = [
    "gmail", "googlemail", "outlook", "hotmail", "live", "msn", "yahoo", "icloud", "aol", "proton", "protonmail", "qq",
    "foxmail", "163", "126", "yeah", "sina", "sohu", "139", "189", "aliyun",
  ]

  /// `li.wei at example.cn`, where no word is meant: `look at example.cn` is none, `liwei at gmail.com` is one.
  private static func spokenHost(_ text: [Unicode.Scalar], _ place: Int, isName: Bool) -> Int? {
    guard matches(text, place, "at "), let end = host(text, place + 3, mayBeBare: false) else { return nil }
    let labels = String(String.UnicodeScalarView(text[(place + 3)..<end])).lowercased().split(separator: ".")
    guard let top = labels.last, let name = labels.first, topLevels.contains(String(top)) else { return nil }
    return isName || mailers.contains(String(name)) ? end : nil
  }

  /// Behind the sign between the two parts of an address.
  private static func sign(_ text: [Unicode.Scalar], _ place: Int) -> Int? {
    guard place < text.count else { return nil }
    if text[place] == "@" { return place + 1 }
    for words in ["%40", "=40", "(at)", "[at]", "{at}", "<at>", "( at )", "[ at ]", "#at#"]
    where matches(text, place, words) {
      return place + words.unicodeScalars.count
    }
    return nil
  }

  /// The end of a host's name; `mayBeBare` takes one without a dot, too.
  private static func host(_ text: [Unicode.Scalar], _ start: Int, mayBeBare: Bool) -> Int? {
    guard start < text.count, isOfHost(text[start]) else { return nil }
    let isForeign = text[start].isHan
    var end = start
    var label = start
    var dots = 0
    while end < text.count, end < start + 255 {
      let isDot = text[end] == "." || text[end] == "。" && dots == 0
      if isDot, end + 1 < text.count, isOfHost(text[end + 1]), isForeign || !text[end + 1].isHan {
        dots += 1
        label = end + 1
      } else if !isOfHost(text[end]) || text[end].isHan && !isForeign {
        break
      }
      end += 1
    }
    let isNumber = text[label..<end].allSatisfy(\.isDigit)
    guard mayBeBare ? end > start : dots > 0 && !isNumber && end - label >= 2 else { return nil }
    return isForeign && dots == 0 ? nil : end
  }

  private static func isOfLocalPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isWordASCII || "._%+-'=".unicodeScalars.contains(scalar)
      || !scalar.isASCII && !scalar.isHan && scalar.properties.isAlphabetic
  }

  private static func isOfHost(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isWordASCII || scalar == "-" || scalar == "_" || !scalar.isASCII && scalar.properties.isAlphabetic
  }

  // MARK: Links

  private static let topLevels: Set<String> = [
    "com", "cn", "net", "org", "edu", "gov", "info", "biz", "io", "co", "me", "app", "dev", "top", "xyz", "vip", "shop",
    "store", "site", "online", "club", "cc", "tv", "hk", "tw", "mo", "sg", "jp", "kr", "uk", "us", "eu", "de", "fr",
    "ru",
    "au", "ca", "in", "mobi", "asia", "ltd", "link", "live", "page", "ai", "ly", "gl",
  ]

  /// Anything with `://`, `www.` or a name below a usual top-level domain, with what belongs to it.
  static func link(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    guard text[place].isWordASCII, beginsName(text, place) else { return nil }
    var end = place
    while end < text.count, isOfName(text, end) { end += 1 }
    let colon = blanks(text, end)
    if matches(text, colon, "://") { return (linkEnd(text, colon + 3), word("URL")) }
    while end > place, text[end - 1] == "." || text[end - 1] == "-" { end -= 1 }
    let name = String(String.UnicodeScalarView(text[place..<end])).lowercased()
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let (isHost, top) = (labels.count > 1 && !labels.contains(""), labels.last ?? "")
    let isPath = end < text.count && "/:?".unicodeScalars.contains(text[end])
    // With a path behind it any top-level domain will do.
    let isKnown = isPath && text[end] != ":" && top.count > 1 && top.allSatisfy(\.isLetter)
    guard isHost, isKnown || topLevels.contains(String(top)) || name.hasPrefix("www.") && labels.count > 2 else {
      return nil
    }
    return (isPath ? linkEnd(text, end) : end, word("URL"))
  }

  /// Whether no name of a host that is written on from before goes through `place`: from there it was looked for, and a
  /// text of many hyphens is not to be looked through from each of them.
  private static func beginsName(_ text: [Unicode.Scalar], _ place: Int) -> Bool {
    var start = place
    while start > 0, isOfName(text, start - 1) {
      if text[start - 1].isWordASCII { return text[place - 1] == "-" && matches(text, place, "www.") }
      start -= 1
    }
    return true
  }

  /// Two dots and more are those of a sentence.
  private static func isOfName(_ text: [Unicode.Scalar], _ place: Int) -> Bool {
    guard text[place] == "." else { return text[place].isWordASCII || text[place] == "-" }
    return (place == 0 || text[place - 1] != ".") && (place + 1 == text.count || text[place + 1] != ".")
  }

  /// ASCII to the next blank; Han only within, since a sentence often goes on right behind a link.
  private static func linkEnd(_ text: [Unicode.Scalar], _ start: Int) -> Int {
    var end = start
    while end < text.count {
      if text[end].isASCII {
        guard text[end].value > 0x20, !"<>\"".unicodeScalars.contains(text[end]) else { break }
        // A full-width sign that was folded: the sentence goes on.
        if end > start, ",;!)".unicodeScalars.contains(text[end]), end + 1 < text.count, !text[end + 1].isASCII {
          break
        }
        end += 1
        continue
      }
      var next = end
      while next < text.count, next < end + 20, !text[next].isASCII, text[next].properties.isAlphabetic { next += 1 }
      let isWithin = "/=".unicodeScalars.contains(text[end - 1]) && next < text.count && text[next].isWordASCII
      guard next > end, next < text.count,
        isWithin || "/=&?.%".unicodeScalars.contains(text[next]) || end == start
      else { break }
      end = next
    }
    return end
  }

  // MARK: Accounts

  private static let services = [
    "微信号码", "微信号", "微信", "支付宝账号", "支付宝", "抖音号", "快手号", "小红书号", "旺旺", "钉钉", "用户名", "会员名", "会员号", "账号", "帐号",
    "wechat", "weixin", "whatsapp", "telegram", "skype", "username:", "user name:", "user id:", "wx", "vx", "qq",
  ]
  private static let links = ["账号", "号码", "号", "是", "为", "id", "is", ":", "=", "-", " "]

  /// What follows the name of a messenger: `微信: wxid_ab12`. A plain word without a sign before it is none.
  static func account(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    if text[place].isASCII, place > 0, text[place - 1].isWordASCII { return nil }
    guard let service = services.first(where: { matches(text, place, $0) }) else { return nil }
    var start = place + service.unicodeScalars.count
    if text[start - 1].isLetterASCII, start < text.count, text[start].isLetterASCII { return nil }
    var isTold = text[start - 1] == ":"
    while let link = links.first(where: { matches(text, start, $0) }) {
      let end = start + link.unicodeScalars.count
      // `is` and `id` are words of their own.
      if link.first?.isLetter == true, link.first?.isASCII == true, end < text.count, text[end].isWordASCII { break }
      isTold = isTold || link != " "
      start = end
    }
    var end = start
    while end < text.count, text[end].isWordASCII || text[end] == "_" || text[end] == "-" { end += 1 }
    let name = text[start..<end]
    let isPlain = !name.contains { $0.isDigit || $0 == "_" || $0 == "-" }
    guard name.count >= 4, isTold || !isPlain else { return nil }
    return (end, Array(text[place..<start]) + word("ACCOUNT"))
  }

  // MARK: Looking

  /// ASCII letters of any case.
  static func matches(_ text: [Unicode.Scalar], _ place: Int, _ words: String) -> Bool {
    var place = place
    for scalar in words.unicodeScalars {
      guard place < text.count else { return false }
      let letter = text[place].isLetterASCII ? Unicode.Scalar(UInt8(text[place].value | 0x20)) : text[place]
      guard letter == scalar else { return false }
      place += 1
    }
    return true
  }

  /// Behind at most two spaces.
  private static func blanks(_ text: [Unicode.Scalar], _ place: Int) -> Int {
    var end = place
    while end < text.count, end < place + 2, text[end] == " " { end += 1 }
    return end
  }
}
