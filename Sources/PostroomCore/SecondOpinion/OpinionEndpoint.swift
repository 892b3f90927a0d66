package import CurlClient
internal import Foundation

/// How a question ended. No sentence holds words of the mail, of the answer or the secret.
package enum OpinionOutcome: Sendable, Equatable {
  case answered(Opinion)
  /// No answer, or none that can be used; asking again may help.
  case failed(String)
  /// The endpoint wants to be left alone, for so many seconds if it says so.
  case busy(String, retryAfter: Seconds?)
  /// Every question would end so until a person changes something.
  case refused(String)
}

/// An OpenAI-compatible endpoint for chats.
package struct OpinionEndpoint: Sendable {
  package let settings: SecondOpinionSettings
  private let client: HTTPClient

  /// An answer is a label; what is longer is not read.
  private static let mostBytes = 64 << 10
  static let connections = 4

  package init(_ settings: SecondOpinionSettings, engine: CurlEngine) {
    self.settings = settings
    var options = HTTPClient.Settings()
    options.caFile = settings.caFile
    options.maxConnectionsPerHost = Self.connections
    client = HTTPClient(engine: engine, settings: options)
  }

  /// Asks once; ends within the time limit.
  package func ask(_ mail: MaskedText) async -> OpinionOutcome {
    var secret: Secret?
    do { secret = try settings.secret.map { Secret(try $0.read()) } } catch { return .refused("\(error)") }
    var request = HTTPRequest(
      "POST", settings.url + "/chat/completions", body: OpinionPrompt.body(mail, model: settings.model))
    request.fields["Content-Type"] = "application/json"
    request.fields["Accept"] = "application/json"
    if let secret { request.fields["Authorization"] = "Bearer \(secret.text)" }
    request.timeout = Int(settings.timeout) * 1000
    request.connectTimeout = request.timeout
    request.maxBodySize = Self.mostBytes
    request.mayBePlain = settings.mayBePlain
    request.mayReachPrivateAddresses = settings.mayBePrivate
    switch await client.send(request) {
    case .answered(let response): return judge(response, now: .now)
    case .notSent(.request, let reason), .notSent(.address, let reason), .notSent(.certificate, let reason):
      return .refused("\(host) is not asked: \(reason)")
    case .notSent(_, let reason): return .failed("\(host) cannot be reached: \(reason)")
    case .uncertain(let reason): return .failed("\(host) did not answer: \(reason)")
    }
  }

  /// Asks about an invented mail; a sentence when that does not bring a label. Costs one question.
  package func check() async -> Result<Opinion, SettingsError> {
    let mail = MaskedText(
      subject: "Opening hours", words: "Good morning, could you tell me whether you are open on Saturday? Thank you.")
    switch await ask(mail) {
    case .answered(let opinion): return .success(opinion)
    case .failed(let words), .busy(let words, _), .refused(let words): return .failure(SettingsError(words))
    }
  }

  private var host: String { URL(string: settings.url)?.host ?? "the endpoint" }

  private func judge(_ response: HTTPResponse, now: Instant) -> OpinionOutcome {
    let status = "\(host) answers HTTP \(response.status)"
    switch response.status {
    case 200:
      switch OpinionAnswer.read(response.body) {
      case .success(let opinion): return .answered(opinion)
      case .failure(let fault): return .failed("\(host): \(fault.sentence)")
      }
    case 300..<400: return .refused("\(status), which is not followed: write the address it leads to into `url`")
    case 401: return .refused("\(status): it does not accept the secret; look into the file or variable that holds it")
    case 402: return .refused("\(status): the account there has to be paid for")
    case 403: return .refused("\(status): this secret may not use \(settings.model)")
    case 404: return .refused("\(status): compare `url` and `model` with its documentation")
    case 429: return .busy(status, retryAfter: GatewayAnswer(response).retryAfter(now: now))
    case 503:
      let wait = GatewayAnswer(response).retryAfter(now: now)
      return wait == nil ? .failed(status) : .busy(status, retryAfter: wait)
    default: return .failed(status)
    }
  }
}
