/// What a delivery status notification tells (RFC 3464), or a bounce of any other style as far as it can be read.
package struct BounceReport: Sendable, Hashable {
  /// What became of the mail for one recipient (RFC 3464 §2.3.3).
  package enum Action: String, Sendable, Hashable {
    case failed
    case delayed
    case delivered
    case relayed
    case expanded

    /// Mail systems write `failure`, `error`, `deliver` and more.
    init?(field: String) {
      let word = field.asciiLowercased.prefix { $0.isLetter }
      if word.hasPrefix("fail") || word.hasPrefix("err") || word.hasPrefix("undeliv") || word.hasPrefix("reject") {
        self = .failed
      } else if word.hasPrefix("delay") || word.hasPrefix("defer") || word.hasPrefix("warn") {
        self = .delayed
      } else if word.hasPrefix("deliver") || word.hasPrefix("success") {
        self = .delivered
      } else if word.hasPrefix("relay") {
        self = .relayed
      } else if word.hasPrefix("expan") {
        self = .expanded
      } else {
        return nil
      }
    }

    /// Whether the mail has not arrived.
    var isFailure: Bool { self == .failed || self == .delayed }
  }

  /// The fate of the mail for one recipient.
  package struct Recipient: Sendable, Hashable {
    /// The address that the mail was sent to; empty when the bounce names none.
    package internal(set) var address: String
    package internal(set) var action: Action?
    /// The enhanced status code (RFC 3463) such as `5.1.1`.
    package internal(set) var status: String?
    /// The status stands nowhere in the mail: it was made of the reply code and the words of the diagnostic.
    package internal(set) var isStatusDerived = false
    /// The SMTP reply code, 400 to 599.
    package internal(set) var replyCode: Int?
    /// The answer of the server that refused, or the words of the notice; at most 1,000 bytes.
    package internal(set) var diagnostic: String?

    init(address: String) { self.address = address }

    var isFailure: Bool { action?.isFailure ?? !(status?.hasPrefix("2.") ?? false) }

    /// Whether sending again is pointless. A full mailbox may be emptied, a delay may end (RFC 3463 §2).
    package var isHard: Bool {
      guard isFailure, action != .delayed, let status else { return false }
      return status.hasPrefix("5.") && !status.hasSuffix(".2.2")
    }
  }

  /// The recipients that were not reached, each once, in order; of a receipt the ones that were.
  package internal(set) var entries: [Recipient]
  /// The Message-ID of the mail that came back, without the angle brackets.
  package internal(set) var originalMessageID: String?
  /// The subject of the mail that came back.
  package internal(set) var originalSubject: String?

  /// The addresses of the recipients.
  package var recipients: [String] { entries.map(\.address).filter { !$0.isEmpty } }
  /// The status codes of the recipients that have one, in order.
  package var statuses: [String] { entries.compactMap(\.status) }
  /// The first status code.
  package var status: String? { entries.lazy.compactMap(\.status).first }
  /// What became of the mail for the first recipient of whom that is told.
  package var action: Action? { entries.lazy.compactMap(\.action).first }
  /// The answer of the first server that refused.
  package var diagnostic: String? { entries.lazy.compactMap(\.diagnostic).first }
  /// Whether it tells of a failure or delay, not of success.
  package var isFailure: Bool { entries.contains(where: \.isFailure) }
  /// Whether nobody has given up yet: the mail is still being tried for all it has not reached.
  package var isDelayed: Bool { isFailure && entries.allSatisfy { $0.action == .delayed || !$0.isFailure } }
  /// Whether a recipient will never be reached at that address.
  package var isHard: Bool { entries.contains(where: \.isHard) }

  /// The report in a mail; nil when the mail is no bounce and no receipt of delivery.
  package init?(_ message: MailMessage) {
    let signs = HeaderSigns(message)
    if let found = BounceEvidence.find(in: message, signs) {
      self = found.report
    } else if AutoReply.evidence(in: message, signs) != nil, let found = BounceEvidence.farewell(in: message, signs) {
      self = found.report
    } else {
      return nil
    }
  }

  init(entries: [Recipient]) { self.entries = entries }
}
