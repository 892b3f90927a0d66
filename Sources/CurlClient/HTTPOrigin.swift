import CCurl
import Foundation
import Synchronization

/// What requests must have in common to share connections. Whether private addresses may be reached is part of it, so
/// that nobody gets a connection that another request was allowed to open.
struct HTTPOrigin: Hashable {
  struct Refusal: Error {
    let kind: HTTPFailure
    let reason: String
  }

  let scheme: String
  let host: String
  let port: String
  let mayReachPrivateAddresses: Bool
  let settings: HTTPClient.Settings

  /// Reads the URL with libcurl's own parser, so that what is judged here is what is connected to later.
  fileprivate static func read(_ request: HTTPRequest, _ settings: HTTPClient.Settings) -> Result<HTTPOrigin, Refusal> {
    guard let url = curl_url() else { return refuse("libcurl is out of memory") }
    defer { curl_url_cleanup(url) }
    guard curl_url_set(url, CURLUPART_URL, request.url, UInt32(CURLU_DISALLOW_USER | CURLU_PATH_AS_IS)) == CURLUE_OK
    else { return refuse("the URL is not one that can be used, or holds a name and password") }
    guard let scheme = part(CURLUPART_SCHEME, of: url), scheme == "https" || scheme == "http" else {
      return refuse("the URL is neither https nor http")
    }
    guard scheme == "https" || request.mayBePlain else {
      return refuse("the URL is not https, and sending in the clear was not allowed")
    }
    guard let host = part(CURLUPART_HOST, of: url), !host.isEmpty, DestinationMemory.isPlain(host),
      let port = part(CURLUPART_PORT, of: url)
    else {
      return refuse("the URL has no host")
    }
    // Addresses of two networks would share connections.
    guard part(CURLUPART_ZONEID, of: url) == nil else { return refuse("the URL's host names a network interface") }
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    if !request.mayReachPrivateAddresses, let address = IPAddress(bare), !address.isPublic {
      return refuse("\(host) is not a public address", .address)
    }
    return .success(
      HTTPOrigin(
        scheme: scheme, host: host.lowercased(), port: port,
        mayReachPrivateAddresses: request.mayReachPrivateAddresses, settings: settings))
  }

  fileprivate static func refuse<Value>(
    _ reason: String, _ kind: HTTPFailure = .request
  ) -> Result<Value, Refusal> {
    .failure(Refusal(kind: kind, reason: reason))
  }

  /// The credentials, if any, for a proxy that takes HTTP requests; nil for one that takes connections only (SOCKS).
  fileprivate static func proxyOfRequests(_ text: String) -> [String]? {
    guard let url = curl_url() else { return nil }
    defer { curl_url_cleanup(url) }
    let text = text.contains("://") ? text : "http://" + text
    guard curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK,
      let scheme = part(CURLUPART_SCHEME, of: url), scheme == "http" || scheme == "https"
    else { return nil }
    guard let user = part(CURLUPART_USER, of: url, CURLU_URLDECODE) else { return [] }
    let password = part(CURLUPART_PASSWORD, of: url, CURLU_URLDECODE) ?? ""
    return ["Basic " + Data("\(user):\(password)".utf8).base64EncodedString()]
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer, _ flags: Int32 = CURLU_DEFAULT_PORT) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}

/// Where a request goes.
final class HTTPDestination: Sendable {
  let origin: HTTPOrigin
  /// The URL up to its path, with `/` for that.
  let root: String
  /// Host and, if it is not the scheme's own, port.
  let hostField: String
  /// What a proxy wants that gets the requests themselves (RFC 9110 §11.7.2); for a tunnel libcurl sees to it.
  let proxyCredentials: String?
  /// Whether the request is written to a proxy instead of to its origin (RFC 9112 §3.2.2).
  private let isProxied: Bool

  init(_ origin: HTTPOrigin, root: String) {
    self.origin = origin
    self.root = root
    hostField = origin.port == (origin.scheme == "https" ? "443" : "80") ? origin.host : "\(origin.host):\(origin.port)"
    let proxy = origin.scheme == "http" ? origin.settings.proxy.flatMap(HTTPOrigin.proxyOfRequests) : nil
    isProxied = proxy != nil
    proxyCredentials = proxy?.first
  }

  /// Path and query as they stand, what follows a `#` kept back.
  func appendTarget(of url: String, to bytes: inout [UInt8]) {
    let target = url.utf8.dropFirst(root.utf8.count - 1).prefix { $0 != UInt8(ascii: "#") }
    if isProxied { bytes += root.utf8.dropLast() }
    if target.first != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
    bytes += target
  }
}

/// The destination of a client's last request: most clients have one, and reading a URL takes as long as filling in a
/// request.
final class DestinationMemory: Sendable {
  private struct Entry {
    /// The URL up to where path, query or fragment may begin.
    var start: String
    var mayBePlain: Bool
    var destination: HTTPDestination

    func fits(_ request: HTTPRequest) -> Bool {
      guard mayBePlain == request.mayBePlain,
        destination.origin.mayReachPrivateAddresses == request.mayReachPrivateAddresses,
        request.url.utf8.starts(with: start.utf8)
      else { return false }
      return request.url.utf8.dropFirst(start.utf8.count).first.map(DestinationMemory.endsHost) ?? true
    }
  }

  private let last = Mutex<Entry?>(nil)

  func destination(
    of request: HTTPRequest, _ settings: HTTPClient.Settings
  ) -> Result<HTTPDestination, HTTPOrigin.Refusal> {
    guard Self.isPlain(request.url) else {
      return HTTPOrigin.refuse("the URL holds a character that must be percent-encoded")
    }
    if let known = last.withLock({ $0?.fits(request) == true ? $0?.destination : nil }) { return .success(known) }
    guard let start = Self.start(of: request.url) else {
      return HTTPOrigin.refuse("the URL is not one that can be used")
    }
    return HTTPOrigin.read(request, settings).map { origin in
      let destination = HTTPDestination(origin, root: start + "/")
      last.withLock { $0 = Entry(start: start, mayBePlain: request.mayBePlain, destination: destination) }
      return destination
    }
  }

  /// Without what must be percent-encoded in any URL.
  fileprivate static func isPlain(_ url: String) -> Bool {
    var url = url
    return url.withUTF8 { bytes in bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
  }

  /// `scheme://host:port` of a URL; nil of any other form, be it one that libcurl puts up with.
  private static func start(of url: String) -> String? {
    let bytes = url.utf8
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let host = bytes[colon...].dropFirst(3)
    guard bytes[colon...].starts(with: "://".utf8), host.first != UInt8(ascii: "/") else { return nil }
    return String(url[..<(host.firstIndex(where: endsHost) ?? url.endIndex)])
  }

  private static func endsHost(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
  }
}
