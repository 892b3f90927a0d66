internal import Foundation

/// The `http:` part of a gateway's file, with every fault in it.
extension Loader {
  /// Which encoder is right where: what a place cannot misread.
  private static let encoders: [String: RecipeText.Encoder] = [
    "application/json": .json, "application/x-www-form-urlencoded": .url, "text/xml": .xml, "application/xml": .xml,
  ]

  func recipe(_ http: SettingsReader, file: String) -> HTTPRecipe? {
    defer { http.finish() }
    let secrets = secrets(http, file: file)
    let variables = SMSDraft.variables + secrets.keys.map { "secret.\($0)" }
    let method = http.choice("method", ["POST", "GET", "PUT"].map { ($0, $0) }) ?? "POST"
    let mayBePlain = http.boolean("plain") ?? false
    let url = text("url", of: http, encoder: .url, variables, required: true)
    address(url, of: http, mayBePlain: mayBePlain)
    let contentType = http.text("content_type")
    let type = contentType?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    if let type, Self.encoders[type] == nil {
      http.fault(
        "`http.content_type` is \"\(type)\"", at: "content_type",
        advice: "known are: \(Self.encoders.keys.sorted().joined(separator: ", "))")
    }
    let encoder = type.flatMap { Self.encoders[$0] }
    let body = text("body", of: http, encoder: encoder ?? .json, variables)
    if body != nil, type == nil { http.fault("`http.body` needs `http.content_type`", at: "body") }
    if let body, encoder == .json { checkJSON(body, http) }
    let headers = headers(http, variables)
    let caFile = certificateFile(http, file: file)
    let accepted = http.section("accepted", required: true).map(rule)
    let reference = http.section("id").flatMap(place)
    let later = http.section("later").map { [rule($0)] } ?? []
    let unusable = http.section("unusable").map { [rule($0)] } ?? []
    let mayBePrivate = http.boolean("private") ?? false
    let connections = http.integer("connections", in: 1...256) ?? 8
    let timeout = http.duration("timeout", atLeast: 1) ?? 30
    let used = Set(([url, body].compactMap { $0 } + headers.map(\.value)).flatMap(\.holes).map(\.variable))
    for name in ["text"] where !used.contains(name) && url != nil {
      http.fault("never says {{encoder.\(name)}}: every message would be empty")
    }
    if url != nil, !used.contains("to"), !used.contains("to.digits") {
      http.fault("never says {{encoder.to}} or {{encoder.to.digits}}: no message would reach anybody")
    }
    guard let url, let accepted else { return nil }
    return HTTPRecipe(
      method: method, url: url, headers: headers, contentType: contentType, body: body, secrets: secrets,
      mayBePlain: mayBePlain, mayBePrivate: mayBePrivate, caFile: caFile, connections: connections, timeout: timeout,
      accepted: accepted, reference: reference, later: later, unusable: unusable)
  }

  private func text(
    _ key: String, of reader: SettingsReader, encoder: RecipeText.Encoder, _ variables: [String],
    required: Bool = false
  ) -> RecipeText? {
    guard let source = reader.text(key, required: required) else { return nil }
    do {
      let text = try RecipeText(source)
      for hole in text.holes { check(hole, encoder: encoder, variables, reader, at: key) }
      return text
    } catch {
      reader.fault("`http.\(key)`: \(error)", at: key)
      return nil
    }
  }

  private func check(
    _ hole: RecipeText.Hole, encoder: RecipeText.Encoder, _ variables: [String], _ reader: SettingsReader,
    at key: String
  ) {
    if hole.encoder != encoder {
      reader.fault(
        "`\(key)` uses {{\(hole.encoder.rawValue).\(hole.variable)}}, which is not safe there", at: key,
        advice: "write {{\(encoder.rawValue).\(hole.variable)}}")
    }
    guard !variables.contains(hole.variable) else { return }
    reader.fault(
      "`\(key)` uses the unknown variable \(hole.variable)", at: key,
      advice: SettingsReader.nearest(hole.variable, variables).map { "did you mean \($0)?" }
        ?? "known are: \(variables.sorted().joined(separator: ", ")); secrets stand under `secrets`")
  }

  /// The host must be fixed: a message must not choose where it goes.
  private func address(_ url: RecipeText?, of reader: SettingsReader, mayBePlain: Bool) {
    guard let url, case .literal(let start)? = url.segments.first else {
      if url != nil { reader.fault("`http.url` must begin with https:// and a host", at: "url") }
      return
    }
    let isPlain = start.hasPrefix("http://")
    let rest = start.drop { $0 != "/" }.drop { $0 == "/" }
    guard isPlain || start.hasPrefix("https://"), url.segments.count == 1 || rest.contains("/") || rest.contains("?")
    else {
      reader.fault("`http.url` must begin with https:// and a host that is written out", at: "url")
      return
    }
    if isPlain, !mayBePlain {
      reader.fault(
        "`http.url` is not encrypted: everybody on the way could read messages and passwords", at: "url",
        advice: "use https://, or plain: true for a gateway on this machine")
    }
  }

  private func headers(_ reader: SettingsReader, _ variables: [String]) -> [HTTPRecipe.Header] {
    guard let section = reader.section("headers") else { return [] }
    defer { section.finish() }
    return section.keys.compactMap { name in
      text(name, of: section, encoder: .raw, variables).map { HTTPRecipe.Header(name: name, value: $0) }
    }
  }

  private func secrets(_ reader: SettingsReader, file: String) -> [String: SecretSource] {
    guard let section = reader.section("secrets") else { return [:] }
    defer { section.finish() }
    var secrets: [String: SecretSource] = [:]
    for name in section.keys {
      guard let item = section.section(name) else { continue }
      secrets[name] = secret(item, file: file, required: true)
      item.finish()
    }
    return secrets
  }

  /// With sample values the body must be JSON.
  private func checkJSON(_ body: RecipeText, _ reader: SettingsReader) {
    let sample = Dictionary(body.holes.map { ($0.variable, "1") }, uniquingKeysWith: { first, _ in first })
    guard let text = try? body.filled(sample) else { return }
    if (try? JSONSerialization.jsonObject(with: Data(text.utf8))) == nil {
      reader.fault(
        "`http.body` is not JSON when its holes are filled in", at: "body",
        advice: "{{json.text}} brings its own quotes")
    }
  }

  private func rule(_ reader: SettingsReader) -> AnswerRule {
    defer { reader.finish() }
    var rule = AnswerRule()
    if let statuses = reader.list("status") {
      rule.statuses = Set(statuses.compactMap(Int.init))
      if rule.statuses?.count != statuses.count { reader.fault("`status` must hold HTTP statuses", at: "status") }
    }
    rule.pointer = pointer("json", of: reader)
    rule.values = Set(reader.list("in") ?? [])
    rule.prefix = reader.text("begins_with")
    if (rule.pointer == nil) != rule.values.isEmpty { reader.fault("`json` and `in` belong together") }
    if rule == AnswerRule() { reader.fault("says nothing: give status, json with in, or begins_with") }
    return rule
  }

  private func place(_ reader: SettingsReader) -> AnswerPlace? {
    defer { reader.finish() }
    if let pointer = pointer("json", of: reader) { return .json(pointer) }
    if let mark = reader.text("behind"), !mark.isEmpty { return .behind(mark) }
    reader.fault("`id` needs json or behind")
    return nil
  }

  func pointer(_ key: String, of reader: SettingsReader) -> String? {
    guard let text = reader.text(key) else { return nil }
    if !text.hasPrefix("/") { reader.fault("`\(key)` must be a JSON Pointer such as /data/id", at: key) }
    return text
  }
}
