internal import Foundation

/// A request that claims to come from a vendor, as it was received. It prints without its URL, which may hold a token.
package struct IncomingWebhook: Sendable, CustomStringConvertible, CustomReflectable {
  package var method: String
  /// As the vendor knows it: the configured public base, then path and query as they were received. Never made from
  /// `Host`, which the sender chooses.
  package var url: String
  package var fields: [HTTPField]
  /// The raw bytes, before anything has parsed them.
  package var body: [UInt8]

  package init(method: String, url: String, fields: [HTTPField], body: [UInt8]) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
  }

  package var description: String { "\(method), \(fields.count) fields, \(body.count) bytes" }
  package var customMirror: Mirror { Mirror(self, children: ["request": description]) }

  /// The value of a field that is there once. Twice is refused: two readers could each see another one.
  func field(_ name: String) throws(WebhookRefusal) -> String {
    guard let value = try optionalField(name), !value.isEmpty else { throw .missing(name) }
    return value
  }

  func optionalField(_ name: String) throws(WebhookRefusal) -> String? {
    let wanted = name.utf8.map(Self.lowered)
    let found = fields.filter { $0.name.utf8.count == wanted.count && $0.name.utf8.map(Self.lowered) == wanted }
    guard found.count < 2 else { throw .malformed(name) }
    return found.first?.value
  }

  private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }

  /// More parameters, or a longer JSON body that is signed by its members, no vendor sends; they would cost us time
  /// before anything is proved. SNS allows 256 KB, which escapes make longer.
  private static let mostParameters = 1000
  private static let longestJSON = 1_048_576

  func query() throws(WebhookRefusal) -> [Parameter] {
    let parts = url.utf8.split(separator: UInt8(ascii: "#"), maxSplits: 1, omittingEmptySubsequences: false)[0]
      .split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count > 1 ? try Self.parameters(ofForm: parts[1], name: "query") : []
  }

  func form() throws(WebhookRefusal) -> [Parameter] { try Self.parameters(ofForm: body, name: "body") }

  private static func parameters(
    ofForm form: some Collection<UInt8>, name: String
  ) throws(WebhookRefusal) -> [Parameter] {
    let count = form.reduce(0) { $1 == UInt8(ascii: "&") ? $0 + 1 : $0 }
    guard count < mostParameters else { throw .malformed(name) }
    return CanonicalText.parameters(ofForm: form)
  }

  var isForm: Bool { mediaType == "application/x-www-form-urlencoded" }

  private var mediaType: String? {
    guard let value = try? optionalField("content-type") else { return nil }
    return value.utf8.split(separator: UInt8(ascii: ";")).first
      .map { String(decoding: $0, as: UTF8.self).withFoldedSpaces.lowercased() }
  }

  /// The members of a JSON object whose values are texts or whole numbers; others are left out. Foundation bounds the
  /// depth.
  static func members(ofJSON body: [UInt8]) throws(WebhookRefusal) -> [Parameter] {
    guard body.count <= longestJSON,
      let members = try? JSONDecoder().decode([String: PlainValue].self, from: Data(body))
    else { throw .malformed("body") }
    return members.compactMap { name, value in value.text.map { Parameter(name: name, value: $0) } }
  }

  private struct PlainValue: Decodable {
    let text: String?

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self.text = text
      } else {
        text = (try? container.decode(Int64.self)).map { String($0) }
      }
    }
  }
}

/// What a check says of a webhook.
package enum WebhookVerdict: Sendable, Equatable {
  case accepted(WebhookProof)
  case refused(WebhookRefusal)
}

/// What a genuine signature vouches for.
package struct WebhookProof: Sendable, Equatable {
  /// The same for a repetition of the same request: whoever keeps it for the length of the window sees replays.
  package var replayKey: String
  /// When it was signed, where the vendor says so.
  package var signedAt: Instant?
  /// The members that were signed, for vendors that sign members and not the body. Read these: in a body with a member
  /// twice another reader might see the other one.
  package var fields: [String: String] = [:]
  /// Whether all of the body is vouched for, by itself or by ``fields``.
  package var coversBody = true

  package init(replayKey: String, signedAt: Instant? = nil, fields: [String: String] = [:], coversBody: Bool = true) {
    self.replayKey = replayKey
    self.signedAt = signedAt
    self.fields = fields
    self.coversBody = coversBody
  }
}

/// Why a webhook is not believed. It tells names, never values.
package enum WebhookRefusal: Error, Sendable, Equatable {
  /// No usable secret, key or topic is configured.
  case notConfigured
  case missing(String)
  /// There, but not in the form it must have, or there twice.
  case malformed(String)
  /// A hash function or version that is not known or not allowed.
  case unknownAlgorithm
  case wrongSignature
  /// Genuine but older than the window; by so many seconds from now.
  case tooOld(Seconds)
  case fromTheFuture(Seconds)
  /// Amazon SNS: fetch the certificate from this address, whose form is checked, and ask again.
  case certificateNeeded(url: String)
  case untrustedCertificate
  case foreignTopic

  /// A sentence for the log and the console.
  package var words: Localized {
    switch self {
    case .notConfigured: Localized(chinese: "未配置校验密钥", english: "no secret is configured to check it with")
    case .missing(let name): Localized(chinese: "缺少 \(name)", english: "\(name) is missing")
    case .malformed(let name): Localized(chinese: "\(name) 格式不正确", english: "\(name) has no valid form")
    case .unknownAlgorithm: Localized(chinese: "签名算法不受支持", english: "the signature's algorithm is not supported")
    case .wrongSignature: Localized(chinese: "签名不符", english: "the signature is not right")
    case .tooOld(let age): Localized(chinese: "签名于 \(age) 秒之前，已过期", english: "it was signed \(age) s ago, too long")
    case .fromTheFuture(let lead):
      Localized(chinese: "签名时间比本机时钟快 \(lead) 秒", english: "it was signed \(lead) s ahead of this clock")
    case .certificateNeeded: Localized(chinese: "需先取得签名证书", english: "its certificate must be fetched first")
    case .untrustedCertificate:
      Localized(chinese: "签名证书不可信", english: "its certificate cannot be trusted or is not valid now")
    case .foreignTopic: Localized(chinese: "不是本系统订阅的主题", english: "its topic is not one of ours")
    }
  }
}
