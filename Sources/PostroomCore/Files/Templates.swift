import Crypto
import Foundation
package import TextClassifier

/// What a template is for; its raw value is the file name's stem: `templates/<language>/<kind>.mail.mustache`.
package enum TemplateKind: String, Sendable, CaseIterable {
  case acknowledgeInquiry = "acknowledgement.inquiry"
  case acknowledgeComplaint = "acknowledgement.complaint"
  case acknowledgeSuggestion = "acknowledgement.suggestion"

  package init(acknowledging kind: TextLabel) {
    switch kind {
    case .inquiry: self = .acknowledgeInquiry
    case .complaint: self = .acknowledgeComplaint
    case .suggestion: self = .acknowledgeSuggestion
    }
  }

  /// The variables a template of this kind may use. Any other is a fault of the template.
  var variables: Set<String> { Self.acknowledgementVariables }

  private static let acknowledgementVariables: Set<String> = [
    "customer.name", "conversation.reference", "conversation.subject", "promise.within", "promise.date", "hotline",
    "team.name", "company.name", "owner.name",
  ]

  /// Variables without which the mail would not keep what it is for.
  var required: Set<String> { ["conversation.reference", "promise.within", "promise.date", "hotline"] }
}

/// A filled-in template.
package struct RenderedMail: Sendable, Equatable {
  package var subject: String
  package var text: String
  package var html: String?
  /// First 16 hex digits of the SHA-256 of the files it came from: which wording the customer got.
  package var templateHash: String
}

/// A template that could not be filled in; the sentence names it and the variable.
package struct TemplateError: Error, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// All mail templates of an installation, checked as a whole when they are loaded.
package struct Templates: Sendable {
  private struct Key: Hashable {
    var kind: TemplateKind
    var language: Language
  }

  private struct MailTemplate: Sendable {
    var subject: TemplateText
    var text: TemplateText
    var html: TemplateText?
    var hash: String
  }

  private var mails: [Key: MailTemplate] = [:]

  /// Reads `folder/<language>/*.mustache`. Throws ``Problems`` with every fault of every file.
  package init(folder: String) throws(Problems) {
    var problems: [Problem] = []
    for language in Language.allCases {
      for kind in TemplateKind.allCases {
        let stem = "\(folder)/\(language.rawValue)/\(kind.rawValue)"
        if let mail = Self.load(stem: stem, kind: kind, problems: &problems) {
          mails[Key(kind: kind, language: language)] = mail
        }
      }
    }
    if problems.contains(where: { $0.severity == .error }) { throw Problems(problems) }
  }

  /// Fills in the template of `kind` in `language`. Throws when a declared variable is absent or holds nothing: a mail
  /// with a hole in it never leaves the house.
  package func render(
    _ kind: TemplateKind, in language: Language, _ values: [String: String]
  ) throws(TemplateError) -> RenderedMail {
    guard let mail = mails[Key(kind: kind, language: language)] else {
      throw TemplateError("there is no template \(kind.rawValue) in \(language.rawValue)")
    }
    let missing = kind.variables.filter { values[$0, default: ""].isEmpty }
    if let name = missing.min() {
      throw TemplateError("the template \(kind.rawValue) got no value for {{\(name)}}")
    }
    return RenderedMail(
      subject: mail.subject.filled(with: values), text: mail.text.filled(with: values),
      html: mail.html?.filled(with: values), templateHash: mail.hash)
  }

  // MARK: Loading

  private static func load(stem: String, kind: TemplateKind, problems: inout [Problem]) -> MailTemplate? {
    let file = stem + ".mail.mustache"
    guard let bytes = FileManager.default.contents(atPath: file) else {
      problems.append(
        Problem("there is no such template", file: file, advice: "templates/ of the distribution has one"))
      return nil
    }
    let source = text(bytes)
    let before = problems.count
    problems += TemplateLint.faults(in: source, file: file, kind: kind, isHTML: false)
    let parts = mailParts(source)
    if parts.subject.isEmpty {
      problems.append(Problem("has no `Subject: …` line before the first empty line", file: file, line: 2))
    }
    let htmlFile = stem + ".html.mustache"
    let htmlBytes = FileManager.default.contents(atPath: htmlFile)
    let html = htmlBytes.map(text)
    if let html { problems += TemplateLint.faults(in: html, file: htmlFile, kind: kind, isHTML: true) }
    guard problems.count == before else { return nil }
    return MailTemplate(
      subject: TemplateText(parts.subject), text: TemplateText(parts.body),
      html: html.map { TemplateText($0, escapesHTML: true) }, hash: hash(bytes + (htmlBytes ?? Data())))
  }

  /// With the line ends of Unix, whatever editor wrote it.
  private static func text(_ bytes: Data) -> String {
    String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
  }

  /// Header lines, an empty line, the body; a first line with the content type pragma is allowed.
  private static func mailParts(_ source: String) -> (subject: String, body: String) {
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false)[...]
    if lines.first.map({ $0.hasPrefix("{{%") }) == true { lines.removeFirst() }
    var subject = ""
    while let line = lines.popFirst(), !line.trimmingCharacters(in: .whitespaces).isEmpty {
      if line.lowercased().hasPrefix("subject:") { subject = line.dropFirst(8).trimmingCharacters(in: .whitespaces) }
    }
    return (subject, lines.joined(separator: "\n"))
  }

  private static func hash(_ data: Data) -> String {
    SHA256.hash(data: data).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
