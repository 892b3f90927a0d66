import CurlClient
import Foundation
import MailFormat
import Testing

@testable import PostroomCore

@Suite("The files of mail providers that come with the program")
struct MailFileTests {
  private static let now: Instant = 1_700_000_000_000

  private static func request(_ name: String, _ delivery: Delivery) throws -> HTTPRequest {
    try GatewayFiles.recipe(name).request(for: MailDraft(delivery), now: now)
  }

  @Test("each has no fault and carries mail", arguments: GatewayFiles.mail)
  func loads(name: String) throws {
    let gateway = try GatewayFiles.load(name)
    #expect(gateway.carriesMail)
    #expect(gateway.webhooks?.receipts != nil)
  }

  @Test("a mail becomes what the provider's own SDK sends", arguments: ["ses", "sendgrid", "resend"])
  func sendsAsSDKs(name: String) throws {
    let request = try Self.request(name, GatewayFiles.recordedMail())
    let recorded = try GatewayFiles.recorded(name)
    #expect(request.method == recorded.method)
    #expect(request.url == recorded.url)
    let (body, expected) = (JSONValue(request.body), JSONValue(recorded.body))
    #expect(body != nil)
    #expect(body == expected)
    #expect(request.fields["content-type"] == "application/json")
    #expect(request.fields["idempotency-key"] == recorded.fields["idempotency-key"])
    let scheme = recorded.fields["authorization"]?.prefix { $0 != " " }
    #expect(request.fields["authorization"].map { $0.prefix { $0 != " " } } == scheme)
  }

