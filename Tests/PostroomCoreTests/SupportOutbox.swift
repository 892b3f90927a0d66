import SQLAccess
import TextClassifier

@testable import PostroomCore

extension Office {
  /// Queues `count` messages to r1@… through a gateway, due now, all for one conversation; the last row's id.
  @discardableResult
  func enqueue(_ count: Int = 1, gateway: String = "mail", expiresAt: Instant? = nil) async throws -> Int64 {
    let anna = agentIDs["anna"] ?? 0
    return try await database.write { tx in
      let mailbox = try tx.mailboxIDs()["support"] ?? 0
      let customer = try tx.customer(address: "li.wei@customer.example", name: "Li Wei", now: monday)
      let conversation = try tx.insertConversation(
        mailbox: mailbox, customer: customer.id, contact: "li.wei@customer.example", subject: "Hours", kind: .inquiry,
        language: .english,
        owner: Assignment.Choice(agent: anna, reason: .fallback), now: monday)
      for number in 1...count {
        try tx.enqueue(
          .sample("\(gateway)/\(conversation)/\(number)", conversation, number, gateway, expiresAt), now: .now)
      }
      return try tx.row("SELECT MAX(id) FROM delivery")?.int(0) ?? 0
    }
  }

  /// A dispatcher as a process of its own would have it; its journal stands in the office's folder.
  func dispatcher(
    _ gateways: [String: any Gateway], node: String = "a", maxAttempts: Int = 12, rules: SendingRules = SendingRules(),
    database other: Database? = nil, searchSeconds: Seconds = 60
  ) throws -> Dispatcher {
    let settings = gateways.keys.map { name in
      GatewaySettings(
        name: name, kind: .file(folder: folder), backoff: Backoff(first: 30, limit: 3600), maxAttempts: maxAttempts,
        rules: rules, resendUncertainAfter: 600)
    }
    return Dispatcher(
      database: other ?? database, gateways: gateways,
      settings: Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0) }), journal: try journal(node),
      node: node, log: .quiet, searchSeconds: searchSeconds)
  }

  func journal(_ node: String = "a") throws -> AttemptJournal { try AttemptJournal(file: journalFile(node)) }
  func journalFile(_ node: String = "a") -> String { "\(folder)/attempts.\(node)" }

  /// Lets the pause before the next attempt pass.
  func makeDue() async throws {
    try await execute("UPDATE delivery SET due_at = 0 WHERE state IN ('deferred', 'held')")
    try await execute("UPDATE gateway SET paused_until = 0")
  }

  /// A process claims all that is due and dies before it writes anything down.
  func claimAndDie(node: String = "a", leaseSeconds: Seconds = 900) async throws -> [Delivery] {
    try await database.write { tx in
      try tx.claimDeliveries(
        of: "mail", room: 1000, terms: ClaimTerms(holder: node, leaseSeconds: leaseSeconds), now: .now
      ).deliveries
    }
  }

  var states: [DeliveryState: Int64] {
    get async throws { try await database.read { tx in try tx.deliveryStates() } }
  }
}

extension DeliveryDraft {
  static func sample(
    _ key: String, _ conversation: Int64, _ number: Int, _ gateway: String = "mail", _ expiresAt: Instant? = nil
  ) -> DeliveryDraft {
    DeliveryDraft(
      naturalKey: key, purpose: .reply, gateway: gateway, conversation: conversation, message: nil, author: nil,
      sender: "support@postroom.example", recipient: "r\(number)@customer.example", subject: "Re: Hours",
      reference: "\(key)@postroom.example", templateHash: nil,
      content: Array("Message-ID: <\(key)@postroom.example>\r\n\r\nAt nine.\r\n".utf8), expiresAt: expiresAt)
  }
}
