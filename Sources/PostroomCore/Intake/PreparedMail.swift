import Crypto
import Foundation
import MailFormat
import TextClassifier

/// All that can be known of a mail without the database: read, recognised, classified. Made outside of transactions.
struct PreparedMail: Sendable {
  var fetched: FetchedMail
  var message: MailMessage
  /// Its first words, for lists.
  var preview: String
  /// SHA-256 over Message-ID and body: the same mail again, whichever way it came.
  var fingerprint: [UInt8]
  var kind: MailKindFinding
  /// What a bounce says of the mail that came back.
  var bounce: BounceReport?
  var isSpam: Bool
  var isForbidden: Bool
  var isAddressedToMailbox: Bool
  var sender: MailAddress?
  /// Where a reply goes: Reply-To, else From.
  var replyAddress: MailAddress?
  /// Of a mail that a person wrote.
  var classification: Classification?
  var language: Language
  /// From our signed Message-IDs and reply addresses.
  var signedConversation: Int64?
  /// Message-IDs that it answers, nearest first.
  var references: [String]
  /// From `[#10492]` in the subject: counts only when the sender takes part.
  var taggedConversation: Int64?
  /// The subject without `Re:` and our tag.
  var topic: String
  /// Why it cannot be taken in; then it goes to quarantine.
  var obstacle: String?

  var label: TextLabel { classification?.label ?? .inquiry }
}

/// Reads mails for one mailbox.
struct MailPreparation: Sendable {
  let mailbox: MailboxSettings
  let signer: ReplySigner
  let classifier: TextClassifier

  func prepare(_ fetched: FetchedMail) -> PreparedMail {
    let message = MessageParser.parse(fetched.bytes)
    let kind = MailKind.find(
      in: message, ownLoopHeader: (ReplySigner.loopHeader, signer.loopToken), ownAddresses: mailbox.ownAddresses)
    let sender = message.from.first ?? message.sender.first
    let body = message.bodyText
    let classification = kind.kind == .human ? classifier.classify(message.subject + "\n" + body) : nil
    let recipients = message.to + message.cc
    // Subjects come with a megabyte, too.
    let subject = String(message.subject.prefix(1000))
    return PreparedMail(
      fetched: fetched, message: message, preview: Self.preview(body),
      fingerprint: Self.fingerprint(message, fetched.bytes), kind: kind,
      bounce: kind.kind == .bounce ? BounceReport(message) : nil,
      isSpam: Self.isMarkedAsSpam(message), isForbidden: MailKind.suppressesAutoReply(message) != nil,
      isAddressedToMailbox: recipients.contains { isOwn($0) }, sender: sender,
      replyAddress: message.replyTo.first { $0.isSendable && !isOwn($0) } ?? sender, classification: classification,
      language: language(classification?.language ?? .other),
      signedConversation: signedConversation(message, recipients: recipients),
      references: Array((message.inReplyTo + message.references.reversed()).prefix(12)),
      taggedConversation: SubjectLine.numberTags(in: subject).lazy
        .compactMap { ConversationNumber(number: $0)?.id }.first,
      topic: Self.topic(subject), obstacle: obstacle(message, sender: sender, fetched: fetched))
  }

  private func isOwn(_ address: MailAddress) -> Bool {
    if mailbox.ownAddresses.contains(address.normalized) { return true }
    // support+anything@ is support@.
    guard let plus = address.localPart.firstIndex(of: "+") else { return false }
    return mailbox.ownAddresses.contains("\(address.localPart[..<plus])@\(address.domain)".lowercased())
  }

  private func language(_ language: TextLanguage) -> Language {
    switch language {
    case .chinese: .chinese
    case .english: .english
    default: mailbox.language
    }
  }

  private func signedConversation(_ message: MailMessage, recipients: [MailAddress]) -> Int64? {
    for address in recipients where address.address.contains("+") {
      if let conversation = signer.conversation(ofReplyAddress: address.address) { return conversation }
    }
    for id in message.inReplyTo + message.references.reversed() {
      if let conversation = signer.conversation(ofMessageID: id) { return conversation }
    }
    return nil
  }

  /// The mail server's filter has the say; Postroom does not judge spam by itself yet.
  private static func isMarkedAsSpam(_ message: MailMessage) -> Bool {
    let verdicts = [
      message.first("X-Spam-Flag"), message.first("X-Spam-Status"), message.first("X-Spam"),
      message.first("X-Rspamd-Action"),
    ].compactMap { $0?.lowercased() }
    return verdicts.contains { $0.hasPrefix("yes") || $0 == "true" || $0 == "reject" || $0 == "add header" }
  }

  private func obstacle(_ message: MailMessage, sender: MailAddress?, fetched: FetchedMail) -> String? {
    if fetched.bytes.isEmpty { return "the mail is empty" }
    if message.header.isEmpty { return "these bytes are not a mail: they begin with no header" }
    if sender == nil || sender?.address.isEmpty == true {
      return "the mail names no sender: nobody can be answered"
    }
    // RFC 5321 §4.5.3.1: 64 octets before the @, 255 behind it.
    if let sender, sender.address.utf8.count > 320 { return "the sender's address is longer than any address can be" }
    return nil
  }

  private static func preview(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var count = 0
    var isAfterSpace = true
    for scalar in text.unicodeScalars.prefix(2000) where count < 200 {
      let isSpace = scalar.properties.isWhitespace
      if !isSpace || !isAfterSpace {
        result.append(isSpace ? " " : scalar)
        count += 1
      }
      isAfterSpace = isSpace
    }
    return String(result)
  }

  private static func topic(_ subject: String) -> String {
    var plain = subject
    for number in SubjectLine.numberTags(in: subject) {
      plain = plain.replacingOccurrences(of: "[#\(number)]", with: "")
    }
    plain = SubjectLine.strippingReplyPrefixes(plain)
    return String(plain.trimmingCharacters(in: .whitespacesAndNewlines).prefix(250))
  }

  /// Message-ID and body, line ends aside. Without a Message-ID, sender, date and subject stand in for it.
  private static func fingerprint(_ message: MailMessage, _ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    let identity =
      message.messageID
      ?? "\(message.from.first?.address ?? "")\n\(message.first("Date") ?? "")\n\(message.subject)"
    hash.update(data: Array(identity.utf8))
    hash.update(data: [0])
    bytes.withUnsafeBytes { all in
      var rest = UnsafeRawBufferPointer(rebasing: all[min(max(message.headerEnd, 0), all.count)...])
      while !rest.isEmpty {
        let length = memchr(rest.baseAddress!, 13, rest.count).map { UnsafeRawPointer($0) - rest.baseAddress! }
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: rest[..<(length ?? rest.count)]))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length.map { $0 + 1 } ?? rest.count))
      }
    }
    return Array(hash.finalize())
  }
}
