internal import Foundation

/// One thing that is told to many.
package struct Mailshot: Sendable {
  /// When it may be told.
  enum Timing: Sendable {
    /// On that day of each recipient's calendar.
    case day(CivilDate)
    case span(from: Instant, until: Instant)
  }

  var purpose: Purpose
  var kind: TemplateKind
  /// Before the customer in the natural key: who has one of these gets no second.
  var key: String
  package var campaign: String?
  var audience: Audience
  /// Nil: by SMS who can be reached and agreed so, else by mail.
  var channel: Channel?
  var timing: Timing
  /// What the template says of it, in the customer's language.
  var values: [String: Localized] = [:]

  /// A greeting on a day of each recipient's own calendar. It expires rather than comes late.
  package static func greeting(_ occasion: Occasion, on date: CivilDate) -> Mailshot {
    let key = "greeting/\(occasion.key)-\(date.year)"
    switch occasion {
    case .birthday:
      return Mailshot(
        purpose: .greeting, kind: .birthday, key: key, audience: .birthday(on: date), timing: .day(date))
    case .festival(let festival):
      return Mailshot(
        purpose: .greeting, kind: .festival, key: key, campaign: "\(festival.rawValue)-\(date.year)",
        audience: .segment(.all), timing: .day(date), values: ["festival.name": festival.name])
    }
  }

  /// When it may be sent to somebody whose clock is `zone`'s, and until when.
  func window(in zone: TimeZone, now: Instant) -> (from: Instant, until: Instant) {
    switch timing {
    case .span(let from, let until): return (max(from, now), until)
    case .day(let date):
      let calendar = WorkCalendar(zone: zone, weekdays: [:])
      let midnight = calendar.instant(CivilTime(date: date, secondOfDay: 0))
      return (max(midnight, now), calendar.instant(CivilTime(date: date.adding(days: 1), secondOfDay: 0)))
    }
  }
}
