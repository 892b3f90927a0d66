import Foundation
import Testing

@testable import PostroomCore

@Suite("The webhooks of SMS providers, by the files that come with the program")
struct SMSWebhookTests {
  private static let now: Instant = 1_700_000_000_000
  private static let base = "https://postroom.example/hooks/x"
  private static let form = "application/x-www-form-urlencoded"

  private static func webhooks(_ name: String) throws -> WebhookRecipe {
    guard let webhooks = try GatewayFiles.load(name).webhooks else { throw RecipeFault("no webhooks") }
    return webhooks
  }

  private static func receipt(_ name: String, _ webhook: IncomingWebhook) throws -> WebhookReading {
    try webhooks(name).events(in: webhook, for: .receipts, now: now)
  }

  private static func inbound(_ name: String, _ webhook: IncomingWebhook) throws -> WebhookReading {
    try webhooks(name).events(in: webhook, for: .inbound, now: now)
  }

  @Test("Kannel")
  func kannel() throws {
    let cases: [(String, GatewayEvent.News)] = [
      ("8", .underWay), ("4", .underWay), ("1", .delivered), ("2", .failed(addressIsDead: false)),
      ("16", .failed(addressIsDead: false)),
    ]
    for (type, news) in cases {
      let url = "/receipts/secret?id=msg-1&type=\(type)&answer=ACK%2F&time=1700000000"
      let reading = try Self.receipt("kannel", webhook(url: Self.base + url, method: "GET"))
      #expect(reading.news.first?.news == news)
      #expect(reading.news.first?.reference == "msg-1")
      #expect(reading.news.first?.at == Self.now)
      #expect(reading.news.first?.words == "\(type) ACK/")
    }
    let text = "/inbound/secret?from=13800000001&to=10690000&text=%E9%80%80%E8%AE%A2+R&time=1700000000&id=u-1"
    let reading = try Self.inbound("kannel", webhook(url: Self.base + text, method: "GET"))
    #expect(reading.news.first?.news == .message(text: "退订 R", to: "10690000"))
    #expect(reading.answer == WebhookAnswer(), "anything else would be sent back as an SMS")
  }

  @Test("Twilio")
  func twilio() throws {
    func signed(_ url: String, _ pairs: [[String]]) -> IncomingWebhook {
      let body = CanonicalText.query(parameters(pairs))
      let signature = TwilioSignature.value(url: url, parameters: parameters(pairs), key: Secret("secret"))
      return webhook(url: url, [("X-Twilio-Signature", signature)], body: body, type: Self.form)
    }
    let url = Self.base + "/receipts?m=cb-42"
    let pairs = [
      ["MessageSid", "SM1"], ["To", "+8613800000001"], ["MessageStatus", "undelivered"], ["ErrorCode", "30005"],
    ]
    let reading = try Self.receipt("twilio", signed(url, pairs))
    #expect(reading.news.first?.news == .failed(addressIsDead: true))
    #expect(reading.news.first?.reference == "cb-42")
    #expect(reading.news.first?.gatewayReference == "SM1")
    #expect(reading.news.first?.address == "+8613800000001")
    var forged = signed(url, pairs)
    forged.body += Array("&x=1".utf8)
    #expect(try Self.receipt("twilio", forged).refusal == 403)
    let text = signed(
      Self.base + "/inbound",
      [["MessageSid", "SM2"], ["From", "+8613800000001"], ["To", "+1"], ["Body", "STOP 您好"]])
    let message = try Self.inbound("twilio", text)
    #expect(message.news.first?.news == .message(text: "STOP 您好", to: "+1"))
    #expect(message.answer?.body == "<Response/>")
  }

