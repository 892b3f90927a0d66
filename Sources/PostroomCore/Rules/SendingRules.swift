/// What holds for messages through one gateway beside the recipient's own wishes: its provider's rules, as data.
package struct SendingRules: Sendable, Equatable {
  /// At most `count` messages to one recipient within `window`, rolling.
  package struct RecipientLimit: Sendable, Equatable {
    package var count: Int
    package var window: Seconds
    package init(count: Int, window: Seconds) {
      self.count = count
      self.window = window
    }
  }

  /// When marketing may leave, on the recipient's clock; nil for always.
  package var marketingHours: WorkCalendar.Hours?
  /// When callbacks may leave; other service answers at once.
  package var serviceHours: WorkCalendar.Hours?
  /// Other hours for marketing to numbers of a country, by its calling code (`86`).
  package var countryHours: [String: WorkCalendar.Hours] = [:]
  package var recipientLimits: [RecipientLimit] = []
  /// All messages of the gateway; nil for as fast as it goes.
  package var pace: SendingPace?
  /// Slower for some: a mail domain (`gmail.com`) or the beginning of a number (`+1`).
  package var routes: [String: SendingPace] = [:]
  /// Of a mail, or of a segment of an SMS, in millionths of the gateway's currency.
  package var price: Int64 = 0
  /// What a day may cost, in millionths; more is held until a person lifts it or the next day comes. Nil for no end.
  package var dailyCost: Int64?

  package init() {}

  /// 09:00–20:00 suits every vendor of mainland China; callbacks are asked for, but nobody likes them at night.
  package static let sms: SendingRules = {
    var rules = SendingRules()
    rules.marketingHours = WorkCalendar.Hours(opens: 9 * 3600, closes: 20 * 3600)
    rules.serviceHours = WorkCalendar.Hours(opens: 9 * 3600, closes: 20 * 3600)
    return rules
  }()

  package static let mail: SendingRules = {
    var rules = SendingRules()
    rules.marketingHours = WorkCalendar.Hours(opens: 8 * 3600, closes: 21 * 3600)
    rules.serviceHours = WorkCalendar.Hours(opens: 8 * 3600, closes: 21 * 3600)
    return rules
  }()

  /// The hours for a purpose; nil when it may leave at any time.
  func hours(for purpose: Purpose, recipient: String) -> WorkCalendar.Hours? {
    switch purpose {
    case .acknowledgement, .reply, .notice: return nil
    case .callback: return serviceHours
    case .greeting, .promotion, .survey:
      let country = countryHours.first { recipient.hasPrefix("+" + $0.key) }
      return country?.value ?? marketingHours
    }
  }

  /// The route of a recipient that has a pace of its own: the longest that fits.
  func route(of recipient: String) -> (name: String, pace: SendingPace)? {
    if recipient.hasPrefix("+") {
      let fitting = routes.filter { $0.key.hasPrefix("+") && recipient.hasPrefix($0.key) }
      return fitting.max { $0.key.utf8.count < $1.key.utf8.count }.map { ($0.key, $0.value) }
    }
    let domain = recipient[recipient.index(after: recipient.lastIndex(of: "@") ?? recipient.startIndex)...].lowercased()
    return routes[domain].map { (domain, $0) }
  }
}

/// So many messages in so many seconds.
package struct SendingPace: Sendable, Equatable {
  package var count: Int64
  package var seconds: Seconds

  package init(count: Int64, seconds: Seconds) {
    self.count = max(1, count)
    self.seconds = max(1, seconds)
  }

  /// `20/s`, `600/m`, `1000/h`, `5000/d`.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = Int64(parts[0]), count > 0, count <= 1_000_000_000,
      let seconds = ["s": 1, "m": 60, "h": 3600, "d": 86_400][parts[1]] as Seconds?
    else { return nil }
    self.init(count: count, seconds: seconds)
  }
}

/// How much a customer is asked to bear, across channels and purposes.
package struct ContactPressure: Sendable, Equatable {
  package struct Cap: Sendable, Equatable {
    package var count: Int
    package var window: Seconds
    package init(count: Int, window: Seconds) {
      self.count = count
      self.window = window
    }
  }

  /// Marketing by SMS; 1 in 7 days by default.
  package var sms = Cap(count: 1, window: 7 * 86_400)
  /// Marketing by mail; 2 in 7 days by default.
  package var mail = Cap(count: 2, window: 7 * 86_400)
  /// Marketing on all channels together; 2 in 7 days by default.
  package var all = Cap(count: 2, window: 7 * 86_400)
  /// A customer whose last score is lower gets no marketing; 60 of 100 by default.
  package var leastSatisfaction = 60

  package init() {}

  package var longestWindow: Seconds { max(sms.window, mail.window, all.window) }
}

/// Messages that may leave now, refilled as time passes. Counted in thousandths, so that slow paces lose nothing.
package struct RateBucket: Sendable, Equatable {
  package private(set) var tokens: Int64
  package private(set) var filledAt: Instant
  private let pace: SendingPace

  /// What a second brings may go at once, at least one.
  private var most: Int64 { max(1000, pace.count * 1000 / pace.seconds) }

  /// As it was left; full when it is new.
  package init(_ pace: SendingPace, tokens: Int64? = nil, filledAt: Instant? = nil, now: Instant) {
    self.pace = pace
    self.tokens = 0
    self.filledAt = min(filledAt ?? now, now)
    self.tokens = tokens ?? most
    fill(now)
  }

  /// A clock that was set back brings nothing, a long rest no more than fits.
  private mutating func fill(_ now: Instant) {
    guard now > filledAt else { return }
    let (gained, overflow) = (now - filledAt).multipliedReportingOverflow(by: pace.count)
    let added = overflow ? most : gained / pace.seconds
    if tokens + added >= most || overflow {
      tokens = most
      filledAt = now
    } else if added > 0 {
      tokens += added
      // The rest of a thousandth stays in the time that is not counted yet.
      filledAt += added * pace.seconds / pace.count
    }
  }

  /// How many may leave now.
  package var available: Int { Int(max(0, tokens / 1000)) }

  /// Takes one and says when it may leave: now, or when its turn comes. More than are there are promised to the future.
  package mutating func reserve(now: Instant) -> Instant {
    tokens -= 1000
    return tokens >= 0 ? now : now + (-tokens * pace.seconds + pace.count - 1) / pace.count
  }

  package mutating func take(_ count: Int) { tokens -= Int64(count) * 1000 }

  /// When the next one may leave.
  package func nextAt(now: Instant) -> Instant {
    tokens >= 1000 ? now : now + ((1000 - tokens) * pace.seconds + pace.count - 1) / pace.count
  }
}
