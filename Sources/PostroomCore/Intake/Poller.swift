package import Logging
package import SQLAccess

/// Keeps one mailbox read: looks, takes in, waits for the server's word or the interval, looks again. Faults are a
/// sentence in the log and in the mailbox's row, and a pause; nothing needs a restart.
package struct Poller: Sendable {
  private let intake: Intake
  private let database: Database
  private let source: any MailSource
  private let markerFile: String?
  private let node: String
  private let log: Logger
  /// How long a node keeps a mailbox without a sign of life.
  private let leaseSeconds: Seconds

  private static let backoff = Backoff(first: 1, limit: 300)

  /// `dataFolder` holds the crash marker. `node` names this process among those that share the database.
  package init(
    intake: Intake, database: Database, source: any MailSource, dataFolder: String?, node: String, log: Logger,
    leaseSeconds: Seconds = 120
  ) {
    self.intake = intake
    self.database = database
    self.source = source
    self.node = node
    self.leaseSeconds = leaseSeconds
    markerFile = dataFolder.map { "\($0)/intake.\(intake.mailbox.settings.name).marker" }
    var log = log
    log[metadataKey: "mailbox"] = .string(intake.mailbox.settings.name)
    self.log = log
  }

  private var mailbox: MailboxSettings { intake.mailbox.settings }
  private var leaseName: String { "poll:" + mailbox.name }

  /// Takes in all there is now. Throws what keeps the mailbox from being read.
  package func pollOnce(progress: (@Sendable (IntakeTally) -> Void)? = nil) async throws -> IntakeTally {
    guard let token = try await takeLease() else {
      throw SourceError("the mailbox \(mailbox.name) is being read by another process that shares this database")
    }
    do {
      let tally = try await look(token: token, progress: progress)
      try? await releaseLease()
      await source.close()
      return tally
    } catch {
      try? await releaseLease()
      await source.close()
      throw error
    }
  }

  /// Runs until the task is cancelled.
  package func run() async {
    var failures: Int64 = 0
    while !Task.isCancelled {
      do {
        guard let token = try await takeLease() else {
          try await Task.sleep(for: .seconds(5))
          continue
        }
        try await watch(token: token) { failures = 0 }
        // Another node reads the mailbox now: servers allow an account only so many sessions.
        await source.close()
      } catch {
        if Task.isCancelled { break }
        failures += 1
        let pause = Self.backoff.milliseconds(after: failures)
        log.error("\(error); next try in \((pause + 999) / 1000) s")
        await remember("\(error)")
        await source.close()
        try? await Task.sleep(for: .milliseconds(pause))
      }
    }
    await source.close()
    // A cancelled task cannot write any more; a new one can.
    await Task { try? await releaseLease() }.value
  }

  private func watch(token: Int64, succeeded: () -> Void) async throws {
    while !Task.isCancelled {
      let tally = try await look(token: token, progress: nil)
      succeeded()
      if tally.mails > 0 {
        let words = tally.outcomes.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
        log.info("took in \(tally.mails): \(words.joined(separator: ", ")); replies queued \(tally.repliesQueued)")
      }
      // Shorter than the lease, which each look prolongs.
      try await source.waitForMail(atMost: min(mailbox.pollInterval, leaseSeconds / 2))
      guard try await takeLease() == token else { return }
    }
  }

  /// One look, during which the lease is kept.
  private func look(token: Int64, progress: (@Sendable (IntakeTally) -> Void)?) async throws -> IntakeTally {
    async let _ = keepLease(token)
    let mailboxID = intake.mailbox.id
    let folderName = source.folder
    let folder = try await database.write { tx in try tx.folder(mailbox: mailboxID, name: folderName) }
    let line = IntakeLine(
      intake: intake, database: database, source: source, folder: folder.id,
      marker: markerFile.map { CrashMarker(file: $0) }, fence: fence(token), progress: progress)
    let database = database
    let log = log
    do {
      try await source.takeMail(
        beyond: folder.cursor,
        known: { names in try await database.read { tx in try tx.namesInLedger(folder: folder.id, names) } },
        { batch in
          if batch.cursor == folder.cursor.setBack {
            log.warning(
              """
              the server has fewer mails behind it in \(folderName) than it had before: it was set back to an older \
              state. Everything is looked at again; what was taken in before is recognised
              """)
          }
          try await line.submit(batch)
        })
    } catch {
      // What was fetched before the fault is kept.
      try? await line.finish()
      throw error
    }
    try await line.finish()
    try await database.write { tx in
      try tx.recordPollSuccess(mailbox: mailboxID, at: .now)
      // Once an hour, whichever node comes first: it looks at every counter.
      let turn = "forget:\(mailboxID)"
      if try tx.takeLease(turn, holder: "\(node) \(Instant.now)", seconds: 3600, now: .now) != nil {
        try tx.forgetReplyCounts(mailbox: mailboxID, before: .now)
      }
    }
    try await mark(folder: folder.id)
    return await line.tally
  }

  /// Tells the server what was stored, if the settings want it. When that fails, the mails are safe all the same.
  private func mark(folder: Int64) async throws {
    let mailboxID = intake.mailbox.id
    let folderName = source.folder
    let (cursor, undelivered) = try await database.read { tx in
      let cursor = try tx.findFolder(mailbox: mailboxID, name: folderName)?.cursor ?? FolderCursor()
      return (cursor, try tx.undelivered(folder: folder, uidValidity: cursor.uidValidity))
    }
    do {
      try await source.finishMarking(upTo: cursor, except: undelivered)
    } catch {
      try Task.checkCancellation()
      log.warning("mail was taken in but could not be marked or moved on the server: \(error)")
    }
  }

  // MARK: The lease

  /// Renews the lease until the task is cancelled: a large mail over a slow line takes longer than a lease lasts.
  private func keepLease(_ token: Int64) async {
    let renew = fence(token)
    while (try? await Task.sleep(for: .seconds(leaseSeconds) / 3)) != nil {
      do {
        try await database.write { tx in try renew(tx) }
      } catch {
        // Whether it was lost decides the fence in the next commit.
        if !Task.isCancelled { log.warning("the lease on the mailbox was not renewed: \(error)") }
      }
    }
  }

  /// Prolongs the lease within a transaction, and throws when it was lost.
  private func fence(_ token: Int64) -> @Sendable (Transaction) throws -> Void {
    let (name, node, seconds) = (leaseName, node, leaseSeconds)
    return { tx in
      guard try tx.holdsLease(name, token: token),
        try tx.takeLease(name, holder: node, seconds: seconds, now: .now) == token
      else { throw SourceError("another node has taken over the mailbox") }
    }
  }

  private func takeLease() async throws -> Int64? {
    let name = leaseName
    let (node, seconds) = (node, leaseSeconds)
    return try await database.write { tx in
      try tx.takeLease(name, holder: node, seconds: seconds, now: .now)
    }
  }

  private func releaseLease() async throws {
    let name = leaseName
    let node = node
    try await database.write { tx in try tx.releaseLease(name, holder: node) }
  }

  private func remember(_ sentence: String) async {
    let id = intake.mailbox.id
    do { try await database.write { tx in try tx.recordPollError(mailbox: id, sentence, at: .now) } } catch {
      log.error("the fault could not be stored: \(error)")
    }
  }
}
