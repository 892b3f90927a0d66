package import SQLAccess
import TextClassifier

/// A mail that is asked about now. `askedAt` is its fence: what ends later than its lease, or after a person has labelled
/// the mail, changes nothing.
struct OpinionQuestion: Sendable {
  var message: Int64
  var attempt: Int64
  var askedAt: Instant
  /// The endpoint rested before, and this one question tries it.
  var isTrial: Bool
  var mailbox: String
  var subject: String
  /// What the customer is called.
  var names: [String]
  var bytes: [UInt8]
}

/// Why the mails that wait are not asked about now.
package enum OpinionHindrance: Sendable, Equatable {
  case paused(until: Instant)
  case dailyLimit

  package var words: Localized {
    switch self {
    case .paused(let until):
      Localized(
        chinese: "第二意见的接口暂停至 \(until.iso8601)",
        english: "the endpoint for second opinions rests until \(until.iso8601)")
    case .dailyLimit:
      Localized(
        chinese: "已达到 `second_opinion.daily_limit`：今天不再询问第二意见",
        english: "`second_opinion.daily_limit` is reached: no more second opinions today")
    }
  }
}

/// What a look at the waiting mails brought.
struct OpinionClaim: Sendable {
  var questions: [OpinionQuestion] = []
  var hindrance: OpinionHindrance?
}

/// What holds for each look.
struct OpinionTerms: Sendable {
  var url: String
  var room: Int
  var dailyLimit: Int64
  /// How long a question is another's: its time limit and some more.
  var leaseSeconds: Seconds
  /// Of the house.
  var day: Int64
}

extension Transaction {
  static let mostOpinionAttempts: Int64 = 3

  func insertSecondOpinion(of message: Int64, expiresAt: Instant, now: Instant) throws {
    try execute(
      """
      INSERT INTO second_opinion (message_id, state, next_at, expires_at) VALUES ($1, 'waiting', $2, $3)
      ON CONFLICT (message_id) DO NOTHING
      """, [.integer(message), .integer(now), .integer(expiresAt)])
  }

  /// A person said what the mails of a conversation are, so nobody else is asked, and an answer that is under way is not
  /// taken. Belongs into the transaction of his word.
  package func withdrawSecondOpinions(in conversation: Int64) throws {
    try execute(
      """
      UPDATE second_opinion SET state = 'expired', words = 'a person has labelled it'
      WHERE state = 'waiting' AND message_id IN (SELECT id FROM message WHERE conversation_id = $1)
      """, [.integer(conversation)])
  }

  /// Whether ``claimOpinions(_:now:)`` would have something to do; costs no lock.
  func hasDueOpinions(_ now: Instant) throws -> Bool {
    try row("SELECT 1 FROM second_opinion WHERE state = 'waiting' AND next_at <= $1 LIMIT 1", [.integer(now)]) != nil
  }

  /// Takes up to `room` due mails, the oldest first: counted against the day and leased to the caller when this commits,
  /// before the first byte leaves.
  func claimOpinions(_ terms: OpinionTerms, now: Instant) throws -> OpinionClaim {
    var claim = OpinionClaim()
    // Nodes take turns here, so that the day's limit and the one trial after a rest hold for all of them. First, as
    // where answers are written down: two that lock in another order would wait for each other.
    let (breaker, asked) = try opinionEndpoint(terms.url, day: terms.day)
    try endOpinions(now)
    guard try hasDueOpinions(now) else { return claim }
    guard breaker.mayBeAsked(now) else {
      claim.hindrance = .paused(until: breaker.pausedUntil)
      return claim
    }
    let room = min(terms.dailyLimit - asked, breaker.isOpen ? 1 : Int64(terms.room))
    guard room > 0 else {
      claim.hindrance = .dailyLimit
      return claim
    }
    claim.questions = try dueQuestions(Int(room), isTrial: breaker.isOpen, now: now)
    let lease = now.adding(terms.leaseSeconds)
    for question in claim.questions {
      try execute(
        "UPDATE second_opinion SET attempts = $2, asked_at = $3, next_at = $4 WHERE message_id = $1",
        [.integer(question.message), .integer(question.attempt), .integer(now), .integer(lease)])
    }
    guard !claim.questions.isEmpty else { return claim }
    // During the trial others see a rest.
    try execute(
      "UPDATE opinion_endpoint SET day = $2, asked = $3, paused_until = $4 WHERE url = $1",
      [
        .text(terms.url), .integer(terms.day), .integer(asked + Int64(claim.questions.count)),
        .integer(breaker.isOpen ? lease : breaker.pausedUntil),
      ])
    return claim
  }

  /// What nobody asks about any more: too old, or three questions whose process ended before their answer.
  private func endOpinions(_ now: Instant) throws {
    try execute(
      """
      UPDATE second_opinion SET state = 'expired', words = COALESCE(words, 'the mail is older than 24 hours')
      WHERE state = 'waiting' AND next_at <= $1 AND expires_at <= $1
      """, [.integer(now)])
    try execute(
      """
      UPDATE second_opinion SET state = 'failed', words = COALESCE(words, 'Postroom ended before the answer came')
      WHERE state = 'waiting' AND next_at <= $1 AND attempts >= $2
      """, [.integer(now), .integer(Self.mostOpinionAttempts)])
  }

