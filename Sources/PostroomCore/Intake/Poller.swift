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
  private static let leaseSeconds: Seconds = 120
  private static let backoff = Backoff(first: 1, limit: 300)

  /// `dataFolder` holds the crash marker. `node` names this process among those that share the database.
  package init(
    intake: Intake, database: Database, source: any MailSource, dataFolder: String?, node: String, log: Logger
  ) {
    self.intake = intake
    self.database = database
    self.source = source
    self.node = node
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
      try await source.waitForMail(atMost: min(mailbox.pollInterval, Self.leaseSeconds / 2))
      guard try await takeLease() == token else { return }
    }
  }

  private func look(token: Int64, progress: (@Sendable (IntakeTally) -> Void)?) async throws -> IntakeTally {
    let mailboxID = intake.mailbox.id
    let folderName = source.folder
    let leaseName = leaseName
    let node = node
    let folder = try await database.write { tx in try tx.folder(mailbox: mailboxID, name: folderName) }
    let line = IntakeLine(
      intake: intake, database: database, source: source, folder: folder.id,
      marker: markerFile.map { CrashMarker(file: $0) },
      fence: { tx in
        // Each commit prolongs the lease too: a long first intake is a sign of life.
        guard try tx.holdsLease(leaseName, token: token),
          try tx.takeLease(leaseName, holder: node, seconds: Self.leaseSeconds, now: .now) == token
        else { throw SourceError("another node has taken over the mailbox") }
      }, progress: progress)
    let database = database
    do {
      try await source.takeMail(
        beyond: folder.cursor,
        known: { names in try await database.read { tx in try tx.namesInLedger(folder: folder.id, names) } },
        { batch in try await line.submit(batch) })
    } catch {
      // What was fetched before the fault is kept.
      try? await line.finish()
      throw error
    }
    try await line.finish()
    try await database.write { tx in
      try tx.recordPollSuccess(mailbox: mailboxID, at: .now)
      try tx.forgetReplyCounts(mailbox: mailboxID, before: .now)
    }
    return await line.tally
  }

  private func takeLease() async throws -> Int64? {
    let name = leaseName
    let node = node
    return try await database.write { tx in
      try tx.takeLease(name, holder: node, seconds: Self.leaseSeconds, now: .now)
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
