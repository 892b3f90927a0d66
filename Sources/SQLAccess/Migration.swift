import Foundation

/// One step of the schema, applied once, in one transaction.
///
/// Each element of `sql` is one statement. Tokens stand for what differs: `{id}` (an integer primary key that the
/// database assigns), `{int}` (64 bits), `{real}`, `{blob}`, and `{strict}` after a table's closing parenthesis, or
/// `{keyed}` when its rows are small and stand in the order of their primary key. A statement that begins with
/// `{sqlite}` or `{postgres}` is for that engine only.
package struct Migration: Sendable {
  /// Unique and unchanging; schema_migration remembers it.
  package let name: String
  package let sql: [String]

  /// A step with its name and statements.
  package init(name: String, sql: [String]) {
    self.name = name
    self.sql = sql
  }

  /// Of the text before its tokens are replaced, so that it is the same on every engine.
  var checksum: String { String(fingerprint(of: sql), radix: 16) }
}

extension Database {
  private struct Applied: Sendable {
    let name: String
    let checksum: String
  }

  /// Applies the migrations that are missing, in order; the number of them. Several processes may do so at once.
  ///
  /// Throws ``SQLError`` with what to do when an applied one has changed, is unknown here, or stands elsewhere in order.
  @discardableResult
  package func migrate(_ migrations: [Migration]) async throws -> Int {
    var count = 0
    while try await write({ try Self.applyNext(of: migrations, $0) }) { count += 1 }
    return count
  }

  /// The names of the applied migrations in their order; empty for a database without any.
  package func schemaVersion() async throws -> [String] {
    try await read { transaction in
      let isThere =
        transaction.dialect == .sqlite
        ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'"
        : "SELECT 1 WHERE to_regclass('schema_migration') IS NOT NULL"
      guard try transaction.row(isThere) != nil else { return [] }
      return try Self.applied(transaction).map(\.name)
    }
  }

  /// The lock is taken and the list read in each migration's own transaction: the next process goes on where this ends.
  private static func applyNext(of migrations: [Migration], _ transaction: Transaction) throws -> Bool {
    if transaction.dialect == .postgres { try transaction.execute("SET LOCAL lock_timeout = 0") }
    try transaction.lock("schema_migration")
    try transaction.execute(
      try transaction.dialect.translate(
        """
        CREATE TABLE IF NOT EXISTS schema_migration (
          name TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, position {int} NOT NULL, applied_at {int} NOT NULL)
        """) ?? "")
    let applied = try applied(transaction)
    try verify(applied, migrations)
    guard applied.count < migrations.count else { return false }
    let migration = migrations[applied.count]
    for ddl in migration.sql {
      guard let statement = try transaction.dialect.translate(ddl) else { continue }
      try transaction.execute(statement)
    }
    try transaction.execute(
      "INSERT INTO schema_migration (name, checksum, position, applied_at) VALUES ($1, $2, $3, $4)",
      [
        .text(migration.name), .text(migration.checksum), .int(applied.count),
        .integer(Int64(Date().timeIntervalSince1970 * 1000)),
      ])
    return true
  }

  private static func applied(_ transaction: Transaction) throws -> [Applied] {
    try transaction.rows("SELECT name, checksum FROM schema_migration ORDER BY position").map {
      Applied(name: try $0.text(0), checksum: try $0.text(1))
    }
  }

  private static func verify(_ applied: [Applied], _ migrations: [Migration]) throws {
    for (index, step) in applied.enumerated() {
      guard let known = migrations.first(where: { $0.name == step.name }) else {
        throw SQLError(
          .other,
          "the database has the migration “\(step.name)”, which this version does not know: run the newer version that "
            + "made it, or restore a backup from before it")
      }
      guard known.checksum == step.checksum else {
        throw SQLError(
          .other,
          "the migration “\(step.name)” has changed since it was applied: put its text back and add a new migration")
      }
      guard migrations.indices.contains(index), migrations[index].name == step.name else {
        throw SQLError(
          .other,
          "the migration “\(step.name)” was applied as number \(index + 1), but stands elsewhere in the list: "
            + "put the list back into its order and append new ones at its end")
      }
    }
  }
}
