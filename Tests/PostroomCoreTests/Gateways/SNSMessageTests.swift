import PostroomCore
import Testing

@Suite("Messages of Amazon SNS")
struct SNSMessageTests {
  @Test("a signed notification or confirmation is accepted, with either version of the signature")
  func genuine() throws {
    for vector in try SignatureVectors.read().sns {
      let body = Array(vector.body.utf8)
      let message = try SNSMessage(body)
      #expect(try message.signedText() == vector.text)
      let certificate = try #require(Certificate(Array(vector.certificate.utf8)))
      #expect(try message.isSigned(by: certificate))
      let proof = try #require(verdict(vector).proof)
      #expect(proof.replayKey == message.fields["MessageId"])
      #expect(proof.signedAt == vector.time * 1000 + 42)
      #expect(proof.fields["Message"] == message.fields["Message"])
      // What is not signed is not vouched for.
      #expect(proof.fields["SigningCertURL"] == nil)
      #expect(proof.fields["UnsubscribeURL"] == nil)
    }
  }

  @Test("a change of any signed member is noticed")
  func forged() throws {
    for vector in try SignatureVectors.read().sns {
      for (old, new) in [
        ("第二行", "第三行"), ("\\u7b2c", "\\u7b2d"), ("\"id-", "\"ID-"), (".042Z", ".043Z"), ("bounce", "Bounce"),
        ("?Action=Confirm", "?Action=Other"), ("2336412f37", "2336412f38"),
      ] where vector.body.contains(old) {
        #expect(verdict(vector, body: vector.body.replacing(old, with: new)) == .refused(.wrongSignature))
      }
      #expect(verdict(vector, body: vector.body.replacing("\"Type\"", with: "\"type\"")).refusal == .missing("Type"))
      #expect(
        verdict(vector, body: vector.body.replacing("\"SignatureVersion\"", with: "\"V\"")).refusal == .unknownAlgorithm
      )
    }
  }

  @Test("a stranger's topic is refused before anything is fetched")
  func foreignTopic() throws {
    let vector = try #require(try SignatureVectors.read().sns.first)
    let check = WebhookCheck(scheme: .amazonSNS(topics: ["arn:aws:sns:us-east-1:1:other"], certificates: [:]))
    #expect(check.verdict(on: webhook(body: vector.body), now: vector.time * 1000) == .refused(.foreignTopic))
  }

  @Test("a certificate that is not at hand is asked for by its address")
  func certificateNeeded() throws {
    let vector = try #require(try SignatureVectors.read().sns.first)
    let check = WebhookCheck(scheme: .amazonSNS(topics: [vector.topic], certificates: [:]))
    let verdict = check.verdict(on: webhook(body: vector.body), now: vector.time * 1000)
    #expect(verdict == .refused(.certificateNeeded(url: vector.url)))
  }

  @Test("a message is taken for a day, and its certificate only while it is valid")
  func times() throws {
    let vector = try #require(try SignatureVectors.read().sns.first)
    #expect(verdict(vector, after: 86_400).proof != nil)
    #expect(verdict(vector, after: 86_402).refusal == .tooOld(86_402))
    #expect(verdict(vector, after: -302).refusal == .fromTheFuture(302))
    #expect(verdict(vector, after: 40 * 365 * 86_400).refusal == .untrustedCertificate)
    #expect(verdict(vector, after: -2 * 365 * 86_400).refusal == .untrustedCertificate)
  }

  @Test(
    "certificates come from Amazon's own hosts only",
    arguments: [
      ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcdef.pem", true),
      ("https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0123abcdef.pem", true),
      ("http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcdef.pem", false),
      ("https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-01.pem", false),
      ("https://evil.example/sns.us-east-1.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://sns.evil.example/.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://sns.a.b.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://sns.x@evil.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://sns.evil.example#.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://sns..amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://sns.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://bucket.s3.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-01.pem", false),
      ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-.pem", false),
      ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01.pem?x", false),
      ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01/../x.pem", false),
      ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01G.pem", false),
      ("https://sns.US-EAST-1.amazonaws.com/SimpleNotificationService-01.pem", false),
      ("", false),
    ])
  func certificateURLs(url: String, isTrusted: Bool) {
    #expect(SNSMessage.isCertificateURL(url) == isTrusted)
  }

  @Test("a subscription is confirmed at Amazon's own hosts only")
  func subscribeURLs() {
    let tail = "/?Action=ConfirmSubscription&TopicArn=a&Token=b"
    #expect(SNSMessage.isSubscribeURL("https://sns.eu-west-1.amazonaws.com" + tail))
    #expect(!SNSMessage.isSubscribeURL("https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&TopicArn=a"))
    #expect(!SNSMessage.isSubscribeURL("https://169.254.169.254" + tail))
  }

  @Test("a certificate that is cut off or changed anywhere is read or refused, never a crash")
  func brokenCertificates() throws {
    let pem = try #require(try SignatureVectors.read().sns.first).certificate
    let bytes = Array(pem.utf8)
    #expect(Certificate([]) == nil)
    for length in stride(from: 0, to: bytes.count, by: 7) { _ = Certificate(Array(bytes[..<length])) }
    for place in stride(from: 0, to: bytes.count, by: 3) {
      var broken = bytes
      broken[place] = broken[place] == 0x41 ? 0x7A : 0x41
      if let certificate = Certificate(broken) {
        _ = try? SNSMessage(Array(#"{"Type":"Notification","Signature":"AAAA"}"#.utf8)).isSigned(by: certificate)
      }
    }
    #expect(Certificate([UInt8](repeating: 0x30, count: 70_000)) == nil)
    #expect(Certificate([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
  }

  private func verdict(
    _ vector: SignatureVectors.SNS, body: String? = nil, after seconds: Int64 = 0
  ) -> WebhookVerdict {
    let certificates = [vector.url: Array(vector.certificate.utf8)]
    let check = WebhookCheck(scheme: .amazonSNS(topics: [vector.topic], certificates: certificates))
    return check.verdict(on: webhook(body: body ?? vector.body), now: (vector.time + seconds) * 1000)
  }
}
