import PostroomCore
import Testing

@Suite("Signatures of requests to vendors")
struct RequestSignatureTests {
  @Test("a request to Amazon is signed as botocore signs it")
  func amazon() throws {
    for vector in try SignatureVectors.read().amazon {
      var request = OutgoingRequest(host: vector.host)
      request.method = vector.method
      request.path = vector.path
      request.query = parameters(vector.query)
      request.fields = vector.fields.map { HTTPField($0[0], $0[1]) }
      request.body = Array(vector.body.utf8)
      let signature = AmazonSignature(
        accessKey: "AKIDEXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        sessionToken: vector.token.map { Secret($0) }, region: vector.region, service: vector.service)
      let signed = signature.signed(request, now: vector.time * 1000)
      #expect(signed.value("authorization") == vector.authorization)
      #expect(signed.value("x-amz-security-token") == vector.token)
      // Signing what is signed changes nothing: an attempt that is repeated has one of each field.
      #expect(signature.signed(signed, now: vector.time * 1000) == signed)
    }
  }

  @Test("a request to Tencent is signed as its SDK signs it")
  func tencent() throws {
    for vector in try SignatureVectors.read().tencent {
      var request = OutgoingRequest(host: vector.host)
      request.fields = [HTTPField("Content-Type", "application/json"), HTTPField("X-TC-Action", "SendSms")]
      request.body = Array(vector.body.utf8)
      let signed = TencentSignature(secretID: "AKIDEXAMPLE", secretKey: Secret("SECRETEXAMPLE密钥"))
        .signed(request, now: vector.time * 1000 + 999)
      #expect(signed.value("authorization")?.hasSuffix("Signature=" + vector.signature) == true)
      #expect(signed.value("x-tc-timestamp") == String(vector.time))
    }
  }

  @Test("the recorded request to Tencent has the recorded signature")
  func tencentGolden() {
    var request = OutgoingRequest(host: "sms.tencentcloudapi.com")
    request.fields = [HTTPField("Content-Type", "application/json")]
    request.body = Array(
      (#"{"PhoneNumberSet": ["+8618501234444"], "SmsSdkAppId": "1400006666", "TemplateId": "1110", "#
        + #""SignName": "\u817e\u8baf\u4e91", "TemplateParamSet": ["24", "48"], "SessionContext": "cb-42"}"#).utf8)
    let signed = TencentSignature(
      secretID: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secretKey: Secret("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
    ).signed(request, now: 1_700_000_000_000)
    #expect(
      signed.value("authorization")
        == "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2023-11-14/sms/tc3_request, "
        + "SignedHeaders=content-type;host, "
        + "Signature=4e1bf255f889fe80c0d164deb8f5eda0f29f9558df8f5c57639cbd638e3bd2cd")
  }

  @Test("a request to Aliyun is signed as its SDK signs it")
  func aliyun() throws {
    for vector in try SignatureVectors.read().aliyun {
      var request = OutgoingRequest(host: "dysmsapi.aliyuncs.com")
      request.query = parameters(vector.query)
      request.fields = [HTTPField("x-acs-action", "SendSms"), HTTPField("x-acs-version", "2017-05-25")]
      if !vector.body.isEmpty { request.fields.append(HTTPField("Content-Type", "application/json; charset=utf-8")) }
      request.body = Array(vector.body.utf8)
      let signed = AliyunSignature(accessKey: "LTAIEXAMPLE", secretKey: Secret("SECRET密钥"))
        .signed(request, nonce: vector.nonce, now: vector.time * 1000)
      #expect(signed.value("authorization") == vector.authorization)
    }
  }

  @Test("the recorded request to Aliyun has the recorded signature and query")
  func aliyunGolden() {
    var request = OutgoingRequest(host: "dysmsapi.aliyuncs.com")
    request.query = parameters([
      ["PhoneNumbers", "13900000001"], ["SignName", "阿里云"], ["TemplateCode", "SMS_123"],
      ["TemplateParam", #"{"name":"张三","hours":"24"}"#], ["OutId", "cb-42"],
    ])
    request.fields = [HTTPField("x-acs-action", "SendSms"), HTTPField("x-acs-version", "2017-05-25")]
    let signed = AliyunSignature(accessKey: "LTAI_TEST_ID", secretKey: Secret("TEST_SECRET"))
      .signed(request, nonce: "d410180a5abf7fe235dd9b74aca91fc0", now: 1_700_000_000_000)
    #expect(
      signed.value("authorization")
        == "ACS3-HMAC-SHA256 Credential=LTAI_TEST_ID,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        + "x-acs-signature-nonce;x-acs-version,"
        + "Signature=1a74d03ad95dac50664a83d69a55b62072d79ab1d3e73ecbd8fb9ffb387f5994")
    #expect(
      signed.target
        == "/?OutId=cb-42&PhoneNumbers=13900000001&SignName=%E9%98%BF%E9%87%8C%E4%BA%91&TemplateCode=SMS_123&"
        + "TemplateParam=%7B%22name%22%3A%22%E5%BC%A0%E4%B8%89%22%2C%22hours%22%3A%2224%22%7D")
  }

  @Test("parameters of Vonage are signed as its SDK signs them, with every hash")
  func vonage() throws {
    for vector in try SignatureVectors.read().vonage {
      let hash = try #require(MessageHash(rawValue: vector.method))
      let value = VonageSignature.value(
        parameters(vector.parameters), secret: Secret("SIGSECRET密钥"), method: .hmac(hash))
      #expect(value == vector.signature)
    }
  }

  @Test("our own webhooks are signed as standardwebhooks signs them")
  func standardWebhooks() throws {
    for vector in try SignatureVectors.read().standard {
      let fields = StandardWebhook.fields(
        id: vector.id, body: Array(vector.body.utf8), secrets: [Secret(vector.secret)], now: vector.time * 1000)
      #expect(
        fields == [
          HTTPField("webhook-id", vector.id), HTTPField("webhook-timestamp", String(vector.time)),
          HTTPField("webhook-signature", vector.signature),
        ])
    }
  }

  @Test("during a rotation our webhooks carry a signature for each secret")
  func rotation() throws {
    let secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"]
    let fields = try #require(
      StandardWebhook.fields(id: "m", body: [], secrets: secrets.map { Secret($0) }, now: 1_700_000_000_000))
    #expect(fields[2].value.split(separator: " ").count == 2)
    #expect(StandardWebhook.fields(id: "m", body: [], secrets: [Secret("whsec_密")], now: 0) == nil)
    #expect(StandardWebhook.fields(id: "m", body: [], secrets: [], now: 0) == nil)
  }

  @Test("no secret shows in what is printed, dumped or mirrored")
  func secrets() {
    let secret = Secret("hunter2-密钥")
    var request = OutgoingRequest(host: "sns.us-east-1.amazonaws.com")
    request.query = [Parameter(name: "to", value: "hunter2")]
    let signature = AmazonSignature(accessKey: "A", secretKey: secret, sessionToken: secret, region: "r", service: "s")
    let signatures: [Any] = [
      signature.signed(request, now: 0), webhook(url: "https://p.example/hunter2", [("x-token", "hunter2")]),
      secret, [secret], Optional(secret) as Any, signature,
      TencentSignature(secretID: "A", secretKey: secret), AliyunSignature(accessKey: "A", secretKey: secret),
      WebhookCheck(scheme: .twilio(sharedKeys: [secret]), secrets: [secret]),
    ]
    for value in signatures {
      var dumped = ""
      dump(value, to: &dumped)
      for text in ["\(value)", String(describing: value), String(reflecting: value), dumped] {
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("104, 117, 110"))
      }
    }
    #expect(Secret("a") == Secret("a"))
    #expect(Secret("a") != Secret("b"))
    #expect(Secret("a") != Secret("ab"))
  }
}
