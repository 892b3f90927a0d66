import PostroomCore
import Testing

@Suite("Webhooks are believed only with a genuine signature")
struct WebhookCheckTests {
  private let now: Int64 = 1_700_000_000_000
  private let formType = "application/x-www-form-urlencoded"

  @Test("what Twilio's SDK signs is accepted, with SHA-1, SHA-256, a port, a form or JSON")
  func twilioVectors() throws {
    for vector in try SignatureVectors.read().twilio {
      let isShared = vector.algorithm != "HMAC_SHA1"
      let key = Secret(vector.key)
      let check = WebhookCheck(
        scheme: .twilio(sharedKeys: isShared ? [Secret("other"), key] : []), secrets: isShared ? [] : [key])
      var fields = [("x-twilio-signature", vector.signature)]
      if isShared { fields.append(("X-Twilio-Webhooks-Signature-Settings", "key=wk_1, algorithm=\(vector.algorithm)")) }
      let request = webhook(url: vector.url, fields, body: vector.body, type: vector.type)
      #expect(check.verdict(on: request, now: now).proof != nil)
      var forged = request
      forged.url += "&x=1"
      #expect(check.verdict(on: forged, now: now) == .refused(.wrongSignature))
      forged = request
      forged.body += Array("&x=1".utf8)
      #expect(check.verdict(on: forged, now: now) == .refused(.wrongSignature))
    }
  }

  @Test("Twilio's recorded requests have the recorded signatures")
  func twilioGolden() {
    let call = parameters([
      ["CallSid", "CA1234567890ABCDE"], ["Caller", "+14158675309"], ["Digits", "1234"], ["From", "+14158675309"],
      ["To", "+18005551212"],
    ])
    #expect(
      TwilioSignature.value(url: "https://mycompany.com/myapp.php?foo=1&bar=2", parameters: call, key: Secret("12345"))
        == "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    // A form repeats nothing that is signed twice.
    #expect(
      TwilioSignature.value(
        url: "https://mycompany.com/myapp.php?foo=1&bar=2", parameters: call + call.reversed(), key: Secret("12345"))
        == "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
  }

  @Test("Twilio's signature stands whether or not it counted the port of the URL")
  func twilioPorts() {
    let check = WebhookCheck(scheme: .twilio(sharedKeys: []), secrets: [Secret("k")])
    for (ours, theirs) in [
      ("https://p.example/h?x=a:b", "https://p.example:443/h?x=a:b"), ("http://p.example/h", "http://p.example:80/h"),
      ("https://p.example:8443/h", "https://p.example/h"), ("https://[2001:db8::1]/h", "https://[2001:db8::1]:443/h"),
      ("https://[2001:db8::1]:8443/h", "https://[2001:db8::1]/h"), ("https://p.example", "https://p.example:443"),
    ] {
      let signature = TwilioSignature.value(url: theirs, parameters: [], key: Secret("k"))
      #expect(check.verdict(on: webhook(url: ours, [("X-Twilio-Signature", signature)]), now: now).proof != nil)
    }
  }

  @Test("Twilio's JSON without the hash of its body is refused, and an unknown algorithm too")
  func twilioRefusals() {
    let url = "https://p.example/h"
    let check = WebhookCheck(scheme: .twilio(sharedKeys: [Secret("s")]), secrets: [Secret("k")])
    let signature = TwilioSignature.value(url: url, parameters: [], key: Secret("k"))
    let json = webhook(url: url, [("X-Twilio-Signature", signature)], body: "{}", type: "application/json")
    #expect(check.verdict(on: json, now: now) == .refused(.missing("bodySHA256")))
    let settings = ("X-Twilio-Webhooks-Signature-Settings", "key=a,algorithm=HMAC_MD5")
    let unknown = webhook(url: url, [("X-Twilio-Signature", signature), settings])
    #expect(check.verdict(on: unknown, now: now) == .refused(.unknownAlgorithm))
    // The auth token is no shared key.
    let mixed = webhook(url: url, [("X-Twilio-Signature", signature), (settings.0, "key=a,algorithm=HMAC_SHA1")])
    #expect(check.verdict(on: mixed, now: now) == .refused(.wrongSignature))
    let unconfigured = WebhookCheck(scheme: .twilio(sharedKeys: []), secrets: [Secret("k")])
    #expect(unconfigured.verdict(on: unknown, now: now) == .refused(.notConfigured))
  }

