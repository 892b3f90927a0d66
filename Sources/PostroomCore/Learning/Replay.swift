import MailFormat
package import SQLAccess
package import TextClassifier

/// Tells stored mails apart with another model beside the one in use, before it goes live. Changes nothing.
package struct Replay: Sendable {
  /// A mail that would be called otherwise.
  package struct Change: Sendable {
    package var conversation: ConversationNumber
    package var subject: String
    package var before: TextLabel
    package var after: TextLabel
    /// What a person said, if anybody did.
    package var said: TextLabel?
  }

  package private(set) var mails = 0
  package private(set) var changeCount = 0
  /// The first of them, the oldest first.
  package private(set) var changes: [Change] = []
  /// On the mails of which a person said what they are.
  package private(set) var inUse = Evaluation()
  package private(set) var other = Evaluation()

  private static let shownChanges = 20
  private static let page = 100

  /// - Parameters:
  ///   - mailbox: its row.
  ///   - since: mails taken in before are left out.
  package init(
    _ database: Database, mailbox: Int64, inUse: TextClassifier, other: TextClassifier, since: Instant
  ) async throws {
    var last: Int64 = 0
    while true {
      let after = last
      let mails = try await database.read { tx in
        try tx.storedMails(mailbox, after: after, since: since, limit: Self.page)
      }
      for mail in mails { add(mail, inUse, other) }
      guard let end = mails.last, mails.count == Self.page else { return }
      last = end.message
    }
  }

  private mutating func add(_ mail: StoredMail, _ model: TextClassifier, _ rival: TextClassifier) {
    let text = MailReading(MessageParser.parse(mail.bytes)).classifiedText
    let (before, after) = (model.classify(text), rival.classify(text))
    mails += 1
    if let said = mail.said {
      inUse.add(before, truth: said)
      other.add(after, truth: said)
    }
    guard before.label != after.label else { return }
    changeCount += 1
    guard changes.count < Self.shownChanges else { return }
    changes.append(
      Change(
        conversation: ConversationNumber(id: mail.conversation), subject: mail.subject, before: before.label,
        after: after.label, said: mail.said))
  }
}

private struct StoredMail: Sendable {
  var message: Int64
  var conversation: Int64
  var subject: String
  var said: TextLabel?
  var bytes: [UInt8]
}

extension Transaction {
  /// Mails that opened a conversation and were classified, in the order in which they came in.
  fileprivate func storedMails(
    _ mailbox: Int64, after message: Int64, since: Instant, limit: Int
  ) throws -> [StoredMail] {
    try rows(
      """
      SELECT m.id, m.conversation_id, m.subject, r.bytes,
        (SELECT l.said FROM lesson l WHERE l.message_id = m.id AND l.is_said = 1 ORDER BY l.id DESC LIMIT 1)
      FROM message m JOIN raw_mail r ON r.message_id = m.id
      WHERE m.id > $2 AND m.mailbox_id = $1 AND m.routing IS NOT NULL AND m.taken_in_at >= $3 ORDER BY m.id LIMIT $4
      """, [.integer(mailbox), .integer(message), .integer(since), .int(limit)]
    ).map { row in
      StoredMail(
        message: try row.int(0), conversation: try row.int(1), subject: try row.text(2),
        said: try row.optionalText(4).flatMap(TextLabel.init(rawValue:)), bytes: try row.blob(3))
    }
  }
}
