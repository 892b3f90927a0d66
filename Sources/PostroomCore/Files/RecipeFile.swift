internal import Foundation

/// The `http:` and `mail_http:` parts of a gateway's file, with every fault in them.
extension Loader {
  /// Which encoder is right where: what a place cannot misread. The parts of a form hold anything.
  private static let encoders: [String: RecipeText.Encoder] = [
    "application/json": .json, "application/x-www-form-urlencoded": .url, "text/xml": .xml, "application/xml": .xml,
    "multipart/form-data": .raw,
  ]

  /// What a recipe sends.
  struct Cargo {
    var variables: [String]
    /// One of each must be said: with none of them every message would be empty, or reach nobody.
    var contents: [String]
    var recipients: [String]

    static let sms = Cargo(
      variables: SMSDraft.variables, contents: ["text", "template"], recipients: ["to", "to.digits"])
    static let mail = Cargo(
      variables: MailDraft.variables, contents: ["text", "html", "contents", "mime", "mime.base64"], recipients: ["to"])
  }

  func recipe(_ http: SettingsReader, file: String, cargo: Cargo) -> HTTPRecipe? {
    defer { http.finish() }
    let secrets = secrets(http, file: file)
    let variables = cargo.variables + secrets.keys.map { "secret.\($0)" }
    let method = http.choice("method", ["POST", "GET", "PUT"].map { ($0, $0) }) ?? "POST"
    let mayBePlain = http.boolean("plain") ?? false
    let url = text("url", of: http, encoder: .url, variables, required: true)
    address(url, of: http, mayBePlain: mayBePlain)
    let accepted = rules("accepted", of: http)
    if accepted.isEmpty, !http.has("accepted") { _ = http.text("accepted", required: true) }
    var recipe = HTTPRecipe(method: method, url: url ?? .nothing, accepted: accepted)
    content(of: http, variables, into: &recipe)
    recipe.headers = headers(http, variables)
    recipe.secrets = secrets
    recipe.signing = signing(http, file: file)
    recipe.caFile = certificateFile(http, file: file)
    recipe.reference = place("id", of: http)
    recipe.segments = place("segments", of: http)
    recipe.cost = place("cost", of: http)
    recipe.optedOut = rules("opted_out", of: http)
    recipe.later = rules("later", of: http)
    recipe.rejected = rules("rejected", of: http)
    recipe.unusable = rules("unusable", of: http)
    recipe.mayBePlain = mayBePlain
    recipe.mayBePrivate = http.boolean("private") ?? false
    recipe.connections = http.integer("connections", in: 1...256) ?? recipe.connections
    recipe.timeout = http.duration("timeout", atLeast: 1) ?? recipe.timeout
    recipe.lookup = lookup(http, variables, mayBePlain: mayBePlain)
    guard url != nil else { return nil }
    checkUse(recipe, cargo, http)
    return accepted.isEmpty ? nil : recipe
  }

  /// `lookup: { method: GET, url: …, taken: …, delivered: …, missing: … }`.
  private func lookup(_ http: SettingsReader, _ variables: [String], mayBePlain: Bool) -> HTTPRecipe.Lookup? {
    guard let section = http.section("lookup") else { return nil }
    defer { section.finish() }
    let url = text("url", of: section, encoder: .url, variables, required: true)
    address(url, of: section, mayBePlain: mayBePlain)
    let contentType = section.text("content_type")
    let type = contentType?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    let encoder = type.flatMap { Self.encoders[$0] } ?? .json
    let method = section.choice("method", ["GET", "POST"].map { ($0, $0) }) ?? "GET"
    let body = text("body", of: section, encoder: encoder, variables)
    let (taken, delivered) = (rules("taken", of: section), rules("delivered", of: section))
    let missing = rules("missing", of: section)
    if taken.isEmpty, delivered.isEmpty, missing.isEmpty {
      section.fault("says nothing: give taken, delivered or missing")
    }
    guard let url else { return nil }
    if !(url.holes + (body?.holes ?? [])).contains(where: { $0.variable == "id" }) {
      section.fault("never says {{encoder.id}}: the gateway would not know which message is meant")
    }
    return HTTPRecipe.Lookup(
      method: method, url: url, contentType: contentType, body: body, taken: taken, delivered: delivered,
      missing: missing)
  }

  private func checkUse(_ recipe: HTTPRecipe, _ cargo: Cargo, _ http: SettingsReader) {
    let used = recipe.usedVariables
    func names(_ variables: [String]) -> String { variables.map { "{{encoder.\($0)}}" }.joined(separator: " or ") }
    if used.isDisjoint(with: cargo.contents) {
      http.fault("never says \(names(cargo.contents)): every message would be empty")
    }
    if used.isDisjoint(with: cargo.recipients) {
      http.fault("never says \(names(cargo.recipients)): no message would reach anybody")
    }
  }

  /// `content_type`, `body`, `parts`.
  private func content(of http: SettingsReader, _ variables: [String], into recipe: inout HTTPRecipe) {
    recipe.contentType = http.text("content_type")
    let type = recipe.contentType?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    if let type, Self.encoders[type] == nil {
      http.fault(
        "`\(http.path)content_type` is \"\(type)\"", at: "content_type",
        advice: "known are: \(Self.encoders.keys.sorted().joined(separator: ", "))")
    }
    let encoder = type.flatMap { Self.encoders[$0] }
    let isForm = type == "multipart/form-data"
    if isForm != http.has("parts") || isForm && http.has("body") {
      http.fault("`\(http.path)parts` is the content of multipart/form-data, `\(http.path)body` that of all others")
    }
    recipe.parts = parts(http, variables)
    recipe.body = text("body", of: http, encoder: encoder ?? .json, variables)
    guard let body = recipe.body, !isForm else { return }
    if type == nil { http.fault("`\(http.path)body` needs `\(http.path)content_type`", at: "body") }
    if encoder == .json { checkJSON(body, http) }
  }

