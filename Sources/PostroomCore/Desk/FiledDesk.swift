import MailFormat
package import SQLAccess
import TextClassifier

/// The verb for mail that was taken for spam or a machine's.
package struct FiledDesk: Sendable {
  private let database: Database
  private let settings: Settings

  package init(database: Database, settings: Settings) {
    self.database = database
    self.settings = settings
  }

  /// What became of a filed mail that an agent called a customer's.
  package struct Acceptance: Sendable, Equatable {
    package var conversation: ConversationNumber
    /// `conversation` or `reply`.
    package var receipt: Receipt
  }

  /// Takes a filed mail in as a person's: owner, promise and, if policy allows, the automatic reply, counted from its
  /// arrival. Its row gives way to a new one, and the ledger follows. `intakes` by name of the mailbox.
  package func accept(_ id: Int64, by agent: String, intakes: [String: Intake], now: Instant) async throws -> Acceptance
  {
    try settings.checkAgent(agent)
    let refusal = DeskRefusal("no mail is filed under \(id)")
    let stored = try await database.read { tx in (try tx.filedMail(id), try tx.rawMail(of: id)) }
    guard let filed = stored.0, let bytes = stored.1 else { throw refusal }
    guard let intake = intakes[filed.mailbox] else {
      throw DeskRefusal("the mailbox \(filed.mailbox) of this mail is not in the settings any more")
    }
    let model = try await database.read { tx in try intake.shelf.model(tx) }
    let mail = intake.preparation.prepare(
      FetchedMail(uid: 0, bytes: bytes, arrivedAt: filed.arrivedAt), with: model, asWrittenBy: agent)
    if let obstacle = mail.obstacle { throw DeskRefusal(obstacle) }
    return try await database.write { tx in
      guard try tx.releaseFingerprint(of: id) else { throw refusal }
      let (receipt, message) = try intake.accept(mail, in: tx, now: now)
      try tx.replaceMessage(id, by: message, receipt.outcome)
      guard let conversation = try tx.conversation(ofMessage: message) else { throw refusal }
      let evidence = filed.outcome == .spam ? "was filed as spam" : "was filed as \(filed.kind)"
      try tx.note(
        "accepted", in: conversation, by: agent, detail: evidence + (filed.evidence.map { ": \($0)" } ?? ""), now: now)
      return Acceptance(conversation: ConversationNumber(id: conversation), receipt: receipt)
    }
  }
}

extension MailPreparation {
  /// A mail of which `agent` says that a person wrote it. What machines say of themselves still forbids an automatic
  /// answer (RFC 3834 §2): the agent is there to give one.
  fileprivate func prepare(
    _ fetched: FetchedMail, with model: MailboxModel, asWrittenBy agent: String
  ) -> PreparedMail {
    var mail = prepare(fetched, with: model)
    let kind = mail.kind.kind
    mail.isForbidden = mail.isForbidden || (kind != .human && kind != .list)
    mail.isSpam = false
    mail.unsubscribe = nil
    mail.kind = MailKindFinding(.human, "\(agent) says so")
    if mail.classification == nil {
      let classification = model.classifier.explain(MailReading(mail.message).classifiedText)
      mail.classification = classification
      mail.routing = routing(classification, mail.fingerprint, model)
      switch classification.language {
      case .chinese: mail.language = .chinese
      case .english: mail.language = .english
      default: break
      }
    }
    return mail
  }
}
