import SQLAccess
import Testing

@Suite struct StatementTests {
  @Test("parameters in any order, repeated, and a $1 in quotes and comments", arguments: TestEngine.available)
  func parameters(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (a TEXT, b TEXT, \"c$1\" TEXT)")
      let row = try await database.write { transaction in
        try transaction.row(
          "INSERT INTO v (b, a, \"c$1\") VALUES ($2, $1, $2) /* $9 */ RETURNING a, b, \"c$1\", '$2 it''s $1' -- $8",
          ["one", "two"])
      }
      #expect(row?.values == ["one", "two", "two", "$2 it's $1"])
    }
  }

  @Test("more than nine parameters", arguments: TestEngine.available)
  func manyParameters(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      let row = try await database.read {
        try $0.row("SELECT $12 - $1, $11, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 + $10", (1...12).map { .int($0) })
      }
      #expect(row?.values == [11, 11, 54])
    }
  }

  @Test("INSERT … ON CONFLICT … RETURNING", arguments: TestEngine.available)
  func upsert(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (id {id}, k TEXT NOT NULL UNIQUE, n {int} NOT NULL)")
      let first = try await database.write { transaction in
        try transaction.rows("INSERT INTO v (k, n) VALUES ($1, 1) ON CONFLICT (k) DO NOTHING RETURNING id", ["a"])
      }
      let second = try await database.write { transaction in
        try transaction.rows("INSERT INTO v (k, n) VALUES ($1, 1) ON CONFLICT (k) DO NOTHING RETURNING id", ["a"])
      }
      #expect(first.count == 1 && second.isEmpty)
      let updated = try await database.write { transaction in
        try transaction.row(
          "INSERT INTO v (k, n) VALUES ($1, 1) ON CONFLICT (k) DO UPDATE SET n = v.n + excluded.n RETURNING id, n",
          ["a"])
      }
      #expect(updated?.values == [first[0].values[0], 2])
    }
  }

  @Test("a claim takes each row once", arguments: TestEngine.available)
  func claim(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create(
        "CREATE TABLE job (id {id}, state {int} NOT NULL, due {int} NOT NULL, owner TEXT){strict}")
      try await database.write { transaction in
        for due in 0..<100 { try transaction.execute("INSERT INTO job (state, due) VALUES (0, $1)", [.int(due)]) }
      }
      let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
        for node in 0..<10 {
          group.addTask {
            try await database.write { transaction in
              try transaction.rows(
                """
                UPDATE job SET state = 1, owner = $1 WHERE id IN (
                  SELECT id FROM job WHERE state = 0 AND due <= $2 ORDER BY due, id LIMIT 7\(transaction.dialect.skipLocked)
                ) RETURNING id
                """, [.text("n\(node)"), 1000]
              ).map { try $0.int(0) }
            }
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(claimed.count == 70 && Set(claimed).count == 70)
    }
  }

  @Test("a common table expression reads and writes", arguments: TestEngine.available)
  func commonTable(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int})")
      let sums = try await database.write { transaction in
        let inserted = try transaction.execute(
          """
          WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10)
          INSERT INTO v SELECT n FROM c
          """)
        #expect(inserted == 10)
        return try transaction.rows(
          "WITH s AS (SELECT n % 2 AS odd, sum(n) AS total FROM v GROUP BY n % 2) SELECT odd, total FROM s ORDER BY odd"
        )
      }
      #expect(sums.map(\.values) == [[0, 30], [1, 25]])
    }
  }

  @Test("execute tells the rows changed, and 0 for what changes none", arguments: TestEngine.available)
  func changedRows(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int})")
      let counts = try await database.write { transaction in
        [
          try transaction.execute("INSERT INTO v VALUES (1), (2), (3)"),
          try transaction.execute("UPDATE v SET n = n + 1 WHERE n > $1", [1]),
          try transaction.execute("SELECT * FROM v"),
          try transaction.execute("CREATE TABLE w (n BIGINT)"),
          try transaction.execute("UPDATE v SET n = 0 WHERE n > $1", [100]),
          try transaction.execute("DELETE FROM v"),
        ]
      }
      #expect(counts == [3, 2, 0, 0, 0, 3])
    }
  }

  @Test("a cached statement sees a table changed by DDL", arguments: TestEngine.available)
  func schemaChange(engine: TestEngine) async throws {
    try await engine.withDatabase(options: .init(connections: 2)) { database in
      try await database.create("CREATE TABLE v (a {int})")
      try await database.write { try $0.execute("INSERT INTO v VALUES (1)") }
      for _ in 0..<4 { #expect(try await database.read { try $0.row("SELECT * FROM v") }?.values == [1]) }
      try await database.write { try $0.execute("ALTER TABLE v ADD COLUMN b BIGINT DEFAULT 2") }
      for _ in 0..<4 { #expect(try await database.read { try $0.row("SELECT * FROM v") }?.values == [1, 2]) }
      #expect(try await database.write { try $0.row("SELECT * FROM v") }?.values == [1, 2])
    }
  }

  @Test("the same statement with and without nulls", arguments: TestEngine.available)
  func nullVariants(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (a {int}, b TEXT, c {blob})")
      let arguments: [[SQLValue]] = [
        [nil, nil, nil], [1, nil, .blob([1])], [nil, "x", nil], [2, "y", .blob([2])], [nil, nil, nil],
      ]
      try await database.write { transaction in
        for values in arguments { try transaction.execute("INSERT INTO v VALUES ($1, $2, $3)", values) }
      }
      let rows = try await database.read { try $0.rows("SELECT a, b, c FROM v") }
      #expect(rows.map(\.values) == arguments)
    }
  }

  @Test("texts made at run time do not pile up", arguments: TestEngine.available)
  func manyTexts(engine: TestEngine) async throws {
    try await engine.withDatabase(options: .init(connections: 1)) { database in
      let sum = try await database.write { transaction in
        var sum: Int64 = 0
        for n in 0..<1_100 { sum += try transaction.row("SELECT \(n) + $1", [1])?.int(0) ?? 0 }
        return sum
      }
      #expect(sum == 1_100 * 1_101 / 2)
    }
  }

  @Test("a wrong number of arguments, two statements, and other parameter styles are refused")
  func refused() async throws {
    try await TestEngine.sqlite.withDatabase { database in
      for (sql, arguments) in [
        ("SELECT $1", []), ("SELECT $1", [1, 2]), ("SELECT 1; SELECT 2", []), ("SELECT ?", [1]), ("", []),
      ] as [(String, [SQLValue])] {
        #expect(await kind { try await database.write { try $0.execute(sql, arguments) } } == .other)
      }
      let row = try await database.read { try $0.row("SELECT 1; ") }
      #expect(row?.values == [1])
    }
  }
}
