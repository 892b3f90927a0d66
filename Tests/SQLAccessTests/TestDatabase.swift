import Foundation
import SQLAccess
import Testing

/// The engines that every test of the contract runs on. PostgreSQL takes part when POSTROOM_TEST_POSTGRES names a
/// database in which schemas may be created.
enum TestEngine: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite
  case postgres

  static let available = allCases.filter { $0 == .sqlite || postgresURL != nil }
  static let postgresURL = ProcessInfo.processInfo.environment["POSTROOM_TEST_POSTGRES"]

  var testDescription: String { rawValue }

  /// A new, empty database of this engine, gone afterwards.
  func withDatabase(
    options: DatabaseOptions = .init(connections: 3), _ body: (Database) async throws -> Void
  ) async throws {
    try await withURL { url in
      let database = try await Database.open(url, options: options)
      do {
        try await body(database)
      } catch {
        await database.close()
        throw error
      }
      await database.close()
    }
  }

  func withURL(_ body: (String) async throws -> Void) async throws {
    switch self {
    case .sqlite: try await withTemporaryFile { try await body("sqlite:\($0)") }
    case .postgres:
      let base = try #require(Self.postgresURL)
      let schema = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
      // Few connections at a time: all tests run at once, and a server allows 100 by default.
      try await Self.administer(base, "CREATE SCHEMA \(schema)")
      let url = base + (base.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(schema)"
      let result = await Result { try await body(url) }
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

extension Result where Failure == any Error {
  init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// A path in a new folder, gone afterwards.
func withTemporaryFile(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "sqlaccess-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder.appending(path: "test.sqlite").path)
}

extension Database {
  /// Applies DDL with tokens.
  func create(_ ddl: String...) async throws {
    let count = try await schemaVersion().count
    // Names of migrations are unique; tests that need several lists use migrate themselves.
    #expect(count == 0)
    #expect(try await migrate([Migration(name: "test", sql: ddl)]) == 1)
  }
}

/// The kind of SQLError that `body` throws.
func kind<T>(of body: () async throws -> T) async -> SQLError.Kind? {
  do { _ = try await body() } catch { return (error as? SQLError)?.kind }
  return nil
}
