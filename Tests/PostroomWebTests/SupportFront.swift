import Foundation
import Logging
import SQLAccess
import Synchronization
import Testing

@testable import PostroomCore
@testable import PostroomWeb

/// A listener on a free port with a database behind it, and what came to its webhooks.
struct Front: Sendable {
  let port: Int
  let database: Database
  let signer: ReplySigner
  let received: Received
  let log: LogLines

  /// Sends one request and closes; `body` goes as it is, with its length.
  func ask(
    _ method: String, _ target: String, _ fields: [String] = [], body: String? = nil
  ) async throws -> Answer {
    var lines = ["\(method) \(target) HTTP/1.1", "Host: evil.example", "Connection: close"] + fields
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    return Answer(try await Wire.exchange(port, (lines + ["", body ?? ""]).joined(separator: "\r\n")))
  }

  func post(_ target: String, _ form: String, _ fields: [String] = []) async throws -> Answer {
    try await ask("POST", target, ["Content-Type: application/x-www-form-urlencoded"] + fields, body: form)
  }

  /// A customer who agreed to everything, and the path of his link.
  func customer(_ address: String = "li.wei@customer.example") async throws -> (token: UnsubscribeToken, path: String) {
    let id = try await database.write { tx in
      let id = try tx.customer(address: address, name: "Li Wei", now: 1).id
      for channel in Channel.allCases {
        for purpose in UnsubscribeToken.allMarketing {
          try tx.setConsent(of: id, channel, purpose, given: true, source: "form", now: 1)
        }
      }
      return id
    }
    let token = UnsubscribeToken(customer: id)
    return (token, "/u/" + signer.unsubscribe.text(of: token))
  }

  /// All that is known of who wants what.
  func state() async throws -> [String] {
    try await database.read { tx in
      try tx.rows(
        """
        SELECT channel || ' ' || purpose || ' ' || given || ' ' || source || ' ' || said_at FROM consent
        UNION ALL SELECT channel || ' ' || address || ' ' || scope || ' ' || source || ' ' || created_at FROM suppression
        ORDER BY 1
        """
      ).map { try $0.text(0) }
    }
  }
}

/// What the function that takes webhooks got.
final class Received: Sendable {
  private let list = Mutex<[(gateway: String, webhook: IncomingWebhook)]>([])
  var all: [(gateway: String, webhook: IncomingWebhook)] { list.withLock { $0 } }
  func add(_ gateway: String, _ webhook: IncomingWebhook) { list.withLock { $0.append((gateway, webhook)) } }
}

final class LogLines: Sendable {
  private let list = Mutex<[String]>([])
  var all: [String] { list.withLock { $0 } }
  func add(_ line: String) { list.withLock { $0.append(line) } }

  var logger: Logger {
    Logger(label: "test") { _ in Handler(lines: self) }
  }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
  }
}

/// Runs a listener while `body` asks it things. The gateway `kannel` takes everything, `strict` nothing.
func withFront(
  _ adjust: (inout WebListener.Limits) -> Void = { _ in }, _ body: @escaping @Sendable (Front) async throws -> Void
) async throws {
  let folder = FileManager.default.temporaryDirectory.path + "/postroom-web-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let settings = try FrontSettings.make(folder)
  let http = try #require(settings.http)
  let database = try await Database.open(settings.database)
  try await database.migrate(Schema.migrations)
  let (signer, received, log) = (ReplySigner(secret: settings.signingKey), Received(), LogLines())
  let routes = WebRoutes(
    database: database, settings: settings, http: http, signer: signer, log: log.logger
  ) { gateway, _, webhook in
    received.add(gateway, webhook)
    switch gateway {
    case "kannel": return WebhookAnswer(status: 200, contentType: "text/plain", body: "ACK")
    case "strict": return WebhookAnswer(status: 403, reason: "the signature is not right")
    default: return WebhookAnswer(status: 404)
    }
  }
  var limits = WebListener.Limits()
  // A machine that does much else at once must not end what is no test of these.
  (limits.idleSeconds, limits.bodySeconds) = (300, 300)
  adjust(&limits)
  let listener = WebListener(http.listen, limits: limits, log: log.logger) { request in
    await routes.answer(request, now: .now)
  } refuse: { request, status in
    routes.refused(request, status: status, now: .now)
  }
  let (ports, port) = AsyncStream.makeStream(of: Int.self)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      try await listener.run { port.yield($0) }
    }
    group.addTask {
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      try await body(Front(port: port, database: database, signer: signer, received: received, log: log))
    }
    try await group.next()
    group.cancelAll()
    while let result = await group.nextResult() { _ = result }
  }
  await database.close()
}

/// The least home folder, with `http` on a free port.
enum FrontSettings {
  static func make(_ folder: String) throws -> Settings {
    let files = [
      "postroom.yaml": """
      company: { zh-Hans: 示例<商城>, en: "Example & Sons" }
      hotline: "400-800-1234"
      agents:
        wang-fang: { name: 王芳, email: wang@example.cn }
      teams:
        service: { name: 客服部, members: [wang-fang], fallback: wang-fang }
      http: { listen: "127.0.0.1:0", public_url: https://mail.example.cn/ }

      """,
      "secrets/signing-key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n",
      "data/.keep": "",
      "mailboxes/support.yaml": """
      address: support@example.cn
      source: { imap: { host: imap.example.cn, user: support, password_file: ../secrets/signing-key } }
      team: service
      gateway: out

      """,
      "mailboxes/gateways/out.yaml": "file: { folder: ../../data/sent }\n",
    ]
    for (name, text) in files {
      let file = URL(filePath: folder + "/" + name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }
    return try Settings.load(home: folder).settings
  }
}
