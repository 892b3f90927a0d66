/// Some of the customers, chosen by one condition; written as text in commands and promotions.
package enum Segment: Sendable, Equatable, CustomStringConvertible {
  case all
  case tier(Tier)
  case tierAtLeast(Tier)
  case language(Language)
  /// IANA name, as the customer's own zone.
  case zone(String)
  /// 1 ... 12.
  case birthdayMonth(Int)
  /// They have a conversation in this mailbox.
  case customersOf(mailbox: String)
  /// Nothing was sent to them for so long.
  case notContacted(Seconds)

  /// From `all`, `tier=vip`, `tier>=vip`, `language=en`, `zone=Asia/Shanghai`, `birthday-month=5`,
  /// `customers-of=support` or `not-contacted=90d`; `mailboxes` are the names in the settings.
  package init(_ text: String, mailboxes: some Sequence<String>) throws(SegmentProblem) {
    let text = text.filter { !$0.isWhitespace }
    if text.lowercased() == "all" {
      self = .all
      return
    }
    guard let sign = text.firstIndex(of: "="), sign > text.startIndex else { throw SegmentProblem(unknown: text) }
    let isAtLeast = text[text.index(before: sign)] == ">"
    let key = text[..<(isAtLeast ? text.index(before: sign) : sign)].lowercased()
    let value = String(text[text.index(after: sign)...])
    guard !isAtLeast || key == "tier" else { throw SegmentProblem(unknown: text) }
    switch key {
    case "tier":
      guard let tier = Tier(word: value) else {
        throw SegmentProblem(text, "there is no tier \(value)", "use regular, vip or senior")
      }
      self = isAtLeast ? .tierAtLeast(tier) : .tier(tier)
    case "language": self = .language(try Self.language(value, in: text))
    case "zone": self = .zone(try Self.zone(value, in: text))
    case "birthday-month":
      guard let month = Int(value), (1...12).contains(month) else {
        throw SegmentProblem(text, "\(value) is no month", "write its number, 1 to 12")
      }
      self = .birthdayMonth(month)
    case "customers-of": self = .customersOf(mailbox: try Self.mailbox(value, of: Array(mailboxes), in: text))
    case "not-contacted":
      guard let span = TimeSpan.seconds(value), span > 0 else {
        throw SegmentProblem(text, "\(value) is no length of time", "write 90d, say")
      }
      self = .notContacted(span)
    default: throw SegmentProblem(unknown: text)
    }
  }

  /// The text that gives this segment again.
  package var description: String {
    switch self {
    case .all: "all"
    case .tier(let tier): "tier=\(tier.rawValue)"
    case .tierAtLeast(let tier): "tier>=\(tier.rawValue)"
    case .language(let language): "language=\(language.rawValue)"
    case .zone(let name): "zone=\(name)"
    case .birthdayMonth(let month): "birthday-month=\(month)"
    case .customersOf(let mailbox): "customers-of=\(mailbox)"
    case .notContacted(let span): "not-contacted=\(TimeSpan.words(span))"
    }
  }

  private static func language(_ value: String, in text: String) throws(SegmentProblem) -> Language {
    guard let language = Language(word: value) else {
      throw SegmentProblem(text, "Postroom does not speak \(value)", "use zh-Hans or en")
    }
    return language
  }

  private static func zone(_ value: String, in text: String) throws(SegmentProblem) -> String {
    guard let name = ZoneName.canonical(value) else {
      throw SegmentProblem(
        text, "there is no time zone \(value)",
        ZoneName.nearest(value).map { "did you mean \($0)?" } ?? "write its name as in Asia/Shanghai")
    }
    return name
  }

  private static func mailbox(_ value: String, of known: [String], in text: String) throws(SegmentProblem) -> String {
    guard known.contains(value) else {
      throw SegmentProblem(
        text, "there is no mailbox \(value)",
        SettingsReader.nearest(value, known).map { "did you mean \($0)?" }
          ?? "known are \(known.sorted().joined(separator: ", "))")
    }
    return value
  }
}

/// Why a text is no segment, and what to write.
package struct SegmentProblem: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  static let forms = [
    "all", "tier=vip", "tier>=vip", "language=en", "zone=Asia/Shanghai", "birthday-month=5", "customers-of=MAILBOX",
    "not-contacted=90d",
  ]

  init(_ text: String, _ fault: String, _ advice: String) {
    description = "\(text.clipped(bytes: 80)): \(fault.clipped(bytes: 120)) — \(advice)"
  }

  /// Of a condition that does not exist.
  init(unknown text: String) {
    let keys = ["all", "tier", "language", "zone", "birthday-month", "customers-of", "not-contacted"]
    let key = String(text.clipped(bytes: 40).lowercased().prefix { $0.isLetter || $0 == "-" })
    let guess = SettingsReader.nearest(key, keys).flatMap { near in
      near == key ? nil : Self.forms.first { $0.hasPrefix(near) }.map { "did you mean \($0)? " }
    }
    self.init(
      text, "is no segment",
      (guess ?? "") + "it is one condition of: " + Self.forms.joined(separator: ", "))
  }
}
