import Foundation
import Synchronization

@testable import PostroomCore

/// A provider's endpoints, as a test wants them. Counts how many requests are in hand at once.
final class TokenServer: Sendable {
  struct Answer: Sendable {
    var status = 200
    var body: String
    var date: String?
  }

  typealias Script = @Sendable (_ path: String, _ form: [String: String]) -> Answer

  private struct State {
    var script: Script
    var forms: [[String: String]] = []
    var inHand = 0
    var mostInHand = 0
  }

  private final class Record: Sendable {
    let state: Mutex<State>
    init(_ script: @escaping Script) { state = Mutex(State(script: script)) }
  }

  private let record: Record
  private let server: LocalServer
  /// Gone with this value.
  let folder: String

  init(_ script: @escaping Script = { _, _ in .tokens("access-1") }) throws {
    let record = Record(script)
    self.record = record
    folder = FileManager.default.temporaryDirectory.path + "/postroom-oauth-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("refresh-1\n".utf8).write(to: URL(fileURLWithPath: folder + "/token"))
    server = try LocalServer { peer in
      while let request = peer.line() {
        var length = 0
        while let line = peer.line(), !line.isEmpty {
          if line.lowercased().hasPrefix("content-length:") {
            length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
          }
        }
        guard let body = peer.bytes(length) else { return }
        let fields = CanonicalText.parameters(ofForm: body).map { ($0.name, $0.value) }
        let form = Dictionary(fields, uniquingKeysWith: { first, _ in first })
        let script = record.state.withLock { state in
          state.forms.append(form)
          state.inHand += 1
          state.mostInHand = max(state.mostInHand, state.inHand)
          return state.script
        }
        let answer = script(request.split(separator: " ").dropFirst().first.map(String.init) ?? "", form)
        record.state.withLock { $0.inHand -= 1 }
        let date = answer.date.map { "Date: \($0)\r\n" } ?? ""
        peer.say(
          "HTTP/1.1 \(answer.status) X\r\nContent-Type: application/json\r\n\(date)Content-Length: "
            + "\(answer.body.utf8.count)\r\n\r\n\(answer.body)")
      }
    }
  }

  deinit {
    server.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  var forms: [[String: String]] { record.state.withLock { $0.forms } }
  var mostInHand: Int { record.state.withLock { $0.mostInHand } }
  func answer(_ script: @escaping Script) { record.state.withLock { $0.script = script } }
  func stop() { server.stop() }
  var base: String { "http://127.0.0.1:\(server.port)" }

  var settings: OAuthSettings {
    OAuthSettings(
      provider: .custom, clientID: "client-7", clientSecretFile: nil, tokenFile: folder + "/token", scope: "mail",
      tokenURL: base + "/token", deviceURL: nil, authorizationURL: nil, caFile: nil, proxy: nil, name: "support",
      account: "support@example.cn")
  }

  /// What stands in the refresh token's file.
  var kept: String {
    String(decoding: FileManager.default.contents(atPath: folder + "/token") ?? Data(), as: UTF8.self)
      .trimmingCharacters(in: .newlines)
  }

  /// Nanoseconds apart from what stood there.
  func keep(_ token: String) throws {
    try Data((token + "\n").utf8).write(to: URL(fileURLWithPath: folder + "/token"), options: .atomic)
  }

  var mode: Int {
    (try? FileManager.default.attributesOfItem(atPath: folder + "/token")[.posixPermissions] as? Int) ?? 0
  }
}

extension TokenServer.Answer {
  static func tokens(_ access: String, refresh: String? = nil, lifetime: Int = 3600, more: String = "") -> Self {
    let rotated = refresh.map { ",\"refresh_token\":\"\($0)\"" } ?? ""
    return Self(
      body: "{\"access_token\":\"\(access)\",\"token_type\":\"Bearer\",\"expires_in\":\(lifetime)\(rotated)\(more)}")
  }

  static func error(_ code: String, _ description: String = "", status: Int = 400, date: String? = nil) -> Self {
    Self(
      status: status, body: "{\"error\":\"\(code)\",\"error_description\":\"\(description)\"}", date: date)
  }
}

/// Counts, from any thread.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  @discardableResult func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

extension AccessToken {
  var text: String { value.text }
}
