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
  /// Date and hash over Message-ID and body: the same mail again, whichever way it came.
  var fingerprint: [UInt8]
  var kind: MailKindFinding
  /// What a bounce says of the mail that came back.
  var bounce: BounceReport?
  var isSpam: Bool
  /// What the text looks like, of a person's mail that the server's filter let pass.
  var spam: SpamScore?
  var isForbidden: Bool
  var isAddressedToMailbox: Bool
  var channel = Channel.mail
  /// The gateway that an SMS came by, and is answered through.
  var gateway: GatewaySettings?
  /// The customer: From, or Reply-To when From is a web form's no-reply address or our own.
  var sender: MailAddress?
  /// Where a reply goes: Reply-To, else From.
  var replyAddress: MailAddress?
  /// Neither From nor the envelope sender has the domain that a reply would go to. Anybody can name a victim in
  /// Reply-To, so an automatic reply then repeats nothing that the mail says.
  var isReplyElsewhere: Bool
  /// Of a mail that a person wrote.
  var classification: Classification?
  /// How far its label counts by itself; nil when it was not classified.
  var routing: Routing?
  var language: Language
  /// From our signed Message-IDs and reply addresses.
  var signedConversation: Int64?
  /// Message-IDs that it answers, nearest first.
  var references: [String]
  /// From `[#10492]` in the subject: counts only when the sender takes part.
  var taggedConversation: Int64?
  /// Whose marketing it ends: it was written by a link to unsubscribe that we sent.
  var unsubscribe: UnsubscribeToken?
  /// The subject without `Re:` and our tag.
  var topic: String
  /// Why it cannot be taken in; then it goes to quarantine.
  var obstacle: String?

  var label: TextLabel { classification?.label ?? .inquiry }
  /// The customer's address, or number.
  var contact: String { sender?.normalized ?? "" }
}

/// Reads mails for one mailbox.
struct MailPreparation: Sendable {
  let mailbox: MailboxSettings
  let signer: ReplySigner

  /// - Parameter model: what the mailbox knows when the mail is read.
  func prepare(_ fetched: FetchedMail, with model: MailboxModel) -> PreparedMail {
    let message = MessageParser.parse(fetched.bytes)
    let recipients = message.to + message.cc
    // Subjects come with a megabyte, too.
    let subject = message.subject.clipped(bytes: 2000)
    let unsubscribe = signer.unsubscribe.find(in: recipients, subject: subject)
    let found = MailKind.find(
      in: message, ownLoopHeader: (ReplySigner.loopHeader, signer.loopToken), ownAddresses: mailbox.ownAddresses)
    let kind =
      unsubscribe != nil && found.kind == .human
      ? MailKindFinding(.autoReply, "A link to unsubscribe wrote it (RFC 2369).") : found
    let writer = message.from.first ?? message.sender.first
    let replyTo = message.replyTo.first { $0.isSendable && !isOwn($0) }
    let isForm = writer.map { isOwn($0) || MailKind.isUnattended($0) } ?? false
    let sender = isForm ? replyTo ?? writer : writer
    let replyAddress = replyTo ?? sender
    let isSpam = Self.isMarkedAsSpam(message)
    let reading = kind.kind == .human ? MailReading(message) : nil
    let told = reading.map { model.classifier.explain($0.classifiedText, spam: SpamModel()) }
    let classification = told?.classification
    let fingerprint = Self.fingerprint(message, fetched.bytes, isHuman: kind.kind == .human && !isSpam)
    return PreparedMail(
      fetched: fetched, message: message, preview: Self.preview(reading?.newText ?? message.bodyText),
      fingerprint: fingerprint, kind: kind,
      bounce: kind.kind == .bounce ? BounceReport(message) : nil,
      isSpam: isSpam, spam: isSpam ? nil : told?.spam,
      isForbidden: MailKind.suppressesAutoReply(message) != nil || replyAddress.map(MailKind.isUnattended) == true,
      isAddressedToMailbox: recipients.contains { isOwn($0) }, sender: sender, replyAddress: replyAddress,
      isReplyElsewhere: isElsewhere(replyAddress, message), classification: classification,
      routing: classification.map { routing($0, fingerprint, model) },
      language: language(classification?.language ?? .other),
      signedConversation: signedConversation(message, recipients: recipients),
      references: (message.inReplyTo + message.references.reversed()).prefix(12).map { $0.clipped(bytes: 998) },
      taggedConversation: SubjectLine.numberTags(in: subject).lazy
        .compactMap { ConversationNumber(number: $0)?.id }.first,
      unsubscribe: unsubscribe, topic: Self.topic(subject),
      obstacle: obstacle(message, sender: sender, fetched: fetched))
  }

