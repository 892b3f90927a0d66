import Crypto
import Foundation

/// A filled-in template of a mail.
package struct RenderedMail: Sendable, Equatable {
  package var subject: String
  package var text: String
  package var html: String?
  /// First 16 hex digits of the SHA-256 of the files it came from: which wording the customer got.
  package var templateHash: String
}

/// A filled-in template of an SMS, before its signature is set.
package struct RenderedText: Sendable, Equatable {
  package var text: String
  package var templateHash: String
}

/// A template that could not be filled in; the sentence names it and the variable.
package struct TemplateError: Error, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// All templates of an installation, checked as a whole when they are loaded.
package struct Templates: Sendable {
  private struct Key: Hashable {
    var kind: TemplateKind
    var language: Language
    /// Whose own wording it is; nil for the one of all.
    var tier: Tier?
  }

  private struct MailTemplate: Sendable {
    var subject: TemplateText
    var text: TemplateText
    var html: TemplateText?
    var hash: String
  }

  private struct TextTemplate: Sendable {
    var text: TemplateText
    var hash: String
  }

  private var mails: [Key: MailTemplate] = [:]
  private var texts: [Key: TextTemplate] = [:]

  /// Reads `folder/<language>/*.mustache`. Throws ``Problems`` with every fault of every file.
  package init(folder: String) throws(Problems) {
    var problems: [Problem] = []
    for language in Language.allCases {
      for kind in TemplateKind.allCases {
        for tier in [nil] + kind.tiers.map(Optional.some) {
          let name = kind.rawValue + (tier.map { "." + $0.rawValue } ?? "")
          let stem = "\(folder)/\(language.rawValue)/\(name)"
          let key = Key(kind: kind, language: language, tier: tier)
          mails[key] = Self.loadMail(stem: stem, key: key, problems: &problems)
          texts[key] = Self.loadText(stem: stem, kind: kind, problems: &problems)
        }
      }
    }
    if problems.contains(where: { $0.severity == .error }) { throw Problems(problems) }
  }

  /// Fills in the template of `kind` in `language`. Throws when a declared variable is absent or holds nothing: a mail
  /// with a hole in it never leaves the house.
  package func render(
    _ kind: TemplateKind, in language: Language, for tier: Tier? = nil, _ values: [String: String]
  ) throws(TemplateError) -> RenderedMail {
    let mail = try wording(mails, kind, language, tier)
    try Self.check(values, for: kind)
    return RenderedMail(
      subject: mail.subject.filled(with: values), text: mail.text.filled(with: values),
      html: mail.html?.filled(with: values), templateHash: mail.hash)
  }

  /// As ``render(_:in:for:_:)``, for an SMS.
  package func renderText(
    _ kind: TemplateKind, in language: Language, for tier: Tier? = nil, _ values: [String: String]
  ) throws(TemplateError) -> RenderedText {
    let template = try wording(texts, kind, language, tier)
    try Self.check(values, for: kind)
    return RenderedText(text: template.text.filled(with: values), templateHash: template.hash)
  }

  /// Whether there is a wording for all.
  package func has(_ kind: TemplateKind, in language: Language, _ channel: Channel) -> Bool {
    let key = Key(kind: kind, language: language)
    return channel == .mail ? mails[key] != nil : texts[key] != nil
  }

  /// These, but with the text of one file for `kind` in every language: a mail where it begins with a `Subject:` line,
  /// and what follows, or all of it, as SMS. Throws ``Problems`` with every fault of the file.
  package func replacing(_ kind: TemplateKind, withFile file: String) throws(Problems) -> Templates {
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw Problems([Problem("cannot be read", file: file)])
    }
    let source = Self.text(bytes)
    let problems = TemplateLint.faults(in: source, file: file, kind: kind, isHTML: false)
    guard problems.isEmpty else { throw Problems(problems) }
    let parts = Self.mailParts(source)
    let body = Self.trimmed(parts.subject.isEmpty ? Self.withoutPragma(source) : parts.body[...])
    guard !body.isEmpty else { throw Problems([Problem("says nothing", file: file)]) }
    let hash = Self.hash(bytes)
    var copy = self
    copy.mails = mails.filter { $0.key.kind != kind }
    copy.texts = texts.filter { $0.key.kind != kind }
    for language in Language.allCases {
      let key = Key(kind: kind, language: language)
      copy.texts[key] = TextTemplate(text: TemplateText(body), hash: hash)
      guard !parts.subject.isEmpty else { continue }
      copy.mails[key] = MailTemplate(
        subject: TemplateText(parts.subject), text: TemplateText(body + "\n"), html: nil, hash: hash)
    }
    return copy
  }

  /// The tier's own wording, else that of the tier below, else that of all.
  private func wording<Wording>(
    _ wordings: [Key: Wording], _ kind: TemplateKind, _ language: Language, _ tier: Tier?
  ) throws(TemplateError) -> Wording {
    let own = Tier.allCases.filter { $0 <= tier ?? .regular }.reversed()
    for tier in own.map(Optional.some) + [nil] {
      if let found = wordings[Key(kind: kind, language: language, tier: tier)] { return found }
    }
    throw TemplateError("there is no template \(kind.rawValue) in \(language.rawValue)")
  }

  private static func check(_ values: [String: String], for kind: TemplateKind) throws(TemplateError) {
    let missing = kind.variables.filter { values[$0, default: ""].isEmpty }
    if let name = missing.min() {
      throw TemplateError("the template \(kind.rawValue) got no value for {{\(name)}}")
    }
  }

  // MARK: Loading

  private static func loadMail(stem: String, key: Key, problems: inout [Problem]) -> MailTemplate? {
    let kind = key.kind
    let file = stem + ".mail.mustache"
    guard let bytes = FileManager.default.contents(atPath: file) else {
      if kind.isNeededAlways, key.tier == nil {
        problems.append(
          Problem("there is no such template", file: file, advice: "templates/ of the distribution has one"))
      }
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

  private static func loadText(stem: String, kind: TemplateKind, problems: inout [Problem]) -> TextTemplate? {
    let file = stem + ".sms.mustache"
    guard let bytes = FileManager.default.contents(atPath: file) else { return nil }
    let source = text(bytes)
    let faults = TemplateLint.faults(in: source, file: file, kind: kind, isHTML: false)
    problems += faults
    let body = trimmed(withoutPragma(source))
    if body.isEmpty { problems.append(Problem("says nothing", file: file)) }
    guard faults.isEmpty, !body.isEmpty else { return nil }
    return TextTemplate(text: TemplateText(body), hash: hash(bytes))
  }

  /// With the line ends of Unix, whatever editor wrote it.
  private static func text(_ bytes: Data) -> String {
    String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
  }

  /// Header lines, an empty line, the body; a first line with the content type pragma is allowed.
  private static func mailParts(_ source: String) -> (subject: String, body: String) {
    var lines = withoutPragma(source).split(separator: "\n", omittingEmptySubsequences: false)[...]
    var subject = ""
    while let line = lines.popFirst(), !line.trimmingCharacters(in: .whitespaces).isEmpty {
      if line.lowercased().hasPrefix("subject:") { subject = line.dropFirst(8).trimmingCharacters(in: .whitespaces) }
    }
    return (subject, lines.joined(separator: "\n"))
  }

  private static func withoutPragma(_ source: String) -> Substring {
    guard source.hasPrefix("{{%") else { return source[...] }
    return source.firstIndex(of: "\n").map { source[source.index(after: $0)...] } ?? ""
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func hash(_ data: Data) -> String {
    SHA256.hash(data: data).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
