/// The `sig` parameter of Vonage's SMS API, in requests and in webhooks.
/// https://developer.vonage.com/en/getting-started/concepts/signing-messages
package enum VonageSignature {
  package enum Method: Sendable, Equatable {
    case hmac(MessageHash)
    /// The account's oldest setting: MD5 of the parameters with the secret behind them. Forgeable in theory by whoever
    /// extends the message; choose an HMAC in Vonage's dashboard.
    case md5Hash
  }

  /// The value of `sig` over all other parameters, `timestamp` (seconds since 1970) among them.
  package static func value(_ parameters: [Parameter], secret: Secret, method: Method) -> String {
    var message: [UInt8] = []
    for parameter in parameters.sorted(by: { $0.name.precedes($1.name) }) where parameter.name != "sig" {
      message.append(UInt8(ascii: "&"))
      message += parameter.name.utf8
      message.append(UInt8(ascii: "="))
      message += parameter.value.utf8.map { "&=".utf8.contains($0) ? UInt8(ascii: "_") : $0 }
    }
    let code =
      switch method {
      case .hmac(let hash): hash.code(of: message, key: secret.bytes)
      case .md5Hash: MessageHash.md5.digest(of: message + secret.bytes)
      }
    return CanonicalText.hex(code)
  }

  static func proof(
    of webhook: IncomingWebhook, method: Method, secrets: [Secret]
  ) throws(WebhookRefusal) -> WebhookProof {
    let parameters = try parameters(of: webhook)
    var fields: [String: String] = [:]
    for parameter in parameters {
      guard fields.updateValue(parameter.value, forKey: parameter.name) == nil else { throw .malformed(parameter.name) }
    }
    guard let given = fields.removeValue(forKey: "sig"), !given.isEmpty else { throw .missing("sig") }
    guard let timestamp = fields["timestamp"] else { throw .missing("timestamp") }
    guard let code = CanonicalText.unhex(given.utf8) else { throw .malformed("sig") }
    let isGenuine = secrets.contains { secret in
      equalInConstantTime(value(parameters, secret: secret, method: method).utf8, CanonicalText.hex(code).utf8)
    }
    guard isGenuine else { throw .wrongSignature }
    let signedAt = try WebhookCheck.instant(timestamp, name: "timestamp")
    return WebhookProof(replayKey: CanonicalText.hex(code), signedAt: signedAt, fields: fields)
  }

  /// A GET has them in the query, a POST as JSON or as a form.
  private static func parameters(of webhook: IncomingWebhook) throws(WebhookRefusal) -> [Parameter] {
    if webhook.method == "GET" { return try webhook.query() }
    if webhook.isForm { return try webhook.form() }
    return try IncomingWebhook.members(ofJSON: webhook.body)
  }
}
