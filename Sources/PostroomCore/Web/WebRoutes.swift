internal import Foundation
package import Logging
package import SQLAccess

/// All that the HTTP listener answers. It knows nothing of sockets; ``answer(_:now:)`` is called for each request.
package struct WebRoutes: Sendable {
  private let database: Database
  /// What vendors know us by, without a slash at its end.
  private let base: String
  private let proxies: Set<String>
  private let unsubscribe: UnsubscribeDesk
  private let receive: WebhookReceiver
  private let log: Logger
  /// A flood of forgeries must not fill the disk with what is said of them.
  private let lines = RequestPace(perMinute: 60)

  package init(
    database: Database, settings: Settings, http: HTTPSettings, signer: ReplySigner, log: Logger,
    receive: @escaping WebhookReceiver
  ) {
    self.database = database
    base = http.publicURL ?? "http://\(http.listen)"
    proxies = http.proxies
    unsubscribe = UnsubscribeDesk(
      database: database, signer: signer.unsubscribe, company: settings.company, language: settings.language, log: log)
    self.receive = receive
    self.log = log
  }

  package func answer(_ request: WebRequest, now: Instant) async -> WebAnswer {
    var request = request
    request.peer = client(of: request)
    // None has more than `/hooks/<gateway>/<section>/<token>`.
    let parts = request.path.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.first == "", parts.count > 2 else { return .notFound }
    switch (parts[1], parts.count) {
    case ("u", 3): return await unsubscribe.answer(request, token: parts[2], now: now)
    case ("hooks", 4), ("hooks", 5):
      guard let section = WebhookRecipe.Section(rawValue: String(parts[3])) else { return .notFound }
      return await hook(request, gateway: parts[2], section, now: now)
    case ("health", 3): return await health(request, parts[2])
    default: return .notFound
    }
  }

  /// For requests that were not read, too large ones (413) and those that there is no room for (503): what is said of
  /// them.
  package func refused(_ request: WebRequest, status: Int, now: Instant) -> WebAnswer {
    let parts = request.path.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false)
    if parts.count > 2, parts[1] == "hooks", let gateway = Self.gateway(parts[2]) {
      note(gateway, status, status == 413 ? "it is too large" : "too much is being received", now)
    }
    return WebAnswer(status: status, text: status == 413 ? "too large" : "busy")
  }

  // MARK: Webhooks

  private func hook(
    _ request: WebRequest, gateway: Substring, _ section: WebhookRecipe.Section, now: Instant
  ) async -> WebAnswer {
    guard let gateway = Self.gateway(gateway) else { return .notFound }
    guard ["GET", "POST"].contains(request.method) else { return .methodNotAllowed("GET, POST") }
    let url = base + request.path + (request.query.map { "?" + $0 } ?? "")
    let answer = await receive(
      gateway, section,
      IncomingWebhook(method: request.method, url: url, fields: request.fields, body: request.body))
    if answer.status >= 400 { note(gateway, answer.status, answer.reason, now) }
    return WebAnswer(
      status: answer.status, contentType: answer.contentType ?? "text/plain; charset=utf-8",
      body: Array(answer.body.utf8))
  }

  /// A name that a gateway's file could have; anything else would only make a mess of the log.
  private static func gateway(_ text: Substring) -> String? {
    let isName = text.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
      default: false
      }
    }
    return isName && (1...64).contains(text.utf8.count) ? String(text) : nil
  }

  private func note(_ gateway: String, _ status: Int, _ reason: String?, _ now: Instant) {
    guard lines.allows("", now: now) else { return }
    log.warning("a request to /hooks/\(gateway) was refused with \(status)\(reason.map { ": \($0)" } ?? "")")
  }

  // MARK: Health

  private struct Readiness: Encodable {
    var healthy: Bool
    var issues: [String]
  }

  private func health(_ request: WebRequest, _ what: Substring) async -> WebAnswer {
    guard ["GET", "HEAD"].contains(request.method) else { return .methodNotAllowed("GET, HEAD") }
    switch what {
    case "live": return WebAnswer(status: 200, text: "ok")
    case "ready":
      var issues: [String] = []
      do {
        _ = try await database.read { tx in try tx.row("SELECT 1") }
      } catch {
        // The cause, which may name hosts and users, is for the log.
        issues.append("the database does not answer")
        if lines.allows("", now: .now) { log.error("the database does not answer: \(error)") }
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      let body = (try? encoder.encode(Readiness(healthy: issues.isEmpty, issues: issues))) ?? Data()
      return WebAnswer(status: issues.isEmpty ? 200 : 503, contentType: "application/json", body: Array(body))
    default: return .notFound
    }
  }

  // MARK: Who asks

  /// Behind a proxy of ours, whom it names last in X-Forwarded-For: what stands before was written by the client.
  private func client(of request: WebRequest) -> String {
    let peer = Self.unmapped(request.peer)
    guard peer.hasPrefix("127.") || peer == "::1" || proxies.contains(peer),
      let last = request.values("X-Forwarded-For").last?.utf8.split(separator: UInt8(ascii: ",")).last
    else { return peer }
    return Self.unmapped(String(decoding: last, as: UTF8.self).withFoldedSpaces.clipped(bytes: 64))
  }

  /// A listener on `::` sees IPv4 in the clothes of IPv6 (RFC 4291 §2.5.5.2).
  private static func unmapped(_ address: String) -> String {
    let prefix = "::ffff:"
    return address.lowercased().hasPrefix(prefix) && address.contains(".")
      ? String(address.dropFirst(prefix.count)) : address
  }
}
