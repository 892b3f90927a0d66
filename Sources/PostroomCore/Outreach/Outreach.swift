internal import Foundation
package import SQLAccess

/// Plans and enqueues what is told to many: the one way for greetings and promotions. Both verbs take the same steps, so
/// that a plan says what sending does.
package struct Outreach: Sendable {
  let database: Database
  let settings: Settings
  let templates: Templates
  let signer: ReplySigner

  package init(database: Database, settings: Settings, templates: Templates, signer: ReplySigner) {
    self.database = database
    self.settings = settings
    self.templates = templates
    self.signer = signer
  }

  /// Of one page; what is held in memory at a time.
  private static let pageSize = 500

  /// Looks at everybody of the audience and says who would get it. Enqueues nothing.
  package func plan(_ mailshot: Mailshot, now: Instant) async throws -> OutreachPlan {
    try await run(mailshot, enqueues: false, now: now)
  }

  /// Enqueues a message for everybody who may get it in time, a page in each transaction. Who has one is passed over:
  /// after a crash, or when called twice, it goes on where it stopped.
  package func send(_ mailshot: Mailshot, now: Instant) async throws -> OutreachPlan {
    try await run(mailshot, enqueues: true, now: now)
  }

  private func run(_ mailshot: Mailshot, enqueues: Bool, now: Instant) async throws -> OutreachPlan {
    let routes = try OutreachRoutes(mailshot, settings, templates)
    let writer = OutreachWriter(settings: settings, templates: templates, signer: signer)
    var plan = OutreachPlan()
    var last: Int64 = 0
    while true {
      try Task.checkCancellation()
      let after = last
      let prospects = try await database.read { [settings] tx in
        let page = try tx.addressees(
          mailshot.audience, mailshot.purpose, key: mailshot.key, after: after, limit: Self.pageSize,
          now: now)
        var survey = OutreachSurvey(tx, mailshot, routes, settings)
        return try page.map { try survey.prospect($0, now: now) }
      }
      guard let end = prospects.last else { return plan }
      last = end.addressee.id
      let drafts = prospects.compactMap { draft($0, mailshot, routes, writer, &plan) }
      guard enqueues, !drafts.isEmpty else { continue }
      try await database.write { tx in
        if mailshot.purpose == .promotion, let campaign = mailshot.campaign { try tx.refuseCancelled(campaign) }
        for draft in drafts { try tx.enqueue(draft, now: now) }
      }
    }
  }

  /// The message for somebody, counted in the plan; nil when he gets none.
  private func draft(
    _ prospect: OutreachSurvey.Prospect, _ mailshot: Mailshot, _ routes: OutreachRoutes, _ writer: OutreachWriter,
    _ plan: inout OutreachPlan
  ) -> DeliveryDraft? {
    let addressee = prospect.addressee
    let name = addressee.name.isEmpty ? addressee.contacts.values.map(\.address).min() ?? "" : addressee.name
    switch prospect.fate {
    case .enqueued:
      plan.countEnqueued()
      return nil
    case .obstacle(let obstacle):
      plan.count(obstacle, name)
      return nil
    case .message(let message):
      let language = addressee.language ?? routes.language
      var values = mailshot.values.mapValues { $0[language] }
      values["customer.name"] = addressee.name
      let order = OutreachWriter.Order(
        naturalKey: "\(mailshot.key)/\(addressee.id)", purpose: mailshot.purpose, kind: mailshot.kind,
        language: language, tier: addressee.tier, customer: addressee.id, campaign: mailshot.campaign,
        recipient: message.recipient, values: values, dueAt: message.dueAt, expiresAt: message.expiresAt)
      do {
        let letter = try routes.write(order, message.channel, writer)
        plan.count(letter.draft, waits: message.waits, name: name)
        if plan.wantsExample(message.channel, language, addressee.tier) {
          plan.add(
            OutreachPlan.Example(
              channel: message.channel, language: language, tier: addressee.tier, subject: letter.draft.subject,
              text: letter.text, segments: letter.draft.segments, cost: letter.draft.cost))
        }
        return letter.draft
      } catch {
        plan.count(.unwritable(error.description), name)
        return nil
      }
    }
  }
}

/// By which gateways a mailshot can go.
struct OutreachRoutes: Sendable {
  private(set) var gateways: [Channel: GatewaySettings] = [:]
  private let mailbox: MailboxSettings?
  /// Of customers whose language is not known.
  let language: Language

  /// Throws a sentence when there is no way, or no wording for one, before anything is begun.
  init(_ mailshot: Mailshot, _ settings: Settings, _ templates: Templates) throws(SettingsError) {
    let outreach = settings.outreach
    mailbox = outreach.mailbox.flatMap { settings.mailboxes[$0] }
    language = mailbox?.language ?? settings.language
    if mailshot.channel != .mail { gateways[.sms] = outreach.sms.flatMap { settings.gateways[$0] } }
    if mailshot.channel != .sms, let mailbox {
      gateways[.mail] = settings.gateways[outreach.mail ?? mailbox.gateway]
    }
    guard !gateways.isEmpty else {
      let needed = ["sms": "`outreach.sms`", "mail": "`outreach.mailbox`"][mailshot.channel?.rawValue ?? ""]
      throw SettingsError(
        "there is no way out for it: set \(needed ?? "`outreach.sms` or `outreach.mailbox`") in postroom.yaml")
    }
    for channel in gateways.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      for language in Language.allCases where !templates.has(mailshot.kind, in: language, channel) {
        throw SettingsError(
          "there is no template \(language.rawValue)/\(mailshot.kind.rawValue).\(channel.rawValue).mustache: "
            + "templates/ of the distribution has one")
      }
    }
  }

  func write(
    _ order: OutreachWriter.Order, _ channel: Channel, _ writer: OutreachWriter
  ) throws(TemplateError) -> OutreachWriter.Letter {
    guard let gateway = gateways[channel] else { throw TemplateError("there is no gateway for it") }
    switch channel {
    case .sms: return try writer.text(order, through: gateway)
    case .mail:
      guard let mailbox else { throw TemplateError("there is no mailbox that it could come from") }
      return try writer.mail(order, from: mailbox, through: gateway)
    }
  }
}
