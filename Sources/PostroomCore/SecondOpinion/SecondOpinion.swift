package import SQLAccess
import TextClassifier

/// What an outside model said of a mail: a suggestion, which changes neither label nor owner nor promise.
package struct SecondOpinion: Sendable, Equatable {
  package var message: Int64
  package var opinion: Opinion
  package var model: String

  /// From a mail's arrival to the moment from which nobody is asked about it any more.
  static let validity: Seconds = 86_400
}

/// How the endpoint fares, and what waits for it.
package struct OpinionStatus: Sendable, Equatable {
  package var waiting: Int64 = 0
  package var answered: Int64 = 0
  package var failed: Int64 = 0
  package var expired: Int64 = 0
  package var askedToday: Int64 = 0
  package var failuresInARow: Int64 = 0
  package var pausedUntil: Instant = 0
  package var lastError: String?
  package var lastAnswerAt: Instant?
  package init() {}
}

extension Transaction {
  /// Answers about the mails of a conversation, by message.
  package func secondOpinions(in conversation: Int64) throws -> [Int64: SecondOpinion] {
    let found = try rows(
      """
      SELECT o.message_id, o.label, o.probability, o.model FROM message m
      JOIN second_opinion o ON o.message_id = m.id
      WHERE m.conversation_id = $1 AND o.state = 'answered'
      """, [.integer(conversation)]
    ).compactMap(secondOpinion)
    return Dictionary(found.map { ($0.message, $0) }) { first, _ in first }
  }

  /// The answer about the newest mail of a conversation that has one.
  package func lastSecondOpinion(in conversation: Int64) throws -> SecondOpinion? {
    try secondOpinions(in: conversation).values.max { $0.message < $1.message }
  }

  private func secondOpinion(_ row: SQLRow) throws -> SecondOpinion? {
    guard let label = TextLabel(rawValue: try row.text(1)) else { return nil }
    return SecondOpinion(
      message: try row.int(0),
      opinion: Opinion(label: label, probability: try row.isNull(2) ? nil : row.real(2)), model: try row.text(3))
  }

  package func opinionStatus(_ url: String?, day: Int64) throws -> OpinionStatus {
    var status = OpinionStatus()
    for row in try rows("SELECT state, COUNT(*) FROM second_opinion GROUP BY state") {
      let count = try row.int(1)
      switch try row.text(0) {
      case "waiting": status.waiting = count
      case "answered": status.answered = count
      case "failed": status.failed = count
      default: status.expired = count
      }
    }
    guard let url else { return status }
    let row = try row(
      "SELECT failures, paused_until, last_error, last_answer_at, day, asked FROM opinion_endpoint WHERE url = $1",
      [.text(url)])
    guard let row else { return status }
    status.failuresInARow = try row.int(0)
    status.pausedUntil = try row.int(1)
    status.lastError = try row.optionalText(2)
    status.lastAnswerAt = try row.optionalInt(3)
    status.askedToday = try row.int(4) == day ? row.int(5) : 0
    return status
  }
}
