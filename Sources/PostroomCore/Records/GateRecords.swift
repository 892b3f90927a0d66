internal import Foundation
import SQLAccess

/// Collects what the gate must know, for one transaction.
struct GateFacts {
  let tx: Transaction
  let zone: TimeZone
  /// See ``ClaimTerms/mailboxZones``.
  let mailboxZones: [String: TimeZone]
  let pressure: ContactPressure
  /// Two nodes must not both find room for one customer; a plan only looks.
  let isClaim: Bool
  private var zones: [String: TimeZone] = [:]
  /// By address, of those that were looked up in advance; none stands for not suppressed.
  private var suppressions: [Channel: [String: [Suppressed]]] = [:]

  private struct Suppressed {
    var isForAll: Bool
    var reason: GateReason
  }

  init(
    _ tx: Transaction, zone: TimeZone, mailboxZones: [String: TimeZone] = [:], pressure: ContactPressure, isClaim: Bool
  ) {
    self.tx = tx
    self.zone = zone
    self.mailboxZones = mailboxZones
    self.pressure = pressure
    self.isClaim = isClaim
  }

  /// Of a message to one recipient.
  struct Question {
    var purpose: Purpose
    var channel: Channel
    var recipient: String
    var customer: Int64?
    var conversation: Int64?
    var gateway: String
    var expiresAt: Instant?
  }

  /// Looks up at once what would be looked up for each of these questions. What is written later is not seen.
  mutating func prepare(_ questions: [Question]) throws {
    suppressions = [:]
    for (channel, questions) in Dictionary(grouping: questions, by: \.channel) {
      suppressions[channel] = try suppressed(
        questions.map { SuppressionKey.address($0.recipient, channel) }, channel)
    }
  }

  /// Whether the answer depends on what was sent before.
  static func looksBack(_ question: Question, _ rules: SendingRules) -> Bool {
    question.purpose.isMarketing || (question.channel == .sms && !rules.recipientLimits.isEmpty)
  }

  mutating func facts(_ question: Question, rules: SendingRules, now: Instant) throws -> SendGate.Facts {
    var facts = SendGate.Facts(
      purpose: question.purpose, channel: question.channel, recipient: question.recipient, zone: zone)
    facts.expiresAt = question.expiresAt
    try addSuppression(&facts)
    let minds = question.purpose.isMarketing || rules.hours(for: question.purpose, recipient: question.recipient) != nil
    if minds {
      if let name = CountryZone.name(ofNumber: question.recipient) {
        facts.zone = zone(name)
      } else if let conversation = question.conversation, let zone = try mailboxZone(conversation) {
        facts.zone = zone
      }
      if let customer = question.customer { try addCustomer(customer, to: &facts, now: now) }
    }
    if question.channel == .sms, let longest = rules.recipientLimits.map(\.window).max() {
      facts.throughGateway = try tx.rows(
        """
        SELECT sent_at FROM delivery WHERE recipient = $1 AND channel = 'sms' AND sent_at > $2 AND gateway = $3
          AND (state IN ('sending', 'accepted', 'delivered', 'uncertain') OR uncertainties > 0)
        ORDER BY sent_at DESC LIMIT 1000
        """, [.text(question.recipient), .integer(now.adding(-longest)), .text(question.gateway)]
      ).map { try $0.int(0) }
    }
    return facts
  }

  private func addSuppression(_ facts: inout SendGate.Facts) throws {
    let address = SuppressionKey.address(facts.recipient, facts.channel)
    let known = try suppressions[facts.channel]?[address] ?? suppressed([address], facts.channel)[address] ?? []
    for suppressed in known {
      if suppressed.isForAll {
        facts.suppressedForAll = suppressed.reason
      } else {
        facts.suppressedForMarketing = suppressed.reason
      }
    }
  }

  /// An entry for each of the addresses.
  private func suppressed(_ addresses: [String], _ channel: Channel) throws -> [String: [Suppressed]] {
    var result: [String: [Suppressed]] = [:]
    for address in addresses { result[address] = [] }
    let rows = try tx.rows(
      "SELECT address, scope, reason FROM suppression WHERE channel = $1 AND address IN \(tx.dialect.texts(in: "$2"))",
      [.text(channel.rawValue), .list(addresses)])
    for row in rows {
      let reason = SuppressionReason(rawValue: try row.text(2))?.gateReason ?? .byHand
      result[try row.text(0), default: []].append(Suppressed(isForAll: try row.text(1) == "all", reason: reason))
    }
    return result
  }

  private mutating func addCustomer(_ customer: Int64, to facts: inout SendGate.Facts, now: Instant) throws {
    guard
      let row = try tx.row(
        "SELECT zone, satisfaction FROM customer WHERE id = $1\(isClaim ? tx.dialect.forUpdate : "")",
        [.integer(customer)])
    else { return }
    if let name = try row.optionalText(0) { facts.zone = zone(name) }
    guard facts.purpose.isMarketing else { return }
    facts.satisfaction = try row.optionalInt(1)
    facts.consent = try tx.row(
      "SELECT given FROM consent WHERE customer_id = $1 AND channel = $2 AND purpose = $3",
      [.integer(customer), .text(facts.channel.rawValue), .text(facts.purpose.rawValue)]
    ).map { try $0.int(0) == 1 }
    facts.hasOpenComplaint =
      try tx.row(
        """
        SELECT 1 FROM conversation WHERE customer_id = $1 AND kind = 'complaint' AND state <> 'resolved' LIMIT 1
        """, [.integer(customer)]) != nil
    facts.hasMissedPromise =
      try tx.row(
        """
        SELECT 1 FROM conversation c JOIN promise p ON p.conversation_id = c.id AND p.kept_at IS NULL
        WHERE c.customer_id = $1 AND p.due_at < $2 LIMIT 1
        """, [.integer(customer), .integer(now)]) != nil
    facts.marketing = try tx.rows(
      """
      SELECT channel, sent_at FROM delivery WHERE customer_id = $1 AND priority = 1 AND sent_at > $2
        AND (state IN ('sending', 'accepted', 'delivered', 'uncertain') OR uncertainties > 0)
      ORDER BY sent_at DESC LIMIT 100
      """, [.integer(customer), .integer(now.adding(-pressure.longestWindow))]
    ).map { (Channel(rawValue: try $0.text(0)) ?? .mail, try $0.int(1)) }
  }

  private func mailboxZone(_ conversation: Int64) throws -> TimeZone? {
    guard !mailboxZones.isEmpty else { return nil }
    return try tx.row(
      "SELECT m.name FROM conversation c JOIN mailbox m ON m.id = c.mailbox_id WHERE c.id = $1",
      [.integer(conversation)]
    ).flatMap { mailboxZones[try $0.text(0)] }
  }

  mutating func zone(_ name: String) -> TimeZone {
    if let known = zones[name] { return known }
    let found = TimeZone(identifier: name) ?? zone
    zones[name] = found
    return found
  }
}
