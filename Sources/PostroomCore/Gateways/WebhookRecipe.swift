/// What a vendor sends of its own accord, told as data: how it proves itself, what it says, what it wants to hear.
package struct WebhookRecipe: Sendable, Equatable {
  package enum Section: String, Sendable, CaseIterable { case receipts, inbound }

  package var check: CheckRecipe
  package var receipts: ReceiptRecipe?
  package var inbound: InboundRecipe?

  /// Vendors send 150 KB at most (Amazon SNS); more is not looked at.
  package static let mostBytes = 256 << 10
}

/// How the sender of webhooks is checked; see ``WebhookCheck``.
package struct CheckRecipe: Sendable, Equatable {
  package enum Scheme: Sendable, Equatable {
    case pathToken, twilio, sendGrid, mailgun, standardWebhooks, androidGateway
    case vonage(VonageSignature.Method)
    case amazonSNS(topics: Set<String>)
  }

  package var scheme: Scheme
  /// Holds one secret on each line: the old one stays until the vendor has the new one. Nil for Amazon SNS.
  package var secret: SecretSource?
  package var window: Seconds?
  /// Secrets of which one must end the path as well, for signatures that do not cover what is said.
  package var pathSecret: SecretSource?

  /// Both must hold; the path is looked at first.
  func checks(certificates: [String: [UInt8]]) throws -> [WebhookCheck] {
    let path = try pathSecret.map { WebhookCheck(scheme: .pathToken, secrets: try Self.secrets($0)) }
    return [path, try check(certificates: certificates)].compactMap { $0 }
  }

  private static func secrets(_ source: SecretSource) throws -> [Secret] {
    try source.read().split(whereSeparator: \.isNewline).map { Secret(String($0)) }
  }

  private func check(certificates: [String: [UInt8]]) throws -> WebhookCheck {
    let secrets = try secret.map(Self.secrets) ?? []
    let scheme: WebhookCheck.Scheme =
      switch scheme {
      case .pathToken: .pathToken
      case .twilio: .twilio(sharedKeys: [])
      case .vonage(let method): .vonage(method)
      case .sendGrid: .sendGrid
      case .mailgun: .mailgun
      case .standardWebhooks: .standardWebhooks
      case .androidGateway: .androidGateway
      case .amazonSNS(let topics): .amazonSNS(topics: topics, certificates: certificates)
      }
    return WebhookCheck(scheme: scheme, secrets: secrets, window: window)
  }
}

/// What a webhook says.
package enum WebhookReading: Sendable, Equatable {
  /// To be stored before `answer` is given. `faults` tells of events that could not be understood; the others stand.
  case events([GatewayEvent], faults: [String], proof: WebhookProof, answer: WebhookAnswer)
  /// Amazon SNS asks whether the subscription is ours, and it is: fetch this address, then answer 200.
  case subscription(url: String)
  /// Amazon SNS: fetch the certificate from this address and ask again with it.
  case certificateNeeded(url: String)
  /// With the HTTP status to answer.
  case refused(Localized, status: Int)
}

extension WebhookRecipe {
  /// What the webhook says, if it is genuine. Pure but for the secrets, which are read anew each time.
  ///
  /// - Parameters:
  ///   - section: what its address is for.
  ///   - certificates: of Amazon SNS, as far as they were fetched: PEM or DER by address.
  package func events(
    in webhook: IncomingWebhook, for section: Section, certificates: [String: [UInt8]] = [:], now: Instant
  ) -> WebhookReading {
    guard webhook.body.count <= Self.mostBytes, webhook.url.utf8.count <= Self.mostBytes else {
      return .refused(Localized(chinese: "请求过大", english: "it is larger than 256 KB"), status: 413)
    }
    guard section == .receipts ? receipts != nil : inbound != nil else {
      return .refused(
        Localized(chinese: "该网关未配置此类回调", english: "this gateway's file has no section \(section.rawValue)"), status: 404
      )
    }
    let checks: [WebhookCheck]
    do {
      checks = try check.checks(certificates: certificates)
    } catch {
      // Our own trouble: the vendor tries again.
      return .refused(Localized(chinese: "校验密钥无法读取：\(error)", english: "\(error)"), status: 503)
    }
    var proof: WebhookProof?
    for check in checks {
      switch check.verdict(on: webhook, now: now) {
      case .refused(.certificateNeeded(let url)): return .certificateNeeded(url: url)
      case .refused(let refusal): return .refused(refusal.words, status: refusal.status)
      case .accepted(let found): proof = found
      }
    }
    guard let proof else { return .refused(WebhookRefusal.notConfigured.words, status: 503) }
    return read(webhook, proof, section)
  }

  private func read(_ webhook: IncomingWebhook, _ proof: WebhookProof, _ section: Section) -> WebhookReading {
    if case .amazonSNS = check.scheme {
      switch proof.fields["Type"] {
      case "SubscriptionConfirmation":
        guard let url = proof.fields["SubscribeURL"], SNSMessage.isSubscribeURL(url) else {
          return .refused(WebhookRefusal.malformed("SubscribeURL").words, status: 400)
        }
        return .subscription(url: url)
      case "Notification": break
      default: return .events([], faults: [], proof: proof, answer: WebhookAnswer())
      }
    }
    do throws(WebhookRefusal) {
      switch section {
      case .receipts:
        guard let receipts else { throw .notConfigured }
        return read(try receipts.source.items(in: webhook, proof), proof, receipts.answer, receipts.event)
      case .inbound:
        guard let inbound else { throw .notConfigured }
        return read(try inbound.source.items(in: webhook, proof), proof, inbound.answer, inbound.event)
      }
    } catch {
      return .refused(error.words, status: 400)
    }
  }

  /// More than so many faults of one webhook tell nothing new.
  private static let mostFaults = 10

  /// One bad item does not cost the others; only when no item can be understood the whole is refused.
  private func read(
    _ items: [EventItem], _ proof: WebhookProof, _ answer: WebhookAnswer,
    _ event: (EventItem) throws(EventFault) -> GatewayEvent?
  ) -> WebhookReading {
    var events: [GatewayEvent] = []
    var faults: [String] = []
    var understood = 0
    for item in items {
      do throws(EventFault) {
        if let event = try event(item) { events.append(event) }
        understood += 1
      } catch {
        if faults.count < Self.mostFaults { faults.append(error.description) }
        if error.isUnlisted { understood += 1 }
      }
    }
    if understood == 0, let fault = faults.first {
      return .refused(Localized(chinese: "无法理解：\(fault)", english: fault), status: 400)
    }
    return .events(events, faults: faults, proof: proof, answer: answer)
  }
}

extension WebhookRefusal {
  /// What the sender is answered.
  package var status: Int {
    switch self {
    case .missing, .malformed, .unknownAlgorithm: 400
    case .notConfigured, .certificateNeeded: 503
    case .wrongSignature, .tooOld, .fromTheFuture, .untrustedCertificate, .foreignTopic: 403
    }
  }
}
