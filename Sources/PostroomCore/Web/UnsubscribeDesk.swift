internal import Logging
internal import SQLAccess

/// Answers `/u/<token>`: mail programs that unsubscribe with one click (RFC 8058), and people by the page. Only a POST
/// changes anything, since scanners of links open every address with GET.
struct UnsubscribeDesk: Sendable {
  private let database: Database
  private let signer: UnsubscribeSigner
  private let company: Localized
  private let language: Language
  private let log: Logger
  /// Mail providers send the clicks of all their users from a few addresses, so an address is counted only when it asks
  /// for what is no token; a token has a pace of its own.
  private let strangers = RequestPace(perMinute: 30)
  private let tokens = RequestPace(perMinute: 20)

  init(database: Database, signer: UnsubscribeSigner, company: Localized, language: Language, log: Logger) {
    self.database = database
    self.signer = signer
    self.company = company
    self.language = language
    self.log = log
  }

  func answer(_ request: WebRequest, token text: Substring, now: Instant) async -> WebAnswer {
    guard ["GET", "HEAD", "POST"].contains(request.method) else { return .methodNotAllowed("GET, HEAD, POST") }
    let reader = request.values("Accept-Language").first.flatMap(Language.init(accepted:)) ?? language
    let page = UnsubscribePage(company: company, language: reader)
    guard let token = signer.token(text) else {
      let isBearable = strangers.allows(RequestPace.key(ofPeer: request.peer), now: now)
      return isBearable ? page.answer(.notFound, status: 404) : Self.tooOften(page)
    }
    guard request.method == "POST" else { return page.answer(.question, token, status: 200) }
    guard request.body.count <= WebForm.mostBytes else { return WebAnswer(status: 413, text: "too large") }
    guard tokens.allows(text.lowercased(), now: now) else { return Self.tooOften(page) }
    let form = WebForm(request.body, contentType: request.values("Content-Type").first ?? "")
    do {
      if form["List-Unsubscribe"]?.lowercased() == "one-click" {
        try await stop(token, source: "one-click", now: now)
        return WebAnswer(status: 200, text: "unsubscribed")
      }
      if form["confirm"] == "1" {
        try await stop(token, source: "unsubscribe link", now: now)
        return page.answer(.stopped, token, status: 200)
      }
      if form["resume"] == "1" {
        try await database.write { tx in try tx.resubscribe(token, source: "unsubscribe link", now: now) }
        return page.answer(.resumed, token, status: 200)
      }
      return page.answer(.question, token, status: 400)
    } catch {
      log.error("an unsubscription could not be written down, its sender was told so: \(error)")
      var answer = page.answer(.trouble, status: 503)
      answer.fields.append(HTTPField("Retry-After", "120"))
      return answer
    }
  }

  private func stop(_ token: UnsubscribeToken, source: String, now: Instant) async throws {
    // The second click of the same link costs no write.
    if try await database.read({ tx in try tx.isUnsubscribed(token) }) { return }
    try await database.write { tx in _ = try tx.unsubscribe(token, source: source, now: now) }
  }

  private static func tooOften(_ page: UnsubscribePage) -> WebAnswer {
    var answer = page.answer(.tooOften, status: 429)
    answer.fields.append(HTTPField("Retry-After", "60"))
    return answer
  }
}
