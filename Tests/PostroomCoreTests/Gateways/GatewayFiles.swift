import CurlClient
import Foundation

@testable import PostroomCore

/// A gateway's file as it comes with the program, loaded.
enum GatewayFiles {
  static let sms = ["kannel", "twilio", "vonage", "aliyun", "tencent", "sns", "android"]
  static let mail = ["ses", "sendgrid", "mailgun", "resend"]

  /// - Parameters:
  ///   - secret: what stands in every secret's file.
  ///   - edits: made to the file first.
  static func load(_ name: String, secret: String = "secret", _ edits: [String: String] = [:]) throws -> GatewaySettings
  {
    let path = HomeFixture.distribution + "/mailboxes/gateways/\(name).yaml.example"
    var text = try String(contentsOfFile: path, encoding: .utf8)
    for (old, new) in edits {
      guard text.contains(old) else { throw RecipeFault("\(old) does not stand in \(name)") }
      text = text.replacing(old, with: new)
    }
    var files: [String: String?] = ["mailboxes/gateways/\(name).yaml": text]
    let secrets = text.split(whereSeparator: { $0.isWhitespace || $0 == "," }).filter { $0.hasPrefix("../../secrets/") }
    for file in secrets { files[String(file.dropFirst("../../".count))] = secret + "\n" }
    let home = try HomeFixture(files)
    let (settings, warnings) = try home.load()
    guard warnings.isEmpty, var gateway = settings.gateways[name] else { throw RecipeFault("\(warnings)") }
    // The home folder is gone when this returns.
    let source = SecretSource.passwordFile(SecretFixture.file(secret))
    if gateway.webhooks?.check.secret != nil { gateway.webhooks?.check.secret = source }
    if gateway.webhooks?.check.pathSecret != nil { gateway.webhooks?.check.pathSecret = source }
    switch gateway.kind {
    case .http(let recipe, let sms): gateway.kind = .http(recipe.withSecrets(source), sms)
    case .mailHTTP(let recipe): gateway.kind = .mailHTTP(recipe.withSecrets(source))
    case .smtp, .file: break
    }
    return gateway
  }

  static func recipe(_ name: String, secret: String = "secret", _ edits: [String: String] = [:]) throws -> HTTPRecipe {
    switch try load(name, secret: secret, edits).kind {
    case .http(let recipe, _), .mailHTTP(let recipe): return recipe
    case .smtp, .file: throw RecipeFault("\(name) is no recipe")
    }
  }

  /// What the vendors' own SDKs send; made by Tests/Vectors/make-requests.py.
  static func recorded(_ name: String) throws -> (method: String, url: String, fields: HTTPFields, body: [UInt8]) {
    guard let value = JSONValue(Array(try fixture("requests", "json"))), let request = value.value(at: "/" + name),
      case .object(let headers)? = request.value(at: "/headers")
    else { throw MissingFixture() }
    var fields = HTTPFields()
    for (name, value) in headers { fields.append(name: name, value: value.text ?? "") }
    func text(_ member: String) -> String { request.value(at: "/" + member)?.text ?? "" }
    return (text("method").uppercased(), text("url"), fields, Array(text("body").utf8))
  }

  /// The mail that the SDKs were given.
  static func recordedMail() throws -> Delivery {
    guard let mime = JSONValue(Array(try fixture("requests", "json")))?.value(at: "/mime")?.text else {
      throw MissingFixture()
    }
    return Delivery(
      id: 1, gateway: "out", sender: "bounce@example.cn", recipient: "li@example.com", content: Array(mime.utf8),
      attempt: 1, uncertainties: 0)
  }
}

extension HTTPRecipe {
  fileprivate func withSecrets(_ source: SecretSource) -> HTTPRecipe {
    var copy = self
    copy.secrets = secrets.mapValues { _ in source }
    switch signing {
    case .basic(let user, _): copy.signing = .basic(user: user, source)
    case .sigv4(let service, let region, let keyID, _):
      copy.signing = .sigv4(service: service, region: region, keyID: keyID, source)
    case .acs3(let keyID, _): copy.signing = .acs3(keyID: keyID, source)
    case .tc3(let service, let keyID, _): copy.signing = .tc3(service: service, keyID: keyID, source)
    case nil: break
    }
    return copy
  }
}
