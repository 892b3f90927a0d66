package import SQLAccess

/// The account of one folder: what the server shows against what the ledger holds.
package struct FolderAccount: Sendable, Codable, Equatable {
  package var mailbox: String
  package var folder: String
  /// Mails that the server shows now.
  package var server: Int
  /// Of those, how many have a row in the ledger.
  package var ledger: Int
  /// What has none: UIDs, or names of a Maildir's files. At most 1,000 are listed.
  package var missing: [String]
  /// Rows of the ledger by outcome, also of mails that the server has lost since.
  package var outcomes: [String: Int64]

  package var isBalanced: Bool { server == ledger }
}

/// Proves that no mail was lost: `server count = ledger count`.
package struct Reconciliation: Sendable {
  private let database: Database
  package init(database: Database) { self.database = database }

  package func account(of mailbox: MailboxSettings, id: Int64, source: any MailSource) async throws -> FolderAccount {
    let name = source.folder
    let folder = try await database.read { tx in try tx.findFolder(mailbox: id, name: name) }
    let counter = Counter(
      FolderAccount(mailbox: mailbox.name, folder: name, server: 0, ledger: 0, missing: [], outcomes: [:]))
    try await source.listing { page in
      let missing = try await missing(page, folder: folder)
      await counter.add(total: page.uids.count + page.names.count, missing: missing)
    }
    var account = await counter.account
    if let folder {
      let outcomes = try await database.read { tx in
        try tx.outcomes(folder: folder.id, uidValidity: folder.cursor.uidValidity)
      }
      account.outcomes = Dictionary(uniqueKeysWithValues: outcomes.map { ($0.key.rawValue, $0.value) })
    }
    return account
  }

  private func missing(_ page: SourceListing, folder: Folder?) async throws -> [String] {
    guard let folder else { return page.uids.map(String.init) + page.names }
    let cursor = folder.cursor
    let uidValidity = cursor.serverValidity == page.uidValidity ? cursor.uidValidity : page.uidValidity
    return try await database.read { tx in
      let names = try tx.namesInLedger(folder: folder.id, page.names)
      var uids: Set<Int64> = []
      if let first = page.uids.first, let last = page.uids.last {
        uids = Set(try tx.uidsInLedger(folder: folder.id, uidValidity: uidValidity, from: first, through: last))
      }
      return page.uids.filter { !uids.contains($0) }.map(String.init) + page.names.filter { !names.contains($0) }
    }
  }

  private actor Counter {
    var account: FolderAccount
    init(_ account: FolderAccount) { self.account = account }
    func add(total: Int, missing: [String]) {
      account.server += total
      account.ledger += total - missing.count
      account.missing += missing.prefix(max(0, 1000 - account.missing.count))
    }
  }
}
