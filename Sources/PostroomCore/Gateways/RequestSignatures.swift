/// AWS Signature Version 4, for SES (`ses`), SNS (`sns`) and every service but S3, whose paths are encoded once less.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
package struct AmazonSignature: Sendable {
  package var accessKey: String
  package var secretKey: Secret
  /// Of temporary credentials.
  package var sessionToken: Secret?
  package var region: String
  package var service: String

  package init(accessKey: String, secretKey: Secret, sessionToken: Secret? = nil, region: String, service: String) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.region = region
    self.service = service
  }

  /// The request with `x-amz-date`, `authorization` and, where there is one, the session's token. AWS takes it for 5 min.
  package func signed(_ request: OutgoingRequest, now: Instant) -> OutgoingRequest {
    let moment = now.iso8601.filter { $0 != "-" && $0 != ":" }
    var added = [HTTPField("x-amz-date", moment)]
    if let sessionToken {
      added.append(HTTPField("x-amz-security-token", String(decoding: sessionToken.bytes, as: UTF8.self)))
    }
    let request = request.adding(added)
    let canonical = CanonicalRequest(
      request, path: CanonicalText.percentEncoded(request.path, keepingSlash: true),
      fields: request.fields.filter { !Self.unsigned.contains($0.name.lowercased()) } + [
        HTTPField("host", request.host)
      ])
    let scope = [String(moment.prefix(8)), region, service, "aws4_request"]
    return request.adding([
      HTTPField(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=\(accessKey)/\(scope.joined(separator: "/")), "
          + "SignedHeaders=\(canonical.signedNames), Signature="
          + scopedSignature("AWS4", secretKey, algorithm: "AWS4-HMAC-SHA256", time: moment, scope, canonical))
    ])
  }

  /// Fields that proxies rewrite.
  private static let unsigned: Set<String> = [
    "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
  ]
}

/// TC3-HMAC-SHA256 of Tencent Cloud. https://cloud.tencent.com/document/api/382/52072
package struct TencentSignature: Sendable {
  package var secretID: String
  package var secretKey: Secret
  package var service = "sms"

  package init(secretID: String, secretKey: Secret) {
    self.secretID = secretID
    self.secretKey = secretKey
  }

  /// The request with `x-tc-timestamp` and `authorization`. It must have a `content-type`; Tencent takes it for 5 min.
  package func signed(_ request: OutgoingRequest, now: Instant) -> OutgoingRequest {
    let time = String(now / 1000)
    let request = request.adding([HTTPField("x-tc-timestamp", time)])
    let canonical = CanonicalRequest(
      request, path: request.path,
      fields: request.fields.filter { $0.name.lowercased() == "content-type" } + [HTTPField("host", request.host)])
    let scope = [String(now.iso8601.prefix(10)), service, "tc3_request"]
    return request.adding([
      HTTPField(
        "authorization",
        "TC3-HMAC-SHA256 Credential=\(secretID)/\(scope.joined(separator: "/")), "
          + "SignedHeaders=\(canonical.signedNames), Signature="
          + scopedSignature("TC3", secretKey, algorithm: "TC3-HMAC-SHA256", time: time, scope, canonical))
    ])
  }
}

/// ACS3-HMAC-SHA256 of Alibaba Cloud: the secret signs directly, no key is derived.
/// https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
package struct AliyunSignature: Sendable {
  package var accessKey: String
  package var secretKey: Secret

  package init(accessKey: String, secretKey: Secret) {
    self.accessKey = accessKey
    self.secretKey = secretKey
  }

  /// The request with `x-acs-date`, `x-acs-signature-nonce`, `x-acs-content-sha256` and `authorization`; action and
  /// version are the caller's fields. `nonce` must be new for each request; Aliyun takes it for 15 min.
  package func signed(_ request: OutgoingRequest, nonce: String, now: Instant) -> OutgoingRequest {
    let request = request.adding([
      HTTPField("x-acs-date", now.iso8601), HTTPField("x-acs-signature-nonce", nonce),
      HTTPField("x-acs-content-sha256", CanonicalRequest.digest(request.body)),
    ])
    let canonical = CanonicalRequest(
      request, path: request.path,
      fields: request.fields.filter {
        let name = $0.name.lowercased()
        return name == "content-type" || name.hasPrefix("x-acs-")
      } + [HTTPField("host", request.host)])
    let text = "ACS3-HMAC-SHA256\n" + canonical.digest
    let signature = CanonicalText.hex(MessageHash.sha256.code(of: text, key: secretKey.bytes))
    return request.adding([
      HTTPField(
        "authorization",
        "ACS3-HMAC-SHA256 Credential=\(accessKey),SignedHeaders=\(canonical.signedNames),Signature=\(signature)")
    ])
  }
}

/// What SigV4 and TC3 share: the key is derived through each part of the scope, then signs the hash of the request.
private func scopedSignature(
  _ prefix: String, _ secret: Secret, algorithm: String, time: String, _ scope: [String], _ request: CanonicalRequest
) -> String {
  let key = scope.reduce(Array(prefix.utf8) + secret.bytes) { MessageHash.sha256.code(of: $1, key: $0) }
  let text = [algorithm, time, scope.joined(separator: "/"), request.digest].joined(separator: "\n")
  return CanonicalText.hex(MessageHash.sha256.code(of: text, key: key))
}
