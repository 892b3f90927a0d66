package import HTMLContent
package import MailFormat

/// A mail as people and rules read it: its text, what in it is new, its HTML made safe.
package struct MailReading: Sendable {
  package let message: MailMessage
  /// The text, without what the elements of HTML tell to be a quote: plain text would not tell it any more.
  package let latestText: String
  /// What of `latestText` was newly written, and what stands around it.
  package let reply: ReplyText

  package init(_ message: MailMessage) {
    self.message = message
    latestText = message.bodyText { HTMLDocument($0).readableText(TextOptions(quotes: .leftOut)) }
    reply = ReplyText(latestText)
  }

  /// The whole content as plain text: the text parts, and the HTML of what has no text of its own.
  package var text: String { message.bodyText { HTMLDocument($0).readableText() } }

  /// What a reader wants first: the new text, with the lines it answers.
  package var newText: String { reply.newText }

  /// What rules judge the writer by: the sender's own words, or all there is when there are none.
  package var ownWords: String { reply.ownWords.isEmpty ? reply.newText : reply.ownWords }

  /// What the classifier reads: the subject, and the beginning of the sender's own words, where people say what they want.
  var classifiedText: String { message.subject + "\n" + ownWords.clipped(bytes: Self.classifiedBytes) }
  private static let classifiedBytes = 6000

  /// How many lines of `latestText` are not in `newText`.
  package var foldedLines: Int {
    let shown = reply.sections.contains { $0.role == .written } ? [ReplyText.Role.written, .answeredQuote] : [.quote]
    return reply.sections.filter { !shown.contains($0.role) }.reduce(0) { $0 + $1.lines.count }
  }

  /// The HTML that can be shown without harm; nil when the mail has none.
  package func safeHTML(_ options: SafeHTMLOptions = SafeHTMLOptions()) -> SafeHTML? {
    message.html.map { HTMLDocument($0).safeHTML(options) }
  }
}
