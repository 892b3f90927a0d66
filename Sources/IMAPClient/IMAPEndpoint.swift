/// Where an IMAP server is and how it is reached.
package struct IMAPEndpoint: Sendable {
  /// What protects the connection.
  package enum Security: Sendable {
    /// TLS from the first byte (RFC 8314 §3.2), usually port 993.
    case tls
    /// TLS by the STARTTLS command (RFC 9051 §6.2.1); a server that does not offer it is refused.
    case startTLS
    /// No protection: for a server on the same host and for tests.
    case plain
  }

  /// Name or address; with TLS the certificate must be issued for it.
  package var host: String
  /// TCP port.
  package var port: UInt16
  /// What protects the connection.
  package var security: Security
  /// PEM file with the certificates to trust instead of the system's.
  package var caFile: String?
  /// URL of an HTTP or SOCKS proxy; nil connects directly, whatever the environment says.
  package var proxy: String?
  /// Longest time for name lookup, TCP, TLS and STARTTLS together.
  package var connectTimeout: Duration
  /// Longest silence of the server while an answer is awaited.
  package var readTimeout: Duration
  /// Longest time of one command, however busily the server sends.
  package var commandTimeout: Duration
  /// What the ID command (RFC 2971) tells the server about us.
  package var clientName: String

  /// An endpoint with time-outs fit for servers across the Internet.
  package init(
    host: String, port: UInt16, security: Security, caFile: String? = nil, proxy: String? = nil,
    connectTimeout: Duration = .seconds(15), readTimeout: Duration = .seconds(60),
    commandTimeout: Duration = .seconds(300), clientName: String = "IMAPClient"
  ) {
    self.host = host
    self.port = port
    self.security = security
    self.caFile = caFile
    self.proxy = proxy
    self.connectTimeout = connectTimeout
    self.readTimeout = readTimeout
    self.commandTimeout = commandTimeout
    self.clientName = clientName
  }
}

/// Who logs in.
package enum IMAPCredential: Sendable {
  /// SASL PLAIN (RFC 4616), or LOGIN where the server has no PLAIN.
  case password(user: String, password: String)
  /// An OAuth 2 access token by SASL XOAUTH2.
  case xoauth2(user: String, accessToken: String)
}

/// How much a server may send before it is taken for broken or hostile. An answer beyond a limit ends the session.
package struct IMAPLimits: Sendable {
  /// Bytes of one line, literals not counted.
  package var line = 64 << 10
  /// Depth of parentheses.
  package var nesting = 8
  /// Bytes of one literal.
  package var literal = 64 << 20
  /// Lines in answer to one command.
  package var lines = 20_000
  /// Bytes in answer to one command.
  package var bytes = 256 << 20

  /// The default limits.
  package init() {}
}

extension Duration {
  /// Whole milliseconds, at least 0 and at most what poll(2) and libcurl take.
  var clampedMilliseconds: Int32 {
    if self <= .zero { return 0 }
    if self >= .milliseconds(Int64(Int32.max)) { return .max }
    let (seconds, attoseconds) = components
    return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }
}
