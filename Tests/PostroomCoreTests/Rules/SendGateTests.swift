import Foundation
import Testing

@testable import PostroomCore

@Suite("The gate before each send")
struct SendGateTests {
  private static let shanghai = TimeZone(identifier: "Asia/Shanghai") ?? .gmt
  /// Monday, 2026-11-23 10:00 in Shanghai.
  private static let morning: Instant = 1_795_399_200_000
  private static let hour: Int64 = 3_600_000
  private let gate = SendGate(rules: .sms, pressure: ContactPressure())

  private func facts(_ purpose: Purpose = .promotion, _ change: (inout SendGate.Facts) -> Void = { _ in })
    -> SendGate.Facts
  {
    var facts = SendGate.Facts(purpose: purpose, channel: .sms, recipient: "+8613800000001", zone: Self.shanghai)
    facts.consent = true
    change(&facts)
    return facts
  }

  @Test("marketing needs consent, and a refusal is none")
  func consent() {
    #expect(gate.verdict(facts(), now: Self.morning) == .pass)
    #expect(gate.verdict(facts { $0.consent = nil }, now: Self.morning) == .suppress(.noConsent))
    #expect(gate.verdict(facts { $0.consent = false }, now: Self.morning) == .suppress(.refusedConsent))
    #expect(gate.verdict(facts(.callback) { $0.consent = nil }, now: Self.morning) == .pass)
  }

  @Test("an address on the list gets nothing of that kind")
  func suppression() {
    let optedOut = facts { $0.suppressedForMarketing = .optedOut }
    #expect(gate.verdict(optedOut, now: Self.morning) == .suppress(.optedOut))
    let service = facts(.callback) { $0.suppressedForMarketing = .optedOut }
    #expect(gate.verdict(service, now: Self.morning) == .pass)
    let dead = facts(.reply) { $0.suppressedForAll = .deadAddress }
    #expect(gate.verdict(dead, now: Self.morning) == .suppress(.deadAddress))
  }

  @Test("at night marketing and callbacks wait for the recipient's morning, answers do not")
  func quietHours() {
    let night = Self.morning + 13 * Self.hour
    let nextMorning = Self.morning + 23 * Self.hour
    #expect(gate.verdict(facts(), now: night) == .hold(until: nextMorning, .quietHours))
    #expect(gate.verdict(facts(.callback), now: night) == .hold(until: nextMorning, .quietHours))
    #expect(gate.verdict(facts(.notice), now: night) == .pass)
    let berlin = facts { $0.zone = TimeZone(identifier: "Europe/Berlin") ?? .gmt }
    // 03:00 there: six hours until nine.
    #expect(gate.verdict(berlin, now: Self.morning) == .hold(until: Self.morning + 6 * Self.hour, .quietHours))
  }

  @Test("a country may have other hours")
  func countryHours() {
    var rules = SendingRules.sms
    rules.countryHours["86"] = WorkCalendar.Hours(opens: 8 * 3600, closes: 21 * 3600)
    let evening = Self.morning + Self.hour * 21 / 2
    #expect(SendGate(rules: rules, pressure: ContactPressure()).verdict(facts(), now: evening) == .pass)
    #expect(gate.verdict(facts(), now: evening) != .pass)
  }

  @Test(
    "nobody is greeted in the middle of a complaint, an overdue promise or after a low score",
    arguments: [GateReason.openComplaint, .missedPromise, .lowScore])
  func peace(reason: GateReason) {
    let troubled = facts(.greeting) { facts in
      facts.hasOpenComplaint = reason == .openComplaint
      facts.hasMissedPromise = reason == .missedPromise
      facts.satisfaction = reason == .lowScore ? 59 : 60
    }
    #expect(gate.verdict(troubled, now: Self.morning) == .hold(until: Self.morning + 6 * Self.hour, reason))
    var service = troubled
    service.purpose = .callback
    #expect(gate.verdict(service, now: Self.morning) == .pass)
    var birthday = troubled
    birthday.expiresAt = Self.morning + 5 * Self.hour
    #expect(gate.verdict(birthday, now: Self.morning) == .expire(reason))
  }

  @Test("one marketing SMS in seven days, two messages on all channels together")
  func pressure() {
    let day = 24 * Self.hour
    let recent = facts { $0.marketing = [(.sms, Self.morning - 2 * day)] }
    #expect(gate.verdict(recent, now: Self.morning) == .hold(until: Self.morning + 5 * day + 1, .pressure))
    #expect(gate.verdict(facts { $0.marketing = [(.sms, Self.morning - 7 * day)] }, now: Self.morning) == .pass)
    #expect(gate.verdict(facts { $0.marketing = [(.mail, Self.morning - day)] }, now: Self.morning) == .pass)
    let mails = facts { $0.marketing = [(.mail, Self.morning - day), (.mail, Self.morning - 3 * day)] }
    #expect(gate.verdict(mails, now: Self.morning) == .hold(until: Self.morning + 4 * day + 1, .pressure))
  }

