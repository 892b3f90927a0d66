/// `check:`, `receipts:` and `inbound:` of a gateway's file, with every fault in them.
extension Loader {
  func webhooks(_ reader: SettingsReader, file: String) -> WebhookRecipe? {
    let check = reader.section("check").map { self.check($0, file: file) }
    let receipts = reader.section("receipts").map(self.receipts)
    let inbound = reader.section("inbound").map(self.inbound)
    if check == nil, receipts != nil || inbound != nil {
      reader.fault(
        "tells what webhooks say, but not how their sender is known", at: receipts == nil ? "inbound" : "receipts",
        advice: "add check: { scheme: path_token, password_file: PATH }, or the vendor's own scheme")
    }
    if check != nil, receipts == nil, inbound == nil {
      reader.fault("`check` is of no use without `receipts` or `inbound`", at: "check")
    }
    if let check, let check { checkPlaces(receipts ?? nil, inbound ?? nil, check.scheme, reader) }
    guard let check, let check, receipts != nil || inbound != nil else { return nil }
    return WebhookRecipe(check: check, receipts: receipts ?? nil, inbound: inbound ?? nil)
  }

  /// Who may repeat a genuine body under another address must gain nothing by it.
  private func checkPlaces(
    _ receipts: ReceiptRecipe?, _ inbound: InboundRecipe?, _ scheme: CheckRecipe.Scheme, _ reader: SettingsReader
  ) {
    switch scheme {
    case .twilio, .pathToken: return
    case .vonage, .sendGrid, .mailgun, .standardWebhooks, .androidGateway, .amazonSNS: break
    }
    for (key, places) in [("receipts", receipts?.places ?? []), ("inbound", inbound?.places ?? [])] {
      let parameter = places.lazy.compactMap { place in if case .query(let name) = place { name } else { nil } }.first
      guard let parameter else { continue }
      reader.fault("`\(key)` reads ?\(parameter) of the address, which this scheme's signature does not cover", at: key)
    }
  }

  private enum SchemeName: String, CaseIterable {
    case path_token, twilio, vonage, sendgrid, mailgun, standard, sns, android
  }

  private func check(_ reader: SettingsReader, file: String) -> CheckRecipe? {
    defer { reader.finish() }
    let window = reader.duration("window", atLeast: 1)
    let pathSecret = reader.section("path").flatMap { section in
      defer { section.finish() }
      return secret(section, file: file, required: true)
    }
    guard let name = reader.choice("scheme", SchemeName.allCases.map { ($0.rawValue, $0) }, required: true) else {
      for key in ["password_file", "password_env", "topics", "algorithm"] { _ = reader.text(key) }
      return nil
    }
    if name == .sns {
      let topics = Set(reader.list("topics") ?? [])
      if topics.isEmpty || !topics.allSatisfy({ $0.hasPrefix("arn:") }) {
        reader.fault("`check.topics` must hold the ARNs of the topics that are ours", at: "topics")
      }
      return CheckRecipe(scheme: .amazonSNS(topics: topics), window: window, pathSecret: pathSecret)
    }
    let method = name == .vonage ? vonageMethod(reader) : nil
    if name == .mailgun, !reader.has("path") {
      reader.fault(
        "Mailgun's signature does not cover what its webhooks say", at: "scheme",
        advice: "add path: { password_file: PATH }, a secret at the end of the webhooks' address")
    }
    guard let secret = secret(reader, file: file, required: true) else { return nil }
    let scheme: CheckRecipe.Scheme =
      switch name {
      case .path_token, .sns: .pathToken
      case .twilio: .twilio
      case .vonage: .vonage(method ?? .hmac(.sha256))
      case .sendgrid: .sendGrid
      case .mailgun: .mailgun
      case .standard: .standardWebhooks
      case .android: .androidGateway
      }
    return CheckRecipe(scheme: scheme, secret: secret, window: window, pathSecret: pathSecret)
  }