  @Test("Vonage's webhooks are accepted as query, form and JSON, and only within 5 minutes")
  func vonage() throws {
    let secret = Secret("SIGSECRET0123456")
    let pairs = [
      ["msisdn", "8613800000001"], ["status", "delivered"], ["text", "您好 & a=b"], ["client-ref", "cb-42"],
      ["timestamp", "1700000000"],
    ]
    for method in MessageHash.allCases.map({ VonageSignature.Method.hmac($0) }) + [.md5Hash] {
      let signature = VonageSignature.value(parameters(pairs), secret: secret, method: method)
      let check = WebhookCheck(scheme: .vonage(method), secrets: [Secret("old"), secret])
      let form =
        "msisdn=8613800000001&status=delivered&text=%E6%82%A8%E5%A5%BD+%26+a%3Db&client-ref=cb-42"
        + "&timestamp=1700000000&sig=" + signature.uppercased()
      let json =
        #"{"msisdn":"8613800000001","status":"delivered","text":"您好 & a=b","client-ref":"cb-42","#
        + #""timestamp":1700000000,"sig":"\#(signature)"}"#
      let requests = [
        webhook(url: "https://p.example/h?" + form, method: "GET"), webhook(body: form, type: formType),
        webhook(body: json, type: "application/json"),
      ]
      for request in requests {
        let proof = try #require(check.verdict(on: request, now: now + 299_000).proof)
        #expect(proof.fields["client-ref"] == "cb-42")
        #expect(proof.fields["sig"] == nil)
        #expect(proof.replayKey == signature)
        #expect(check.verdict(on: request, now: now + 301_000) == .refused(.tooOld(301)))
        #expect(check.verdict(on: request, now: now - 301_000) == .refused(.fromTheFuture(301)))
        #expect(check.verdict(on: request, now: now - 300_000).proof != nil)
      }
      let twice = webhook(body: form + "&status=failed", type: formType)
      #expect(check.verdict(on: twice, now: now) == .refused(.malformed("status")))
      let changed = webhook(body: form.replacing("delivered", with: "failed"), type: formType)
      #expect(check.verdict(on: changed, now: now) == .refused(.wrongSignature))
    }
  }

  @Test("SendGrid's recorded event is accepted, and refused with another order of its members")
  func sendGridGolden() {
    let check = WebhookCheck(
      scheme: .sendGrid,
      secrets: [
        Secret(
          "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu"
            + "/1FwCM/QmGUhA==")
      ])
    let fields = [
      (
        "X-Twilio-Email-Event-Webhook-Signature",
        "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0="
      ), ("X-Twilio-Email-Event-Webhook-Timestamp", "1588788367"),
    ]
    let body = #"{"category":"example_payload","event":"test_event","message_id":"message_id"}"#
    let time: Int64 = 1_588_788_367_000
    #expect(check.verdict(on: webhook(fields, body: body), now: time).proof?.signedAt == time)
    let reordered = #"{"event":"test_event","category":"example_payload","message_id":"message_id"}"#
    #expect(check.verdict(on: webhook(fields, body: reordered), now: time) == .refused(.wrongSignature))
    #expect(check.verdict(on: webhook(fields, body: body), now: now).refusal == .tooOld(111_211_633))
  }

  @Test("SendGrid's events are accepted under their own key only")
  func sendGridVectors() throws {
    let vectors = try SignatureVectors.read().sendGrid
    for (index, vector) in vectors.enumerated() {
      let fields = [
        ("x-twilio-email-event-webhook-signature", vector.signature),
        ("x-twilio-email-event-webhook-timestamp", String(vector.time)),
      ]
      let request = webhook(fields, body: vector.body)
      let time = vector.time * 1000
      let check = WebhookCheck(scheme: .sendGrid, secrets: [Secret(vector.publicKey)])
      #expect(check.verdict(on: request, now: time).proof != nil)
      let other = WebhookCheck(scheme: .sendGrid, secrets: [Secret(vectors[(index + 1) % vectors.count].publicKey)])
      #expect(other.verdict(on: request, now: time) == .refused(.wrongSignature))
    }
  }

