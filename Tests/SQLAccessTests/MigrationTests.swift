import SQLAccess
import Testing

@Suite struct MigrationTests {
  static let steps = [
    Migration(
      name: "1 tables",
      sql: [
        "CREATE TABLE v (id {id}, n {int} NOT NULL, r {real}, b {blob}, j TEXT DEFAULT '{}'){strict}",
        "{sqlite} CREATE VIRTUAL TABLE f USING fts5(body)", "{postgres} CREATE TABLE f (body tsvector)",
      ]),
    Migration(name: "2 index", sql: ["CREATE INDEX v_n ON v (n)"]),
    Migration(name: "3 column", sql: ["ALTER TABLE v ADD COLUMN m {int}"]),
  ]

  @Test("migrations are applied in order, once", arguments: TestEngine.available)
  func order(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      #expect(try await database.schemaVersion() == [])
      #expect(try await database.migrate(Array(Self.steps.prefix(2))) == 2)
      #expect(try await database.migrate(Self.steps) == 1)
      #expect(try await database.migrate(Self.steps) == 0)
      #expect(try await database.schemaVersion() == Self.steps.map(\.name))
      let row = try await database.write { try $0.row("INSERT INTO v (n) VALUES (1) RETURNING id, j") }
      #expect(row?.values == [1, "{}"])
    }
  }

  @Test("a changed, an unknown, a moved migration and an unknown token are errors", arguments: TestEngine.available)
  func strict(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      _ = try await database.migrate(Self.steps)
      var changed = Self.steps
      changed[1] = Migration(name: "2 index", sql: ["CREATE INDEX v_n ON v (n, id)"])
      let lists = [
        (changed, "has changed"), (Array(Self.steps.prefix(2)), "does not know"),
        ([Self.steps[1], Self.steps[0], Self.steps[2]], "order"),
        (Self.steps + [Migration(name: "4", sql: ["CREATE TABLE x (n {integer})"])], "unknown token"),
      ]
      for (list, sentence) in lists {
        await #expect {
          _ = try await database.migrate(list)
        } throws: {
          ($0 as? SQLError)?.message.contains(sentence) == true
        }
      }
      #expect(try await database.schemaVersion().count == 3)
    }
  }

  @Test("a migration that fails leaves nothing of itself", arguments: TestEngine.available)
  func failing(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      let list = [
        Migration(name: "good", sql: ["CREATE TABLE a (n {int})"]),
        Migration(name: "bad", sql: ["CREATE TABLE b (n {int})", "CREATE TABLE a (n {int})"]),
      ]
      await #expect(throws: SQLError.self) { _ = try await database.migrate(list) }
      #expect(try await database.schemaVersion() == ["good"])
      try await database.write { try $0.execute("CREATE TABLE b (n BIGINT)") }
    }
  }

  @Test("several processes that migrate at once apply each step once", arguments: TestEngine.available)
  func concurrent(engine: TestEngine) async throws {
    try await engine.withURL { url in
      let counts = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 {
          group.addTask {
            let database = try await Database.open(url, options: .init(connections: 1))
            let count = try await database.migrate(Self.steps)
            await database.close()
            return count
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(counts == 3)
    }
  }
}
