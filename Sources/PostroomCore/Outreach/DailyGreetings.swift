internal import Foundation
package import Logging

/// Enqueues the day's greetings by itself, as far as the settings want them.
package struct DailyGreetings: Sendable {
  private let outreach: Outreach
  private let settings: OutreachSettings
  private let calendar: WorkCalendar
  private let log: Logger

  /// On the house's clock.
  private static let hour = 6

  package init(_ outreach: Outreach, log: Logger) {
    self.outreach = outreach
    self.log = log
    settings = outreach.settings.outreach
    calendar = WorkCalendar(zone: outreach.settings.zone, weekdays: [:])
  }

  package var isWanted: Bool { settings.greetsBirthdays || !settings.festivals.isEmpty }

  /// Each day at six until the task is cancelled; at once when it is later already, since a second time enqueues nobody
  /// again. What fails is tried again.
  package func run() async {
    var done: CivilDate?
    var failures: Int64 = 0
    while !Task.isCancelled {
      let now = Instant.now
      let local = calendar.localTime(now)
      var pause: Int64 = 60_000
      if local.secondOfDay >= Self.hour * 3600, done != local.date {
        do {
          try await greet(now: now)
          done = local.date
          failures = 0
        } catch {
          if Task.isCancelled { return }
          failures += 1
          pause = Backoff(first: 10, limit: 600).milliseconds(after: failures)
          log.error("the day's greetings could not be enqueued: \(error); next try in \((pause + 999) / 1000) s")
        }
      }
      try? await Task.sleep(for: .milliseconds(pause))
    }
  }

  /// Enqueues today's and tomorrow's: east of the house, tomorrow begins earlier.
  package func greet(now: Instant) async throws {
    let today = calendar.localTime(now).date
    for date in [today, today.adding(days: 1)] {
      var occasions = settings.festivals.filter { $0.date(in: date.year) == date }.map(Occasion.festival)
      if settings.greetsBirthdays { occasions.append(.birthday) }
      for occasion in occasions {
        let plan = try await outreach.send(.greeting(occasion, on: date), now: now)
        guard plan.messages > 0 else { continue }
        log.info("\(plan.messages) greetings enqueued: \(occasion.name.english), \(date)")
      }
    }
  }
}
