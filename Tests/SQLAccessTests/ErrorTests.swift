import Foundation
import SQLAccess
import Testing

@Suite struct ErrorTests {
  @Test("constraints have their kinds, and no value in the text", arguments: TestEngine.available)
  func constraints(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create(
        "CREATE TABLE p (id {int} PRIMARY KEY)",
        """
        CREATE TABLE c (
          k TEXT UNIQUE, p {int} REFERENCES p (id), n {int} NOT NULL DEFAULT 0, m {int} CHECK (m > 0)){strict}
        """)
      let cases: [(String, [SQLValue], SQLError.Kind)] = [
        ("INSERT INTO c (k) VALUES ($1)", ["secret"], .unique),
        ("INSERT INTO c (p) VALUES ($1)", [77_777], .foreignKey),
        ("INSERT INTO c (n) VALUES ($1)", [nil], .notNull),
        ("INSERT INTO c (m) VALUES ($1)", [-77_777], .check),
        ("INSERT INTO c (m) VALUES ($1)", ["secret"], .type),
        ("SELECT nothing FROM nowhere", [], .other),
      ]
      try await database.write { try $0.execute("INSERT INTO c (k) VALUES ($1)", ["secret"]) }
      for (sql, arguments, expected) in cases {
        do {
          try await database.write { try $0.execute(sql, arguments) }
          Issue.record("nothing was thrown by \(sql)")
        } catch let error as SQLError {
          #expect(error.kind == expected, "\(error)")
          #expect(error.sql == sql && error.engineCode != nil)
          #expect(!error.description.contains("secret") && !error.description.contains("77777"))
        }
      }
    }
  }

  @Test("a search expression is not quoted in the error")
  func searchExpression() async throws {
    try await TestEngine.sqlite.withDatabase { database in
      try await database.create("CREATE VIRTUAL TABLE f USING fts5(body)")
      for expression in ["secret:x", "\"secret", "x AND AND secret"] {
        do {
          _ = try await database.read { try $0.rows("SELECT body FROM f WHERE f MATCH $1", [.text(expression)]) }
        } catch let error as SQLError {
          #expect(!error.description.contains("secret"), "\(error)")
        }
      }
    }
  }

  @Test("a lock held by another process is waited for, and the closure run again")
  func busy() async throws {
    try await withTemporaryFile { path in
      let database = try await Database.open("sqlite:\(path)", options: .init(busyTimeout: .milliseconds(20)))
      let other = try await Database.open("sqlite:\(path)")
      try await database.create("CREATE TABLE v (n {int})")
      let held = Gate(), release = Gate()
      async let holder: Void = other.write { _ in
        held.open()
        release.wait()
      }
      await Task.detached { held.wait() }.value
      async let writer = database.write { try $0.execute("INSERT INTO v VALUES (1)") }
      #expect(try await database.read { try $0.rows("SELECT n FROM v") }.isEmpty)
      try await Task.sleep(for: .milliseconds(60))
      release.open()
      _ = try await holder
      #expect(try await writer == 1)
      await database.close()
      await other.close()
    }
  }

  @Test("a lock that stays is an error of kind busy")
  func busyForever() async throws {
    try await withTemporaryFile { path in
      let database = try await Database.open(
        "sqlite:\(path)", options: .init(busyTimeout: .milliseconds(10), retries: 1))
      let other = try await Database.open("sqlite:\(path)")
      let held = Gate(), release = Gate()
      async let holder: Void = other.write { _ in
        held.open()
        release.wait()
      }
      await Task.detached { held.wait() }.value
      #expect(await kind { try await database.write { try $0.execute("CREATE TABLE v (n)") } } == .busy)
      release.open()
      _ = try await holder
      try await database.write { try $0.execute("CREATE TABLE v (n)") }
      await database.close()
      await other.close()
    }
  }

  @Test("a full disk is an error of kind diskFull, and the database works on when there is room")
  func diskFull() async throws {
    try await withTemporaryFile { path in
      let database = try await Database.open("sqlite:\(path)")
      try await database.create("CREATE TABLE v (id {id}, b {blob})")
      _ = try await database.write { try $0.row("PRAGMA max_page_count = 50") }
      // Errors caught as a program might: when SQLite has rolled back, what follows must not be committed by itself.
      let rest = await kind {
        try await database.write { transaction in
          for _ in 0..<100 {
            _ = try? transaction.savepoint {
              try transaction.execute("INSERT INTO v (b) VALUES ($1)", [.blob(Array(repeating: 1, count: 8_000))])
            }
          }
        }
      }
      #expect(rest == nil || rest == .diskFull)
      #expect(
        await kind {
          try await database.write {
            try $0.execute("INSERT INTO v (b) VALUES ($1)", [.blob(Array(repeating: 1, count: 1_000_000))])
          }
        } == .diskFull)
      _ = try await database.write { try $0.row("PRAGMA max_page_count = 100000") }
      #expect(try await database.write { try $0.execute("INSERT INTO v (b) VALUES ($1)", [.blob([1])]) } == 1)
      #expect(try await database.read { try $0.row("PRAGMA integrity_check") }?.values == ["ok"])
      await database.close()
    }
  }

  @Test("what cannot be opened is told in a sentence")
  func unopenable() async throws {
    try await withTemporaryFile { path in
      try Data("This is no database, but a text of some length.".utf8).write(to: URL(fileURLWithPath: path))
      #expect(await kind { _ = try await Database.open("sqlite:\(path)") } == .corrupt)
    }
    #expect(await kind { _ = try await Database.open("sqlite:/nowhere/at/all.sqlite") } == .connection)
    #expect(await kind { _ = try await Database.open("mysql://localhost/x") } == .connection)
    let none = "postgres://nobody:pass@127.0.0.1:1/none"
    do {
      _ = try await Database.open(none, options: .init(connections: 1, retries: 0))
      Issue.record("there is no server")
    } catch let error as SQLError {
      #expect(error.kind == .connection && !error.description.contains("pass"))
    }
  }

  @Test("the file of a new database can be read by its user only")
  func fileMode() async throws {
    try await withTemporaryFile { path in
      let database = try await Database.open("sqlite:\(path)")
      try await database.create("CREATE TABLE v (n {int})")
      for suffix in ["", "-wal"] {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
      }
      await database.close()
    }
  }

  @Test("a connection that the server cut is made anew")
  func reconnect() async throws {
    guard TestEngine.available.contains(.postgres) else { return }
    try await TestEngine.postgres.withDatabase(options: .init(connections: 1, applicationName: "cut me")) { database in
      try await database.create("CREATE TABLE v (n {int})")
      try await TestEngine.postgres.withDatabase(options: .init(connections: 1)) { other in
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut me'"
        // While it is idle.
        #expect(try await other.write { try $0.rows(cut) }.count == 1)
        try await database.write { try $0.execute("INSERT INTO v VALUES (1)") }
      }
      // In the middle of a transaction, once.
      let attempts = Attempts()
      try await database.write { transaction in
        try transaction.execute("INSERT INTO v VALUES (2)")
        if attempts.next() == 1 { try transaction.execute("SELECT pg_terminate_backend(pg_backend_pid())") }
      }
      #expect(attempts.next() == 3)
      #expect(try await database.read { try $0.rows("SELECT n FROM v ORDER BY n") }.map(\.values) == [[1], [2]])
    }
  }
}

/// Counts how often a closure ran.
private final class Attempts: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}