  @Test("Vonage, of which only signed members are read")
  func vonage() throws {
    func signed(_ pairs: [[String]]) -> IncomingWebhook {
      let all = parameters(pairs + [["timestamp", "1700000000"]])
      let signature = VonageSignature.value(all, secret: Secret("secret"), method: .hmac(.sha256))
      let members = all.map { "\"\($0.name)\":\"\($0.value)\"" } + ["\"sig\":\"\(signature)\""]
      return webhook(body: "{" + members.joined(separator: ",") + "}", type: "application/json")
    }
    let reading = try Self.receipt(
      "vonage",
      signed([
        ["msisdn", "8613800000001"], ["messageId", "0A"], ["status", "delivered"], ["err-code", "0"],
        ["client-ref", "cb-42"], ["message-timestamp", "2023-11-14 22:13:20"],
      ]))
    #expect(
      reading.news == [
        GatewayEvent(
          .delivered, reference: "cb-42", gatewayReference: "0A", address: "8613800000001", at: Self.now,
          words: "delivered 0", key: reading.news.first?.key ?? "")
      ])
    let text = try Self.inbound(
      "vonage", signed([["msisdn", "8613800000001"], ["to", "1069"], ["text", "您好"], ["messageId", "0B"]]))
    #expect(text.news.first?.news == .message(text: "您好", to: "1069"))
  }

  @Test("Aliyun")
  func aliyun() throws {
    let path = Self.base + "/receipts/secret"
    let body =
      #"[{"phone_number":"13900000001","send_time":"2023-11-15 06:12:20","report_time":"2023-11-15 06:13:20","#
      + #""success":true,"err_code":"DELIVERED","err_msg":"用户接收成功","sms_size":"1","biz_id":"9^0","out_id":"cb-42"},"#
      + #"{"phone_number":"13900000002","success":false,"err_code":"MK:0001","biz_id":"9^1"}]"#
    let reading = try Self.receipt("aliyun", webhook(url: path, body: body, type: "application/json"))
    #expect(reading.news.map(\.news) == [.delivered, .failed(addressIsDead: false)])
    #expect(reading.news.first?.reference == "cb-42")
    #expect(reading.news.first?.at == Self.now)
    #expect(reading.news.first?.words == "true DELIVERED 用户接收成功")
    #expect(reading.answer?.body == #"{"code":0,"msg":"接收成功"}"#)
    for sequence in ["123456", "\"123456\""] {
      let body = #"[{"phone_number":"13900000001","content":"R","dest_code":"1069","sequence_id":\#(sequence)}]"#
      let text = try Self.inbound("aliyun", webhook(url: Self.base + "/inbound/secret", body: body))
      #expect(text.news.first?.news == .message(text: "R", to: "1069"))
      #expect(text.news.first?.gatewayReference == "123456")
    }
  }

  @Test("Tencent")
  func tencent() throws {
    let body =
      #"[{"user_receive_time":"2023-11-15 06:13:20","nationcode":"86","mobile":"13800000001","report_status":"SUCCESS","#
      + #""errmsg":"DELIVRD","description":"用户短信送达成功","sid":"8:jpK"}]"#
    let reading = try Self.receipt("tencent", webhook(url: Self.base + "/receipts/secret", body: body))
    #expect(reading.news.first?.news == .delivered)
    #expect(reading.news.first?.gatewayReference == "8:jpK")
    #expect(reading.news.first?.at == Self.now)
    #expect(reading.answer?.body == #"{"result":0,"errmsg":"OK"}"#)
    let reply = #"{"extend":"1","mobile":"13800000001","nationcode":"86","sign":"x","text":"T","time":1700000000}"#
    let text = try Self.inbound("tencent", webhook(url: Self.base + "/inbound/secret", body: reply))
    #expect(text.news.first?.news == .message(text: "T", to: "1"))
    #expect(text.news.first?.at == Self.now)
  }

  @Test("a telephone")
  func android() throws {
    func signed(_ body: String) -> IncomingWebhook {
      let code = CanonicalText.hex(MessageHash.sha256.code(of: body + "1700000000", key: Array("secret".utf8)))
      return webhook([("X-Signature", code), ("X-Timestamp", "1700000000")], body: body, type: "application/json")
    }
    for (event, news) in [
      ("sms:sent", .underWay), ("sms:delivered", .delivered), ("sms:failed", .failed(addressIsDead: false)),
    ] as [(String, GatewayEvent.News)] {
      let body =
        #"{"id":"e","event":"\#(event)","payload":{"messageId":"cb-42","phoneNumber":"+8613800000001","#
        + #""deliveredAt":"2023-11-15T06:13:20.000+08:00"}}"#
      let reading = try Self.receipt("android", signed(body))
      #expect(reading.news.first?.news == news)
      #expect(reading.news.first?.reference == "cb-42")
      #expect(reading.news.first?.at == Self.now)
    }
    let body = #"{"id":"e2","event":"sms:received","payload":{"message":"您好","phoneNumber":"+8613800000001"}}"#
    #expect(try Self.inbound("android", signed(body)).news.first?.news == .message(text: "您好", to: ""))
  }
}
