package import CurlClient
internal import MailFormat

/// Mail through a provider's HTTP interface.
package struct HTTPMailGateway: Gateway {
  private let recipe: HTTPRecipe
  private let client: HTTPClient
  package var concurrency: Int { recipe.connections }

  package init(_ recipe: HTTPRecipe, engine: CurlEngine) {
    self.recipe = recipe
    client = HTTPClient(engine: engine, settings: recipe.clientSettings)
  }

  package func send(
    _ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void
  ) async -> SendOutcome {
    await judgement(delivery, progress: progress).sendOutcome
  }

  /// Sends once and says how it ended, with the provider's reference.
  package func judgement(
    _ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void
  ) async -> Judgement {
    let request: HTTPRequest
    switch Result(catching: { try recipe.request(for: MailDraft(delivery), now: .now) }) {
    case .success(let made): request = made
    case .failure(let fault): return Judgement(notMade: fault)
    }
    // The client does not tell when the last byte leaves, so the doubt begins with the first.
    let outcome = await client.send(request) { progress(.committed) }
    let judgement = recipe.judge(outcome, now: .now)
    if case .accepted(let words, _) = judgement.outcome { progress(.accepted(words)) }
    return judgement
  }

  /// Whether the secrets can be read and the provider's server answers at all; no request that costs or sends something.
  package func check() async -> String? {
    do {
      _ = try recipe.request(for: MailDraft.sample, now: .now)
    } catch {
      return "\(error)"
    }
    guard case .literal(let start)? = recipe.url.segments.first else { return nil }
    let slashes = start.firstRange(of: "://")?.upperBound ?? start.startIndex
    var probe = HTTPRequest("GET", start[..<slashes] + start[slashes...].prefix { !"/?#".contains($0) } + "/")
    probe.mayBePlain = recipe.mayBePlain
    probe.mayReachPrivateAddresses = recipe.mayBePrivate
    switch await client.send(probe) {
    case .answered: return nil
    case .notSent(_, let reason), .uncertain(let reason): return reason
    }
  }
}

/// What a recipe may say of a mail.
struct MailDraft {
  private let delivery: Delivery
  private let mail: MailMessage

  init(_ delivery: Delivery) {
    self.delivery = delivery
    mail = MessageParser.parse(delivery.content)
  }

  static let sample = MailDraft(
    Delivery(
      id: 0, gateway: "", sender: "a@example.com", recipient: "b@example.com",
      content: Array("From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n\r\nx\r\n".utf8), attempt: 1,
      uncertainties: 0))

  static let variables = [
    "id", "sender", "to", "from", "from.name", "from.address", "reply_to", "subject", "text", "html", "contents",
    "headers", "message_id", "mime", "mime.base64",
  ]

  /// All of the mail; every other variable is only a part of it.
  private static let whole: Set<String> = ["mime", "mime.base64"]

  /// Fields for which interfaces have places of their own, or which they write themselves.
  private static let ownFields: Set<String> = [
    "from", "to", "cc", "bcc", "subject", "reply-to", "sender", "date", "mime-version", "return-path", "received",
    "dkim-signature",
  ]

  /// Throws ``RecipeFault`` when the recipe would leave out a part of the mail.
  func values(for used: Set<String>) throws(RecipeFault) -> [String: RecipeValue] {
    let isWhole = !used.isDisjoint(with: Self.whole)
    guard isWhole || mail.attachments.isEmpty else {
      throw RecipeFault("the mail has attachments, which this gateway's file does not carry")
    }
    guard isWhole || mail.defects.isEmpty else {
      throw RecipeFault("the mail cannot be taken apart, and this gateway's file does not carry it whole")
    }
    // Our own mail is ASCII; other bytes would not survive in a form.
    guard !used.contains("mime") || String(validating: delivery.content, as: UTF8.self) != nil else {
      throw RecipeFault("the mail is not UTF-8")
    }
    let from = mail.from.first
    let id = mail.messageID ?? "delivery-\(delivery.id)"
    var values: [String: RecipeValue] = [
      "id": .text(id), "message_id": .text("<\(id)>"), "sender": .text(delivery.sender),
      "to": .text(delivery.recipient), "from.name": .optional(from?.name),
      "from.address": .text(from?.address ?? delivery.sender), "subject": .text(mail.subject),
      "from": .text(from.map(Self.written) ?? delivery.sender),
      "reply_to": .optional(mail.replyTo.first?.address), "text": .optional(mail.text), "html": .optional(mail.html),
      "contents": contents, "headers": .object(headers),
    ]
    if used.contains("mime") { values["mime"] = .text(String(decoding: delivery.content, as: UTF8.self)) }
    if used.contains("mime.base64") { values["mime.base64"] = .text(CanonicalText.base64(delivery.content)) }
    return values
  }

  /// `示例商城 <support@example.cn>`, the name quoted where it could be misread (RFC 5322 §3.2.4).
  private static func written(_ address: MailAddress) -> String {
    guard !address.name.isEmpty else { return address.address }
    let isPlain = address.name.utf8.allSatisfy { !"()<>[]:;@\\,.\"".utf8.contains($0) }
    let name = address.name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return (isPlain ? address.name : "\"\(name)\"") + " <\(address.address)>"
  }

  /// `[{"type":"text/plain","value":"…"},…]`, the plain text first, empty parts left out.
  private var contents: RecipeValue {
    let parts = [("text/plain", mail.text), ("text/html", mail.html)].compactMap { type, text -> String? in
      guard let text, !text.isEmpty else { return nil }
      let encode = RecipeText.Encoder.json.encode
      return "{\"type\":\(encode(type)),\"value\":\(encode(text))}"
    }
    return .json("[" + parts.joined(separator: ",") + "]")
  }

  /// What threads a mail and tells who wrote it: In-Reply-To, References, Auto-Submitted, List-Unsubscribe and the like.
  private var headers: [Parameter] {
    var seen = Self.ownFields
    return mail.header.compactMap { field in
      let name = field.name.lowercased()
      guard !name.hasPrefix("content-"), seen.insert(name).inserted else { return nil }
      return Parameter(name: field.name, value: String(decoding: field.value, as: UTF8.self))
    }
  }
}

extension HTTPRecipe {
  /// The request for one mail. Throws a sentence when it cannot be made.
  func request(for draft: MailDraft, now: Instant, nonce: String? = nil) throws -> HTTPRequest {
    try request(draft.values(for: usedVariables), now: now, nonce: nonce)
  }

  /// The variables of all its texts.
  var usedVariables: Set<String> {
    let texts = [url] + (body.map { [$0] } ?? []) + headers.map(\.value) + parts.map(\.value)
    return Set(texts.flatMap(\.holes).map(\.variable))
  }
}
