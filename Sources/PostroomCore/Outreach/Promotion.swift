internal import Foundation
import SQLAccess

/// An offer to customers who agreed to such (营销).
package struct Promotion: Sendable {
  /// As customers and reports read it.
  package var name: String
  package var segment: Segment
  /// Nil: by SMS who agreed to it there, else by mail.
  package var channel: Channel?
  /// Nil for now.
  package var startsAt: Instant?
  /// From its beginning; what has not left then is not sent.
  package var validity: Seconds

  package init(
    name: String, segment: Segment = .all, channel: Channel? = nil, startsAt: Instant? = nil,
    validity: Seconds = 3 * 86_400
  ) {
    self.name = name
    self.segment = segment
    self.channel = channel
    self.startsAt = startsAt
    self.validity = validity
  }

  /// The name as a key: letters and digits of any script, in lower case, with dashes between. Empty when it has none.
  static func stem(_ name: String) -> String {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.joined(separator: "-")
  }
}

extension Outreach {
  /// What a promotion is as a mailshot. One whose campaign still runs is continued: what is sent twice, today and
  /// tomorrow, reaches nobody twice. Throws a sentence for one that has ended: the same command, repeated weeks later,
  /// must not begin it anew.
  package func mailshot(_ promotion: Promotion, now: Instant) async throws -> Mailshot {
    let stem = Promotion.stem(promotion.name)
    guard !stem.isEmpty else { throw SettingsError("the name of a promotion needs a letter or digit") }
    let start = promotion.startsAt ?? now
    let end = start.adding(promotion.validity)
    let calendar = WorkCalendar(zone: settings.zone, weekdays: [:])
    guard end > now else {
      throw SettingsError(
        "the promotion ended on \(calendar.localTime(end).date): name another beginning (--at) or a longer validity "
          + "(--valid)")
    }
    let day = calendar.localTime(start).date
    let running = try await database.read { tx in
      let running = try tx.campaigns(named: stem).first { $0.expiresAt > now }
      if let running { try tx.refuseCancelled(running.name) }
      return running
    }
    let campaign = running?.name ?? "\(stem)-\(day)"
    return Mailshot(
      purpose: .promotion, kind: .promotion, key: "promotion/\(campaign)", campaign: campaign,
      audience: .segment(promotion.segment), channel: promotion.channel,
      timing: .span(from: max(start, now), until: end),
      values: ["promotion.name": Localized(chinese: promotion.name, english: promotion.name)])
  }

  /// A campaign by its own name, or the latest of a promotion's. Throws a sentence when there is none.
  package func campaign(_ name: String) async throws -> (name: String, shares: [CampaignShare]) {
    let (database, stem) = (database, Promotion.stem(name))
    let found = try await database.read { tx -> (String, [CampaignShare])? in
      let own = try tx.campaignShares(stem)
      if !own.isEmpty { return (stem, own) }
      guard !stem.isEmpty, let latest = try tx.campaigns(named: stem).first?.name else { return nil }
      return (latest, try tx.campaignShares(latest))
    }
    guard let found else { throw SettingsError("there is no campaign \"\(name)\"") }
    return found
  }

  /// Gives up what has not left yet; how many messages that were.
  package func cancel(campaign: String, now: Instant) async throws -> Int {
    var total = 0
    while true {
      let count = try await database.write { tx in try tx.cancelCampaign(campaign, limit: 2000, now: now) }
      total += count
      if count == 0 { return total }
    }
  }
}
