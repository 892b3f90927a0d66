import Crypto
import Foundation

/// Marks what Postroom sends so that it knows it again: Message-IDs that name their conversation, reply addresses, and
/// the header that stops loops. All are signed, so nobody can write his way into another customer's conversation.
package struct ReplySigner: Sendable {
  private let key: SymmetricKey
  /// Value of the `X-Postroom-Loop` header of everything this installation sends.
  package let loopToken: String
  package static let loopHeader = "X-Postroom-Loop"
  /// Links to unsubscribe, under keys of their own.
  package let unsubscribe: UnsubscribeSigner
  /// Mails that a person is to look at.
  let audit: AuditLot

  /// `secret`: at least 32 bytes, the same on all nodes and for good; what was signed with another is not recognised.
  package init(secret: [UInt8]) {
    key = SymmetricKey(data: secret)
    loopToken = Self.signature("loop", key)
    unsubscribe = UnsubscribeSigner(secret: secret)
    audit = AuditLot(secret: secret)
  }

  /// A Message-ID without its angle brackets, `p.<conversation>.<random>.<signature>@<domain>`. It is made once and
  /// stored, so that each attempt to send carries the same.
  package func messageID(conversation: Int64, nonce: UInt64, domain: String) -> String {
    let stem = "p.\(conversation).\(String(nonce, radix: 32))"
    return "\(stem).\(Self.signature("mid:" + stem, key))@\(domain)"
  }

  /// The conversation that a Message-ID of ours names, or nil when it is not ours. The domain is not looked at: mailboxes
  /// change their addresses.
  package func conversation(ofMessageID messageID: String) -> Int64? {
    guard messageID.hasPrefix("p."), let at = messageID.prefix(64).firstIndex(of: "@") else { return nil }
    let parts = messageID[..<at].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, let conversation = Int64(parts[1]) else { return nil }
    let stem = "p.\(parts[1]).\(parts[2])"
    return Self.equal(parts[3], Self.signature("mid:" + stem, key)) ? conversation : nil
  }

  /// `support+p10492-<signature>@example.cn`: reaches the conversation even from mail programs that drop References.
  package func replyAddress(conversation: Int64, address: String) -> String {
    guard let at = address.lastIndex(of: "@") else { return address }
    return "\(address[..<at])+p\(conversation)-\(Self.signature("to:\(conversation)", key))\(address[at...])"
  }

  /// The conversation that an address made by ``replyAddress(conversation:address:)`` names.
  package func conversation(ofReplyAddress address: String) -> Int64? {
    guard let at = address.lastIndex(of: "@"), let plus = address[..<at].lastIndex(of: "+") else { return nil }
    let token = address[address.index(after: plus)..<at]
    guard token.first == "p" || token.first == "P", let dash = token.firstIndex(of: "-") else { return nil }
    let digits = token[token.index(after: token.startIndex)..<dash]
    guard let conversation = Int64(digits) else { return nil }
    let given = token[token.index(after: dash)...].lowercased()
    return Self.equal(given[...], Self.signature("to:\(digits)", key)) ? conversation : nil
  }

  /// 80 bits of HMAC-SHA256, in lower case because local parts lose their case on the way.
  private static func signature(_ text: String, _ key: SymmetricKey) -> String {
    Base32.encoded(Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)).prefix(10))
  }

  /// In time that does not depend on where the two differ.
  private static func equal(_ left: Substring, _ right: String) -> Bool {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