  private func vonageMethod(_ reader: SettingsReader) -> VonageSignature.Method? {
    reader.choice(
      "algorithm",
      MessageHash.allCases.map { ($0.rawValue, VonageSignature.Method.hmac($0)) } + [("md5_hash", .md5Hash)])
  }

  private func receipts(_ reader: SettingsReader) -> ReceiptRecipe? {
    defer { reader.finish() }
    let source = source(reader)
    var recipe = ReceiptRecipe(source: source ?? EventSource(format: .json))
    recipe.ours = places("ours", of: reader)
    recipe.theirs = places("theirs", of: reader)
    recipe.theirsUntil = reader.text("theirs_until")
    recipe.address = places("address", of: reader)
    recipe.status = places("status", of: reader, required: true)
    recipe.detail = places("detail", of: reader)
    recipe.time = places("time", of: reader)
    recipe.words = places("words", of: reader)
    recipe.zone = zone(reader)
    recipe.answer = answer(reader)
    for meaning in ReceiptRecipe.Meaning.allCases {
      for word in reader.list(meaning.rawValue) ?? [] {
        guard let other = recipe.meanings.updateValue(meaning, forKey: word) else { continue }
        reader.fault("\"\(word)\" stands under `\(other.rawValue)` and `\(meaning.rawValue)`", at: meaning.rawValue)
      }
    }
    if recipe.meanings.isEmpty {
      let names = ReceiptRecipe.Meaning.allCases.map(\.rawValue).joined(separator: ", ")
      reader.fault("names no status: give lists of words under \(names)")
    }
    if recipe.ours.isEmpty, recipe.theirs.isEmpty {
      reader.fault("needs `ours` or `theirs`: which message a receipt is about")
    }
    return source == nil ? nil : recipe
  }

  private func inbound(_ reader: SettingsReader) -> InboundRecipe? {
    defer { reader.finish() }
    let source = source(reader)
    var recipe = InboundRecipe(source: source ?? EventSource(format: .json))
    recipe.from = places("from", of: reader, required: true)
    recipe.to = places("to", of: reader)
    recipe.text = places("text", of: reader, required: true)
    recipe.id = places("id", of: reader)
    recipe.time = places("time", of: reader)
    recipe.zone = zone(reader)
    recipe.answer = answer(reader)
    return source == nil ? nil : recipe
  }

  private func source(_ reader: SettingsReader) -> EventSource? {
    let format = reader.choice("format", EventSource.Format.allCases.map { ($0.rawValue, $0) }, required: true)
    let inside = pointer("inside", of: reader)
    let each = pointer("each", of: reader)
    return format.map { EventSource(format: $0, inside: inside, each: each) }
  }

  private func places(_ key: String, of reader: SettingsReader, required: Bool = false) -> [EventPlace] {
    let texts = reader.list(key) ?? []
    if required, texts.isEmpty {
      if reader.has(key) {
        reader.fault("`\(reader.path)\(key)` is empty", at: key)
      } else {
        _ = reader.text(key, required: true)
      }
    }
    if texts.contains(where: { $0.isEmpty || $0 == "?" }) {
      reader.fault("`\(reader.path)\(key)` must be a name, a /pointer, or a ?parameter of the address", at: key)
    }
    return texts.map { EventPlace($0) }
  }

  private func zone(_ reader: SettingsReader) -> Seconds {
    guard let text = reader.text("zone") else { return 0 }
    guard let zone = EventTime.zone(text) else {
      reader.fault("`\(reader.path)zone` is \"\(text)\", but must be an offset such as +08:00", at: "zone")
      return 0
    }
    return zone
  }

  private func answer(_ reader: SettingsReader) -> WebhookAnswer {
    var answer = WebhookAnswer()
    guard let section = reader.section("answer") else { return answer }
    defer { section.finish() }
    answer.status = section.integer("status", in: 200...299) ?? answer.status
    answer.contentType = section.text("content_type")
    answer.body = section.text("body") ?? ""
    if !answer.body.isEmpty, answer.contentType == nil {
      section.fault("`\(section.path)body` needs `content_type`", at: "body")
    }
    return answer
  }
}
