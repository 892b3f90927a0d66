internal import Crypto
internal import Foundation

/// SendGrid's event webhook: ECDSA P-256 over time and raw body.
/// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
enum SendGridSignature {
  static func proof(of webhook: IncomingWebhook, publicKeys: [Secret]) throws(WebhookRefusal) -> WebhookProof {
    let keys = publicKeys.compactMap { CanonicalText.unbase64($0.bytes) }
      .compactMap { try? P256.Signing.PublicKey(derRepresentation: $0) }
    guard !keys.isEmpty else { throw .notConfigured }
    let timestampField = "X-Twilio-Email-Event-Webhook-Timestamp"
    let signatureField = "X-Twilio-Email-Event-Webhook-Signature"
    let timestamp = try webhook.field(timestampField)
    let text = try webhook.field(signatureField)
    guard let bytes = CanonicalText.unbase64(text.utf8),
      let signature = try? P256.Signing.ECDSASignature(derRepresentation: bytes)
    else { throw .malformed(signatureField) }
    let message = Array(timestamp.utf8) + webhook.body
    guard keys.contains(where: { $0.isValidSignature(signature, for: message) }) else { throw .wrongSignature }
    let signedAt = try WebhookCheck.instant(timestamp, name: timestampField)
    // ECDSA signatures of one message are many, so the message is the key.
    return WebhookProof(replayKey: CanonicalText.hex(MessageHash.sha256.digest(of: message)), signedAt: signedAt)
  }
}

/// Mailgun: time and a random token are signed, the events are not. Whoever has seen one webhook could write another with
/// its signature, so tokens must be remembered and the path be secret.
/// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
enum MailgunSignature {
  private struct Body: Decodable {
    struct Signature: Decodable {
      let timestamp: String
      let token: String
      let signature: String
    }
    let signature: Signature
  }

  static func proof(of webhook: IncomingWebhook, secrets: [Secret]) throws(WebhookRefusal) -> WebhookProof {
    guard let signed = (try? JSONDecoder().decode(Body.self, from: Data(webhook.body)))?.signature else {
      throw .malformed("body")
    }
    guard let given = CanonicalText.unhex(signed.signature.utf8) else { throw .malformed("signature") }
    let message = signed.timestamp + signed.token
    guard secrets.contains(where: { equalInConstantTime(MessageHash.sha256.code(of: message, key: $0.bytes), given) })
    else { throw .wrongSignature }
    // Without its usual length a token could take digits of the time.
    guard signed.timestamp.utf8.count == 10 else { throw .malformed("timestamp") }
    let signedAt = try WebhookCheck.instant(signed.timestamp, name: "timestamp")
    return WebhookProof(replayKey: signed.token, signedAt: signedAt, coversBody: false)
  }
}

/// android-sms-gateway: HMAC-SHA256 over raw body and then time. https://docs.sms-gate.app/features/webhooks/
enum AndroidGatewaySignature {
  static func proof(of webhook: IncomingWebhook, secrets: [Secret]) throws(WebhookRefusal) -> WebhookProof {
    let timestamp = try webhook.field("X-Timestamp")
    let signedAt = try WebhookCheck.instant(timestamp, name: "X-Timestamp")
    guard let given = CanonicalText.unhex(try webhook.field("X-Signature").utf8) else {
      throw .malformed("X-Signature")
    }
    let message = webhook.body + Array(timestamp.utf8)
    guard secrets.contains(where: { equalInConstantTime(MessageHash.sha256.code(of: message, key: $0.bytes), given) })
    else { throw .wrongSignature }
    return WebhookProof(replayKey: CanonicalText.hex(given), signedAt: signedAt)
  }
}
