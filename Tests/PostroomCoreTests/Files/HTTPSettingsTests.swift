import Testing

@testable import PostroomCore

@Suite("Settings of the HTTP listener")
struct HTTPSettingsTests {
  private func home(_ http: String) throws -> HomeFixture {
    try HomeFixture([HomeFixture.settings: (HomeFixture.files[HomeFixture.settings] ?? "") + "http: \(http)\n"])
  }

  @Test("without them nothing listens")
  func none() throws {
    #expect(try HomeFixture().load().settings.http == nil)
  }

  @Test("address, public address and proxies are read")
  func whole() throws {
    let home = try home("{ listen: \"[::1]:8080\", public_url: \"https://mail.example.cn/\", proxies: [172.18.0.2] }")
    let http = try #require(try home.load().settings.http)
    #expect(http.listen == HTTPSettings.Endpoint(host: "::1", port: 8080))
    #expect("\(http.listen)" == "[::1]:8080")
    #expect(http.publicURL == "https://mail.example.cn")
    #expect(http.proxies == ["172.18.0.2"])
    #expect(home.complaints() == [])
  }

  @Test(
    "public addresses that serve",
    arguments: [
      "https://mail.example.cn", "https://mail.example.cn:8443/post/", "https://xn--fiq228c.example",
      "http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080",
    ])
  func good(url: String) throws {
    let http = try #require(try home("{ listen: \"127.0.0.1:0\", public_url: \"\(url)\" }").load().settings.http)
    #expect(http.publicURL == (url.hasSuffix("/") ? String(url.dropLast()) : url))
  }

  @Test(
    "public addresses that do not",
    arguments: [
      "mail.example.cn", "http://mail.example.cn", "http://localhost.evil.example", "ftp://a", "https://", "https:///u",
      "https://a b.example", "https://a.example?x=1", "https://a.example#x", "https://user@a.example",
      "https://商城.example",
      "https://a.example>,<mailto:x", "https:// ",
    ])
  func bad(url: String) throws {
    let complaints = try home("{ listen: \"127.0.0.1:0\", public_url: \"\(url)\" }").complaints()
    #expect(complaints.count == 1)
    #expect(complaints.first?.hasPrefix("postroom.yaml:8: error: `http.public_url` is ") == true)
  }

  @Test(
    "endpoints that are none", arguments: ["8080", "127.0.0.1", ":8080", "a:b", "::1:8080", "[]:1", "a/b:1", "a:65536"])
  func endpoints(text: String) throws {
    let complaints = try home("{ listen: \"\(text)\" }").complaints()
    #expect(complaints.count == 1)
    #expect(complaints.first?.hasPrefix("postroom.yaml:8: error: `http.listen` is ") == true)
  }
}
