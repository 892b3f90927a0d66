/// One HTTP request. It is sent as it stands: no redirect is followed, no cookie kept, no credentials taken from
/// elsewhere, nothing read from the environment.
package struct HTTPRequest: Sendable, Hashable {
  package var method: String
  /// `https://host/path?query`, percent-encoded. No name and password in it: they belong into a header field.
  package var url: String
  /// What is sent beside Host, Accept, Content-Length and Connection; Content-Type only if it stands here.
  package var fields: HTTPFields
  package var body: [UInt8]
  /// Most milliseconds for name lookup, connection and TLS together.
  package var connectTimeout = 10_000
  /// Most milliseconds from the start (the wait for a free connection not counted) to the answer's last byte.
  package var timeout = 30_000
  /// Most bytes of the answer's body.
  package var maxBodySize = 1 << 20
  /// Most bytes of the answer's header, interim answers (1xx) and trailers included.
  package var maxHeaderSize = 64 << 10
  /// Whether `http` is allowed, which everybody on the way can read and change.
  package var mayBePlain = false
  /// Whether the peer may be one that is not ``IPAddress/isPublic``. To be set for addresses from the operator's own
  /// configuration only, never for those that a customer or another company can choose. Behind a proxy the proxy must
  /// see to it, except for addresses that stand in the URL as such.
  package var mayReachPrivateAddresses = false

  package init(_ method: String, _ url: String, fields: HTTPFields = [:], body: [UInt8] = []) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
  }

  /// Whether a body goes along, be it an empty one.
  var hasBody: Bool { !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" }

  /// Why the request must not be sent at all, as a sentence without any of its values; nil when it may.
  var refusal: String? {
    guard Self.isToken(method) else { return "the method is not a word" }
    if method == "CONNECT" { return "CONNECT asks for a tunnel and sends nothing" }
    if method == "HEAD", !body.isEmpty { return "HEAD takes no body" }
    for field in fields.all {
      guard Self.isToken(field.name) else { return "the name of a header field holds a forbidden character" }
      guard field.value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
        return "the value of the header field \(field.name) holds a line break or another control character"
      }
      if Self.ownFields.contains(where: { HTTPFields.isEqual($0, field.name) }) {
        return "the header field \(field.name) is the client's own and cannot be set"
      }
    }
    return nil
  }

  /// Fields that say where the message ends or what becomes of the connection (RFC 9112 §6, RFC 9110 §7.6.1).
  private static let ownFields = [
    "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Expect", "Upgrade", "TE", "Trailer",
  ]

  /// RFC 9110 §5.6.2.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
