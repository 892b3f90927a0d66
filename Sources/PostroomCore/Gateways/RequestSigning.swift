internal import CurlClient
internal import Foundation

/// How a request proves whose it is, beside the secrets that a recipe writes into it.
package enum RequestSigning: Sendable, Equatable {
  /// RFC 7617.
  case basic(user: String, SecretSource)
  /// AWS Signature Version 4.
  case sigv4(service: String, region: String, keyID: String, SecretSource)
  /// Alibaba Cloud.
  case acs3(keyID: String, SecretSource)
  /// Tencent Cloud.
  case tc3(service: String, keyID: String, SecretSource)

  /// Signs the request as it stands: nothing of it may change afterwards. Throws a sentence when the secret cannot be
  /// read.
  ///
  /// - Parameter nonce: for Alibaba Cloud, which takes one only once; nil for a new one.
  func sign(_ request: inout HTTPRequest, now: Instant, nonce: String? = nil) throws {
    switch self {
    case .basic(let user, let source):
      let pair = Array((user + ":" + (try source.read())).utf8)
      request.fields["Authorization"] = "Basic " + CanonicalText.base64(pair)
    case .sigv4(let service, let region, let keyID, let source):
      let secret = Secret(try source.read())
      let signature = AmazonSignature(accessKey: keyID, secretKey: secret, region: region, service: service)
      request.replace(signature.signed(request.outgoing, now: now))
    case .acs3(let keyID, let source):
      let signature = AliyunSignature(accessKey: keyID, secretKey: Secret(try source.read()))
      request.replace(signature.signed(request.outgoing, nonce: nonce ?? Self.newNonce, now: now))
    case .tc3(let service, let keyID, let source):
      var signature = TencentSignature(secretID: keyID, secretKey: Secret(try source.read()))
      signature.service = service
      request.replace(signature.signed(request.outgoing, now: now))
    }
  }

  private static var newNonce: String { UUID().uuidString.lowercased() }
}

extension HTTPRequest {
  /// `https:`, the host with its port, the path and the query of the address.
  private var parts: (scheme: String, host: String, path: String, query: [Parameter]) {
    let bytes = Array(url.utf8)
    let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? 0
    let rest = bytes.dropFirst(colon + 3)
    let hostEnd = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
    let target = rest[hostEnd...].prefix { $0 != UInt8(ascii: "#") }
    let halves = target.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    let path = halves.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    return (
      String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: rest[..<hostEnd], as: UTF8.self),
      path.isEmpty ? "/" : path, halves.count > 1 ? CanonicalText.parameters(ofForm: halves[1]) : []
    )
  }

  /// What is signed.
  fileprivate var outgoing: OutgoingRequest {
    let parts = parts
    var outgoing = OutgoingRequest(host: parts.host)
    outgoing.method = method
    outgoing.path = parts.path
    outgoing.query = parts.query
    outgoing.fields = fields.all.map { HTTPField($0.name, $0.value) }
    outgoing.body = body
    return outgoing
  }

  /// Takes over what was signed, the query in the order of the signature.
  fileprivate mutating func replace(_ signed: OutgoingRequest) {
    url = parts.scheme + "://" + signed.host + signed.target
    fields = HTTPFields()
    for field in signed.fields { fields.append(name: field.name, value: field.value) }
  }
}
