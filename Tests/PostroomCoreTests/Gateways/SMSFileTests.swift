import CurlClient
import Foundation
import Testing

@testable import PostroomCore

@Suite("The files of SMS providers that come with the program")
struct SMSFileTests {
  private static let now: Instant = 1_700_000_000_000

  private static func draft(_ text: String = "您好 & bye") throws -> SMSDraft {
    SMSDraft(
      to: try PhoneNumber("13800000001"), text: text, encoding: .ucs2, reference: "cb-42", template: "1110",
      parameters: [Parameter(name: "hours", value: "24"), Parameter(name: "name", value: "张三")])
  }

  /// Names and values of a form or query, whatever their order and encoding.
  private static func form(_ bytes: some Collection<UInt8>) -> [String: String] {
    Dictionary(CanonicalText.parameters(ofForm: bytes).map { ($0.name, $0.value) }) { $1 }
  }

  private static func query(_ url: String) -> [String: String] {
    form(url.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst())
  }

  @Test("each has no fault", arguments: GatewayFiles.sms)
  func loads(name: String) throws {
    let gateway = try GatewayFiles.load(name)
    #expect(!gateway.carriesMail)
    #expect((gateway.webhooks == nil) == (name == "sns"))
  }

  @Test("an SMS becomes what the provider's own SDK sends", arguments: ["twilio", "vonage", "tencent", "sns"])
  func sendsAsSDKs(name: String) throws {
    let secret = name == "twilio" ? "12345" : "secret"
    let request = try GatewayFiles.recipe(name, secret: secret).request(for: Self.draft(), now: Self.now)
    let recorded = try GatewayFiles.recorded(name)
    #expect(request.method == recorded.method)
    #expect(request.url == recorded.url)
    if let expected = JSONValue(recorded.body) {
      #expect(JSONValue(request.body) == expected)
    } else {
      #expect(Self.form(request.body) == Self.form(recorded.body))
    }
    for field in recorded.fields.all where !["authorization", "content-type"].contains(field.name) {
      #expect(request.fields[field.name] == field.value)
    }
    let type = recorded.fields["content-type"]?.prefix { $0 != ";" }
    #expect(request.fields["content-type"].map { $0.prefix { $0 != ";" } } == type)
    let authorization = try #require(request.fields["authorization"])
    if authorization.hasPrefix("Basic ") {
      #expect(authorization == recorded.fields["authorization"])
    } else {
      #expect(Self.signer(authorization) == Self.signer(recorded.fields["authorization"] ?? ""))
    }
  }

  /// A signature without what depends on the moment.
  private static func signer(_ authorization: String) -> [Substring] {
    authorization.split(separator: " ").map { $0.split(separator: "/") }.flatMap { parts in
      parts.filter { !$0.hasPrefix("20") && !$0.hasPrefix("Signature=") }
    }
  }