  private func parts(_ http: SettingsReader, _ variables: [String]) -> [HTTPRecipe.Part] {
    guard let section = http.section("parts") else { return [] }
    defer { section.finish() }
    return section.keys.compactMap { name in
      guard section.names(in: name) != nil else {
        return text(name, of: section, encoder: .raw, variables).map { HTTPRecipe.Part(name: name, value: $0) }
      }
      guard let item = section.section(name) else { return nil }
      defer { item.finish() }
      let fileName = item.text("file")
      let contentType = item.text("content_type")
      return text("value", of: item, encoder: .raw, variables, required: true)
        .map { HTTPRecipe.Part(name: name, value: $0, fileName: fileName, contentType: contentType) }
    }
  }

  /// `basic` or `sign`.
  private func signing(_ http: SettingsReader, file: String) -> RequestSigning? {
    let basic = http.section("basic").flatMap { section -> RequestSigning? in
      defer { section.finish() }
      let user = section.text("user", required: true)
      if user?.contains(":") == true {
        section.fault("`\(section.path)user` must hold no colon (RFC 7617)", at: "user")
      }
      guard let secret = secret(section, file: file, required: true), let user else { return nil }
      return .basic(user: user, secret)
    }
    guard let sign = http.section("sign") else { return basic }
    defer { sign.finish() }
    if http.has("basic") { http.fault("needs at most one of `basic` and `sign`", at: "sign") }
    let kinds = ["sigv4", "acs3", "tc3"].filter(sign.has)
    guard let kind = kinds.first, kinds.count == 1 else {
      for kind in kinds { _ = sign.section(kind) }
      sign.fault("`\(http.path)sign` must hold one of sigv4, acs3 and tc3")
      return nil
    }
    guard let section = sign.section(kind) else { return nil }
    return signature(kind, section, file: file)
  }

  private func signature(_ kind: String, _ section: SettingsReader, file: String) -> RequestSigning? {
    defer { section.finish() }
    let service = kind == "acs3" ? "" : section.text("service", required: true)
    let region = kind == "sigv4" ? section.text("region", required: true) : ""
    let keyID = section.text("key_id", required: true)
    let secret = secret(section, file: file, required: true)
    guard let service, let region, let keyID, let secret else { return nil }
    switch kind {
    case "sigv4": return .sigv4(service: service, region: region, keyID: keyID, secret)
    case "tc3": return .tc3(service: service, keyID: keyID, secret)
    default: return .acs3(keyID: keyID, secret)
    }
  }

  private func text(
    _ key: String, of reader: SettingsReader, encoder: RecipeText.Encoder, _ variables: [String],
    required: Bool = false
  ) -> RecipeText? {
    guard let source = reader.text(key, required: required) else { return nil }
    do {
      let text = try RecipeText(source)
      for hole in text.holes { check(hole, encoder: encoder, variables, reader, at: key) }
      for variable in text.conditions { check(variable, variables, reader, at: key) }
      return text
    } catch {
      reader.fault("`\(reader.path)\(key)`: \(error)", at: key)
      return nil
    }
  }

  private func check(
    _ hole: RecipeText.Hole, encoder: RecipeText.Encoder, _ variables: [String], _ reader: SettingsReader,
    at key: String
  ) {
    if hole.encoder != encoder {
      reader.fault(
        "`\(key)` uses {{\(hole.name)}}, which is not safe there", at: key,
        advice: "write {{\(encoder.rawValue).\(hole.variable)}}")
    }
    check(hole.variable, variables, reader, at: key)
  }

  private func check(_ variable: String, _ variables: [String], _ reader: SettingsReader, at key: String) {
    guard !variables.contains(variable) else { return }
    reader.fault(
      "`\(key)` uses the unknown variable \(variable)", at: key,
      advice: SettingsReader.nearest(variable, variables).map { "did you mean \($0)?" }
        ?? "known are: \(variables.sorted().joined(separator: ", ")); secrets stand under `secrets`")
  }

  /// The host must be fixed: a message must not choose where it goes.
  private func address(_ url: RecipeText?, of reader: SettingsReader, mayBePlain: Bool) {
    guard let url, case .literal(let start)? = url.segments.first else {
      if url != nil { reader.fault("`\(reader.path)url` must begin with https:// and a host", at: "url") }
      return
    }
    let isPlain = start.hasPrefix("http://")
    let rest = start.drop { $0 != "/" }.drop { $0 == "/" }
    guard isPlain || start.hasPrefix("https://"), url.segments.count == 1 || rest.contains("/") || rest.contains("?")
    else {
      reader.fault("`\(reader.path)url` must begin with https:// and a host that is written out", at: "url")
      return
    }
    if isPlain, !mayBePlain {
      reader.fault(
        "`\(reader.path)url` is not encrypted: everybody on the way could read messages and passwords", at: "url",
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
    let conditions = Set(body.conditions)
    let isJSON = [Set<String>(), conditions].allSatisfy { missing in
      let sample = body.holes.map { ($0.variable, missing.contains($0.variable) ? RecipeValue.nothing : "1") }
      let filled = try? body.filled(Dictionary(sample) { first, _ in first })
      return filled.map { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil } ?? true
    }
    if !isJSON {
      reader.fault(
        "`\(reader.path)body` is not JSON when its holes are filled in", at: "body",
        advice: "{{json.text}} brings its own quotes")
    }
  }
}
