import Foundation
import MailFormat
package import SQLAccess
import TextClassifier

/// A refused action: who or what is in the way, and what to do.
package struct DeskRefusal: Error, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// The agents' verbs. Each is one transaction with its event.
package struct Desk: Sendable {
  private let database: Database
  private let settings: Settings
  private let replies: ReplyWriter

  package init(database: Database, settings: Settings, replies: ReplyWriter) {
    self.database = database
    self.settings = settings
    self.replies = replies
  }

  /// Hands a conversation to another agent. `actor` is the agent who does it.
  package func assign(_ number: ConversationNumber, to agent: String, by actor: String, now: Instant) async throws {
    try settings.checkAgent(agent)
    try await database.write { tx in
      let head = try Self.head(number, tx)
      guard let target = try tx.agentIDs()[agent] else {
        throw DeskRefusal("\(agent) is not in the database yet: `postroom serve` brings the settings there")
      }
      guard target != head.owner else { throw DeskRefusal("\(number) belongs to \(agent) already") }
      try tx.setOwner(of: head.id, to: target, reason: .assigned)
      try tx.setOwner(ofCustomer: head.customer, to: target)
      if head.state != .resolved {
        try tx.changeOpenCount(of: head.owner, by: -1)
        try tx.changeOpenCount(of: target, by: 1)
      }
      try tx.note("assigned", in: head.id, by: actor, detail: agent, now: now)
    }
  }

  /// Answers the customer. The promise is kept from this moment; the conversation waits for the customer, or is done
  /// when `resolving`. `lastSeen` is the number of messages the author had read: when another came since, the reply is
  /// refused, so that nobody answers past a new mail or a colleague; nil skips the check.
  package func reply(
    _ number: ConversationNumber, text: String, by agent: String, resolving: Bool = false, lastSeen: Int64? = nil,
    now: Instant
  ) async throws {
    let body = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !body.isEmpty else { throw DeskRefusal("the reply is empty") }
    let author = try settings.checkAgent(agent)
    let settings = settings
    let replies = replies
    let callback = callback
    let agreement = try await Agreement(with: number, database, settings)
    try await database.write { tx in
      let head = try Self.head(number, tx)
      let facts = try tx.replyFacts(head.id)
      if let lastSeen, facts.messages != lastSeen {
        throw DeskRefusal("\(number) got new mail since you read it: look at it again before you answer")
      }
      guard let mailbox = settings.mailboxes[facts.mailbox] else {
        throw DeskRefusal("the mailbox \(facts.mailbox) of \(number) is not in the settings any more")
      }
      guard let authorID = try tx.agentIDs()[agent] else {
        throw DeskRefusal("\(agent) is not in the database yet: `postroom serve` brings the settings there")
      }
      let reply = Reply(number: number, head: head, facts: facts, body: body, author: author, authorID: authorID)
      let draft =
        switch facts.channel {
        case .mail: try Self.mail(reply, settings, mailbox, replies, now: now)
        case .sms: try Self.sms(reply, settings)
        }
      guard try tx.enqueue(draft, now: now) else { throw DeskRefusal("this reply is queued already") }
      try tx.countMessage(in: head.id)
      try tx.keepPromise(head.id, now: now)
      try agreement?.note(in: head, by: authorID, tx, now: now)
      try tx.note("replied", in: head.id, by: agent, detail: String(body.prefix(200)), now: now)
      try Self.move(head, to: resolving ? .resolved : .waiting, tx, by: agent, now: now)
      if resolving { try callback.plan(after: head, tx, now: now) }
    }
  }

  /// What an agent answers.
  private struct Reply {
    var number: ConversationNumber
    var head: ConversationHead
    var facts: ReplyFacts
    var body: String
    var author: AgentSettings
    var authorID: Int64

    var naturalKey: String { "reply/conversation/\(head.id)/\(facts.deliveries + 1)" }
  }

  private static func mail(
    _ reply: Reply, _ settings: Settings, _ mailbox: MailboxSettings, _ replies: ReplyWriter, now: Instant
  ) throws -> DeliveryDraft {
    let facts = reply.facts
    let subject = "Re: \(reply.head.subject) [\(reply.number)]"
    var mail = replies.outgoing(
      mailbox, language: facts.language, conversation: reply.head.id,
      to: MailAddress(name: facts.customerName, address: facts.customerAddress), subject: subject, now: now)
    mail.text = reply.body + "\n\n-- \n" + signature(reply.author, settings, mailbox, facts.language)
    mail.inReplyTo = facts.lastMessageID
    mail.references = facts.references
    return DeliveryDraft(
      naturalKey: "mail/\(reply.naturalKey)", purpose: .reply, gateway: mailbox.gateway, customer: reply.head.customer,
      conversation: reply.head.id, message: facts.lastMessage, author: reply.authorID, sender: mailbox.address,
      recipient: facts.customerAddress, subject: subject, reference: mail.messageID, templateHash: nil,
      content: try replies.compose(mail), expiresAt: nil)
  }

  /// Who writes by SMS is answered by SMS.
  private static func sms(_ reply: Reply, _ settings: Settings) throws -> DeliveryDraft {
    guard let gateway = settings.smsGateway(of: reply.facts.mailbox) else {
      throw DeskRefusal(
        "\(reply.number) came by SMS, and no SMS gateway names the mailbox \(reply.facts.mailbox): "
          + "write `mailbox: \(reply.facts.mailbox)` into its file")
    }
    let number: PhoneNumber
    do { number = try PhoneNumber(reply.facts.customerAddress) } catch {
      throw DeskRefusal("\(reply.facts.customerAddress) cannot be answered: \(error.words.english)")
    }
    let sms = OutgoingSMS(
      naturalKey: "sms/\(reply.naturalKey)", purpose: .reply, to: number, text: reply.body,
      language: reply.facts.language, customer: reply.head.customer, conversation: reply.head.id,
      message: reply.facts.lastMessage, author: reply.authorID)
    let plan = sms.plan(through: gateway)
    if plan.isTooLong {
      throw DeskRefusal("the text is too long for an SMS of \(gateway.name): \(plan.text.utf16.count) characters")
    }
    return sms.delivery(through: gateway)
  }

  /// Ends a conversation. Refused while a promise is open and nothing was answered, unless `force` says that the matter
  /// was settled otherwise (by telephone, say).
  package func resolve(
    _ number: ConversationNumber, by agent: String, force: Bool = false, now: Instant
  ) async throws {
    try settings.checkAgent(agent)
    let callback = callback
    try await database.write { tx in
      let head = try Self.head(number, tx)
      guard head.state != .resolved else { throw DeskRefusal("\(number) is resolved already") }
      if try tx.hasOpenPromise(head.id) {
        guard force else {
          throw DeskRefusal(
            "\(number) still owes the customer an answer: reply first, or use --force when it was given otherwise")
        }
        try tx.keepPromise(head.id, now: now)
      }
      try Self.move(head, to: .resolved, tx, by: agent, now: now)
      try callback.plan(after: head, tx, now: now)
    }
  }

  private var callback: Callback { Callback(settings: settings, replies: replies) }

  static func head(_ number: ConversationNumber, _ tx: Transaction) throws -> ConversationHead {
    // The same order of locks as intake, which takes agents first and conversations later.
    try tx.lock("intake")
    guard let head = try tx.conversationHead(number.id) else {
      throw DeskRefusal("there is no conversation \(number)")
    }
    return head
  }

  private static func move(
    _ head: ConversationHead, to state: Conversation.State, _ tx: Transaction, by agent: String, now: Instant
  ) throws {
    // What is resolved again has a new solution, from which the time to the callback counts.
    guard state != head.state || state == .resolved else { return }
    try tx.setState(state, of: head.id, now: now)
    if (state == .resolved) != (head.state == .resolved) {
      try tx.changeOpenCount(of: head.owner, by: state == .resolved ? -1 : 1)
    }
    try tx.note(state.rawValue, in: head.id, by: agent, now: now)
  }

  private static func signature(
    _ author: AgentSettings, _ settings: Settings, _ mailbox: MailboxSettings, _ language: Language
  ) -> String {
    let hotline = Localized(chinese: "服务热线", english: "Hotline")[language]
    return "\(author.name)\n\(settings.company[language])\n\(hotline): \(mailbox.hotline)\n"
  }
}
