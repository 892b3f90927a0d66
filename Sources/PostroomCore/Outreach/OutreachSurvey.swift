internal import Foundation
import SQLAccess

/// Asks the gate about each of an audience, for the moment at which a message to him may leave first.
struct OutreachSurvey {
  struct Message {
    var channel: Channel
    var recipient: String
    var dueAt: Instant
    var expiresAt: Instant
    /// Why it does not leave as soon as its time has come.
    var waits: GateReason?
  }

  enum Fate {
    case enqueued
    case obstacle(OutreachObstacle)
    case message(Message)
  }

  struct Prospect: Sendable {
    var addressee: Addressee
    var fate: Fate
  }

  private let mailshot: Mailshot
  private let routes: OutreachRoutes
  private let pressure: ContactPressure
  private var facts: GateFacts

  init(_ tx: Transaction, _ mailshot: Mailshot, _ routes: OutreachRoutes, _ settings: Settings) {
    self.mailshot = mailshot
    self.routes = routes
    pressure = settings.pressure
    facts = GateFacts(tx, zone: settings.zone, pressure: settings.pressure, isClaim: false)
  }

  mutating func prospect(_ addressee: Addressee, now: Instant) throws -> Prospect {
    guard !addressee.isEnqueued else { return Prospect(addressee: addressee, fate: .enqueued) }
    var fate = Fate.obstacle(.unreachable)
    for channel in channels(for: addressee) {
      fate = try self.fate(addressee, by: channel, now: now)
      // A number that is dead says nothing against the address.
      guard case .obstacle(.gate(.deadAddress)) = fate else { break }
    }
    return Prospect(addressee: addressee, fate: fate)
  }

  private mutating func fate(_ addressee: Addressee, by channel: Channel, now: Instant) throws -> Fate {
    guard let gateway = routes.gateways[channel], let contact = addressee.contacts[channel] else {
      return .obstacle(.unreachable)
    }
    let window = mailshot.window(in: facts.zone(of: contact.address, named: addressee.zone), now: now)
    let question = GateFacts.Question(
      purpose: mailshot.purpose, channel: channel, recipient: contact.address, customer: addressee.id,
      gateway: gateway.name, expiresAt: window.until)
    let known = try facts.facts(question, rules: gateway.rules, now: window.from)
    var message = Message(
      channel: channel, recipient: contact.address, dueAt: window.from, expiresAt: window.until)
    switch SendGate(rules: gateway.rules, pressure: pressure).verdict(known, now: window.from) {
    case .pass: break
    case .hold(let until, let reason):
      message.dueAt = until
      message.waits = reason
    case .suppress(let reason), .expire(let reason):
      return .obstacle(.gate(reason))
    }
    return .message(message)
  }

  /// SMS where he agreed to it, else mail where he agreed to that; when to neither, the first there is, so that the gate
  /// says why it will not be.
  private func channels(for addressee: Addressee) -> [Channel] {
    let usable = [Channel.sms, .mail].filter { routes.gateways[$0] != nil && addressee.contacts[$0] != nil }
    let agreed = usable.filter { addressee.contacts[$0]?.consents == true }
    return agreed.isEmpty ? Array(usable.prefix(1)) : agreed
  }
}

extension GateFacts {
  /// The clock of a recipient, as the gate reads it.
  mutating func zone(of recipient: String, named name: String?) -> TimeZone {
    (name ?? CountryZone.name(ofNumber: recipient)).map { zone($0) } ?? zone
  }
}
