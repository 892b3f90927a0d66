import MailFormat
import SQLAccess
import TextClassifier

/// Who answers a customer and leaves the kind as it is agrees with it, more or less. A log of corrections alone would teach
/// that the model is always wrong. What was left alone is a lesson for the next refit; it takes no step, and counts neither
/// for the threshold nor as something that a person said.
struct Agreement: Sendable {
  private let mail: LabelledMail
  private let features: Lesson

  /// Nil when there is nothing to learn: the mail that opened the conversation was never classified, or is in the log
  /// already. Reading a mail takes longer than writing an answer down: not in that transaction.
  init?(with number: ConversationNumber, _ database: Database, _ settings: Settings) async throws {
    let mail = try await database.read { tx -> LabelledMail? in
      guard let mail = try tx.labelledMail(of: number.id), try !tx.hasLesson(mail.message) else { return nil }
      return mail
    }
    guard let mail else { return nil }
    self.mail = mail
    features = settings.features(mail)
  }

  /// Writes it down, unless a later mail or a person changed the kind.
  func note(in head: ConversationHead, by agent: Int64, _ tx: Transaction, now: Instant) throws {
    guard head.kind == mail.told, try !tx.hasLesson(mail.message) else { return }
    try tx.insertLesson(
      mail, features.labelled(mail.told), isUnbiased: false, isSaid: false, customer: head.customer, agent: agent,
      now: now)
  }
}

extension Settings {
  /// What learning needs of a mail, with any label.
  func features(_ mail: LabelledMail) -> Lesson {
    let base = mailboxes[mail.mailboxName]?.classifier.base ?? TextClassifier()
    return base.lesson(MailReading(MessageParser.parse(mail.bytes)).classifiedText, .inquiry)
  }
}
