import Foundation
import PostroomCore
import TextClassifier

/// Tables that people read, in the language of the settings.
enum Report {
  static func outcomes(_ tally: IntakeTally, _ language: Language) {
    let rows = Outcome.allCases.compactMap { outcome in
      tally.outcomes[outcome].map { [words(outcome)[language], String($0)] }
    }
    Console.table(
      [title(chinese: "结果", english: "outcome", language), title(chinese: "邮件", english: "mails", language)], rows)
    Console.line(
      title(
        chinese: "共 \(tally.mails) 封，已排队自动回复 \(tally.repliesQueued) 封",
        english: "\(tally.mails) mails, \(tally.repliesQueued) replies queued", language))
  }

  static func words(_ outcome: Outcome) -> Localized {
    switch outcome {
    case .conversation: Localized(chinese: "新会话", english: "conversation")
    case .reply: Localized(chinese: "会话跟进", english: "reply")
    case .duplicate: Localized(chinese: "重复邮件", english: "duplicate")
    case .automatic: Localized(chinese: "自动邮件", english: "automatic")
    case .bounce: Localized(chinese: "退信", english: "bounce")
    case .spam: Localized(chinese: "垃圾邮件", english: "spam")
    case .quarantine: Localized(chinese: "隔离", english: "quarantine")
    }
  }

  static func words(_ state: DeliveryState) -> Localized {
    switch state {
    case .queued: Localized(chinese: "排队中", english: "queued")
    case .held: Localized(chinese: "暂缓", english: "held")
    case .sending: Localized(chinese: "发送中", english: "sending")
    case .accepted: Localized(chinese: "已发出", english: "accepted")
    case .delivered: Localized(chinese: "已送达", english: "delivered")
    case .deferred: Localized(chinese: "待重试", english: "deferred")
    case .rejected: Localized(chinese: "被拒收", english: "rejected")
    case .uncertain: Localized(chinese: "结果不明", english: "uncertain")
    case .suppressed: Localized(chinese: "不予发送", english: "suppressed")
    case .expired: Localized(chinese: "已过期", english: "expired")
    case .cancelled: Localized(chinese: "已取消", english: "cancelled")
    }
  }

  static func words(_ purpose: Purpose) -> Localized {
    switch purpose {
    case .acknowledgement: Localized(chinese: "自动回复", english: "acknowledgement")
    case .reply: Localized(chinese: "答复", english: "reply")
    case .notice: Localized(chinese: "通知", english: "notice")
    case .callback: Localized(chinese: "回访", english: "callback")
    case .greeting: Localized(chinese: "问候", english: "greeting")
    case .promotion: Localized(chinese: "推广", english: "promotion")
    case .survey: Localized(chinese: "调查", english: "survey")
    }
  }

  static func words(_ channel: Channel) -> Localized {
    switch channel {
    case .mail: Localized(chinese: "邮件", english: "mail")
    case .sms: Localized(chinese: "短信", english: "SMS")
    }
  }

  static func words(_ kind: TextLabel) -> Localized {
    switch kind {
    case .inquiry: Localized(chinese: "咨询", english: "inquiry")
    case .complaint: Localized(chinese: "投诉", english: "complaint")
    case .suggestion: Localized(chinese: "建议", english: "suggestion")
    }
  }

  static func words(_ state: Conversation.State) -> Localized {
    switch state {
    case .open: Localized(chinese: "待处理", english: "open")
    case .waiting: Localized(chinese: "等客户", english: "waiting")
    case .resolved: Localized(chinese: "已解决", english: "resolved")
    }
  }

  static func words(_ why: DeltaVersion.Why) -> Localized {
    switch why {
    case .step: Localized(chinese: "逐条学习", english: "steps")
    case .refit: Localized(chinese: "重新学习", english: "refit")
    case .rollback: Localized(chinese: "回退", english: "rollback")
    }
  }

  static func words(_ outcome: Refit.Outcome) -> Localized {
    switch outcome {
    case .accepted: Localized(chinese: "已采用", english: "accepted")
    case .refused: Localized(chinese: "较差，未采用", english: "worse, refused")
    case .unlearned:
      Localized(chinese: "已采用，取代已删除或无法读取的内容", english: "accepted, replaces what was erased or unreadable")
    }
  }

  /// That a mailbox goes without what it learned, and what to do.
  static func unreadable(_ mailbox: String, _ fault: ModelError, _ language: Language) -> String {
    title(
      chinese: "所学内容无法读取，目前不起作用，今夜自动重新学习，或立即运行 postroom model refit \(mailbox)：\(fault)",
      english:
        "what was learned cannot be read and does not count until it is learned anew, tonight or by "
        + "`postroom model refit \(mailbox)`: \(fault)", language)
  }

  /// `0.912`.
  static func score(_ value: Double) -> String { String(format: "%.3f", value) }

  static func title(chinese: String, english: String, _ language: Language) -> String {
    language == .chinese ? chinese : english
  }

  /// The titles of a table's columns, separated by bars.
  static func header(chinese: String, english: String, _ language: Language) -> [String] {
    title(chinese: chinese, english: english, language).split(separator: "|").map(String.init)
  }

  static func conversations(_ list: [Conversation], _ settings: Settings, now: Instant) {
    let language = settings.language
    let rows = list.map { item in
      let calendar = calendar(of: item.mailbox, settings)
      return [
        "#\(item.number)", words(item.kind)[language] + (item.isToConfirm ? "?" : ""), words(item.state)[language],
        settings.agents[item.owner]?.name ?? item.owner, due(item.promisedAt, calendar, language, now: now),
        Console.clipped(item.customer.name.isEmpty ? item.customer.address : item.customer.name, 20),
        Console.clipped(item.subject, 50),
      ]
    }
    Console.table(
      header(chinese: "编号|类别|状态|负责人|承诺|客户|主题", english: "number|kind|state|owner|promised|customer|subject", language),
      rows)
  }

  /// `11-24 15:00`, with a word when it has passed.
  static func due(_ instant: Instant?, _ calendar: WorkCalendar, _ language: Language, now: Instant) -> String {
    guard let instant else { return "" }
    let text = when(instant, calendar)
    return instant < now ? text + title(chinese: " 超时", english: " overdue", language) : text
  }

  static func when(_ instant: Instant, _ calendar: WorkCalendar) -> String {
    let local = calendar.localTime(instant)
    return local.date.description.dropFirst(5) + " " + local.hourAndMinute
  }

  /// In the mailbox's zone; in the house's when there is none.
  static func when(_ instant: Instant, in mailbox: String?, _ settings: Settings) -> String {
    when(instant, mailbox.map { calendar(of: $0, settings) } ?? .standard(zone: settings.zone))
  }

  /// `0.045` from millionths.
  static func money(_ millionths: Int64) -> String {
    let whole = millionths / 1_000_000
    let rest = String(millionths % 1_000_000 + 1_000_000).dropFirst()
    let digits = rest.reversed().drop { $0 == "0" }.reversed()
    return digits.isEmpty ? String(whole) : "\(whole)." + String(digits)
  }

  private static func calendar(of mailbox: String, _ settings: Settings) -> WorkCalendar {
    settings.mailboxes[mailbox]?.calendar ?? .standard(zone: .gmt)
  }
}
