import SQLAccess
import TextClassifier

extension Intake {
  /// In the mail's own transaction: a mail that a person wrote and of which the classifier is not sure is asked about
  /// later. One that is old already has been read by the time of an answer.
  func askSecondOpinion(of mail: PreparedMail, message: Int64, in tx: Transaction, now: Instant) throws {
    guard mailbox.wantsSecondOpinion, mail.channel == .mail, mail.classification?.isSure == false else { return }
    let end = min(mail.fetched.arrivedAt, now).adding(SecondOpinion.validity)
    guard end > now else { return }
    try tx.insertSecondOpinion(of: message, expiresAt: end, now: now)
  }
}
