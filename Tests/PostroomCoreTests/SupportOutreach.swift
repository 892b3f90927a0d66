import Foundation
import SQLAccess

@testable import PostroomCore

extension Settings {
  /// Greetings and promotions by SMS, at 0.045 a segment, and by mail from support@.
  mutating func addOutreach() throws {
    let recipe = try HTTPRecipe.sample()
    var rules = SendingRules.sms
    rules.price = 45_000
    gateways["sms"] = GatewaySettings(
      name: "sms", kind: .http(recipe, SMSSettings(profile: SMSProfile(), signature: "示例公司")),
      backoff: Backoff(first: 30, limit: 3600), maxAttempts: 12, rules: rules, resendUncertainAfter: 600)
    gateways["mail"]?.rules = .mail
    outreach.sms = "sms"
    outreach.mailbox = "support"
  }
}

extension Suppression {
  /// A number of which a provider said that it does not exist.
  static func dead(_ number: String) -> Suppression {
    Suppression(
      channel: .sms, address: number, scope: .all, reason: .hardBounce, source: "UNDELIV", createdAt: monday)
  }
}

/// Somebody to be told of things.
struct Acquaintance {
  var name: String
  var number: String?
  var address: String?
  var language: Language? = .chinese
  var zone: String?
  var tier = Tier.regular
  var birthday: (month: Int, day: Int)?
  /// What he agreed to, on which channels.
  var consents: [Purpose: [Channel]] = [.greeting: [.sms, .mail], .promotion: [.sms, .mail]]

  init(
    _ name: String, number: String? = nil, address: String? = nil, _ change: (inout Acquaintance) -> Void = { _ in }
  ) {
    self.name = name
    self.number = number
    self.address = address
    change(&self)
  }
}

extension Office {
  var outreach: Outreach {
    Outreach(database: database, settings: settings, templates: templates, signer: signer)
  }

  @discardableResult
  func add(_ person: Acquaintance) async throws -> Int64 {
    try await database.write { tx in
      let id = try tx.insertCustomer(name: person.name, now: monday)
      try tx.execute(
        "UPDATE customer SET language = $2, zone = $3, tier = $4, birth_month = $5, birth_day = $6 WHERE id = $1",
        [
          .integer(id), .optional(person.language?.rawValue), .optional(person.zone), .text(person.tier.rawValue),
          .optional(person.birthday.map { Int64($0.month) }), .optional(person.birthday.map { Int64($0.day) }),
        ])
      if let number = person.number { try tx.addContact(.sms, number, to: id, now: monday) }
      if let address = person.address { try tx.addContact(.mail, address, to: id, now: monday) }
      for (purpose, channels) in person.consents {
        for channel in channels {
          try tx.setConsent(of: id, channel, purpose, given: true, source: "form", now: monday)
        }
      }
      return id
    }
  }

  /// Lets the gate decide on what is due; what would leave.
  func claim(_ gateway: String, now: Instant) async throws -> Claim {
    let rules = settings.gateways[gateway]?.rules ?? SendingRules()
    let terms = ClaimTerms(holder: "a", leaseSeconds: 900, zone: settings.zone)
    return try await database.write { tx in
      try tx.claimDeliveries(of: gateway, room: 1000, rules: rules, terms: terms, now: now)
    }
  }
}

/// An office that greets and promotes.
func withOutreach(
  _ engine: Engine, _ adjust: (inout Settings) -> Void = { _ in }, _ body: (Office) async throws -> Void
) async throws {
  var fault: (any Error)?
  try await withOffice(
    engine,
    { settings in
      do { try settings.addOutreach() } catch { fault = error }
      adjust(&settings)
    }, body)
  if let fault { throw fault }
}
