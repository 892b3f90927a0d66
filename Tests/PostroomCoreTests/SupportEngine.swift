import Foundation
import SQLAccess
import Testing

/// The engines that every test runs on. PostgreSQL takes part when POSTROOM_TEST_POSTGRES names a database in which
/// schemas may be created.
enum Engine: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite
  case postgres

  static let postgresURL = ProcessInfo.processInfo.environment["POSTROOM_TEST_POSTGRES"]
  static let available = allCases.filter { $0 == .sqlite || postgresURL != nil }

  var testDescription: String { rawValue }

  /// The URL of a new, empty database of this engine, gone afterwards.
  func withURL(folder: String, _ body: (String) async throws -> Void) async throws {
    switch self {
    case .sqlite: try await body("sqlite:\(folder)/test.db")
    case .postgres:
      await PostgresTurns.shared.begin()
      defer { Task { await PostgresTurns.shared.end() } }
      let base = try #require(Self.postgresURL)
      let schema = "c" + UUID().uuidString.replacing("-", with: "").lowercased()
      try await Self.administer(base, "CREATE SCHEMA \(schema)")
      let result: Result<Void, any Error>
      do {
        let url = base + (base.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(schema)"
        result = .success(try await body(url))
      } catch {
        result = .failure(error)
      }
      try await Self.administer(base, "DROP SCHEMA \(schema) CASCADE")
      try result.get()
    }
  }

  private static func administer(_ url: String, _ sql: String) async throws {
    let database = try await Database.open(url, options: .init(connections: 1))
    try await database.write { try $0.execute(sql) }
    await database.close()
  }
}

/// All tests run at once, and a server allows 100 connections by default: some wait.
private actor PostgresTurns {
  static let shared = PostgresTurns()
  private var free = 12
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func begin() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func end() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