  private func dueQuestions(_ room: Int, isTrial: Bool, now: Instant) throws -> [OpinionQuestion] {
    let due = try rows(
      """
      SELECT message_id, attempts FROM second_opinion WHERE state = 'waiting' AND next_at <= $1
      ORDER BY next_at, message_id LIMIT $2\(dialect.skipLocked)
      """, [.integer(now), .int(room)])
    return try due.compactMap { row in
      let message = try row.int(0)
      let mail = try self.row(
        """
        SELECT m.subject, m.sender_name, k.name, r.bytes, b.name FROM message m
        JOIN raw_mail r ON r.message_id = m.id JOIN mailbox b ON b.id = m.mailbox_id
        LEFT JOIN conversation c ON c.id = m.conversation_id LEFT JOIN customer k ON k.id = c.customer_id
        WHERE m.id = $1
        """, [.integer(message)])
      guard let mail else { return nil }
      let names = [try mail.text(1), try mail.optionalText(2) ?? ""].filter { !$0.isEmpty }
      return OpinionQuestion(
        message: message, attempt: try row.int(1) + 1, askedAt: now, isTrial: isTrial, mailbox: try mail.text(4),
        subject: try mail.text(0), names: names, bytes: try mail.blob(3))
    }
  }

  // MARK: The endpoint

  private func opinionEndpoint(_ url: String, day: Int64) throws -> (OpinionBreaker, asked: Int64) {
    try execute("INSERT INTO opinion_endpoint (url) VALUES ($1) ON CONFLICT (url) DO NOTHING", [.text(url)])
    let row = try row(
      """
      SELECT failures, paused_until, last_error, day, asked FROM opinion_endpoint WHERE url = $1\(dialect.forUpdate)
      """, [.text(url)])
    guard let row else { return (OpinionBreaker(), 0) }
    let breaker = OpinionBreaker(
      failures: try row.int(0), pausedUntil: try row.int(1), lastError: try row.optionalText(2))
    return (breaker, try row.int(3) == day ? row.int(4) : 0)
  }

  // MARK: Answers

  /// Writes an outcome down, of the mail and of the endpoint.
  func settle(
    _ question: OpinionQuestion, _ outcome: OpinionOutcome, model: String, url: String, now: Instant
  ) throws -> OpinionBreaker.News? {
    var (breaker, _) = try opinionEndpoint(url, day: 0)
    let news = breaker.note(outcome, isTrial: question.isTrial, now: now)
    let hasAnswered = if case .answered = outcome { true } else { false }
    try execute(
      """
      UPDATE opinion_endpoint SET failures = $2, paused_until = $3, last_error = COALESCE($4, last_error),
        last_error_at = CASE WHEN $5 = 1 THEN last_error_at ELSE $6 END,
        last_answer_at = CASE WHEN $5 = 1 THEN $6 ELSE last_answer_at END
      WHERE url = $1
      """,
      [
        .text(url), .integer(breaker.failures), .integer(breaker.pausedUntil), .optional(breaker.lastError),
        .bool(hasAnswered), .integer(now),
      ])
    switch outcome {
    case .answered(let opinion): try answer(question, opinion, model: model)
    case .failed(let reason):
      let isLast = question.attempt >= Self.mostOpinionAttempts
      let pause = Backoff(first: 30, limit: 3600).milliseconds(after: question.attempt)
      try keep(question, state: isLast ? "failed" : "waiting", reason, next: now + pause, counts: true)
    // Nothing was done about the mail: that is not its fault.
    case .busy(let reason, _), .refused(let reason):
      try keep(question, state: "waiting", reason, next: max(now + 1000, breaker.pausedUntil), counts: false)
    }
    return news
  }

  /// A mail that is not asked about after all, and does not count against the day.
  func endOpinion(_ question: OpinionQuestion, _ words: String, _ terms: OpinionTerms) throws {
    // First, as everywhere, the endpoint's row.
    try execute(
      "UPDATE opinion_endpoint SET asked = asked - 1 WHERE url = $1 AND day = $2 AND asked > 0",
      [.text(terms.url), .integer(terms.day)])
    try keep(question, state: "failed", words, next: question.askedAt, counts: true)
  }

  private func answer(_ question: OpinionQuestion, _ opinion: Opinion, model: String) throws {
    try execute(
      """
      UPDATE second_opinion SET state = 'answered', label = $3, probability = $4, model = $5, prompt_version = $6,
        words = NULL
      WHERE message_id = $1 AND asked_at = $2 AND state = 'waiting'
      """,
      [
        .integer(question.message), .integer(question.askedAt), .text(opinion.label.rawValue),
        opinion.probability.map { .real($0) } ?? .null, .text(model), .integer(OpinionPrompt.version),
      ])
  }

  private func keep(
    _ question: OpinionQuestion, state: String, _ words: String, next: Instant, counts: Bool
  ) throws {
    try execute(
      """
      UPDATE second_opinion SET state = $3, words = $4, next_at = $5, attempts = $6
      WHERE message_id = $1 AND asked_at = $2 AND state = 'waiting'
      """,
      [
        .integer(question.message), .integer(question.askedAt), .text(state), .text(words), .integer(next),
        .integer(counts ? question.attempt : question.attempt - 1),
      ])
  }
}
