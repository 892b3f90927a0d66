package import Foundation

/// Why a message waits or does not leave. The raw value is what the database keeps.
package enum GateReason: String, Sendable, CaseIterable {
  case deadAddress = "dead_address"
  case softBounces = "soft_bounces"
  case complaint
  case optedOut = "opted_out"
  case byHand = "by_hand"
  case noConsent = "no_consent"
  case refusedConsent = "refused"
  case expired
  case openComplaint = "open_complaint"
  case missedPromise = "missed_promise"
  case lowScore = "low_score"
  case pressure
  case recipientLimit = "recipient_limit"
  case quietHours = "quiet_hours"
  case pace
  case dailyCost = "daily_cost"
  case reopened
  case resolvedAnew = "resolved_anew"
  case relabelled
  case campaignCancelled = "campaign_cancelled"

  package var words: Localized {
    switch self {
    case .deadAddress: Localized(chinese: "地址或号码已失效", english: "the address does not exist any more")
    case .softBounces: Localized(chinese: "一周内多次退信", english: "mail to it came back five times in a week")
    case .complaint: Localized(chinese: "对方曾标记为垃圾邮件", english: "its owner called a message of ours spam")
    case .optedOut: Localized(chinese: "客户已退订", english: "the customer opted out")
    case .byHand: Localized(chinese: "已被人工列入禁发名单", english: "a person put it on the list of addresses that get nothing")
    case .noConsent: Localized(chinese: "客户未同意接收此类消息", english: "the customer has not agreed to messages of this kind")
    case .refusedConsent: Localized(chinese: "客户拒绝接收此类消息", english: "the customer refused messages of this kind")
    case .expired: Localized(chinese: "已过有效期", english: "its time had passed before it could be sent")
    case .openComplaint: Localized(chinese: "客户有未解决的投诉", english: "the customer has an open complaint")
    case .missedPromise: Localized(chinese: "对该客户有逾期未兑现的承诺", english: "a promise to the customer is overdue")
    case .lowScore: Localized(chinese: "客户最近的满意度偏低", english: "the customer's last score is low")
    case .pressure: Localized(chinese: "近期已联系过该客户", english: "the customer got enough messages lately")
    case .recipientLimit:
      Localized(chinese: "已达网关对单个号码的上限", english: "the provider takes no more for this recipient now")
    case .quietHours: Localized(chinese: "收件人当地处于免打扰时段", english: "it is a quiet hour where the recipient is")
    case .pace: Localized(chinese: "按网关限速排队", english: "it waits its turn in the gateway's pace")
    case .dailyCost: Localized(chinese: "已达当日费用上限", english: "the day's cost limit is reached")
    case .relabelled: Localized(chinese: "会话已不再是投诉", english: "the conversation is no complaint after all")
    case .reopened: Localized(chinese: "会话已重新打开", english: "the conversation was opened again")
    case .resolvedAnew: Localized(chinese: "会话已再次解决", english: "the conversation was resolved anew")
    case .campaignCancelled: Localized(chinese: "活动已取消", english: "the promotion was cancelled")
    }
  }

  /// What the reason of a delivery says in a language; a gateway's own words stay as they are.
  package static func words(of reason: String, in language: Language) -> String {
    GateReason(rawValue: reason)?.words[language] ?? reason
  }
}

/// Whether a message may leave now.
package enum GateVerdict: Sendable, Equatable {
  case pass
  /// Not before then.
  case hold(until: Instant, GateReason)
  /// Not at all.
  case suppress(GateReason)
  /// Its validity ends before it may leave.
  case expire(GateReason)
}