  @Test("Mailgun gets the whole mail as a file of a form")
  func mailgun() throws {
    let delivery = try GatewayFiles.recordedMail()
    let request = try Self.request("mailgun", delivery)
    let type = try #require(request.fields["content-type"])
    let boundary = try #require(type.split(separator: "\"").dropFirst().first)
    #expect(request.fields["authorization"] == "Basic " + Data("api:secret".utf8).base64EncodedString())
    let parts = String(decoding: request.body, as: UTF8.self).components(separatedBy: "--\(boundary)")
    #expect(parts.count == 5 && parts.last == "--\r\n")
    #expect(parts.contains("\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\nli@example.com\r\n"))
    #expect(parts.contains("\r\nContent-Disposition: form-data; name=\"v:postroom_id\"\r\n\r\nm-1@example.cn\r\n"))
    #expect(
      parts.contains(
        "\r\nContent-Disposition: form-data; name=\"message\"; filename=\"message.mime\"\r\n"
          + "Content-Type: message/rfc822\r\n\r\n" + String(decoding: delivery.content, as: UTF8.self) + "\r\n"))
  }

  @Test("HTML, a name that needs quotes and an address to reply to are sent along")
  func sendsHTML() throws {
    var mail = OutgoingMail(
      from: MailAddress(name: "Acme, \"Ltd\"", address: "support@example.cn"),
      to: MailAddress(address: "li@example.com"), subject: "\"}]您好", text: "您好\n{{json.text}}", date: 0,
      messageID: "m-2@example.cn")
    mail.html = "<p>您好 & \"bye\"</p>"
    mail.replyTo = MailAddress(address: "support+x@example.cn")
    let delivery = Delivery(
      id: 1, gateway: "out", sender: "b@example.cn", recipient: "li@example.com", content: try mail.composed(),
      attempt: 1, uncertainties: 0)
    let resend = try #require(JSONValue(try Self.request("resend", delivery).body))
    #expect(resend.value(at: "/from")?.text == #""Acme, \"Ltd\"" <support@example.cn>"#)
    #expect(resend.value(at: "/subject")?.text == "\"}]您好")
    #expect(
      resend.value(at: "/text")?.text == "您好\n{{json.text}}\n" || resend.value(at: "/text")?.text == "您好\n{{json.text}}"
    )
    #expect(resend.value(at: "/html")?.text?.contains("<p>您好 & \"bye\"</p>") == true)
    #expect(resend.value(at: "/reply_to")?.text == "support+x@example.cn")
    let sendGrid = try #require(JSONValue(try Self.request("sendgrid", delivery).body))
    #expect(sendGrid.value(at: "/content/0/type")?.text == "text/plain")
    #expect(sendGrid.value(at: "/content/1/type")?.text == "text/html")
    #expect(sendGrid.value(at: "/reply_to/email")?.text == "support+x@example.cn")
    #expect(sendGrid.value(at: "/custom_args/postroom_id")?.text == "m-2@example.cn")
  }

  @Test("a mail with an attachment leaves whole or not at all")
  func attachments() throws {
    let mime =
      "From: a@example.cn\r\nTo: li@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
      + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
      + "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n"
      + "--b--\r\n"
    let delivery = Delivery(
      id: 1, gateway: "out", sender: "a@example.cn", recipient: "li@example.com", content: Array(mime.utf8), attempt: 1,
      uncertainties: 0)
    // A mail that is broken off, too.
    #expect(throws: RecipeFault.self) {
      var broken = delivery
      broken.content = Array(mime.utf8.prefix(260))
      _ = try Self.request("resend", broken)
    }
    for name in ["ses", "mailgun"] { _ = try Self.request(name, delivery) }
    for name in ["sendgrid", "resend"] {
      #expect(throws: RecipeFault.self) { try Self.request(name, delivery) }
    }
  }

  @Test(
    "answers mean what the providers document",
    arguments: [
      ("ses", 200, [:], #"{"MessageId":"0100"}"#, "accepted 0100 - -"),
      ("ses", 400, ["x-amzn-ErrorType": "MessageRejected"], #"{"message":"not verified"}"#, "rejected"),
      ("ses", 400, ["x-amzn-ErrorType": "SendingPausedException:http://x"], "{}", "unavailable"),
      ("ses", 429, ["x-amzn-ErrorType": "TooManyRequestsException"], "{}", "deferred"),
      ("ses", 400, ["x-amzn-ErrorType": "LimitExceededException"], "{}", "deferred"),
      ("ses", 403, [:], "{}", "unavailable"),
      ("sendgrid", 202, ["X-Message-Id": "14c5"], "", "accepted 14c5 - -"),
      ("sendgrid", 400, [:], #"{"errors":[]}"#, "rejected"), ("sendgrid", 401, [:], "{}", "unavailable"),
      ("sendgrid", 500, [:], "", "uncertain"),
      (
        "mailgun", 200, [:], #"{"id":"<2013.1@mg.example.cn>","message":"Queued. Thank you."}"#,
        "accepted 2013.1@mg.example.cn - -"
      ),
      ("mailgun", 400, [:], #"{"message":"to parameter is not a valid address"}"#, "rejected"),
      ("resend", 200, [:], #"{"id":"49a3"}"#, "accepted 49a3 - -"),
      ("resend", 429, [:], #"{"name":"daily_quota_exceeded"}"#, "unavailable"),
      ("resend", 409, [:], #"{"name":"concurrent_idempotent_requests"}"#, "deferred"),
      ("resend", 422, [:], #"{"name":"validation_error"}"#, "rejected"),
    ] as [(String, Int, [String: String], String, String)])
  func judges(name: String, status: Int, fields: [String: String], body: String, expected: String) throws {
    var response = HTTPResponse(status: status, body: Array(body.utf8))
    for (name, value) in fields { response.fields.append(name: name, value: value) }
    #expect(try GatewayFiles.recipe(name).judge(.answered(response), now: Self.now).told == expected)
  }

  @Test("what SES tells through SNS")
  func sesReceipts() throws {
    let vector = try #require(try SignatureVectors.read().sns.first)
    var recipe = try #require(try GatewayFiles.load("ses").webhooks)
    recipe.check.scheme = .amazonSNS(topics: [vector.topic])
    let request = webhook(body: vector.body, type: "text/plain")
    let moment = vector.time * 1000
    #expect(recipe.events(in: request, for: .receipts, now: moment) == .certificateNeeded(url: vector.url))
    let certificates = [vector.url: Array(vector.certificate.utf8)]
    let reading = recipe.events(in: request, for: .receipts, certificates: certificates, now: moment)
    #expect(reading.refusal == nil || reading.refusal == 400, "genuine, whatever it holds: \(reading)")

    let receipts = try #require(recipe.receipts)
    func events(_ message: String) throws -> [GatewayEvent] {
      let proof = WebhookProof(replayKey: "1", fields: ["Message": message, "Type": "Notification"])
      return try receipts.source.items(in: webhook(), proof).compactMap { try receipts.event($0) }
    }
    let mail =
      #""mail":{"messageId":"0100","destination":["li@example.com"],"commonHeaders":{"messageId":"<m-1@example.cn>"}}"#
    let bounce = try events(
      #"{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"#
        + #""li@example.com","diagnosticCode":"smtp; 550 5.1.1 no such user"}],"timestamp":"2023-11-14T22:13:20.000Z"},"#
        + mail + "}")
    #expect(bounce.first?.news == .failed(addressIsDead: true))
    #expect(bounce.first?.gatewayReference == "0100")
    #expect(bounce.first?.reference == "m-1@example.cn")
    #expect(bounce.first?.address == "li@example.com")
    #expect(bounce.first?.at == Self.now)
    #expect(bounce.first?.words == "Bounce Permanent smtp; 550 5.1.1 no such user")
    #expect(
      try events(#"{"eventType":"Bounce","bounce":{"bounceType":"Transient"},"# + mail + "}").first?.news
        == .failed(addressIsDead: false))
    #expect(try events(#"{"eventType":"Delivery","delivery":{},"# + mail + "}").first?.news == .delivered)
    #expect(
      try events(#"{"notificationType":"Complaint","complaint":{"complaintFeedbackType":"abuse"},"# + mail + "}")
        .first?.news == .complaint)
    #expect(try events(#"{"eventType":"Open",\#(mail)}"#).isEmpty)
  }

  /// The events of a webhook whose signature is somebody else's test.
  private static func events(_ name: String, _ body: String) throws -> [GatewayEvent] {
    var recipe = try #require(try GatewayFiles.load(name).webhooks)
    recipe.check.scheme = .pathToken
    let request = webhook(url: "https://postroom.example/hooks/x/secret", body: body, type: "application/json")
    return recipe.events(in: request, for: .receipts, now: now).news
  }

  @Test("what SendGrid tells")
  func sendGridReceipts() throws {
    let events = try Self.events(
      "sendgrid",
      #"[{"email":"li@example.com","event":"delivered","sg_event_id":"a","sg_message_id":"14c5.filterdrecv-1","#
        + #""timestamp":1700000000,"postroom_id":"m-1@example.cn"},"#
        + #"{"email":"a@example.com","event":"bounce","type":"bounce","status":"5.1.1","reason":"550","sg_message_id":"1"},"#
        + #"{"email":"b@example.com","event":"bounce","type":"blocked","sg_message_id":"2"},"#
        + #"{"email":"c@example.com","event":"spamreport","sg_message_id":"3"},"#
        + #"{"email":"d@example.com","event":"unsubscribe","timestamp":1700000000},{"email":"e","event":"open"}]"#)
    #expect(
      events.map(\.news) == [
        .delivered, .failed(addressIsDead: true), .failed(addressIsDead: false), .complaint, .optOut,
      ])
    #expect(events.first?.reference == "m-1@example.cn")
    #expect(events.first?.gatewayReference == "14c5")
    #expect(events[1].words == "bounce bounce 5.1.1 550")
  }

  @Test("what Mailgun tells")
  func mailgunReceipts() throws {
    func event(_ members: String) throws -> GatewayEvent? {
      try Self.events(
        "mailgun",
        #"{"event-data":{"recipient":"li@example.com","timestamp":1700000000.907,"message":{"headers":{"message-id":"#
          + #""2013.1@mg.example.cn"}},"user-variables":{"postroom_id":"m-1@example.cn"},\#(members)}}"#
      ).first
    }
    let delivered = try event(#""event":"delivered""#)
    #expect(delivered?.news == .delivered)
    #expect(delivered?.reference == "m-1@example.cn")
    #expect(delivered?.gatewayReference == "2013.1@mg.example.cn")
    #expect(delivered?.at == Self.now)
    #expect(try event(#""event":"failed","severity":"temporary","reason":"generic""#)?.news == .underWay)
    #expect(
      try event(#""event":"failed","severity":"permanent","reason":"generic""#)?.news == .failed(addressIsDead: false))
    #expect(
      try event(#""event":"failed","severity":"permanent","reason":"suppress-bounce""#)?.news
        == .failed(addressIsDead: true))
    #expect(try event(#""event":"failed","severity":"permanent","reason":"suppress-unsubscribe""#)?.news == .optOut)
    #expect(try event(#""event":"complained""#)?.news == .complaint)
  }

  @Test("Mailgun must sign and know the path")
  func mailgunCheck() throws {
    let recipe = try #require(try GatewayFiles.load("mailgun").webhooks)
    func read(_ token: String, key: String) -> WebhookReading {
      let signature = CanonicalText.hex(MessageHash.sha256.code(of: "1700000000t", key: Array(key.utf8)))
      let body =
        #"{"signature":{"timestamp":"1700000000","token":"t","signature":"\#(signature)"},"#
        + #""event-data":{"event":"delivered","recipient":"li@example.com","message":{"headers":{"message-id":"1"}}}}"#
      let url = "https://postroom.example/hooks/mailgun/receipts/" + token
      return recipe.events(in: webhook(url: url, body: body), for: .receipts, now: Self.now)
    }
    #expect(read("secret", key: "secret").news.map(\.news) == [.delivered])
    #expect(read("other", key: "secret").refusal == 403)
    #expect(read("secret", key: "other").refusal == 403)
  }

  @Test("what Resend tells")
  func resendReceipts() throws {
    func event(_ type: String, _ data: String = "") throws -> GatewayEvent? {
      try Self.events(
        "resend",
        #"{"type":"\#(type)","created_at":"2023-11-14T22:13:20.000Z","data":{"email_id":"49a3","to":["li@example.com"]\#(data)}}"#
      ).first
    }
    #expect(try event("email.delivered")?.news == .delivered)
    #expect(try event("email.delivered")?.gatewayReference == "49a3")
    #expect(try event("email.delivered")?.at == Self.now)
    let bounce = try event("email.bounced", #","bounce":{"type":"Permanent","message":"no such user"}"#)
    #expect(bounce?.news == .failed(addressIsDead: true))
    #expect(bounce?.words == "email.bounced Permanent no such user")
    #expect(try event("email.bounced", #","bounce":{"type":"Transient"}"#)?.news == .failed(addressIsDead: false))
    #expect(try event("email.opened") == nil)
  }
}
