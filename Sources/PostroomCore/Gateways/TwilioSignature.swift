/// Twilio's request signature: the public URL, then each form parameter by name, under HMAC.
/// https://www.twilio.com/docs/usage/webhooks/webhooks-security
package enum TwilioSignature {
  static let field = "X-Twilio-Signature"
  /// `key=…,algorithm=HMAC_SHA256`: signed by a webhook rule's shared key instead of the auth token.
  static let settingsField = "X-Twilio-Webhooks-Signature-Settings"

  /// What Twilio would send. `parameters` are those of a form body; empty for other bodies.
  package static func value(url: String, parameters: [Parameter], key: Secret, hash: MessageHash = .sha1) -> String {
    // A pair that is there twice is signed once.
    let pairs = Set(parameters.map { [Array($0.name.utf8), Array($0.value.utf8)] })
    let sorted = pairs.sorted { $0.lexicographicallyPrecedes($1) { $0.lexicographicallyPrecedes($1) } }
    let message = Array(url.utf8) + sorted.joined().joined()
    return CanonicalText.base64(hash.code(of: message, key: key.bytes))
  }

  static func proof(
    of webhook: IncomingWebhook, authTokens: [Secret], sharedKeys: [Secret]
  ) throws(WebhookRefusal) -> WebhookProof {
    let settings = try webhook.optionalField(settingsField) ?? ""
    let keys = settings.isEmpty ? authTokens : sharedKeys
    guard !keys.isEmpty else { throw .notConfigured }
    let hash = try hash(settings)
    let given = try webhook.field(field)
    let parameters = try signedParameters(webhook)
    // Twilio's servers do not agree whether the port belongs to the URL, so its own validators try both.
    for url in [webhook.url, togglingPort(webhook.url)] {
      for key in keys {
        let expected = value(url: url, parameters: parameters, key: key, hash: hash)
        if equalInConstantTime(expected.utf8, given.utf8) { return WebhookProof(replayKey: given) }
      }
    }
    throw .wrongSignature
  }

  private static func hash(_ settings: String) throws(WebhookRefusal) -> MessageHash {
    let algorithm = settings.utf8.split(separator: UInt8(ascii: ",")).lazy
      .map { String(decoding: $0, as: UTF8.self).withFoldedSpaces }
      .first { $0.hasPrefix("algorithm=") }?
      .dropFirst("algorithm=".count)
    switch algorithm?.uppercased() ?? "" {
    case "", "HMAC_SHA1": return .sha1
    case "HMAC_SHA256": return .sha256
    default: throw .unknownAlgorithm
    }
  }

  /// The parameters of a form; for any other body none, and the URL must carry the body's hash.
  private static func signedParameters(_ webhook: IncomingWebhook) throws(WebhookRefusal) -> [Parameter] {
    if webhook.isForm { return try webhook.form() }
    if webhook.body.isEmpty { return [] }
    guard let hash = try webhook.query().first(where: { $0.name == "bodySHA256" })?.value else {
      throw .missing("bodySHA256")
    }
    let expected = MessageHash.sha256.digest(of: webhook.body)
    guard let given = CanonicalText.unhex(hash.utf8), equalInConstantTime(given, expected) else {
      throw .wrongSignature
    }
    return []
  }

  /// With the scheme's own port when the URL names none, else without the port.
  static func togglingPort(_ url: String) -> String {
    let bytes = Array(url.utf8)
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
      return url
    }
    let start = colon + 3
    let end = bytes[start...].firstIndex { "/?#".utf8.contains($0) } ?? bytes.endIndex
    // The colons of an IPv6 address stand in brackets.
    let host = bytes[start..<end].lastIndex { $0 == UInt8(ascii: "]") || $0 == UInt8(ascii: "@") } ?? start
    let port = bytes[host..<end].lastIndex(of: UInt8(ascii: ":"))
    let added = bytes[..<colon].elementsEqual("https".utf8) ? ":443" : ":80"
    let authority = port.map { Array(bytes[..<$0]) } ?? Array(bytes[..<end]) + Array(added.utf8)
    return String(decoding: authority + bytes[end...], as: UTF8.self)
  }
}
