package import CurlClient
package import Logging
package import SQLAccess

/// Takes in what vendors send of their own accord: a raw request becomes rows before it is answered, so that a vendor
/// that repeats what was not answered loses nothing.
package struct GatewayNews: Sendable {
  /// Most receipts come alone, and thousands at a time.
  private let writes: SharedWrites
  private let settings: Settings
  private let intakes: [String: Intake]
  private let certificates: CertificateStore
  private let log: Logger

  /// - Parameter intakes: by the mailbox's name, for SMS of customers.
  package init(
    database: Database, settings: Settings, intakes: [String: Intake], engine: CurlEngine, log: Logger
  ) {
    writes = SharedWrites(database)
    self.settings = settings
    self.intakes = intakes
    self.log = log
    certificates = CertificateStore(engine: engine)
  }

  /// The answer to a request at the address of a gateway's receipts or inbound messages.
  package func answer(
    _ webhook: IncomingWebhook, gateway name: String, section: WebhookRecipe.Section, now: Instant
  ) async -> WebhookAnswer {
    guard let gateway = settings.gateways[name], let recipe = gateway.webhooks else {
      return WebhookAnswer(status: 404, reason: "no such gateway, or its file has no receipts and inbound")
    }
    var known: [String: [UInt8]] = [:]
    // At most once for the certificate; the second reading decides.
    for _ in 0..<2 {
      switch recipe.events(in: webhook, for: section, certificates: known, now: now) {
      case .certificateNeeded(let url):
        guard let certificate = await certificates.certificate(at: url) else {
          return WebhookAnswer(status: 503, reason: "the certificate cannot be fetched")
        }
        known[url] = certificate
      case .subscription(let url):
        let isConfirmed = await certificates.fetch(url) != nil
        if isConfirmed { log.info("the subscription is confirmed", metadata: ["gateway": .string(name)]) }
        return isConfirmed
          ? WebhookAnswer() : WebhookAnswer(status: 503, reason: "the subscription cannot be confirmed")
      case .refused(let words, let status): return WebhookAnswer(status: status, reason: words.english)
      case .events(let events, let faults, _, let answer):
        for fault in faults.prefix(5) {
          log.warning("news was left out: \(fault)", metadata: ["gateway": .string(name)])
        }
        do {
          // Not acknowledged, so that the vendor keeps it until the cause is mended; the others are known when they come
          // again.
          let faulty = try await take(events, from: gateway, now: now)
          if faulty == 0 { return answer }
          return WebhookAnswer(status: 503, reason: "\(faulty) of \(events.count) cannot be stored")
        } catch {
          return WebhookAnswer(status: 503, reason: "it cannot be stored now: \(error)")
        }
      }
    }
    return WebhookAnswer(status: 400, reason: "its certificate is not accepted")
  }

  /// Stores events in one transaction, each in a savepoint: one that cannot be stored does not hold up the others. Gives
  /// how many could not.
  @discardableResult
  package func take(_ events: [GatewayEvent], from gateway: GatewaySettings, now: Instant) async throws -> Int {
    guard !events.isEmpty else { return 0 }
    let faults = try await writes.write { tx in
      var faults: [String] = []
      for event in events {
        do {
          try tx.savepoint { try take(event, from: gateway, in: tx, now: now) }
        } catch let error as SQLError where !error.isAboutTheRow {
          throw error
        } catch {
          faults.append("\(error)")
        }
      }
      return faults
    }
    for fault in faults { log.error("news cannot be stored: \(fault)", metadata: ["gateway": .string(gateway.name)]) }
    return faults.count
  }

  private func take(
    _ event: GatewayEvent, from gateway: GatewaySettings, in tx: Transaction, now: Instant
  ) throws {
    guard case .message = event.news else {
      try tx.take(event, from: gateway.name, now: now)
      return
    }
    guard let mailbox = gateway.mailbox ?? settings.mailboxes.keys.min(), let intake = intakes[mailbox] else {
      throw SettingsError("no mailbox takes the SMS of \(gateway.name): write `mailbox: NAME` into its file")
    }
    _ = try SMSIntake(intake: intake, gateway: gateway, company: settings.company).take(event, in: tx, now: now)
  }
}

/// Certificates of Amazon SNS, fetched once.
private actor CertificateStore {
  private let client: HTTPClient
  private var known: [String: [UInt8]] = [:]

  init(engine: CurlEngine) { client = HTTPClient(engine: engine) }

  /// The address has been checked: it is Amazon's.
  func certificate(at url: String) async -> [UInt8]? {
    if let certificate = known[url] { return certificate }
    guard let body = await fetch(url) else { return nil }
    if known.count > 20 { known = [:] }
    known[url] = body
    return body
  }

  func fetch(_ url: String) async -> [UInt8]? {
    guard case .answered(let response) = await client.send(HTTPRequest("GET", url)), response.status == 200 else {
      return nil
    }
    return response.body
  }
}
