/// The text of a mail in sections: what a person newly wrote, and what stands around it.
///
/// Nothing is cut: each line belongs to exactly one section, so that a reader can fold what is not new and open it again.
package struct ReplyText: Sendable, Hashable {
  package enum Role: String, Sendable, Hashable, CaseIterable {
    /// Written for this mail.
    case written
    /// Of the mail that is answered or forwarded.
    case quote
    /// Lines of a quote between answers; without them the answers below them mean nothing.
    case answeredQuote
    /// Who wrote the quote and when: “On … wrote:”, a copied header, “Original Message”.
    case attribution
    case signature
    /// A notice of secrecy.
    case disclaimer
    /// Lines of a phone, a mail program, a virus scanner, a list.
    case footer
  }

  package struct Section: Sendable, Hashable {
    package let role: Role
    /// Numbers of its lines, from 0.
    package let lines: Range<Int>
    /// Its bytes in the text, line breaks included.
    package let bytes: Range<Int>
  }

  /// In order, without gaps.
  package let sections: [Section]
  /// What a reader of the mail wants first: the written sections with the quotes they answer. Of a mail without own
  /// words the quoted text, without that what looks like a signature. Without white space at both ends.
  package let newText: String
  /// The same without quotes: what rules may judge the writer by. Empty when there are no own words.
  package let ownWords: String

  /// - Parameter text: UTF-8, lines ending in LF.
  package init(utf8 text: [UInt8]) {
    self = text.withUnsafeBufferPointer { ReplyText($0) }
  }

  package init(_ text: String) {
    var text = text
    self = text.withUTF8 { ReplyText($0) }
  }

  private init(_ text: Bytes) {
    sections = ReplyReading.sections(of: text)
    let own = Self.join(sections, of: text) { $0 == .written }
    ownWords = own
    if own.isEmpty {
      // Where nothing else stands, what looks like a signature or a notice is what the writer wants to say.
      let quoted = Self.join(sections, of: text) { $0 == .quote || $0 == .answeredQuote }
      newText = quoted.isEmpty ? Self.join(sections, of: text) { $0 == .signature || $0 == .disclaimer } : quoted
    } else if sections.contains(where: { $0.role == .answeredQuote }) {
      newText = Self.join(sections, of: text) { $0 == .written || $0 == .answeredQuote }
    } else {
      newText = own
    }
  }

  /// The sections of some roles, those that are neighbours as they stand, others with an empty line between.
  private static func join(_ sections: [Section], of text: Bytes, where isWanted: (Role) -> Bool) -> String {
    var joined: [UInt8] = []
    var end: Int?
    for section in sections where isWanted(section.role) {
      if section.bytes.lowerBound == end {
        joined += text.slice(section.bytes)
      } else {
        let part = text.trimmed(section.bytes)
        guard !part.isEmpty else { continue }
        while let last = joined.last, last <= ASCII.space { joined.removeLast() }
        if !joined.isEmpty { joined += [ASCII.lf, ASCII.lf] }
        joined += text.slice(part.lowerBound..<section.bytes.upperBound)
      }
      end = section.bytes.upperBound
    }
    return joined.withUnsafeBufferPointer { String(decoding: $0.slice($0.trimmed(0..<$0.count)), as: UTF8.self) }
  }
}
