import Dispatch
import SQLAccess
import Testing

@Suite("Writes that share a commit") struct SharedWritesTests {
  struct Refusal: Error {}

  @Test("what comes while a group is written makes one transaction")
  func group() async throws {
    try await TestEngine.sqlite.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int} PRIMARY KEY)")
      let writes = SharedWrites(database)
      let (isInside, gate) = (Gate(), Gate())
      // One that keeps the database busy, so that the others come together.
      async let first: Void = database.write { _ in
        isInside.open()
        gate.wait()
      }
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          isInside.wait()
          continuation.resume()
        }
      }
      let transactions = try await withThrowingTaskGroup(of: Set<ObjectIdentifier>.self) { group in
        group.addTask {
          try? await Task.sleep(for: .milliseconds(500))
          gate.open()
          return []
        }
        for n in 1...20 as ClosedRange<Int64> {
          group.addTask {
            try await writes.write { tx in
              try tx.execute("INSERT INTO v VALUES ($1)", [.integer(n)])
              // Kept, so that no later one gets its address.
              _ = Unmanaged.passRetained(tx)
              return [ObjectIdentifier(tx)]
            }
          }
        }
        return try await group.reduce(into: Set()) { $0.formUnion($1) }
      }
      try await first
      // The first of them began alone; a busy machine may start some late.
      #expect(transactions.count <= 5)
      #expect(try await database.read { try $0.rows("SELECT n FROM v") }.count == 20)
    }
  }

  @Test("one that throws leaves nothing and does not touch the others", arguments: TestEngine.available)
  func refusal(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int} PRIMARY KEY)")
      let writes = SharedWrites(database)
      let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
        for n in 1...30 as ClosedRange<Int64> {
          group.addTask {
            do {
              try await writes.write { tx in
                try tx.execute("INSERT INTO v VALUES ($1)", [.integer(n)])
                if n % 3 == 0 { throw Refusal() }
                // Of its own making, and of the engine's.
                if n % 3 == 1 { try tx.execute("INSERT INTO v VALUES ($1)", [.integer(n)]) }
              }
              return false
            } catch {
              #expect(n % 3 == 0 ? error is Refusal : (error as? SQLError)?.kind == .unique)
              return true
            }
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(refused == 20)
      let kept = try await database.read { try $0.rows("SELECT n FROM v ORDER BY n").map { try $0.int(0) } }
      #expect(kept == (1...30).filter { $0 % 3 == 2 })
    }
  }

  @Test("nobody is told that a write was kept when the commit fails", arguments: TestEngine.available)
  func commit(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create(
        "CREATE TABLE v (n {int} PRIMARY KEY)",
        "CREATE TABLE w (n {int} REFERENCES v(n) DEFERRABLE INITIALLY DEFERRED)")
      let writes = SharedWrites(database)
      let kind = await kind {
        try await writes.write { tx in try tx.execute("INSERT INTO w VALUES (1)") }
      }
      #expect(kind == .foreignKey)
      try await writes.write { tx in try tx.execute("INSERT INTO v VALUES (1)") }
      #expect(try await database.read { try $0.rows("SELECT n FROM w") }.isEmpty)
      #expect(try await database.read { try $0.rows("SELECT n FROM v") }.count == 1)
    }
  }

  @Test("after the database was closed a write is an error", arguments: TestEngine.available)
  func closed(engine: TestEngine) async throws {
    try await engine.withURL { url in
      let database = try await Database.open(url)
      let writes = SharedWrites(database)
      await database.close()
      #expect(await kind { try await writes.write { _ in } } == .connection)
    }
  }
}