  @Test("Aliyun's request has the recorded signature")
  func aliyun() throws {
    var draft = try Self.draft()
    draft.template = "SMS_123"
    draft.parameters = [Parameter(name: "name", value: "张三"), Parameter(name: "hours", value: "24")]
    var recipe = try GatewayFiles.recipe("aliyun", secret: "TEST_SECRET", ["LTAI0000000000000000": "LTAI_TEST_ID"])
    let query = Self.query(try recipe.request(for: draft, now: Self.now).url)
    #expect(
      query == [
        "OutId": "cb-42", "PhoneNumbers": "8613800000001", "SignName": "示例商城", "TemplateCode": "SMS_123",
        "TemplateParam": #"{"name":"张三","hours":"24"}"#,
      ])
    // The message that was recorded.
    recipe.url = try RecipeText(
      "https://dysmsapi.aliyuncs.com/?PhoneNumbers=13900000001&SignName=%E9%98%BF%E9%87%8C%E4%BA%91"
        + "&TemplateCode={{url.template}}&TemplateParam={{url.parameters.object}}&OutId={{url.id}}")
    let request = try recipe.request(for: draft, now: Self.now, nonce: "d410180a5abf7fe235dd9b74aca91fc0")
    #expect(request.body.isEmpty)
    #expect(
      request.fields["authorization"] == "ACS3-HMAC-SHA256 Credential=LTAI_TEST_ID,SignedHeaders=host;x-acs-action;"
        + "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        + "Signature=1a74d03ad95dac50664a83d69a55b62072d79ab1d3e73ecbd8fb9ffb387f5994")
  }

  @Test("Kannel reports to an address within its address, which nobody else knows")
  func kannel() throws {
    let request = try GatewayFiles.recipe("kannel", secret: "s&%").request(for: Self.draft(), now: Self.now)
    let query = Self.query(request.url)
    #expect(query["text"] == "您好 & bye")
    #expect(query["coding"] == "2")
    #expect(
      query["dlr-url"]
        == "http://127.0.0.1:8080/hooks/kannel/receipts/s%26%25?id=cb-42&type=%d&answer=%A&time=%T")
  }

  @Test("a telephone gets our reference as its own")
  func android() throws {
    let request = try GatewayFiles.recipe("android").request(for: Self.draft(), now: Self.now)
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == #"{"id":"cb-42","phoneNumbers":["+8613800000001"],"textMessage":{"text":"您好 & bye"},"withDeliveryReport":true}"#
    )
  }

  @Test("a provider of approved wordings refuses a message without one, and no other message waits for it")
  func needsTemplate() async throws {
    var draft = try Self.draft()
    draft.template = nil
    for name in ["aliyun", "tencent"] {
      let recipe = try GatewayFiles.recipe(name)
      #expect(throws: RecipeFault("there is no value for template")) { try recipe.request(for: draft) }
    }
  }

  @Test(
    "answers mean what the providers document",
    arguments: [
      ("kannel", 202, "0: Accepted for delivery", "accepted"),
      ("kannel", 202, "3: Queued for later delivery", "accepted"),
      ("kannel", 403, "Authorization failed for sendsms", "unavailable"),
      ("kannel", 400, "Missing receiver number, rejected", "rejected"),
      ("kannel", 503, "Temporal failure, try again later.", "deferred"),
      ("twilio", 201, #"{"sid":"SM1","num_segments":"2","price":null,"status":"queued"}"#, "accepted SM1 2 -"),
      ("twilio", 400, #"{"code":21610,"message":"unsubscribed recipient","status":400}"#, "opted out"),
      ("twilio", 400, #"{"code":21211,"message":"invalid To","status":400}"#, "rejected"),
      ("twilio", 429, #"{"code":20429}"#, "deferred"), ("twilio", 401, #"{"code":20003}"#, "unavailable"),
      (
        "vonage", 200,
        #"{"message-count":"2","messages":[{"status":"0","message-id":"a","message-price":"0.0333"},"#
          + #"{"status":"0","message-id":"b","message-price":"0.0333"}]}"#, "accepted a 2 0.0666"
      ),
      ("vonage", 200, #"{"message-count":"2","messages":[{"status":"0"},{"status":"1"}]}"#, "uncertain"),
      ("vonage", 200, #"{"messages":[{"status":"1","error-text":"Throttled"}]}"#, "deferred"),
      ("vonage", 200, #"{"messages":[{"status":"4"}]}"#, "unavailable"),
      ("vonage", 200, #"{"messages":[{"status":"6","error-text":"invalid"}]}"#, "rejected"),
      ("aliyun", 200, #"{"Code":"OK","Message":"OK","BizId":"9^0","RequestId":"x"}"#, "accepted 9^0 - -"),
      ("aliyun", 200, #"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发天级流控Permits:10"}"#, "deferred"),
      ("aliyun", 200, #"{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}"#, "rejected"),
      ("aliyun", 200, #"{"Code":"isv.AMOUNT_NOT_ENOUGH"}"#, "unavailable"),
      ("aliyun", 400, #"{"Code":"SignatureDoesNotMatch"}"#, "unavailable"),
      (
        "tencent", 200,
        #"{"Response":{"SendStatusSet":[{"SerialNo":"5","Fee":1,"Code":"Ok","Message":"send success"}]}}"#,
        "accepted 5 1 -"
      ),
      (
        "tencent", 200, #"{"Response":{"SendStatusSet":[{"Code":"FailedOperation.PhoneNumberInBlacklist"}]}}"#,
        "opted out"
      ),
      ("tencent", 200, #"{"Response":{"SendStatusSet":[{"Code":"LimitExceeded.AppDailyLimit"}]}}"#, "deferred"),
      (
        "tencent", 200, #"{"Response":{"SendStatusSet":[{"Code":"FailedOperation.ContainSensitiveWord"}]}}"#,
        "rejected"
      ),
      (
        "tencent", 200, #"{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure"},"RequestId":"x"}}"#,
        "unavailable"
      ),
      ("tencent", 200, #"{"Response":{"Error":{"Code":"InvalidParameter"},"RequestId":"x"}}"#, "rejected"),
      (
        "sns", 200,
        "<PublishResponse><PublishResult><MessageId>94f20ce6-13c5</MessageId></PublishResult></PublishResponse>",
        "accepted 94f20ce6-13c5 - -"
      ),
      ("sns", 400, "<ErrorResponse><Error><Code>OptedOut</Code></Error></ErrorResponse>", "opted out"),
      ("sns", 400, "<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>", "rejected"),
      ("sns", 403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>", "unavailable"),
      ("sns", 400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", "deferred"),
      ("android", 202, #"{"id":"cb-42","state":"Pending"}"#, "accepted"),
      ("android", 409, #"{"message":"duplicate id"}"#, "accepted"), ("android", 401, "", "unavailable"),
    ])
  func judges(name: String, status: Int, body: String, expected: String) throws {
    let response = HTTPResponse(status: status, body: Array(body.utf8))
    let judgement = try GatewayFiles.recipe(name).judge(.answered(response), now: Self.now)
    #expect(judgement.told == expected || judgement.told == expected + " - - -", "\(judgement)")
  }

  @Test("how long a gateway wants to be left alone is heard, in seconds or as a date")
  func retryAfter() throws {
    let recipe = try GatewayFiles.recipe("twilio")
    for (text, seconds) in [
      ("120", 120), ("Tue, 14 Nov 2023 22:14:20 GMT", 60), ("Tue, 14 Nov 2023 22:00:00 GMT", 0), ("-5", 0),
      ("9999999999", 86_400), ("soon", nil),
    ] as [(String, Int64?)] {
      let response = HTTPResponse(status: 429, fields: ["Retry-After": text])
      #expect(recipe.judge(.answered(response), now: Self.now).retryAfter == seconds, "\(text)")
    }
  }
}

extension Judgement {
  /// `accepted REFERENCE SEGMENTS COST`, or the outcome alone.
  var told: String {
    switch outcome {
    case .accepted: "accepted \(gatewayReference ?? "-") \(segments.map { "\($0)" } ?? "-") \(cost ?? "-")"
    case .deferred: "deferred"
    case .rejected: isOptedOut ? "opted out" : "rejected"
    case .uncertain: "uncertain"
    case .unavailable: "unavailable"
    }
  }
}
