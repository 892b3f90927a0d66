import SQLAccess

/// Figures of a run over a mailbox.
package struct IntakeTally: Sendable, Equatable {
  package var mails = 0
  package var repliesQueued = 0
  package var outcomes: [Outcome: Int] = [:]

  package init() {}

  package mutating func add(_ other: IntakeTally) {
    mails += other.mails
    repliesQueued += other.repliesQueued
    outcomes.merge(other.outcomes, uniquingKeysWith: +)
  }

  mutating func add(_ receipt: Receipt) {
    mails += 1
    repliesQueued += receipt.repliesQueued
    outcomes[receipt.outcome, default: 0] += 1
  }
}

/// Carries batches from a source into the database: while one is committed, the next are read and fetched. A batch is
/// one transaction with the cursor that stands behind it, so what was committed is never fetched
/// again and what was not always is.
actor IntakeLine {
  private let intake: Intake
  private let database: Database
  private let source: any MailSource
  private let folder: Int64
  private let fence: (@Sendable (Transaction) throws -> Void)?
  private let marker: CrashMarker?
  private var reading: Task<[PreparedMail], Never>?
  /// Commits that were not waited for yet, in order.
  private var commits: [Task<IntakeTally, any Error>] = []
  private(set) var tally = IntakeTally()
  private let progress: (@Sendable (IntakeTally) -> Void)?

  /// `fence` throws when the lease of this mailbox is lost, inside the transaction.
  init(
    intake: Intake, database: Database, source: any MailSource, folder: Int64, marker: CrashMarker?,
    fence: (@Sendable (Transaction) throws -> Void)?, progress: (@Sendable (IntakeTally) -> Void)?
  ) {
    self.intake = intake
    self.database = database
    self.source = source
    self.folder = folder
    self.marker = marker
    self.fence = fence
    self.progress = progress
  }

  /// Batches in hand beside the one that is fetched; bounds the memory.
  private static let depth = 5

  /// Accepts the next batch; returns when few enough are in hand. Throws when an earlier one could not be committed:
  /// then none behind it is.
  func submit(_ batch: MailBatch) async throws {
    let (earlierReading, earlierCommit) = (reading, commits.last)
    let reading = Task {
      // One mail at a time: the crash marker names the one that is being read.
      _ = await earlierReading?.value
      return read(batch, with: await model())
    }
    self.reading = reading
    commits.append(
      Task {
        let mails = await reading.value
        _ = try await earlierCommit?.value
        return try await commit(mails, cursor: batch.cursor)
      })
    while commits.count >= Self.depth { try await noteFirst() }
  }

  /// Waits until everything submitted is committed.
  func finish() async throws {
    _ = await reading?.value
    // All was read: when it cannot be committed, that is no mail's doing.
    marker?.clear()
    while !commits.isEmpty { try await noteFirst() }
  }

  private func noteFirst() async throws {
    tally.add(try await commits.removeFirst().value)
    progress?(tally)
  }

  /// What the mailbox knows now. A database that does not answer will be told of by the commit.
  private nonisolated func model() async -> MailboxModel {
    let shelf = intake.shelf
    return (try? await database.read { tx in try shelf.model(tx) }) ?? shelf.last
  }

  private nonisolated func read(_ batch: MailBatch, with model: MailboxModel) -> [PreparedMail] {
    batch.mails.map { mail in
      let mayRead =
        marker?.begin(folder: folder, uidValidity: batch.cursor.uidValidity, uid: mail.uid) ?? true
      guard mayRead else {
        var unread = intake.preparation.prepare(
          FetchedMail(uid: mail.uid, name: mail.name, bytes: [], arrivedAt: mail.arrivedAt), with: model)
        unread.fetched = mail
        unread.obstacle = "reading this mail ended the program \(CrashMarker.limit) times"
        return unread
      }
      return intake.preparation.prepare(mail, with: model)
    }
  }

  private nonisolated func commit(_ mails: [PreparedMail], cursor: FolderCursor) async throws -> IntakeTally {
    let folder = folder
    let intake = intake
    let fence = fence
    let now = Instant.now
    let tally = try await database.write { tx in
      try fence?(tx)
      // Nodes that read mailboxes of one team would choose owners by stale counts, and lock their rows crosswise.
      try tx.lock("intake")
      var tally = IntakeTally()
      let uids = mails.map(\.fetched.uid)
      let known = Set(
        try tx.uidsInLedger(
          folder: folder, uidValidity: cursor.uidValidity, from: uids.min() ?? 0, through: uids.max() ?? 0))
      for mail in mails where !known.contains(mail.fetched.uid) {
        let key = LedgerKey(
          folder: folder, uidValidity: cursor.uidValidity, uid: mail.fetched.uid, name: mail.fetched.name)
        tally.add(try intake.take(mail, key: key, in: tx, now: now))
      }
      try tx.moveCursor(of: folder, to: cursor)
      return tally
    }
    try await source.markStored(mails.map(\.fetched))
    return tally
  }
}