  func routing(_ classification: Classification, _ fingerprint: [UInt8], _ model: MailboxModel) -> Routing {
    model.routing(
      of: classification, fingerprint: fingerprint, auditShare: mailbox.classifier.auditShare, lot: signer.audit)
  }

  private func isOwn(_ address: MailAddress) -> Bool {
    if mailbox.ownAddresses.contains(address.normalized) { return true }
    // support+anything@ is support@.
    guard let plus = address.localPart.firstIndex(of: "+") else { return false }
    return mailbox.ownAddresses.contains("\(address.localPart[..<plus])@\(address.domain)".lowercased())
  }

  private func isElsewhere(_ address: MailAddress?, _ message: MailMessage) -> Bool {
    guard let address, message.from.first?.normalized != address.normalized else { return false }
    let envelope = message.returnPath.map { MailAddress(address: $0).domain }
    return address.domain != message.from.first?.domain && address.domain != envelope
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

  /// The mail server's filter has the say.
  private static func isMarkedAsSpam(_ message: MailMessage) -> Bool {
    let verdicts = [
      message.first("X-Spam-Flag"), message.first("X-Spam-Status"), message.first("X-Spam"),
      message.first("X-Rspamd-Action"),
    ].compactMap { $0?.lowercased() }
    return verdicts.contains { $0.hasPrefix("yes") || $0 == "true" || $0 == "reject" || $0 == "add header" }
  }

  private func obstacle(_ message: MailMessage, sender: MailAddress?, fetched: FetchedMail) -> String? {
    if let obstacle = fetched.obstacle { return obstacle }
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
    var seen = 0
    var isAfterSpace = true
    for scalar in text.unicodeScalars {
      if count == 200 || seen == 2000 { break }
      seen += 1
      // The spaces that mail has: ASCII and controls, no-break, ideographic, the general ones.
      let isSpace =
        scalar.value <= 32 || [0x85, 0xA0, 0x3000].contains(scalar.value) || 0x2000...0x200B ~= scalar.value
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
    return plain.trimmingCharacters(in: .whitespacesAndNewlines).clipped(bytes: 500)
  }

  /// Who wrote it, Message-ID and body, line ends aside. Without a Message-ID, date and subject stand in for it. A copy
  /// that the filter of one mailbox took for spam does not make the copy in another a duplicate.
  ///
  /// 32 bytes: the mail's own date in milliseconds, big endian, then 192 bits of SHA-256. New mail so has neighbours in
  /// the unique index; with the hash alone each would touch a page of its own.
  private static func fingerprint(_ message: MailMessage, _ bytes: [UInt8], isHuman: Bool) -> [UInt8] {
    var hash = SHA256()
    let writer = message.from.first?.normalized ?? ""
    let identity = message.messageID ?? "\(message.first("Date") ?? "")\n\(message.subject)"
    hash.update(data: Array("\(isHuman ? "person" : "machine")\n\(writer)\n\(identity)".utf8))
    hash.update(data: [0])
    let body = bytes[min(max(message.headerEnd, 0), bytes.count)...]
    // One update for the whole is several times faster than one a line.
    let plain = [UInt8](unsafeUninitializedCapacity: body.count) { target, count in
      body.withUnsafeBytes { source in
        var rest = UnsafeRawBufferPointer(rebasing: source[...])
        while let start = rest.baseAddress, !rest.isEmpty {
          let length = memchr(start, 13, rest.count).map { UnsafeRawPointer($0) - start } ?? rest.count
          UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[count...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<length]))
          count += length
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length + 1))
        }
      }
    }
    hash.update(data: plain)
    let date = UInt64(bitPattern: message.date ?? 0)
    let start = stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: date >> $0) }
    return start + hash.finalize().prefix(24)
  }
}
