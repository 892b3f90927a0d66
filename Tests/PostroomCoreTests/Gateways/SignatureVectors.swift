import Foundation
import PostroomCore

/// What the vendors' SDKs signed; made by Tests/Vectors/make-signatures.py.
struct SignatureVectors: Decodable {
  struct Amazon: Decodable {
    let service, region, host, path, method: String
    let query, fields: [[String]]
    let body: String
    let token: String?
    let time: Int64
    let authorization: String
  }
  struct Tencent: Decodable {
    let host, body: String
    let time: Int64
    let signature: String
  }
  struct Aliyun: Decodable {
    let query: [[String]]
    let body, nonce: String
    let time: Int64
    let authorization: String
  }
  struct Twilio: Decodable {
    let key, url, type, body, algorithm, signature: String
  }
  struct Vonage: Decodable {
    let method: String
    let parameters: [[String]]
    let time: Int64
    let signature: String
  }
  struct Standard: Decodable {
    let secret, id, body, signature: String
    let time: Int64
  }
  struct SendGrid: Decodable {
    let publicKey, body, signature: String
    let time: Int64
  }
  struct SNS: Decodable {
    let certificate, topic, url, text, body: String
    let time: Int64
  }

  let amazon: [Amazon]
  let tencent: [Tencent]
  let aliyun: [Aliyun]
  let twilio: [Twilio]
  let vonage: [Vonage]
  let standard: [Standard]
  let sendGrid: [SendGrid]
  let sns: [SNS]

  static func read() throws -> SignatureVectors {
    try JSONDecoder().decode(SignatureVectors.self, from: fixture("signatures", "json"))
  }
}

struct MissingFixture: Error {}

func fixture(_ name: String, _ type: String) throws -> Data {
  guard let url = Bundle.module.url(forResource: name, withExtension: type, subdirectory: "Fixtures") else {
    throw MissingFixture()
  }
  return try Data(contentsOf: url)
}

func parameters(_ pairs: [[String]]) -> [Parameter] { pairs.map { Parameter(name: $0[0], value: $0[1]) } }

extension OutgoingRequest {
  func value(_ name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }
}

/// A request as a vendor would send it.
func webhook(
  url: String = "https://postroom.example/hooks/x", _ fields: [(String, String)] = [], body: String = "",
  type: String? = nil, method: String = "POST"
) -> IncomingWebhook {
  IncomingWebhook(
    method: method, url: url,
    fields: fields.map { HTTPField($0.0, $0.1) } + (type.map { [HTTPField("Content-Type", $0)] } ?? []),
    body: Array(body.utf8))
}

extension WebhookVerdict {
  var proof: WebhookProof? {
    if case .accepted(let proof) = self { proof } else { nil }
  }
  var refusal: WebhookRefusal? {
    if case .refused(let refusal) = self { refusal } else { nil }
  }
}