  @Test("what is held by the customer's peace leaves in his day, not when the bar falls at night")
  func heldIntoDay() {
    let cap = facts { $0.marketing = [(.sms, Self.morning + 12 * Self.hour - 7 * 24 * Self.hour)] }
    // Free at 22:00: nine in the morning.
    #expect(gate.verdict(cap, now: Self.morning) == .hold(until: Self.morning + 23 * Self.hour, .pressure))
  }

  @Test("a provider's counters for one number hold for every purpose")
  func recipientLimits() {
    var rules = SendingRules.sms
    rules.recipientLimits = [
      SendingRules.RecipientLimit(count: 1, window: 30), SendingRules.RecipientLimit(count: 3, window: 3600),
    ]
    let gate = SendGate(rules: rules, pressure: ContactPressure())
    let once = facts(.notice) { $0.throughGateway = [Self.morning - 10_000] }
    #expect(gate.verdict(once, now: Self.morning) == .hold(until: Self.morning + 20_001, .recipientLimit))
    let often = facts(.notice) { $0.throughGateway = [1, 2, 3].map { Self.morning - $0 * 600_000 } }
    #expect(gate.verdict(often, now: Self.morning) == .hold(until: Self.morning + 1_800_001, .recipientLimit))
  }

  @Test("a clock change does not open the window at night")
  func summerTime() {
    let berlin = TimeZone(identifier: "Europe/Berlin") ?? .gmt
    // 2026-03-29 00:30 UTC is 01:30 in Berlin, half an hour before the clock jumps; nine there is 07:00 UTC.
    let night: Instant = 1_774_744_200_000
    let held = facts { $0.zone = berlin }
    #expect(gate.verdict(held, now: night) == .hold(until: night + 13 * Self.hour / 2, .quietHours))
  }
}

@Suite("The pace of a gateway")
struct RateBucketTests {
  @Test("what a second brings may go at once, then one after the other")
  func pace() {
    var bucket = RateBucket(SendingPace(count: 20, seconds: 1), now: 1000)
    #expect(bucket.available == 20)
    bucket.take(20)
    #expect(bucket.available == 0 && bucket.nextAt(now: 1000) == 1050)
    let later = RateBucket(
      SendingPace(count: 20, seconds: 1), tokens: bucket.tokens, filledAt: bucket.filledAt, now: 1100)
    #expect(later.available == 2)
  }

  @Test("a slow pace loses nothing, however often it is looked at")
  func slowPace() {
    var bucket = RateBucket(SendingPace(count: 1, seconds: 3600), tokens: 0, filledAt: 0, now: 0)
    for now in stride(from: 7, through: 3_600_000, by: 7) as StrideThrough<Instant> {
      bucket = RateBucket(
        SendingPace(count: 1, seconds: 3600), tokens: bucket.tokens, filledAt: bucket.filledAt, now: now)
    }
    #expect(bucket.available == 0)
    bucket = RateBucket(
      SendingPace(count: 1, seconds: 3600), tokens: bucket.tokens, filledAt: bucket.filledAt, now: 3_600_000)
    #expect(bucket.available == 1)
  }

  @Test("turns are promised into the future, and a clock that jumps brings no burst")
  func turns() {
    var bucket = RateBucket(SendingPace(count: 2, seconds: 1), now: 0)
    #expect((1...5).map { _ in bucket.reserve(now: 0) } == [0, 0, 500, 1000, 1500])
    let jumped = RateBucket(
      SendingPace(count: 2, seconds: 1), tokens: bucket.tokens, filledAt: bucket.filledAt, now: .max / 4)
    #expect(jumped.available == 2)
    let back = RateBucket(SendingPace(count: 2, seconds: 1), tokens: 500, filledAt: 10_000, now: 5_000)
    #expect(back.available == 0)
  }

  @Test("words of files", arguments: [("20/s", 20, 1), ("600/m", 600, 60), ("5/h", 5, 3600), ("1/d", 1, 86_400)])
  func words(text: String, count: Int64, seconds: Seconds) {
    #expect(SendingPace(text) == SendingPace(count: count, seconds: seconds))
    for wrong in ["", "20", "/s", "0/s", "20/x", "-1/s", "20/s/s"] { #expect(SendingPace(wrong) == nil) }
  }
}
