package import SQLAccess
import Synchronization
package import TextClassifier

/// What a mailbox's mails are told apart with at a moment: the model, what the mailbox learned, and from which confidence
/// on a label counts without a person.
package struct MailboxModel: Sendable {
  package var classifier: TextClassifier
  /// Nil while the mailbox's own labels do not carry one: then every mail is to be confirmed.
  package var threshold: Double?

  /// How a mail that opens a conversation is routed. The draw depends on the mail and the signing key alone: nobody can
  /// write a mail that is never looked at, and a mail that is taken in twice is drawn twice or never.
  func routing(
    of classification: Classification, fingerprint: [UInt8], auditShare: Double, lot: AuditLot
  ) -> Routing {
    guard let threshold, classification.confidence >= threshold else { return .suggested }
    return lot.draws(fingerprint, share: auditShare) ? .audit : .automatic
  }
}

/// Keeps the model of one mailbox at hand, and notices when people taught it: each look costs reading one number.
package final class ModelShelf: Sendable {
  private struct Copy {
    var revision: Int64
    var model: MailboxModel
  }

  private let mailbox: Int64
  private let base: TextClassifier
  private let copy: Mutex<Copy>

  /// - Parameter mailbox: its row.
  package init(mailbox: Int64, base: TextClassifier) {
    self.mailbox = mailbox
    self.base = base
    copy = Mutex(Copy(revision: 0, model: MailboxModel(classifier: base, threshold: nil)))
  }

  /// The one that was looked at last.
  package var last: MailboxModel { copy.withLock { $0.model } }

  /// The one that holds now. What cannot be read any more, since another program wrote it, counts as nothing learned:
  /// the next refit makes it anew from the log.
  package func model(_ tx: Transaction) throws -> MailboxModel {
    let known = copy.withLock { $0 }
    guard let state = try tx.learnerState(mailbox), state.revision != known.revision else { return known.model }
    let delta = try tx.activeDelta(mailbox).flatMap { try? ModelDelta(bytes: $0.bytes) }
    let model = MailboxModel(classifier: base.with(delta), threshold: state.threshold)
    copy.withLock {
      // A slower look must not bring the older one back.
      if state.revision > $0.revision { $0 = Copy(revision: state.revision, model: model) }
    }
    return model
  }
}
