package import CurlClient
package import Logging
internal import MailFormat
package import SQLAccess

/// What a round of questions came to.
package struct OpinionTally: Sendable, Equatable {
  package var asked = 0
  package var answered = 0
  /// Without a usable answer, to be asked again or given up.
  package var failed = 0
  /// Why the rest is not asked now; nil when nothing is left.
  package var hindrance: OpinionHindrance?
  package init() {}
}

/// Asks an outside model about the mails that wait for it. Several nodes can do so at once: the claim of a mail commits
/// before its question leaves, and a killed process's claim comes due again.
package struct SecondOpinions: Sendable {
  private let database: Database
  private let settings: Settings
  private let endpoint: OpinionEndpoint
  private let log: Logger

  /// Time for what goes on around a question, after which it may be asked again.
  private static let slack: Seconds = 30
  private static let idle: Duration = .seconds(5)
  private static let backoff = Backoff(first: 5, limit: 300)

  /// Nil when the settings want no second opinion.
  package init?(database: Database, settings: Settings, engine: CurlEngine, log: Logger) {
    guard let wanted = settings.secondOpinion else { return nil }
    self.database = database
    self.settings = settings
    endpoint = OpinionEndpoint(wanted, engine: engine)
    self.log = log
  }

  /// Runs until the task is cancelled; questions under way are finished and written down.
  package func run() async {
    var failures: Int64 = 0
    var told: OpinionHindrance?
    while !Task.isCancelled {
      do {
        // A task of its own is not cancelled with this one.
        let (tally, hindrance) = try await Task { try await round(now: .now) }.value
        failures = 0
        if hindrance == .dailyLimit, told != hindrance { log.warning("\(OpinionHindrance.dailyLimit.words.english)") }
        if hindrance != nil || tally.asked > 0 { told = hindrance }
        if tally.asked == 0 || hindrance != nil { try? await Task.sleep(for: Self.idle) }
      } catch {
        failures += 1
        let pause = Self.backoff.milliseconds(after: failures)
        log.error("second opinions wait for the database: \(error); next try in \((pause + 999) / 1000) s")
        try? await Task.sleep(for: .milliseconds(pause))
      }
    }
  }

  /// Asks about all that is due, until nothing is left or something is in the way.
  package func askDue(now: @Sendable () -> Instant = { .now }) async throws -> OpinionTally {
    var all = OpinionTally()
    while true {
      let (tally, hindrance) = try await round(now: now())
      all.asked += tally.asked
      all.answered += tally.answered
      all.failed += tally.failed
      all.hindrance = hindrance
      if tally.asked == 0 || hindrance != nil { return all }
    }
  }

  /// Claims a few mails and asks about them at the same time.
  func round(now: Instant) async throws -> (OpinionTally, OpinionHindrance?) {
    var tally = OpinionTally()
    guard try await database.read({ tx in try tx.hasDueOpinions(now) }) else { return (tally, nil) }
    let terms = OpinionTerms(
      url: endpoint.settings.url, room: OpinionEndpoint.connections, dailyLimit: endpoint.settings.dailyLimit,
      leaseSeconds: endpoint.settings.timeout + Self.slack, day: settings.day(of: now))
    let claim = try await database.write { tx in try tx.claimOpinions(terms, now: now) }
    tally.asked = claim.questions.count
    // One that cannot be written down must not cut the others short.
    let ends = await withTaskGroup(of: Result<Bool, any Error>.self) { group in
      for question in claim.questions {
        group.addTask {
          do { return .success(try await ask(question, terms, at: now)) } catch { return .failure(error) }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for end in ends {
      if try end.get() { tally.answered += 1 } else { tally.failed += 1 }
    }
    return (tally, claim.hindrance)
  }

  private func ask(_ question: OpinionQuestion, _ terms: OpinionTerms, at now: Instant) async throws -> Bool {
    // The settings may have changed since the mail came.
    guard endpoint.settings.covers(question.mailbox) else {
      try await database.write { tx in try tx.endOpinion(question, "its mailbox is not asked about any more", terms) }
      return false
    }
    let reading = MailReading(MessageParser.parse(question.bytes))
    let mail = MaskedText(subject: question.subject, words: reading.ownWords, names: question.names)
    if mail.isEmpty {
      try await database.write { tx in try tx.endOpinion(question, "the mail has no words to judge", terms) }
      return false
    }
    let start = ContinuousClock.now
    let outcome = await endpoint.ask(mail)
    let end = now + Int64((ContinuousClock.now - start) / .milliseconds(1))
    let (model, url) = (endpoint.settings.model, endpoint.settings.url)
    let news = try await database.write { tx in
      try tx.settle(question, outcome, model: model, url: url, now: end)
    }
    switch news {
    case .rests(let reason): log.error("no second opinions for a while: \(reason); mail is taken in as without them")
    case .worksAgain: log.info("second opinions come again")
    case nil: break
    }
    if case .answered = outcome { return true }
    return false
  }
}