  @Test("Mailgun's signature is accepted, but vouches for no event")
  func mailgun() throws {
    let code = MessageHash.sha256.code(of: "1700000000" + "token", key: Array("key".utf8))
    let signature = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let body =
      #"{"signature":{"timestamp":"1700000000","token":"token","signature":"\#(signature)"},"#
      + #""event-data":{"event":"failed"}}"#
    let check = WebhookCheck(scheme: .mailgun, secrets: [Secret("key")])
    let proof = try #require(check.verdict(on: webhook(body: body), now: now).proof)
    #expect(proof.replayKey == "token")
    #expect(!proof.coversBody)
    #expect(
      check.verdict(on: webhook(body: body.replacing("1700000000", with: "1700000001")), now: now)
        == .refused(.wrongSignature))
    // The same digits, parted elsewhere, would move the time.
    let moved = body.replacing(#""1700000000","token":""#, with: #""170000000","token":"0"#)
    #expect(check.verdict(on: webhook(body: moved), now: now) == .refused(.malformed("timestamp")))
    #expect(check.verdict(on: webhook(body: "[]"), now: now) == .refused(.malformed("body")))
  }

  @Test("what standardwebhooks signs is accepted under both families of names")
  func standardVectors() throws {
    for vector in try SignatureVectors.read().standard {
      for prefix in ["webhook-", "Svix-"] {
        let check = WebhookCheck(
          scheme: .standardWebhooks,
          secrets: [Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXAAAA"), Secret(vector.secret)])
        let fields = [
          (prefix + "id", vector.id), (prefix + "timestamp", String(vector.time)),
          (prefix + "signature", "v1a,AAAA v1,AAAA \(vector.signature) v2"),
        ]
        let time = vector.time * 1000
        #expect(check.verdict(on: webhook(fields, body: vector.body), now: time).proof?.replayKey == vector.id)
        #expect(check.verdict(on: webhook(fields, body: vector.body + " "), now: time).refusal == .wrongSignature)
        #expect(check.verdict(on: webhook(fields, body: vector.body), now: time + 301_000).refusal == .tooOld(301))
      }
    }
  }

  @Test("the recorded Standard Webhook has the recorded signature")
  func standardGolden() throws {
    let secret = Secret("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY")
    let fields = StandardWebhook.fields(
      id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", body: Array(#"{"type":"thread.assigned","data":{"id":"t1"}}"#.utf8),
      secrets: [secret], now: 1_674_087_231_000)
    #expect(fields?[2].value == "v1,TpQL+Udjwh/ebu4y8wXv2VPhJZMbr89u6NCkPDU8oBU=")
  }

  @Test("an android gateway's webhook is signed over body and time")
  func android() {
    let code = MessageHash.sha256.code(of: #"{"event":"sms:received"}"# + "1700000000", key: Array("key".utf8))
    let signature = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let check = WebhookCheck(scheme: .androidGateway, secrets: [Secret("key")])
    let fields = [("X-Signature", signature), ("X-Timestamp", "1700000000")]
    #expect(check.verdict(on: webhook(fields, body: #"{"event":"sms:received"}"#), now: now).proof != nil)
    #expect(check.verdict(on: webhook(fields, body: "{}"), now: now) == .refused(.wrongSignature))
    #expect(check.verdict(on: webhook([fields[1]]), now: now) == .refused(.missing("X-Signature")))
  }

  @Test("a vendor that signs nothing must know the path")
  func pathToken() {
    let check = WebhookCheck(scheme: .pathToken, secrets: [Secret("t0ken")])
    for url in ["https://p.example/dlr/t0ken", "https://p.example/dlr/t0ken?id=1&type=8"] {
      #expect(check.verdict(on: webhook(url: url), now: now).proof?.coversBody == false)
    }
    for url in ["https://p.example/dlr/", "https://p.example/dlr/T0KEN", "https://p.example/?/t0ken", "", "/", "t0ke"] {
      #expect(check.verdict(on: webhook(url: url), now: now) == .refused(.wrongSignature))
    }
  }

  @Test("without a secret nothing is believed, and an empty one is none")
  func unconfigured() {
    let schemes: [WebhookCheck.Scheme] = [
      .twilio(sharedKeys: [Secret("")]), .vonage(.md5Hash), .sendGrid, .mailgun, .standardWebhooks, .androidGateway,
      .pathToken, .amazonSNS(topics: [], certificates: [:]),
    ]
    for scheme in schemes {
      let check = WebhookCheck(scheme: scheme, secrets: [Secret("")])
      #expect(check.verdict(on: webhook(body: #"{"Type":"Notification"}"#), now: now) == .refused(.notConfigured))
    }
  }

  @Test("a field that is there twice is refused")
  func twice() {
    let check = WebhookCheck(scheme: .twilio(sharedKeys: []), secrets: [Secret("k")])
    let signature = TwilioSignature.value(url: "https://p.example/", parameters: [], key: Secret("k"))
    let request = webhook(
      url: "https://p.example/", [("X-Twilio-Signature", signature), ("x-twilio-signature", signature)])
    #expect(check.verdict(on: request, now: now) == .refused(.malformed("X-Twilio-Signature")))
  }

  @Test("every refusal has a sentence in both languages and shows no secret")
  func words() {
    let refusals: [WebhookRefusal] = [
      .notConfigured, .missing("sig"), .malformed("sig"), .unknownAlgorithm, .wrongSignature, .tooOld(9),
      .fromTheFuture(9), .certificateNeeded(url: "u"), .untrustedCertificate, .foreignTopic,
    ]
    #expect(Set(refusals.map(\.words.english)).count == refusals.count)
    #expect(Set(refusals.map(\.words.chinese)).count == refusals.count)
  }

  @Test("more parameters than a vendor sends are refused before they cost anything")
  func manyParameters() {
    let many = String(repeating: "a=1&", count: 1000)
    let twilio = WebhookCheck(scheme: .twilio(sharedKeys: []), secrets: [Secret("k")])
    let vonage = WebhookCheck(scheme: .vonage(.hmac(.sha256)), secrets: [Secret("k")])
    let signature = ("X-Twilio-Signature", "x")
    let form = webhook([signature], body: many, type: formType)
    #expect(twilio.verdict(on: form, now: now) == .refused(.malformed("body")))
    #expect(vonage.verdict(on: form, now: now) == .refused(.malformed("body")))
    let query = webhook(url: "https://p.example/?" + many, [signature], method: "GET")
    #expect(vonage.verdict(on: query, now: now) == .refused(.malformed("query")))
    let json = webhook(body: "{\"a\":\"" + String(repeating: "a", count: 1_048_576) + "\"}", type: "application/json")
    #expect(vonage.verdict(on: json, now: now) == .refused(.malformed("body")))
  }

  @Test("hostile requests are refused, quickly and without a crash")
  func hostile() {
    let megabyte = String(repeating: "a,b=é%zz ", count: 100_000)
    let secret = Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")
    let topic = "arn:aws:sns:us-east-1:1:t"
    let schemes: [WebhookCheck.Scheme] = [
      .twilio(sharedKeys: [secret]), .vonage(.hmac(.sha256)), .sendGrid, .mailgun, .standardWebhooks, .androidGateway,
      .pathToken, .amazonSNS(topics: [topic], certificates: ["": [0x30, 0x83, 0xFF, 0xFF, 0xFF]]),
    ]
    let names = [
      "X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings", "webhook-id", "webhook-timestamp",
      "webhook-signature", "X-Signature", "X-Timestamp", "X-Twilio-Email-Event-Webhook-Timestamp",
      "X-Twilio-Email-Event-Webhook-Signature",
    ]
    let deep = String(repeating: "[", count: 100_000)
    let bodies = [
      "", "&&&===", "%", "%4", "sig=%&timestamp=99999999999999999999", "sig=&timestamp=", "{", "null", "{\"sig\":null}",
      #"{"sig":"zz","timestamp":"-1"}"#, #"{"a":"# + deep, deep, megabyte, #"{"TopicArn":"\#(topic)"}"#,
      #"{"TopicArn":"\#(topic)","SigningCertURL":"","Type":"Notification"}"#,
      #"{"signature":{"timestamp":"","token":"","signature":""}}"#, "\u{0}\u{FFFF}",
    ]
    for scheme in schemes {
      let check = WebhookCheck(scheme: scheme, secrets: [secret])
      for body in bodies {
        let values = ["", "é", "v1,", ",", "-1", "99999999999", "\u{0}"]
        // A megabyte once for each scheme: debug builds take their time.
        for value in body.isEmpty ? values + [megabyte] : body == megabyte ? [""] : values {
          let fields = names.map { ($0, value) } + [("Überschrift-\u{301}", value), ("", "")]
          for type in [formType, "application/json", ";;"] {
            let request = webhook(url: "https://p.example/?" + value.prefix(99), fields, body: body, type: type)
            #expect(check.verdict(on: request, now: now).proof == nil)
          }
        }
      }
      for url in ["", ":", "://", "https://", "https://]", "https://[:", "?", "#", "https://é:é@é:é/é?é#é"] {
        #expect(check.verdict(on: webhook(url: url, names.map { ($0, "x") }), now: .max).proof == nil)
        #expect(check.verdict(on: webhook(url: url, names.map { ($0, "1") }), now: .min).proof == nil)
      }
    }
  }
}
