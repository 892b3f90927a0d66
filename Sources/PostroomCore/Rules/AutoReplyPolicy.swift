/// Whether a mail may be answered automatically, and why (not). Pure; counters come in as numbers. RFC 3834 §2, RFC 5230
/// §4.5–4.6; the reasons are stored with the mail.
package struct AutoReplyPolicy: Sendable, Equatable {
  /// At most one automatic reply to a sender and mailbox in this time. 24 h by default.
  package var onePerSender: Seconds = 24 * 3600
  /// At most so many automatic replies a day to one domain, unless it is a public mail provider. 50 by default.
  package var perDomainPerDay: Int64 = 50
  /// At most so many automatic replies of a mailbox a minute: the fuse against loops that nothing else stops. 120 by
  /// default.
  package var perMinute: Int64 = 120
  /// Mail that arrived longer ago is taken in but not answered: an answer to last month's mail confuses. 3 days by
  /// default.
  package var notOlderThan: Seconds = 3 * 86_400

  package init() {}

  /// What is known of the mail, its sender and what was sent to him before.
  package struct Facts: Sendable {
    /// The mail itself asks for no answer (null return path, `X-Auto-Response-Suppress`, a no-reply sender).
    package var isForbidden = false
    /// Its words look like spam, and nobody knows the sender. A person decides: he has an owner and a promised time.
    package var isLikelySpam = false
    package var isAddressedToMailbox = true
    package var isSendable = true
    package var hasOpenPromise = false
    package var arrivedAt: Instant = 0
    package var lastReplyToSenderAt: Instant?
    package var repliesToDomainToday: Int64 = 0
    /// In the next minute that has room, looked for an hour ahead.
    package var repliesThisMinute: Int64 = 0
    /// The counters that a reply is added to.
    package var spans: [ReplySpan] = []
    package var isPublicMailProvider = false
    package init() {}
  }

  /// The decision, stored with the mail.
  package enum Decision: Sendable, Equatable {
    case reply
    case suppress(ReplySuppression)

    /// `answered`, or the code of the reason.
    package var code: String {
      switch self {
      case .reply: "answered"
      case .suppress(let reason): reason.rawValue
      }
    }
  }

  /// First hit wins.
  package func decision(for facts: Facts, now: Instant) -> Decision {
    if facts.isForbidden { return .suppress(.forbidden) }
    if facts.isLikelySpam { return .suppress(.likelySpam) }
    if !facts.isSendable { return .suppress(.unsendable) }
    if !facts.isAddressedToMailbox { return .suppress(.notAddressed) }
    if facts.hasOpenPromise { return .suppress(.alreadyPromised) }
    if facts.arrivedAt < now.adding(-notOlderThan) { return .suppress(.tooOld) }
    if let last = facts.lastReplyToSenderAt, last > now.adding(-onePerSender) { return .suppress(.senderAnswered) }
    if !facts.isPublicMailProvider, facts.repliesToDomainToday >= perDomainPerDay { return .suppress(.domainCap) }
    if facts.repliesThisMinute >= perMinute { return .suppress(.minuteCap) }
    return .reply
  }

  /// Domains where many unrelated people have their mail; the cap by domain would hit strangers there.
  package static let publicMailProviders: Set<String> = [
    "qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "vip.126.com", "vip.sina.com", "126.com",
    "yeah.net", "188.com", "sina.com", "sina.cn", "sohu.com", "139.com",
    "189.cn", "wo.cn", "aliyun.com", "tom.com", "21cn.com", "gmail.com", "googlemail.com", "outlook.com", "hotmail.com",
    "live.com", "live.cn", "msn.com", "yahoo.com", "yahoo.com.cn", "yahoo.com.tw", "yahoo.com.hk", "ymail.com",
    "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.de", "web.de",
    "mail.ru", "yandex.ru", "yandex.com", "zoho.com", "fastmail.com", "naver.com", "hanmail.net", "pchome.com.tw",
    "hinet.net",
  ]
}

/// A stretch of time in which automatic replies are counted: a domain's day, or a mailbox's minute.
package struct ReplySpan: Sendable, Equatable {
  package let scope: String
  /// Days or minutes since 1970.
  package var number: Int64

  package static func day(of domain: String, _ date: CivilDate) -> ReplySpan {
    ReplySpan(scope: "d:" + domain, number: Int64(date.daysSinceEpoch))
  }

  package static func minute(_ number: Int64) -> ReplySpan { ReplySpan(scope: "m", number: number) }
}

/// Why a mail got no automatic reply. The raw value is stored.
package enum ReplySuppression: String, Sendable, CaseIterable {
  case machine, spam, forbidden, unsendable
  case likelySpam = "likely_spam"
  case notAddressed = "not_addressed"
  case alreadyPromised = "already_promised"
  case tooOld = "too_old"
  case senderAnswered = "sender_answered"
  case domainCap = "domain_cap"
  case minuteCap = "minute_cap"
  case templateFailed = "template_failed"

  package var words: Localized {
    switch self {
    case .machine: Localized(chinese: "机器发出的邮件", english: "written by a machine")
    case .spam: Localized(chinese: "垃圾邮件", english: "spam")
    case .likelySpam:
      Localized(chinese: "内容疑似垃圾邮件，待人工判断", english: "its words look like spam: a person decides")
    case .forbidden: Localized(chinese: "邮件本身要求不自动回复", english: "the mail asks for no automatic answer")
    case .unsendable: Localized(chinese: "发件地址无法回复", english: "the sender's address cannot be answered")
    case .notAddressed:
      Localized(chinese: "收件人和抄送中没有本邮箱", english: "the mailbox is neither in To nor in Cc")
    case .alreadyPromised: Localized(chinese: "已承诺答复时间", english: "an answer is already promised")
    case .tooOld: Localized(chinese: "邮件到达已久", english: "the mail arrived too long ago")
    case .senderAnswered:
      Localized(chinese: "近期已自动回复过该发件人", english: "this sender got an automatic reply a short time ago")
    case .domainCap: Localized(chinese: "该域名今日自动回复已达上限", english: "daily cap of the sender's domain reached")
    case .minuteCap: Localized(chinese: "本邮箱每分钟自动回复已达上限", english: "cap per minute of the mailbox reached")
    case .templateFailed: Localized(chinese: "模板无法生成回复", english: "the template could not be filled in")
    }
  }
}
