package import Logging
import MailFormat
import SQLAccess
import TextClassifier

/// What intake did with one mail.
package struct Receipt: Sendable, Equatable {
  package var outcome: Outcome
  package var repliesQueued: Int
}

/// One mail, one decision, one savepoint: seen before? automatic? whose? which conversation? what kind? who owns it? by
/// when? may we answer? Everything that follows from a mail is written together with its row in the ledger.
package struct Intake: Sendable {
  let preparation: MailPreparation
  let replies: ReplyWriter
  package let mailbox: IntakeMailbox
  /// What the mailbox's mails are told apart with.
  let shelf: ModelShelf

  package init(mailbox: IntakeMailbox, templates: Templates, signer: ReplySigner, log: Logger? = nil) {
    self.mailbox = mailbox
    shelf = ModelShelf(
      mailbox: mailbox.id, name: mailbox.settings.name, base: mailbox.settings.classifier.base, log: log)
    preparation = MailPreparation(mailbox: mailbox.settings, signer: signer)
    replies = ReplyWriter(templates: templates, signer: signer)
  }

  /// Takes one mail in within its own savepoint; when that fails for a reason that lies in the mail, the next savepoint
  /// quarantines it. Throws only what concerns the database as a whole, so that nothing is lost and all is tried again.
  func take(_ mail: PreparedMail, key: LedgerKey, in tx: Transaction, now: Instant) throws -> Receipt {
    if let obstacle = mail.obstacle {
      return try tx.savepoint { try quarantine(mail, key, cause: obstacle, in: tx, now: now) }
    }
    do {
      do {
        return try enter(mail, key, in: tx, now: now)
      } catch let error as SQLError where error.kind == .unique {
        // Another node took the same mail in a moment ago, from another mailbox: seen now, it is a duplicate.
        return try enter(mail, key, in: tx, now: now)
      }
    } catch let error as SQLError where !error.isAboutTheRow {
      throw error
    } catch {
      return try tx.savepoint { try quarantine(mail, key, cause: "\(error)", in: tx, now: now) }
    }
  }

  private func enter(_ mail: PreparedMail, _ key: LedgerKey, in tx: Transaction, now: Instant) throws -> Receipt {
    try tx.savepoint {
      let (receipt, message) = try accept(mail, in: tx, now: now)
      try tx.enter(key, receipt.outcome, message: message, quarantine: nil, now: now)
      return receipt
    }
  }

  private func quarantine(
    _ mail: PreparedMail, _ key: LedgerKey, cause: String, in tx: Transaction, now: Instant
  ) throws -> Receipt {
    let id = try tx.quarantine(
      mailbox: mailbox.id, owner: mailbox.fallback, cause: cause, bytes: mail.fetched.bytes,
      arrivedAt: mail.fetched.arrivedAt, now: now)
    try tx.enter(key, .quarantine, message: nil, quarantine: id, now: now)
    return Receipt(outcome: .quarantine, repliesQueued: 0)
  }

  /// The effects of a mail that can be read. Gives the message that the ledger row names.
  func accept(_ mail: PreparedMail, in tx: Transaction, now: Instant) throws -> (Receipt, message: Int64) {
    if let original = try tx.message(fingerprint: mail.fingerprint) {
      return (Receipt(outcome: .duplicate, repliesQueued: 0), original)
    }
    if let token = mail.unsubscribe, ![.bounce, .report, .loop].contains(mail.kind.kind) {
      try tx.unsubscribe(token, source: "unsubscribe mail", now: now)
    }
    if mail.isSpam { return try file(mail, as: .spam, in: tx, now: now) }
    switch mail.kind.kind {
    case .human: return try converse(mail, in: tx, now: now)
    case .bounce, .report: return try file(mail, as: .bounce, in: tx, now: now)
    case .autoReply, .receipt, .list, .loop: return try file(mail, as: .automatic, in: tx, now: now)
    }
  }

  // MARK: Machine mail: stored, owned, never answered

  private func file(
    _ mail: PreparedMail, as outcome: Outcome, in tx: Transaction, now: Instant
  ) throws -> (Receipt, message: Int64) {
    var conversation: Int64?
    if outcome != .spam, mail.kind.kind != .loop, mail.kind.kind != .list {
      let reported = mail.bounce?.originalMessageID.flatMap { preparation.signer.conversation(ofMessageID: $0) }
      if let id = reported ?? mail.signedConversation { conversation = try tx.conversationHead(id)?.id }
    }
    let suppression: ReplySuppression = outcome == .spam ? .spam : .machine
    let message = try insert(mail, conversation: conversation, decision: suppression.rawValue, in: tx, now: now)
    if let conversation {
      try tx.countMessage(in: conversation)
      // A server that goes on trying tells nothing yet; when it gives up, another notice comes.
      let isDelayed = mail.bounce?.isDelayed == true
      let what = outcome != .bounce ? "machine_mail" : isDelayed ? "delayed" : "bounced"
      let detail = mail.bounce?.diagnostic ?? mail.kind.evidence
      try tx.note(what, in: conversation, by: "intake", detail: detail, now: now)
      if !isDelayed, let original = mail.bounce?.originalMessageID,
        let delivery = try tx.delivery(messageID: original)
      {
        try tx.reopenUndelivered(delivery, detail: detail, now: now)
      }
    }
    if let bounce = mail.bounce { try tx.take(bounce, now: now) }
    if mail.kind.kind == .report, let original = mail.message.attachedMessageID(in: mail.fetched.bytes) {
      try tx.takeComplaint(about: original, evidence: mail.kind.evidence, now: now)
    }
    return (Receipt(outcome: outcome, repliesQueued: 0), message)
  }

  // MARK: A person wrote

  func converse(
    _ mail: PreparedMail, in tx: Transaction, now: Instant
  ) throws -> (Receipt, message: Int64) {
    guard let sender = mail.sender else { throw SettingsError("the mail names no sender") }
    let customer = try tx.customer(
      mail.channel, address: mail.contact, name: sender.name.clipped(bytes: 400), now: now)
    let known = try conversation(for: mail, sender: sender, customer: customer.id, in: tx, now: now)
    let conversation: ConversationHead
    if let known {
      conversation = known
      try tx.reopen(known.id, now: now)
      if known.state == .resolved { try tx.changeOpenCount(of: known.owner, by: 1) }
    } else {
      conversation = try open(mail, customer: customer, in: tx, now: now)
    }
    // Who is known writes no spam, whatever the words.
    let spam = customer.isNew && known == nil && mail.channel == .mail ? mail.spam : nil
    let message = try insert(
      mail, conversation: conversation.id, routing: known == nil ? mail.routing : nil, spam: spam,
      decision: "answered", in: tx, now: now)
    try askSecondOpinion(of: mail, message: message, in: tx, now: now)
    let decision = try answer(
      mail, message: message, conversation: conversation, isNew: known == nil, isLikelySpam: spam?.isSpam == true,
      customerName: customer.name, in: tx, now: now)
    if decision != .reply { try tx.setReplyDecision(decision.code, of: message) }
    let outcome: Outcome = known == nil ? .conversation : .reply
    return (Receipt(outcome: outcome, repliesQueued: decision == .reply ? 1 : 0), message)
  }

  /// Signed marks first, then Message-IDs of mail in the customer's own conversations, then the tag in the subject, which
  /// anybody can write, only for those who take part.
  private func conversation(
    for mail: PreparedMail, sender: MailAddress, customer: Int64, in tx: Transaction, now: Instant
  ) throws -> ConversationHead? {
    if mail.channel == .sms {
      let id = try tx.conversation(answeredBy: mail.contact, customer: customer, now: now)
      return try id.flatMap(tx.conversationHead)
    }
    if let id = mail.signedConversation, let head = try tx.conversationHead(id) { return head }
    if !mail.references.isEmpty, let id = try tx.conversation(ofMessageIDs: mail.references, customer: customer) {
      return try tx.conversationHead(id)
    }
    if let id = mail.taggedConversation, try tx.takesPart(address: sender.normalized, in: id) {
      return try tx.conversationHead(id)
    }
    return nil
  }

  private func open(
    _ mail: PreparedMail, customer: (id: Int64, name: String, owner: Int64?, isNew: Bool), in tx: Transaction,
    now: Instant
  ) throws -> ConversationHead {
    let today = mailbox.settings.calendar.localTime(now).date
    let day = Int64(today.daysSinceEpoch)
    let members = Set(mailbox.team.members.compactMap { mailbox.agentIDs[$0] })
    let team = try tx.candidates(day: day).filter { members.contains($0.agent) }.map { candidate in
      var candidate = candidate
      if mailbox.agents[candidate.agent]?.isAbsent(on: today) == true { candidate.isAvailable = false }
      return candidate
    }
    let owner = Assignment.owner(among: team, previous: customer.owner, fallback: mailbox.fallback)
    let subject = mail.topic.isEmpty ? Self.noSubject[mail.language] : mail.topic
    let id = try tx.insertConversation(
      mailbox: mailbox.id, customer: customer.id, channel: mail.channel, contact: mail.contact, subject: subject,
      kind: mail.label, toConfirm: mail.routing?.isToConfirm ?? false, language: mail.language, owner: owner, now: now)
    try tx.countAssignment(to: owner.agent, day: day, now: now)
    try tx.setOwner(ofCustomer: customer.id, to: owner.agent)
    try tx.note("opened", in: id, by: "intake", detail: owner.reason.rawValue, now: now)
    return ConversationHead(
      id: id, customer: customer.id, kind: mail.label, state: .open, owner: owner.agent,
      subject: subject)
  }

  private static let noSubject = Localized(chinese: "（无主题）", english: "(no subject)")

  func insert(
    _ mail: PreparedMail, conversation: Int64?, routing: Routing? = nil, spam: SpamScore? = nil, decision: String,
    in tx: Transaction,
    now: Instant
  ) throws -> Int64 {
    let isHuman = mail.kind.kind == .human && !mail.isSpam
    var defects = mail.message.defects.map { "\($0)" }
    if mail.fetched.isTruncated {
      defects.append("the mail is larger than the mailbox's limit: only its beginning is here")
    }
    return try tx.insertMessage(
      MessageRow(
        mailbox: mailbox.id, conversation: conversation, owner: conversation == nil ? mailbox.fallback : nil,
        fingerprint: mail.fingerprint, rfcMessageID: mail.message.messageID?.clipped(bytes: 998),
        sender: mail.contact, senderName: mail.sender?.name.clipped(bytes: 400) ?? "",
        replyAddress: mail.channel == .sms ? mail.contact : mail.replyAddress?.address ?? "",
        subject: mail.message.subject.clipped(bytes: 1000),
        preview: mail.preview,
        mailKind: mail.kind.kind.rawValue, mailEvidence: mail.kind.kind == .human ? nil : mail.kind.evidence,
        label: isHuman ? mail.label.rawValue : nil, confidence: isHuman ? mail.classification?.confidence : nil,
        labelEvidence: isHuman ? evidence(mail.classification) : nil, routing: routing, spamScore: spam?.probability,
        replyDecision: decision,
        defects: defects.isEmpty ? nil : defects.joined(separator: "\n"),
        attachments: mail.message.attachments.count, sentAt: mail.message.date, arrivedAt: mail.fetched.arrivedAt),
      bytes: mail.fetched.bytes, now: now)
  }

  private func evidence(_ classification: Classification?) -> String? {
    let words = classification?.evidence.prefix(6).map(\.text) ?? []
    return words.isEmpty ? nil : words.joined(separator: " · ")
  }
}

extension SQLError {
  /// Whether what was to be written is at fault, so that another mail would go through; anything else is the database's
  /// trouble, and no mail is put away for it. Beside the common kinds: SQLite's too big, constraint, mismatch and range,
  /// PostgreSQL's classes data exception (22), integrity (23) and program limit (54).
  var isAboutTheRow: Bool {
    switch kind {
    case .unique, .foreignKey, .check, .notNull, .type: return true
    case .other:
      guard let engineCode else { return false }
      if engineCode.utf8.count == 5 { return ["22", "23", "54"].contains { engineCode.hasPrefix($0) } }
      return Int(engineCode).map { [18, 19, 20, 25].contains($0 & 0xFF) } ?? false
    default: return false
    }
  }
}
