import CurlClient
import Foundation
import Logging
import SQLAccess
import Synchronization
import Testing

@testable import PostroomCore

/// An endpoint for chats that answers as a test wants it: the answers in their order, the last one again and again.
final class ModelServer: Sendable {
  enum Answer: Sendable {
    case says(String)
    case status(Int, header: String = "", body: String = "{}")
    /// Never answers.
    case silence
    /// Hangs up in the middle of the body.
    case half
  }

  struct Question: Sendable {
    var path: String
    var header: [String]
    var body: String
  }

  private struct State {
    var answers: [Answer]
    var questions: [Question] = []
  }

  private final class Record: Sendable {
    let state: Mutex<State>
    init(_ answers: [Answer]) { state = Mutex(State(answers: answers)) }
  }

  private let record: Record
  private let server: LocalServer

  init(_ answers: Answer...) throws {
    let record = Record(answers)
    self.record = record
    server = try LocalServer { peer in
      while let question = Self.question(peer) {
        let answer = record.state.withLock { state in
          state.questions.append(question)
          return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        switch answer {
        case .says(let content): peer.say(Self.response(200, "", Self.chat(content)))
        case .status(let status, let header, let body): peer.say(Self.response(status, header, body))
        case .silence: _ = peer.line()
        case .half:
          peer.say("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\":[{\"mess")
          return
        }
      }
    }
  }

  deinit { server.stop() }

  var questions: [Question] { record.state.withLock { $0.questions } }
  func answer(_ answers: Answer...) { record.state.withLock { $0.answers = answers } }

  var settings: SecondOpinionSettings {
    var settings = SecondOpinionSettings(
      url: "http://127.0.0.1:\(server.port)/v1", model: "small-7b",
      secret: .passwordFile(SecretFixture.file("sk-very-secret")))
    settings.mayBePlain = true
    settings.mayBePrivate = true
    // All tests run at once: no question may end for want of time where none is tested.
    settings.timeout = 60
    return settings
  }

  static func chat(_ content: String) -> String {
    "{\"id\":\"1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
      + RecipeText.Encoder.json.encode(content) + "},\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":9}}"
  }

  private static func response(_ status: Int, _ header: String, _ body: String) -> String {
    "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(header)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  private static func question(_ peer: LocalServer.Peer) -> Question? {
    guard let request = peer.line() else { return nil }
    var header: [String] = []
    var length = 0
    while let line = peer.line(), !line.isEmpty {
      header.append(line)
      if line.lowercased().hasPrefix("content-length:") {
        length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
      }
    }
    guard let body = peer.bytes(length) else { return nil }
    return Question(
      path: request.split(separator: " ").dropFirst().first.map(String.init) ?? "", header: header,
      body: String(decoding: body, as: UTF8.self))
  }
}

/// Lines of a log, with what stands beside them.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }

  var logger: Logger {
    var logger = Logger(label: "test") { _ in Handler(lines: self) }
    logger.logLevel = .trace
    return logger
  }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      lines.lines.withLock { $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])") }
    }
  }
}

/// A mail of which the classifier is not sure, with personal data in it.
extension Letter {
  static func unsure(_ id: String = "u1@c", from: String = "Zhao Lin <zhao.lin@customer.example>") -> Letter {
    Letter(
      id, from: from, subject: "zhao.lin@customer.example",
      body: "Lorem ipsum dolor, Zhao Lin, 138 0013 8000, ID 11010519491231002X, https://x.example/?u=zhao")
  }
}

extension Office {
  func opinions(_ engine: CurlEngine, log: Logger = .quiet) throws -> SecondOpinions {
    try #require(SecondOpinions(database: database, settings: settings, engine: engine, log: log))
  }

  /// `state attempts label words` of each row.
  var opinionRows: [String] {
    get async throws {
      try await texts(
        """
        SELECT state || ' ' || attempts || COALESCE(' ' || label, '') || COALESCE(' ' || words, '') FROM second_opinion
        ORDER BY message_id
        """)
    }
  }

  /// The pause of every mail and of the endpoint is over at `now`.
  func endPauses(_ now: Instant, endpoint: Bool = true) async throws {
    try await execute("UPDATE second_opinion SET next_at = $1 WHERE state = 'waiting'", [.integer(now)])
    if endpoint { try await execute("UPDATE opinion_endpoint SET paused_until = 0") }
  }
}

/// An office that asks `server`, and an engine, gone afterwards.
func withOpinions(
  _ engine: Engine, _ server: ModelServer, _ adjust: (inout SecondOpinionSettings) -> Void = { _ in },
  _ body: (Office, CurlEngine) async throws -> Void
) async throws {
  var settings = server.settings
  adjust(&settings)
  let curl = CurlEngine()
  try await withOffice(engine, { $0.secondOpinion = settings }) { office in try await body(office, curl) }
  await curl.shutdown()
}
