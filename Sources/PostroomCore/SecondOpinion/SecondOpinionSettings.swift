internal import CurlClient
internal import Foundation

/// The model outside of the program that is asked about mails of which the classifier is not sure.
package struct SecondOpinionSettings: Sendable, Equatable {
  /// `https://api.example.com/v1`, without a slash at its end; `/chat/completions` is asked.
  package var url: String
  /// As the endpoint calls it.
  package var model: String
  /// Sent as a bearer token; nil for an endpoint that wants none.
  package var secret: SecretSource?
  /// For a whole question; at most 60 s, because `serve` waits for it when it ends.
  package var timeout: Seconds = 10
  /// Most questions on a day of the house, repetitions counted.
  package var dailyLimit: Int64 = 500
  /// Whose mail is asked about; nil for every mailbox.
  package var mailboxes: Set<String>?
  /// Addresses of this house's own network are allowed.
  package var mayBePrivate = false
  /// `http` is allowed.
  package var mayBePlain = false
  package var caFile: String?

  package init(url: String, model: String, secret: SecretSource? = nil) {
    self.url = url
    self.model = model
    self.secret = secret
  }

  package func covers(_ mailbox: String) -> Bool { mailboxes?.contains(mailbox) ?? true }
}

extension Loader {
  /// `second_opinion: { url: https://api.example.com/v1, model: NAME, password_file: secrets/opinion-key }`.
  func secondOpinion(_ reader: SettingsReader, file: String) -> SecondOpinionSettings? {
    if reader.isOff("second_opinion") { return nil }
    guard let section = reader.section("second_opinion") else { return nil }
    defer { section.finish() }
    let mayBePlain = section.boolean("plain") ?? false
    let mayBePrivate = section.boolean("private") ?? false
    let url = opinionURL(section, mayBePlain: mayBePlain, mayBePrivate: mayBePrivate)
    let model = opinionModel(section)
    let secret = secret(section, file: file, required: false)
    var settings = SecondOpinionSettings(url: url ?? "", model: model ?? "", secret: secret)
    settings.mayBePlain = mayBePlain
    settings.mayBePrivate = mayBePrivate
    settings.timeout = opinionTimeout(section) ?? settings.timeout
    settings.dailyLimit = section.integer("daily_limit", in: 1...1_000_000).map { Int64($0) } ?? settings.dailyLimit
    settings.mailboxes = opinionMailboxes(section)
    settings.caFile = certificateFile(section, file: file)
    return url == nil || model == nil ? nil : settings
  }

  /// The address before `/chat/completions`. A query or a name with password in it would be a secret in this file.
  private func opinionURL(_ section: SettingsReader, mayBePlain: Bool, mayBePrivate: Bool) -> String? {
    guard var text = section.text("url", required: true) else { return nil }
    while text.hasSuffix("/") { text.removeLast() }
    let isPlain = text.hasPrefix("http://")
    let authority = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first ?? ""
    guard isPlain || text.hasPrefix("https://"), !authority.isEmpty, text.utf8.count <= 500,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"<>\"?#@\\".utf8.contains($0) })
    else {
      section.fault(
        "`second_opinion.url` must be an address like https://api.example.com/v1", at: "url",
        advice: "without /chat/completions, name, password and query")
      return nil
    }
    if text.hasSuffix("/chat/completions") {
      section.fault("`second_opinion.url` must end before /chat/completions, which is added", at: "url")
    }
    if isPlain, !mayBePlain {
      section.fault(
        "`second_opinion.url` is not encrypted: everybody on the way could read what customers write", at: "url",
        advice: "use https://, or plain: true for a model on this machine")
    }
    if !mayBePrivate, let address = IPAddress(Self.host(authority)), !address.isPublic {
      section.fault(
        "`second_opinion.url` leads into this house's own network", at: "url",
        advice: "private: true allows that, for a model of your own")
    }
    return text
  }

  private static func host(_ authority: Substring) -> String {
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" })
  }

  private func opinionModel(_ section: SettingsReader) -> String? {
    guard let model = section.text("model", required: true) else { return nil }
    guard model.utf8.count <= 200, model.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
      section.fault(
        "`second_opinion.model` must be a name without spaces, as the endpoint calls the model", at: "model")
      return nil
    }
    return model
  }

  private func opinionTimeout(_ section: SettingsReader) -> Seconds? {
    guard let timeout = section.duration("timeout", atLeast: 1) else { return nil }
    guard timeout <= 60 else {
      section.fault("`second_opinion.timeout` is longer than 60s, for which `serve` would not end", at: "timeout")
      return nil
    }
    return timeout
  }

  private func opinionMailboxes(_ section: SettingsReader) -> Set<String>? {
    guard let items = section.items("mailboxes") else { return nil }
    if items.isEmpty {
      section.fault(
        "`second_opinion.mailboxes` names none", at: "mailboxes", advice: "leave it out for every mailbox")
    }
    let known = definitionNames(in: home + "/mailboxes")
    for item in items where !known.contains(item.text) {
      log.add(
        Problem(
          "`second_opinion.mailboxes` names \"\(item.text)\", which is not in mailboxes/", file: section.file,
          line: item.line,
          advice: SettingsReader.nearest(item.text, known).map { "did you mean \($0)?" }
            ?? "known are: \(known.joined(separator: ", "))"))
    }
    return Set(items.map(\.text))
  }
}
