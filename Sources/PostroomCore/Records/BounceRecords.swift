import MailFormat
import SQLAccess

extension Transaction {
  /// What a bounce says of the address that a mail of ours went to: one that does not exist gets nothing more, one whose
  /// mail came back five times in a week neither. Only for mail that we sent: anybody can write a bounce.
  func take(_ bounce: BounceReport, now: Instant) throws {
    guard let original = bounce.originalMessageID, let sent = try sentMail(original) else { return }
    let entries = bounce.entries.filter { $0.address.isEmpty || $0.address.lowercased() == sent.recipient }
    guard let entry = entries.first ?? (bounce.entries.count == 1 ? bounce.entries.first : nil) else { return }
    if entry.isDeadAddress {
      try suppress(
        Suppression(
          channel: .mail, address: sent.recipient, scope: .all, reason: .hardBounce,
          source: entry.diagnostic ?? entry.status ?? "bounce", createdAt: now))
      try endDelivery(sent.id, entry, now: now)
    } else if entry.action != .delayed, entry.action.map({ $0 == .failed }) ?? true {
      try countSoftBounce(of: sent, entry, now: now)
      try endDelivery(sent.id, entry, now: now)
    }
  }

  /// A provider's report that a recipient called a mail of ours spam (RFC 5965): no more marketing.
  func takeComplaint(about messageID: String, evidence: String, now: Instant) throws {
    guard let sent = try sentMail(messageID) else { return }
    try suppress(
      Suppression(
        channel: .mail, address: sent.recipient, scope: .marketing, reason: .complaint, source: evidence,
        createdAt: now))
  }

  private func sentMail(_ messageID: String) throws -> (id: Int64, recipient: String)? {
    try row("SELECT id, recipient FROM delivery WHERE reference = $1 AND channel = 'mail'", [.text(messageID)]).map {
      (try $0.int(0), try $0.text(1).lowercased())
    }
  }

  private func countSoftBounce(
    of sent: (id: Int64, recipient: String), _ entry: BounceReport.Recipient, now: Instant
  ) throws {
    try execute(
      "INSERT INTO soft_bounce (address, delivery_id, bounced_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [.text(sent.recipient), .integer(sent.id), .integer(now)])
    let recent = try row(
      "SELECT COUNT(*) FROM soft_bounce WHERE address = $1 AND bounced_at > $2",
      [.text(sent.recipient), .integer(now.adding(-7 * 86_400))])
    guard let count = try recent?.int(0), count >= 5 else { return }
    try suppress(
      Suppression(
        channel: .mail, address: sent.recipient, scope: .all, reason: .softBounces,
        source: entry.diagnostic ?? entry.status ?? "bounce", createdAt: now))
  }

  /// What a server took and sent back did not arrive.
  private func endDelivery(_ id: Int64, _ entry: BounceReport.Recipient, now: Instant) throws {
    let reason = entry.diagnostic ?? entry.status ?? "it came back"
    try execute(
      """
      UPDATE delivery SET state = 'rejected', reason = $2, finished_at = $3
      WHERE id = $1 AND state IN ('accepted', 'delivered', 'uncertain')
      """, [.integer(id), .text(reason.clipped(bytes: 500)), .integer(now)])
  }
}

extension BounceReport.Recipient {
  /// The address itself is of no use: no such mailbox or domain, or disabled (RFC 3463 §3.2, §3.3). A refusal because of
  /// what or who sent it says nothing about the address.
  var isDeadAddress: Bool {
    guard isHard, let status else { return false }
    return status.hasPrefix("5.1.") && status != "5.1.7" && status != "5.1.8" || status == "5.2.1"
  }
}

extension MailMessage {
  /// The Message-ID of the mail that is attached to this one.
  func attachedMessageID(in source: [UInt8]) -> String? {
    for file in attachments where ["message/rfc822", "text/rfc822-headers"].contains(file.type) {
      if let id = MessageParser.parse(file.decode(from: source)).messageID { return id }
    }
    return nil
  }
}
