/// What an SMS will be: its text with signature and opt-out, its parts and what they cost.
package struct SMSPlan: Sendable, Equatable {
  package enum Encoding: String, Sendable { case gsm7, ucs2 }

  /// What is handed to the gateway.
  package var submission: String
  /// What the telephone shows; differs where the vendor adds the signature.
  package var text: String
  package var encoding: Encoding
  /// Septets of GSM-7 or UTF-16 units of UCS-2.
  package var units: Int
  /// At least one.
  package var segments: [String]
  /// The different characters that keep the message out of GSM-7, in the order of the text; empty when none does or the
  /// vendor counts all alike.
  package var obstacles: [SMSObstacle]
  /// How many segments there would be without the obstacles; nil when that saves none or words would be lost.
  package var segmentsWithoutObstacles: Int?
  /// Beyond the vendor's longest message.
  package var isTooLong: Bool

  /// In micro-units of a currency (1,000,000 = 1), for one recipient. Saturates.
  package func cost(perSegment price: Int64) -> Int64 {
    let (cost, overflow) = price.multipliedReportingOverflow(by: Int64(segments.count))
    return overflow ? (price < 0 ? .min : .max) : cost
  }
}

/// A character that GSM 03.38 does not have, so that the whole message is sent in UCS-2.
package struct SMSObstacle: Sendable, Equatable {
  package enum Remedy: Sendable, Equatable {
    /// Says the same: `’` → `'`.
    case replace(String)
    /// A Latin letter; a person has to choose another spelling, as long as this one.
    case respell
    /// A symbol that may go.
    case leaveOut
    /// A letter of another script. The text needs UCS-2.
    case none
  }

  package var character: Unicode.Scalar
  package var remedy: Remedy

  package init(character: Unicode.Scalar, remedy: Remedy) {
    self.character = character
    self.remedy = remedy
  }
}

/// Texts of SMS (3GPP TS 23.038 §6.2, TS 23.040 §9.2.3.24).
package enum SMSText {
  /// `signature` is the name between 【 and 】, with or without them; it stands in the text exactly once. `optOut` is the
  /// language in which marketing says how to refuse; nil for messages of service.
  package static func plan(
    _ body: String, signature: String? = nil, optOut: Language? = nil, profile: SMSProfile
  ) -> SMSPlan {
    let mark = SMSSignature(signature)
    let unsigned = mark.removed(from: body)
    let content = optOut.map { appending(profile.optOut[$0], to: unsigned, $0) } ?? unsigned
    let text = profile.signaturePlace == .end ? content + mark.text : mark.text + content
    var plan = segmented(text, profile.counting)
    if profile.signaturePlace == .vendor { plan.submission = content }
    plan.isTooLong = profile.longest.map { text.utf16.count > $0 } ?? false
    return plan
  }

  /// How a text that is complete is sent.
  package static func encoding(of text: String, profile: SMSProfile) -> SMSPlan.Encoding {
    profile.counting == .alphabet && text.unicodeScalars.allSatisfy { GSMAlphabet.septets(of: $0) > 0 } ? .gsm7 : .ucs2
  }

  /// Nothing when it is already there.
  private static func appending(_ wording: String, to text: String, _ language: Language) -> String {
    if backwards(text).starts(with: backwards(wording)) { return text }
    guard let last = text.unicodeScalars.last, !last.properties.isWhitespace else { return text + wording }
    return switch language {
    case .chinese: text + (isPunctuation(last) ? "" : "，") + wording
    case .english: text + (isPunctuation(last) ? " " : ". ") + wording
    }
  }

  /// From the last word on: punctuation and white space at the end do not matter.
  private static func backwards(_ text: String) -> some Sequence<Unicode.Scalar> {
    text.unicodeScalars.reversed().drop { $0.properties.isWhitespace || isPunctuation($0) }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .otherPunctuation, .closePunctuation, .finalPunctuation, .dashPunctuation: true
    default: false
    }
  }

  private static func segmented(_ text: String, _ counting: SMSProfile.Counting) -> SMSPlan {
    let obstacles = counting == .alphabet ? obstacles(in: text) : []
    let encoding: SMSPlan.Encoding = counting == .alphabet && obstacles.isEmpty ? .gsm7 : .ucs2
    let (segments, units) = segments(of: text, encoding)
    var plan = SMSPlan(
      submission: text, text: text, encoding: encoding, units: units, segments: segments, obstacles: obstacles,
      isTooLong: false)
    if !obstacles.isEmpty, let plainText = text.withoutObstacles(obstacles) {
      let count = self.segments(of: plainText, .gsm7).texts.count
      if count < segments.count { plan.segmentsWithoutObstacles = count }
    }
    return plan
  }

  /// An escape and the character behind it, and the halves of a surrogate pair, stay in one segment.
  private static func segments(of text: String, _ encoding: SMSPlan.Encoding) -> (texts: [String], units: Int) {
    let (single, part) = encoding == .gsm7 ? (160, 153) : (70, 67)
    let scalars = text.unicodeScalars
    var texts: [String] = []
    var total = 0
    var used = 0
    var start = scalars.startIndex
    for index in scalars.indices {
      let width = encoding == .gsm7 ? GSMAlphabet.septets(of: scalars[index]) : UTF16.width(scalars[index])
      if used + width > part {
        texts.append(String(scalars[start..<index]))
        start = index
        used = 0
      }
      used += width
      total += width
    }
    texts.append(String(scalars[start...]))
    return (total <= single ? [text] : texts, total)
  }

  private static func obstacles(in text: String) -> [SMSObstacle] {
    var seen: Set<Unicode.Scalar> = []
    return text.unicodeScalars.compactMap { scalar in
      guard GSMAlphabet.septets(of: scalar) == 0, seen.insert(scalar).inserted else { return nil }
      return SMSObstacle(character: scalar, remedy: GSMAlphabet.remedy(for: scalar))
    }
  }
}

extension String {
  /// As it would be with every remedy taken; nil when there is none for one of them.
  fileprivate func withoutObstacles(_ obstacles: [SMSObstacle]) -> String? {
    var replacements: [Unicode.Scalar: String] = [:]
    for obstacle in obstacles {
      switch obstacle.remedy {
      case .replace(let text): replacements[obstacle.character] = text
      case .respell: replacements[obstacle.character] = "x"
      case .leaveOut: replacements[obstacle.character] = ""
      case .none: return nil
      }
    }
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if let text = replacements[scalar] {
        result.append(contentsOf: text.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}

/// `【name】`, or nothing.
private struct SMSSignature {
  let text: String

  init(_ name: String?) {
    let name = (name ?? "").unicodeScalars.filter { $0 != "【" && $0 != "】" && !$0.properties.isWhitespace }
    text = name.isEmpty ? "" : "【" + String(String.UnicodeScalarView(name)) + "】"
  }

  /// The body without this signature at its ends, wherever its writer had put it.
  func removed(from body: String) -> String {
    guard !text.isEmpty else { return body }
    let mark = text.unicodeScalars
    var rest = body.unicodeScalars[...]
    var isFound = false
    while true {
      let inner = rest.trimmed
      if inner.starts(with: mark) {
        rest = inner.dropFirst(mark.count)
      } else if inner.reversed().starts(with: mark.reversed()) {
        rest = inner.dropLast(mark.count)
      } else {
        return isFound ? String(inner) : body
      }
      isFound = true
    }
  }
}

extension Substring.UnicodeScalarView {
  fileprivate var trimmed: Self {
    let start = drop { $0.properties.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.properties.isWhitespace }) else { return start }
    return start[...end]
  }
}
