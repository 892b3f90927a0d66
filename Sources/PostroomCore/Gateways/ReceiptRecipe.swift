/// How a vendor reports what became of a message, told as data.
package struct ReceiptRecipe: Sendable, Equatable {
  /// What a word of the vendor's means, by the name that a gateway's file has for it.
  package enum Meaning: String, Sendable, CaseIterable {
    case delivered, failed, complaint, ignored
    case underWay = "under_way"
    case deadAddress = "dead_address"
    case optOut = "opt_out"
    case optIn = "opt_in"

    /// Nil for what is no news.
    var news: GatewayEvent.News? {
      switch self {
      case .delivered: .delivered
      case .underWay: .underWay
      case .failed: .failed(addressIsDead: false)
      case .deadAddress: .failed(addressIsDead: true)
      case .complaint: .complaint
      case .optOut: .optOut
      case .optIn: .optIn
      case .ignored: nil
      }
    }
  }

  package var source: EventSource
  /// Our reference. Of several places the first that holds something counts; so for all that follow.
  package var ours: [EventPlace] = []
  /// The vendor's.
  package var theirs: [EventPlace] = []
  /// What the vendor's reference ends at: SendGrid lengthens what it answered.
  package var theirsUntil: String?
  package var address: [EventPlace] = []
  package var status: [EventPlace] = []
  /// What tells apart the cases of one status: reasons, error codes. All that are there count, in this order.
  package var detail: [EventPlace] = []
  package var time: [EventPlace] = []
  /// All that a person should see beside status and detail.
  package var words: [EventPlace] = []
  /// By the status, alone or with details behind it; the longest counts.
  package var meanings: [String: Meaning] = [:]
  /// Of times that name no zone, seconds east of UTC.
  package var zone: Seconds = 0
  package var answer = WebhookAnswer()

  package init(source: EventSource) { self.source = source }
}

extension ReceiptRecipe {
  var places: [EventPlace] { ours + theirs + address + status + detail + time + words }

  /// The event; nil for one that is no news. Throws a sentence for what cannot be understood.
  func event(_ item: EventItem) throws(EventFault) -> GatewayEvent? {
    guard let status = item.text(at: status) else { throw EventFault("it tells no status") }
    let stages = detail.compactMap { item.text(at: $0) }.reduce(into: [status]) { $0.append("\($0.last ?? "") \($1)") }
    let whole = stages.last ?? status
    guard let meaning = stages.reversed().lazy.compactMap({ meanings[$0] }).first else {
      throw EventFault("the status \"\(whole.shown)\" stands in no list", isUnlisted: true)
    }
    guard let news = meaning.news else { return nil }
    let ours = try reference(item.text(at: ours))
    let theirs = try reference(item.text(at: theirs)).map(shortened)
    let address = try reference(item.text(at: address))
    let time = item.text(at: time)
    guard ours != nil || theirs != nil || address != nil else { throw EventFault("it names no message and no address") }
    // Without a reference the moment is all that tells two complaints of one person apart.
    let key = [theirs ?? ours ?? "\0" + (time ?? ""), address ?? "", whole]
    return GatewayEvent(
      news, reference: ours, gatewayReference: theirs, address: address,
      at: time.flatMap { EventTime.instant($0, zone: zone) },
      words: ([whole] + words.compactMap { item.text(at: $0) }).joined(separator: " ").shown,
      key: EventKey.of("receipt", key))
  }

  private func shortened(_ reference: String) -> String {
    guard let theirsUntil, let mark = reference.firstRange(of: theirsUntil) else { return reference }
    return String(reference[..<mark.lowerBound])
  }
}

/// How a vendor hands over what a person wrote, told as data.
package struct InboundRecipe: Sendable, Equatable {
  package var source: EventSource
  /// The person's number.
  package var from: [EventPlace] = []
  /// Ours.
  package var to: [EventPlace] = []
  package var text: [EventPlace] = []
  /// The vendor's reference of the message.
  package var id: [EventPlace] = []
  package var time: [EventPlace] = []
  package var zone: Seconds = 0
  package var answer = WebhookAnswer()

  package init(source: EventSource) { self.source = source }
}

extension InboundRecipe {
  var places: [EventPlace] { from + to + text + id + time }

  func event(_ item: EventItem) throws(EventFault) -> GatewayEvent {
    guard let from = try reference(item.text(at: from)) else { throw EventFault("it names no sender") }
    // A text may be empty, as that of a picture, but it must be there.
    guard let text = text.lazy.compactMap(item.text).first else { throw EventFault("it holds no text") }
    let to = try reference(item.text(at: to)) ?? ""
    let id = try reference(item.text(at: id))
    let time = item.text(at: time)
    return GatewayEvent(
      .message(text: text.withoutNUL, to: to), gatewayReference: id, address: from,
      at: time.flatMap { EventTime.instant($0, zone: zone) }, words: "",
      key: EventKey.of("inbound", id.map { [$0] } ?? ["", from, to, text, time ?? ""]))
  }
}

/// Why one event of a webhook cannot be used, as a sentence.
struct EventFault: Error, CustomStringConvertible {
  let description: String
  /// It is in order, but the gateway's file does not know the word; repeating it would help nobody.
  let isUnlisted: Bool

  init(_ description: String, isUnlisted: Bool = false) {
    self.description = description
    self.isUnlisted = isUnlisted
  }
}

enum EventKey {
  /// The same for the same texts, and short whatever they are.
  static func of(_ kind: String, _ texts: [String]) -> String {
    let lengths = ([kind] + texts).map { "\($0.utf8.count):\($0)" }.joined()
    return CanonicalText.hex(MessageHash.sha256.digest(of: Array(lengths.utf8)))
  }
}

/// A reference, number or address: one line of sensible length. Message-IDs stand in angle brackets or without.
private func reference(_ text: String?) throws(EventFault) -> String? {
  guard let text else { return nil }
  guard text.utf8.count <= 1000, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
    throw EventFault("a reference, number or address has no sensible form")
  }
  return text.withoutAngleBrackets
}

extension String {
  var withoutAngleBrackets: String {
    hasPrefix("<") && hasSuffix(">") && utf8.count > 2 ? String(dropFirst().dropLast()) : self
  }

  /// For a person: one line, not long.
  fileprivate var shown: String {
    split(whereSeparator: \.isWhitespace).joined(separator: " ").clipped(bytes: 200).withoutNUL
  }

  /// No text in a database holds a NUL.
  fileprivate var withoutNUL: String {
    utf8.contains(0) ? String(decoding: utf8.filter { $0 != 0 }, as: UTF8.self) : self
  }
}
