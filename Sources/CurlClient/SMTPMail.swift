/// One mail to one recipient: one SMTP transaction (RFC 5321 §3.3), so that one recipient's refusal never touches
/// another's mail.
package struct SMTPMail: Sendable {
  /// Envelope sender without angle brackets; empty is the null return path `<>` (RFC 5321 §4.5.5).
  package var sender: String
  /// Envelope recipient without angle brackets.
  package var recipient: String
  /// The complete message (RFC 5322): header, empty line, body. Lines are ended with CRLF and dot-stuffed on the
  /// way out, whatever line ends stand here.
  package var content: [UInt8]

  package init(sender: String, recipient: String, content: [UInt8]) {
    self.sender = sender
    self.recipient = recipient
    self.content = content
  }

  /// Why the envelope must not be sent at all, as the reply that a server would give; nil when it may.
  var refusal: SMTPReply? {
    if !sender.isEmpty, !Self.isPath(sender) {
      return SMTPReply(code: 501, enhancedStatus: "5.1.7", text: "5.1.7 Sender address refused before sending")
    }
    guard Self.isPath(recipient) else {
      return SMTPReply(code: 501, enhancedStatus: "5.1.3", text: "5.1.3 Recipient address refused before sending")
    }
    return nil
  }

  /// Whether the envelope needs SMTPUTF8 (RFC 6531).
  var isInternational: Bool { !(sender.utf8.allSatisfy { $0 < 128 } && recipient.utf8.allSatisfy { $0 < 128 }) }

  /// Nothing that could end the path or the command line early, and no longer than RFC 5321 §4.5.3.1.3 allows.
  private static func isPath(_ address: String) -> Bool {
    let length = address.utf8.count
    return length > 0 && length <= 254
      && address.utf8.allSatisfy {
        $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
      }
  }
}
