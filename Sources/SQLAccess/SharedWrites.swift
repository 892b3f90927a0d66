/// Small writes that come at about the same time share a transaction. SQLite has one writer, and a durable commit costs
/// as much as ten of them; while a group is written the next one gathers, so that none waits for company. PostgreSQL
/// joins the commits of several connections by itself.
package actor SharedWrites {
  private struct Entry: Sendable {
    /// Gives what is to be told when all is durable.
    var run: @Sendable (Transaction) throws -> @Sendable () -> Void
    var fail: @Sendable (any Error) -> Void
  }

  private let database: Database
  private var waiting: [Entry] = []
  private var isWriting = false

  /// So that one transaction does not keep others from writing for long.
  private static let most = 500

  package init(_ database: Database) { self.database = database }

  /// As ``Database/write(_:)``, but for what stands in the same transaction: `body` runs in a savepoint. When it throws,
  /// nothing of it is kept, and the others are not touched; when the commit fails, that is thrown to all.
  @discardableResult
  package func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
    guard database.dialect == .sqlite else { return try await database.write(body) }
    return try await withCheckedThrowingContinuation { continuation in
      waiting.append(
        Entry { tx in
          let value = try body(tx)
          return { continuation.resume(returning: value) }
        } fail: {
          continuation.resume(throwing: $0)
        })
      guard !isWriting else { return }
      isWriting = true
      Task { await writeWaiting() }
    }
  }

  private func writeWaiting() async {
    while !waiting.isEmpty {
      let group = Array(waiting.prefix(Self.most))
      waiting.removeFirst(group.count)
      do {
        let outcomes = try await database.write { tx in try group.map { try Self.outcome(of: $0, in: tx) } }
        for (entry, outcome) in zip(group, outcomes) {
          switch outcome {
          case .success(let tell): tell()
          case .failure(let error): entry.fail(error)
          }
        }
      } catch {
        for entry in group { entry.fail(error) }
      }
    }
    isWriting = false
  }

  /// Throws what another attempt at the whole group may mend.
  private static func outcome(of entry: Entry, in tx: Transaction) throws -> Result<@Sendable () -> Void, any Error> {
    do {
      return .success(try tx.savepoint { try entry.run(tx) })
    } catch let error as SQLError where error.isTransient {
      throw error
    } catch {
      return .failure(error)
    }
  }
}
