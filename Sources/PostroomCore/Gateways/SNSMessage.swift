internal import Crypto
internal import CryptoExtras
internal import Foundation

/// A message of Amazon SNS over HTTP: notification, or confirmation of a subscription.
/// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
package struct SNSMessage: Sendable, Equatable {
  /// The members of the envelope whose values are texts.
  package let fields: [String: String]

  package init(_ body: [UInt8]) throws(WebhookRefusal) {
    let members = try IncomingWebhook.members(ofJSON: body)
    fields = Dictionary(members.map { ($0.name, $0.value) }) { $1 }
  }

  /// The members that are signed, in their order; `Subject` only where there is one.
  private static let signedNames = [
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    "UnsubscribeConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
  ]

  /// The text that is signed: a line for the name and one for the value of each member.
  package func signedText() throws(WebhookRefusal) -> String {
    var text = ""
    for name in try signedNames() {
      if let value = fields[name] {
        text += name + "\n" + value + "\n"
      } else if name != "Subject" {
        throw .missing(name)
      }
    }
    return text
  }

  private func signedNames() throws(WebhookRefusal) -> [String] {
    guard let type = fields["Type"] else { throw .missing("Type") }
    guard let names = Self.signedNames[type] else { throw .malformed("Type") }
    return names
  }

  /// Whether the signature belongs to the text and the certificate's key; nothing is said about the certificate.
  package func isSigned(by certificate: Certificate) throws(WebhookRefusal) -> Bool {
    guard let text = fields["Signature"] else { throw .missing("Signature") }
    guard let bytes = CanonicalText.unbase64(text.utf8) else { throw .malformed("Signature") }
    guard let key = try? _RSA.Signing.PublicKey(derRepresentation: certificate.publicKey) else {
      throw .untrustedCertificate
    }
    let message = Array(try signedText().utf8)
    let signature = _RSA.Signing.RSASignature(rawRepresentation: bytes)
    switch fields["SignatureVersion"] {
    case "1":
      return key.isValidSignature(signature, for: Insecure.SHA1.hash(data: message), padding: .insecurePKCS1v1_5)
    case "2": return key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
    default: throw .unknownAlgorithm
    }
  }

  /// The topic first, so that strangers cannot make us fetch anything.
  func proof(
    topics: Set<String>, certificates: [String: [UInt8]], now: Instant
  ) throws(WebhookRefusal) -> WebhookProof {
    guard !topics.isEmpty else { throw .notConfigured }
    guard let topic = fields["TopicArn"], topics.contains(topic) else { throw .foreignTopic }
    guard let url = fields["SigningCertURL"] else { throw .missing("SigningCertURL") }
    guard Self.isCertificateURL(url) else { throw .untrustedCertificate }
    guard let bytes = certificates[url] else { throw .certificateNeeded(url: url) }
    guard let certificate = Certificate(bytes), certificate.isValid(at: now) else { throw .untrustedCertificate }
    guard try isSigned(by: certificate) else { throw .wrongSignature }
    guard let signedAt = Instant(iso8601: fields["Timestamp"] ?? "") else { throw .malformed("Timestamp") }
    let signed = try Set(signedNames())
    return WebhookProof(
      replayKey: fields["MessageId"] ?? "", signedAt: signedAt, fields: fields.filter { signed.contains($0.key) })
  }

  /// `https://sns.<region>.amazonaws.com[.cn]/SimpleNotificationService-<hex>.pem`, and nothing else: whoever may choose
  /// the certificate may sign.
  package static func isCertificateURL(_ url: String) -> Bool {
    guard let path = path(ofServiceURL: url) else { return false }
    let (head, tail) = ("SimpleNotificationService-", ".pem")
    guard path.utf8.starts(with: head.utf8), path.hasSuffix(tail) else { return false }
    let digits = path.utf8.dropFirst(head.utf8.count).dropLast(tail.utf8.count)
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  /// Whether `SubscribeURL` of a genuine confirmation may be fetched.
  package static func isSubscribeURL(_ url: String) -> Bool {
    path(ofServiceURL: url)?.hasPrefix("?Action=ConfirmSubscription&") ?? false
  }

  /// What stands behind the slash after `https://sns.<region>.amazonaws.com[.cn]`; nil for other hosts.
  private static func path(ofServiceURL url: String) -> String? {
    let bytes = Array(url.utf8)
    let start = "https://sns."
    guard bytes.count <= 2048, bytes.starts(with: start.utf8),
      let slash = bytes.dropFirst(start.utf8.count).firstIndex(of: UInt8(ascii: "/"))
    else { return nil }
    let host = String(decoding: bytes[start.utf8.count..<slash], as: UTF8.self)
    guard let end = [".amazonaws.com", ".amazonaws.com.cn"].first(where: { host.hasSuffix($0) }) else { return nil }
    let region = host.utf8.dropLast(end.utf8.count)
    guard !region.isEmpty, region.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
    else { return nil }
    return String(decoding: bytes[(slash + 1)...], as: UTF8.self)
  }
}

extension Instant {
  /// From `2012-05-02T00:54:06.655Z`; the fraction may be missing. Always UTC.
  init?(iso8601 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.count <= 30, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T"),
      let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self))
    else { return nil }
    let clock = bytes[11..<19].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      .map { $0.count == 2 ? Int(String(decoding: $0, as: UTF8.self)) ?? -1 : -1 }
    guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
    else { return nil }
    let fraction = bytes[19..<(bytes.count - 1)]
    guard fraction.isEmpty || fraction.first == UInt8(ascii: "."),
      fraction.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let thousandths = fraction.dropFirst().prefix(3).reduce((0, 100)) { ($0.0 + Int($1 - 0x30) * $0.1, $0.1 / 10) }.0
    let second = CivilTime(date: date, secondOfDay: clock[0] * 3600 + clock[1] * 60 + clock[2]).secondsSinceEpoch
    self = second * 1000 + Int64(thousandths)
  }
}
