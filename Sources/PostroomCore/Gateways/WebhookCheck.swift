/// Whether a webhook comes from the vendor it claims to come from. Pure; the certificate of Amazon SNS comes in as bytes.
package struct WebhookCheck: Sendable {
  package enum Scheme: Sendable {
    /// `secrets` are the account's auth tokens; `sharedKeys` those of webhook rules.
    case twilio(sharedKeys: [Secret])
    case vonage(VonageSignature.Method)
    /// `secrets` is the public verification key, base64 of its DER.
    case sendGrid
    case mailgun
    /// Standard Webhooks 1.0 and Svix (Resend): `secrets` are `whsec_…`, all that are valid during a rotation.
    case standardWebhooks
    /// No `secrets`. `topics` are the ARNs we subscribed; `certificates` holds what was fetched, PEM or DER, by address.
    case amazonSNS(topics: Set<String>, certificates: [String: [UInt8]])
    case androidGateway
    /// For vendors that sign nothing (Kannel, Aliyun, Tencent): the last part of the path is one of `secrets`.
    case pathToken
  }

  package var scheme: Scheme
  package var secrets: [Secret]
  /// How long after signing a request is taken.
  package var window: Seconds

  /// A vendor's clock may be so far ahead of ours.
  package static let clockTolerance: Seconds = 300

  /// `window` is 5 min where each attempt is signed anew, 24 h where a vendor's repetition carries the old time.
  package init(scheme: Scheme, secrets: [Secret] = [], window: Seconds? = nil) {
    self.scheme = scheme
    // An empty secret is one that everybody has.
    self.secrets = secrets.filter { !$0.isEmpty }
    self.window = window ?? Self.defaultWindow(scheme)
  }

  private static func defaultWindow(_ scheme: Scheme) -> Seconds {
    switch scheme {
    case .sendGrid, .mailgun, .amazonSNS: 86_400
    case .twilio, .vonage, .standardWebhooks, .androidGateway, .pathToken: 300
    }
  }

  package func verdict(on webhook: IncomingWebhook, now: Instant) -> WebhookVerdict {
    do throws(WebhookRefusal) {
      let proof = try proof(of: webhook, now: now)
      if let signedAt = proof.signedAt { try checkTime(signedAt, now: now) }
      return .accepted(proof)
    } catch {
      return .refused(error)
    }
  }

  private func proof(of webhook: IncomingWebhook, now: Instant) throws(WebhookRefusal) -> WebhookProof {
    switch scheme {
    case .amazonSNS(let topics, let certificates):
      return try SNSMessage(webhook.body).proof(topics: topics, certificates: certificates, now: now)
    case .twilio(let sharedKeys):
      return try TwilioSignature.proof(of: webhook, authTokens: secrets, sharedKeys: sharedKeys.filter { !$0.isEmpty })
    default:
      break
    }
    guard !secrets.isEmpty else { throw .notConfigured }
    return switch scheme {
    case .vonage(let method): try VonageSignature.proof(of: webhook, method: method, secrets: secrets)
    case .sendGrid: try SendGridSignature.proof(of: webhook, publicKeys: secrets)
    case .mailgun: try MailgunSignature.proof(of: webhook, secrets: secrets)
    case .standardWebhooks: try StandardWebhook.proof(of: webhook, secrets: secrets)
    case .androidGateway: try AndroidGatewaySignature.proof(of: webhook, secrets: secrets)
    case .pathToken, .twilio, .amazonSNS: try Self.pathProof(of: webhook, secrets: secrets)
    }
  }

  private func checkTime(_ signedAt: Instant, now: Instant) throws(WebhookRefusal) {
    if signedAt < now.adding(-window) { throw .tooOld(now / 1000 - signedAt / 1000) }
    if signedAt > now.adding(min(window, Self.clockTolerance)) { throw .fromTheFuture(signedAt / 1000 - now / 1000) }
  }

  private static func pathProof(
    of webhook: IncomingWebhook, secrets: [Secret]
  ) throws(WebhookRefusal) -> WebhookProof {
    let path = webhook.url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    let token = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? path[...]
    guard secrets.contains(where: { equalInConstantTime($0.bytes, token) }) else { throw .wrongSignature }
    let content = Array(webhook.url.utf8) + [0] + webhook.body
    return WebhookProof(
      replayKey: CanonicalText.hex(MessageHash.sha256.digest(of: content)), coversBody: false)
  }
}

extension WebhookCheck {
  /// The moment that a field of seconds since 1970 names.
  static func instant(_ seconds: String, name: String) throws(WebhookRefusal) -> Instant {
    guard seconds.utf8.count <= 12, seconds.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(seconds)
    else { throw .malformed(name) }
    return value * 1000
  }
}
