package import Logging
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
    var isWhole = true
  }

  private let mailbox: Int64
  private let name: String
  private let base: TextClassifier
  private let log: Logger?
  private let copy: Mutex<Copy>

  /// - Parameter mailbox: its row.
  package init(mailbox: Int64, name: String, base: TextClassifier, log: Logger? = nil) {
    self.mailbox = mailbox
    self.name = name
    self.base = base
    self.log = log
    copy = Mutex(Copy(revision: 0, model: MailboxModel(classifier: base, threshold: nil)))
  }

  /// The one that was looked at last.
  package var last: MailboxModel { copy.withLock { $0.model } }

  /// The one that holds now. What cannot be read any more, since another program wrote it, counts as nothing learned:
  /// the next refit makes it anew from the log. The program's log says so once.
  package func model(_ tx: Transaction) throws -> MailboxModel {
    let known = copy.withLock { $0 }
    guard let state = try tx.learnerState(mailbox), state.revision != known.revision else { return known.model }
    var (delta, fault): (ModelDelta?, ModelError?)
    if let active = try tx.activeDelta(mailbox) {
      do { delta = try active.delta() } catch { fault = error }
    }
    // The threshold was earned by what cannot be read.
    let model = MailboxModel(classifier: base.with(delta), threshold: fault == nil ? state.threshold : nil)
    let isNews = copy.withLock { copy in
      // A slower look must not bring the older one back.
      guard state.revision > copy.revision else { return false }
      let wasWhole = copy.isWhole
      copy = Copy(revision: state.revision, model: model, isWhole: fault == nil)
      return wasWhole && fault != nil
    }
    if isNews, let fault {
      log?.error(
        "\(name): mails are told apart without what was learned: \(fault), tonight by itself or now by `postroom model refit \(name)`"
      )
    }
    return model
  }
}
