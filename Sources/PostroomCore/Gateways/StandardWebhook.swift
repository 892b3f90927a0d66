/// Standard Webhooks 1.0, for our own outgoing webhooks and for vendors that use it, and Svix, whose names differ.
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
package enum StandardWebhook {
  /// The three header fields; one signature for each secret, so that a receiver can change his at leisure. Nil when a
  /// secret is not `whsec_` and base64, or none is given.
  package static func fields(id: String, body: [UInt8], secrets: [Secret], now: Instant) -> [HTTPField]? {
    let timestamp = String(now / 1000)
    let keys = secrets.compactMap(key)
    guard !keys.isEmpty, keys.count == secrets.count else { return nil }
    let signatures = keys.map { "v1," + signature(id: id, timestamp: timestamp, body: body, key: $0) }
    return [
      HTTPField("webhook-id", id), HTTPField("webhook-timestamp", timestamp),
      HTTPField("webhook-signature", signatures.joined(separator: " ")),
    ]
  }

  static func proof(of webhook: IncomingWebhook, secrets: [Secret]) throws(WebhookRefusal) -> WebhookProof {
    let keys = secrets.compactMap(key)
    guard !keys.isEmpty else { throw .notConfigured }
    let prefix = try webhook.optionalField("svix-id") == nil ? "webhook-" : "svix-"
    let id = try webhook.field(prefix + "id")
    let timestamp = try webhook.field(prefix + "timestamp")
    let signedAt = try WebhookCheck.instant(timestamp, name: prefix + "timestamp")
    let given = try webhook.field(prefix + "signature").utf8.split(separator: UInt8(ascii: " "))
    for key in keys {
      let expected = Array("v1,".utf8) + signature(id: id, timestamp: timestamp, body: webhook.body, key: key).utf8
      if given.contains(where: { equalInConstantTime($0, expected) }) {
        return WebhookProof(replayKey: id, signedAt: signedAt)
      }
    }
    throw .wrongSignature
  }

  private static func signature(id: String, timestamp: String, body: [UInt8], key: [UInt8]) -> String {
    CanonicalText.base64(MessageHash.sha256.code(of: Array("\(id).\(timestamp).".utf8) + body, key: key))
  }

  private static func key(_ secret: Secret) -> [UInt8]? {
    let prefix = Array("whsec_".utf8)
    let text = secret.bytes.starts(with: prefix) ? secret.bytes.dropFirst(prefix.count) : secret.bytes[...]
    guard let key = CanonicalText.unbase64(text), !key.isEmpty else { return nil }
    return key
  }
}
