import SQLAccess
import Testing

@Suite struct TransactionTests {
  struct Refusal: Error {}

  @Test("a closure that throws leaves nothing", arguments: TestEngine.available)
  func rollback(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int})")
      await #expect(throws: Refusal.self) {
        try await database.write { transaction in
          try transaction.execute("INSERT INTO v VALUES (1)")
          throw Refusal()
        }
      }
      #expect(try await database.read { try $0.rows("SELECT n FROM v") }.isEmpty)
    }
  }

  @Test("nested savepoints keep what succeeded and drop what failed", arguments: TestEngine.available)
  func savepoints(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int} PRIMARY KEY)")
      try await database.write { transaction in
        func insert(_ n: Int64) throws { try transaction.execute("INSERT INTO v VALUES ($1)", [.integer(n)]) }
        try insert(1)
        try transaction.savepoint {
          try insert(2)
          try? transaction.savepoint {
            try insert(3)
            try transaction.savepoint { try insert(4) }
            try insert(1)
          }
          try insert(5)
        }
        do {
          try transaction.savepoint {
            try insert(6)
            throw Refusal()
          }
        } catch is Refusal {}
        let poisoned = Result { try transaction.savepoint { try? insert(1) } }
        #expect(throws: SQLError.self) { try poisoned.get() }
        try insert(7)
      }
      #expect(
        try await database.read { try $0.rows("SELECT n FROM v ORDER BY n").map { try $0.int(0) } } == [1, 2, 5, 7])
    }
  }

  @Test("an error swallowed outside a savepoint rolls everything back and is thrown", arguments: TestEngine.available)
  func swallowed(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int} PRIMARY KEY)")
      let kind = await kind {
        try await database.write { transaction in
          try transaction.execute("INSERT INTO v VALUES (1)")
          _ = try? transaction.execute("INSERT INTO v VALUES (1)")
          #expect(throws: SQLError.self) { try transaction.row("SELECT 1") }
        }
      }
      #expect(kind == .unique)
      #expect(try await database.read { try $0.rows("SELECT n FROM v") }.isEmpty)
    }
  }

  @Test("a hundred concurrent writers count exactly", arguments: TestEngine.available)
  func counter(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int} NOT NULL)", "INSERT INTO v VALUES (0)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<100 { group.addTask { _ = try await database.write { try $0.execute("UPDATE v SET n = n + 1") } } }
        try await group.waitForAll()
      }
      #expect(try await database.read { try $0.row("SELECT n FROM v") }?.values == [100])
    }
  }

  @Test("read, judge, write under a lock or FOR UPDATE is exact", arguments: TestEngine.available, [true, false])
  func readModifyWrite(engine: TestEngine, byName: Bool) async throws {
    try await engine.withDatabase { database in
      try await database.create(
        "CREATE TABLE v (id {int} PRIMARY KEY, load {int} NOT NULL)", "INSERT INTO v VALUES (1, 0), (2, 0), (3, 0)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<60 {
          group.addTask {
            try await database.write { transaction in
              if byName { try transaction.lock("owner") }
              let suffix = byName ? "" : transaction.dialect.forUpdate
              let rows = try transaction.rows("SELECT id, load FROM v ORDER BY id\(suffix)")
              let least = try #require(try rows.min { try $0.int(1) < $1.int(1) })
              try transaction.execute(
                "UPDATE v SET load = $2 WHERE id = $1", [least.values[0], .integer(try least.int(1) + 1)])
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await database.read { try $0.rows("SELECT load FROM v").map { try $0.int(0) } } == [20, 20, 20])
    }
  }

  @Test("a deadlock is resolved by running a closure again")
  func deadlock() async throws {
    guard TestEngine.available.contains(.postgres) else { return }
    try await TestEngine.postgres.withDatabase { database in
      try await database.create("CREATE TABLE v (id {int} PRIMARY KEY, n {int})", "INSERT INTO v VALUES (1, 0), (2, 0)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for order in [[1, 2], [2, 1]] as [[Int64]] {
          group.addTask {
            try await database.write { transaction in
              for id in order {
                try transaction.execute("UPDATE v SET n = n + 1 WHERE id = $1", [.integer(id)])
                try transaction.execute("SELECT pg_sleep(0.2)")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await database.read { try $0.rows("SELECT n FROM v") }.map(\.values) == [[2], [2]])
    }
  }

  @Test("a read sees one snapshot while others write", arguments: TestEngine.available)
  func snapshot(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int})", "INSERT INTO v VALUES (1)")
      let (began, beganSignal) = AsyncStream<Void>.makeStream()
      let written = Gate()
      async let seen = database.read { transaction in
        let before = try transaction.row("SELECT n FROM v")
        beganSignal.finish()
        written.wait()
        return [before, try transaction.row("SELECT n FROM v")]
      }
      for await _ in began {}
      try await database.write { try $0.execute("UPDATE v SET n = 2") }
      written.open()
      #expect(try await seen.compactMap { $0?.values } == [[1], [1]])
      #expect(try await database.read { try $0.row("SELECT n FROM v") }?.values == [2])
    }
  }

  @Test("a read cannot write", arguments: TestEngine.available)
  func readOnly(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int})")
      #expect(await kind { try await database.read { try $0.execute("INSERT INTO v VALUES (1)") } } == .readOnly)
    }
  }

  @Test("a cancelled task still writes", arguments: TestEngine.available)
  func cancelled(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int})")
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await database.write { try $0.execute("INSERT INTO v VALUES (1)") }
      }
      #expect(try await task.value == 1)
    }
  }

  @Test("a transaction kept beyond its closure refuses", arguments: TestEngine.available)
  func escaped(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      let kept = Kept()
      try await database.write { kept.transaction = $0 }
      #expect(throws: SQLError.self) { try kept.transaction?.row("SELECT 1") }
    }
  }

  @Test("after close everything is refused", arguments: TestEngine.available)
  func closed(engine: TestEngine) async throws {
    try await engine.withURL { url in
      let database = try await Database.open(url)
      #expect(try await database.write { try $0.row("SELECT 1") } != nil)
      #expect(try await database.read { try $0.row("SELECT 1") } != nil)
      await database.close()
      await database.close()
      #expect(await kind { _ = try await database.read { try $0.row("SELECT 1") } } == .connection)
      #expect(await kind { _ = try await database.write { try $0.row("SELECT 1") } } == .connection)
    }
  }

  @Test("a database in memory is one for readers and writers")
  func memory() async throws {
    let database = try await Database.open("sqlite::memory:")
    try await database.create("CREATE TABLE v (n {int}){strict}")
    try await database.write { try $0.execute("INSERT INTO v VALUES (1)") }
    #expect(try await database.read { try $0.row("SELECT n FROM v") }?.values == [1])
    #expect(await kind { try await database.read { try $0.execute("DELETE FROM v") } } == .readOnly)
    try await database.write { try $0.execute("DELETE FROM v") }
    await database.close()
  }
}

/// Carries a transaction out of its closure, which nobody should.
private final class Kept: @unchecked Sendable {
  var transaction: Transaction?
}
