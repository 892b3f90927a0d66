/// A mail server to hand mails to, with everything needed to reach it. Two equal values share connections.
package struct SMTPServer: Sendable, Hashable {
  /// How the connection is protected. With both TLS modes the peer must show a certificate that is valid for
  /// ``SMTPServer/host``, over TLS 1.2 or newer; there is no fallback to clear text.
  package enum Security: Sendable, Hashable {
    /// TLS from the first byte (RFC 8314 §3.3), usually port 465.
    case tls
    /// STARTTLS before anything of value is said (RFC 3207), usually port 587. A server without it is refused.
    case startTLS
    /// Clear text, the password included: for servers on the same machine only.
    case plain
  }

  package var host: String
  package var port: Int
  package var security: Security
  /// Login name; nil sends without authentication (unless an access token is set, which needs the name too).
  package var user: String?
  package var password: String?
  /// OAuth 2 bearer token, given by AUTH XOAUTH2 instead of the password.
  package var accessToken: String?
  /// PEM file of the accepted certificate authorities; nil takes those of the system.
  package var caFile: String?
  /// The name in EHLO (RFC 5321 §4.1.1.1); nil says the machine's host name.
  package var heloName: String?
  /// Proxy URL as curl takes it (`socks5h://host:1080`); nil connects directly, whatever the environment says.
  package var proxy: String?
  /// Most milliseconds for name lookup, connection, TLS, EHLO and AUTH together.
  package var connectTimeout: Int
  /// Most milliseconds for any one answer of the server. RFC 5321 §4.5.3.2 asks for 5 minutes (10 after the dot).
  package var responseTimeout: Int
  /// Milliseconds after which an unused connection is closed.
  package var idleTimeout: Int
  /// Most connections to this server at one time; further mails wait for a free one.
  package var maxConnections: Int

  package init(
    host: String, port: Int, security: Security, user: String? = nil, password: String? = nil,
    accessToken: String? = nil, caFile: String? = nil, heloName: String? = nil, proxy: String? = nil,
    connectTimeout: Int = 30_000, responseTimeout: Int = 300_000, idleTimeout: Int = 30_000, maxConnections: Int = 16
  ) {
    self.host = host
    self.port = port
    self.security = security
    self.user = user
    self.password = password
    self.accessToken = accessToken
    self.caFile = caFile
    self.heloName = heloName
    self.proxy = proxy
    self.connectTimeout = connectTimeout
    self.responseTimeout = responseTimeout
    self.idleTimeout = idleTimeout
    self.maxConnections = maxConnections
  }

  /// `smtp://host:port/helo-name`, the form in which libcurl takes all three.
  var url: String {
    let scheme = security == .tls ? "smtps" : "smtp"
    let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    return "\(scheme)://\(bracketed):\(port)/\(heloName.map(Self.percentEncoded) ?? "")"
  }

  private static func percentEncoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
        bytes.append(byte)
      default:
        bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
