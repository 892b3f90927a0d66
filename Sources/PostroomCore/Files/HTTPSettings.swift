/// Where Postroom listens for webhooks and for people who unsubscribe. Without it nothing listens.
package struct HTTPSettings: Sendable, Equatable {
  /// `127.0.0.1:8080`; an IPv6 address in brackets.
  package struct Endpoint: Sendable, Equatable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
      self.host = host
      self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init?(_ text: String) {
      guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
        (0...65_535).contains(port)
      else { return nil }
      var host = text[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") {
        host = host.dropFirst().dropLast()
      } else if host.contains(":") {
        return nil
      }
      guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
        return nil
      }
      self.init(host: String(host), port: port)
    }
  }

  package var listen: Endpoint
  /// What the world reaches it by, `https://mail.example.cn`, without a slash at its end.
  package var publicURL: String?
  /// Addresses of proxies, beside this machine's own, whose `X-Forwarded-For` is believed.
  package var proxies: Set<String>

  package init(listen: Endpoint, publicURL: String? = nil, proxies: Set<String> = []) {
    self.listen = listen
    self.publicURL = publicURL
    self.proxies = proxies
  }
}

extension Loader {
  /// `http: { listen: 127.0.0.1:8080, public_url: https://mail.example.cn, proxies: [172.18.0.2] }`.
  func http(_ reader: SettingsReader) -> HTTPSettings? {
    guard let section = reader.section("http") else { return nil }
    defer { section.finish() }
    let publicURL = publicURL(section)
    let proxies = Set(section.list("proxies") ?? [])
    guard let text = section.text("listen", required: true) else { return nil }
    guard let endpoint = HTTPSettings.Endpoint(text) else {
      section.fault(
        "`http.listen` is \"\(text.prefix(60))\", which is no address and port", at: "listen",
        advice: "for example 127.0.0.1:8080, with a proxy that speaks HTTPS in front of it")
      return nil
    }
    return HTTPSettings(listen: endpoint, publicURL: publicURL, proxies: proxies)
  }

  /// Plain HTTP only for trying things out on this machine: RFC 8058 §3.1 wants HTTPS, and so do vendors.
  private func publicURL(_ section: SettingsReader) -> String? {
    guard var text = section.text("public_url") else { return nil }
    while text.hasSuffix("/") { text.removeLast() }
    let isLocal = ["127.0.0.1", "localhost", "[::1]"].contains { host in
      text == "http://\(host)" || text.hasPrefix("http://\(host):")
    }
    let authority = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first ?? ""
    guard text.hasPrefix("https://") || isLocal, !authority.isEmpty, text.utf8.count <= 200,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"<>\"?#@\\,".utf8.contains($0) })
    else {
      section.fault(
        "`http.public_url` is \"\(text.prefix(60))\", but must be an address like https://mail.example.cn",
        at: "public_url", advice: "a name with other letters is written in punycode (xn--)")
      return nil
    }
    return text
  }
}
