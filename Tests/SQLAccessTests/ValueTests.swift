import SQLAccess
import Testing

@Suite struct ValueTests {
  static let values: [SQLValue] = [
    nil, 0, .integer(.min), .integer(.max), .real(0.1), .real(-1e300), .real(.infinity), "", "it's $1 ?1 \"x\"",
    "退款 👩‍👩‍👧‍👦 𠮷", .text(String(repeating: "长", count: 50_000)), .blob([]), .blob([0]), .blob([1, 0, 255, 0]),
    .blob((0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }), .blob(Array(repeating: 7, count: 16_384)),
  ]

  @Test("every kind of value comes back as it went in", arguments: TestEngine.available)
  func roundTrip(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (id {id}, i {int}, r {real}, t TEXT, b {blob})")
      for value in Self.values {
        let column =
          switch value {
          case .integer, .null: "i"
          case .real: "r"
          case .text: "t"
          case .blob: "b"
          }
        let id = try await database.write {
          try #require(try $0.row("INSERT INTO v (\(column)) VALUES ($1) RETURNING id", [value])).int(0)
        }
        let back = try await database.read { try $0.row("SELECT \(column) FROM v WHERE id = $1", [.integer(id)]) }
        #expect(back?.values == [value])
      }
    }
  }

  @Test("several large values in one statement", arguments: TestEngine.available)
  func largeValues(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (a {blob}, t TEXT, b {blob}, n {int})")
      let a = [UInt8](repeating: 1, count: 20_000), b = [UInt8](repeating: 2, count: 30_000)
      let t = String(repeating: "字", count: 9_000)
      let row = try await database.write {
        try $0.row(
          "INSERT INTO v (a, t, b, n) VALUES ($1, $2, $3, $4) RETURNING n, a, t, b", [.blob(a), .text(t), .blob(b), 5])
      }
      #expect(row?.values == [5, .blob(a), .text(t), .blob(b)])
    }
  }

  @Test("a list in one argument names rows, whatever its texts hold", arguments: TestEngine.available)
  func lists(engine: TestEngine) async throws {
    let texts = ["", "a\"b", "\\", "it's", "line\nend\t\u{1}", "退款 👩‍👩‍👧‍👦", "[1]", "{\"a\":1}", "\u{2028}"]
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int}, t TEXT)")
      try await database.write { tx in
        for (number, text) in texts.enumerated() {
          try tx.execute("INSERT INTO v VALUES ($1, $2)", [.int(number), .text(text)])
        }
        let dialect = tx.dialect
        let byText = try tx.rows("SELECT n FROM v WHERE t IN \(dialect.texts(in: "$1"))", [.list(texts + ["none"])])
        #expect(byText.count == texts.count)
        let numbers = try tx.rows(
          "SELECT n FROM v WHERE n IN \(dialect.numbers(in: "$1")) ORDER BY n", [.list([3, 1, 1, .min, .max])])
        #expect(try numbers.map { try $0.int(0) } == [1, 3])
        #expect(try tx.rows("SELECT n FROM v WHERE n IN \(dialect.numbers(in: "$1"))", [.list([Int64]())]).isEmpty)
      }
    }
  }

  @Test("U+0000 in a text is stored as U+FFFD, NaN as null", arguments: TestEngine.available)
  func unstorable(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (t TEXT, r {real})")
      try await database.write { try $0.execute("INSERT INTO v VALUES ($1, $2)", ["a\0b\0", .real(.nan)]) }
      #expect(try await database.read { try $0.row("SELECT t, r FROM v") }?.values == ["a\u{FFFD}b\u{FFFD}", nil])
    }
  }

  @Test("conditions, counts and sums are integers", arguments: TestEngine.available)
  func computed(engine: TestEngine) async throws {
    try await engine.withDatabase { database in
      try await database.create("CREATE TABLE v (n {int})")
      let row = try await database.write { transaction in
        for n in 1...3 { try transaction.execute("INSERT INTO v VALUES ($1)", [.int(n)]) }
        return try transaction.row(
          "SELECT count(*), sum(n), max(n) > $1, CAST($2 AS {int}) IS NULL, EXISTS (SELECT 1 FROM v) FROM v".replacing(
            "{int}", with: "BIGINT"), [2, nil])
      }
      #expect(row?.values == [3, 6, 1, 1, 1])
      #expect(try row?.bool(2) == true)
    }
  }

  @Test("a column of another kind is an error of kind type")
  func mismatch() throws {
    let row = SQLRow(values: [1, "a", nil, .blob([1]), .real(2)])
    #expect(try row.int(0) == 1 && row.bool(0) && row.real(0) == 1 && row.real(4) == 2)
    #expect(try row.optionalInt(2) == nil && row.optionalText(2) == nil && row.optionalBlob(2) == nil)
    #expect(try row.optionalText(1) == "a" && row.blob(3) == [1])
    for wrong in [
      { _ = try row.int(1) }, { _ = try row.text(0) }, { _ = try row.int(2) }, { _ = try row.int(9) },
      { _ = try row.blob(-1) },
    ] as [() throws -> Void] {
      #expect { try wrong() } throws: { ($0 as? SQLError)?.kind == .type }
    }
  }
}