/// The one gate that every message passes before it is sent. Pure.
package struct SendGate: Sendable {
  /// What the gate must know of a message and its recipient.
  package struct Facts: Sendable {
    package var purpose: Purpose
    package var channel: Channel
    package var recipient: String
    package var expiresAt: Instant?
    /// The recipient's clock.
    package var zone: TimeZone
    /// Why nothing may go there: for all purposes, or for marketing.
    package var suppressedForAll: GateReason?
    package var suppressedForMarketing: GateReason?
    /// What the customer said to messages of this kind; nil when nothing.
    package var consent: Bool?
    package var hasOpenComplaint = false
    package var hasMissedPromise = false
    package var satisfaction: Int64?
    /// Marketing that the customer was sent, the newest first.
    package var marketing: [(channel: Channel, at: Instant)] = []
    /// What the recipient was sent through this gateway, the newest first.
    package var throughGateway: [Instant] = []

    package init(purpose: Purpose, channel: Channel, recipient: String, zone: TimeZone) {
      self.purpose = purpose
      self.channel = channel
      self.recipient = recipient
      self.zone = zone
    }
  }

  package var rules: SendingRules
  package var pressure: ContactPressure

  package init(rules: SendingRules, pressure: ContactPressure) {
    self.rules = rules
    self.pressure = pressure
  }

  /// Bars that only a person lifts are looked at again after this.
  static let recheck: Seconds = 6 * 3600

  package func verdict(_ facts: Facts, now: Instant) -> GateVerdict {
    if let end = facts.expiresAt, end <= now { return .expire(.expired) }
    if let reason = suppression(facts) { return .suppress(reason) }
    guard let wait = wait(facts, now: now) else { return .pass }
    // What is held until the end of its validity is not held: it will not leave.
    if let end = facts.expiresAt, wait.until >= end { return .expire(wait.reason) }
    return .hold(until: wait.until, wait.reason)
  }

  private func suppression(_ facts: Facts) -> GateReason? {
    if let reason = facts.suppressedForAll { return reason }
    guard facts.purpose.isMarketing else { return nil }
    if let reason = facts.suppressedForMarketing { return reason }
    switch facts.consent {
    case true?: return nil
    case false?: return .refusedConsent
    case nil: return .noConsent
    }
  }

  /// Until when it must wait, the first bar that stands longest; moved to the recipient's day.
  private func wait(_ facts: Facts, now: Instant) -> (until: Instant, reason: GateReason)? {
    var bars: [(until: Instant, reason: GateReason)] = []
    if facts.purpose.isMarketing {
      let later = now.adding(Self.recheck)
      if facts.hasOpenComplaint { bars.append((later, .openComplaint)) }
      if facts.hasMissedPromise { bars.append((later, .missedPromise)) }
      if let score = facts.satisfaction, score < pressure.leastSatisfaction { bars.append((later, .lowScore)) }
      let cap = facts.channel == .sms ? pressure.sms : pressure.mail
      let sameChannel = facts.marketing.filter { $0.channel == facts.channel }.map(\.at)
      if let until = Self.free(cap.count, cap.window, sameChannel, now) { bars.append((until, .pressure)) }
      if let until = Self.free(pressure.all.count, pressure.all.window, facts.marketing.map(\.at), now) {
        bars.append((until, .pressure))
      }
    }
    for limit in rules.recipientLimits {
      if let until = Self.free(limit.count, limit.window, facts.throughGateway, now) {
        bars.append((until, .recipientLimit))
      }
    }
    let longest = bars.enumerated().max { ($0.element.until, -$0.offset) < ($1.element.until, -$1.offset) }?.element
    let earliest = longest?.until ?? now
    let open = opening(facts, from: earliest)
    if let longest { return (open, longest.reason) }
    return open > now ? (open, .quietHours) : nil
  }

  /// `moment`, or the next one in the hours of the purpose.
  private func opening(_ facts: Facts, from moment: Instant) -> Instant {
    guard let hours = rules.hours(for: facts.purpose, recipient: facts.recipient) else { return moment }
    let days = Dictionary(uniqueKeysWithValues: (1...7).map { ($0, hours) })
    return WorkCalendar(zone: facts.zone, weekdays: days).opening(from: moment)
  }

  /// When fewer than `count` of these moments lie within `window`; nil when that is so now.
  private static func free(_ count: Int, _ window: Seconds, _ moments: [Instant], _ now: Instant) -> Instant? {
    let recent = moments.filter { $0 > now.adding(-window) }.sorted(by: >)
    guard recent.count >= count, count > 0 else { return count > 0 ? nil : now.adding(recheck) }
    return recent[count - 1].adding(window) + 1
  }
}
