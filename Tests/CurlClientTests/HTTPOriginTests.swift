import Testing

@testable import CurlClient

@Suite("Where a request goes")
struct HTTPOriginTests {
  private let memory = DestinationMemory()

  /// "scheme host port", or why not.
  private func origin(_ url: String, isPlain: Bool = false, isPrivate: Bool = false) -> String {
    var request = HTTPRequest("GET", url)
    request.mayBePlain = isPlain
    request.mayReachPrivateAddresses = isPrivate
    switch memory.destination(of: request, HTTPClient.Settings()) {
    case .success(let destination):
      let origin = destination.origin
      return "\(origin.scheme) \(origin.host) \(origin.port)"
    case .failure(let refusal): return refusal.reason
    }
  }

  @Test("what was asked last decides nothing for another origin")
  func memorised() {
    #expect(origin("https://sms.example.cn/send?to=1") == "https sms.example.cn 443")
    #expect(origin("https://sms.example.cn/other") == "https sms.example.cn 443")
    #expect(origin("https://sms.example.cn") == "https sms.example.cn 443")
    #expect(origin("https://sms.example.cn?to=2") == "https sms.example.cn 443")
    #expect(origin("https://sms.example.cn.evil.example/send") == "https sms.example.cn.evil.example 443")
    #expect(origin("https://sms.example.cn:8443/send") == "https sms.example.cn 8443")
    #expect(origin("https://SMS.example.cn/send") == "https sms.example.cn 443")
    #expect(origin("https://sms.example.cn@evil.example/send").contains("name and password"))
    #expect(origin("https://sms.example.cn/a b").contains("percent-encoded"))
  }

  @Test("permission is asked for each request")
  func permissions() {
    let url = "http://127.0.0.1:8080/send"
    #expect(origin(url, isPlain: true, isPrivate: true) == "http 127.0.0.1 8080")
    #expect(origin(url, isPlain: true) == "127.0.0.1 is not a public address")
    #expect(origin(url, isPrivate: true).contains("not https"))
    #expect(origin(url, isPlain: true, isPrivate: true) == "http 127.0.0.1 8080")
  }
}
