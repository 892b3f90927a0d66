/// A complete reply of an SMTP server (RFC 5321 §4.2).
package struct SMTPReply: Sendable, Hashable {
  package var code: Int
  /// Enhanced status code such as `5.1.1` (RFC 3463) if the server gave one.
  package var enhancedStatus: String?
  /// The text after the code, lines joined by a line feed, control characters replaced by spaces. At most 4 KB.
  package var text: String

  package init(code: Int, enhancedStatus: String?, text: String) {
    self.code = code
    self.enhancedStatus = enhancedStatus
    self.text = text
  }
}

/// What kind of trouble kept a server from being used at all.
package enum SMTPFailure: String, Sendable, Hashable {
  /// Name not found, connection refused, reset or not answered in time.
  case connect
  /// The certificate is not valid for this server.
  case certificate
  /// Any other failure of TLS.
  case tls
  /// STARTTLS is required and not offered. No login was tried.
  case tlsMissing
  /// Name, password or token refused, or the server wants a login and none is set, or offers none.
  case authentication
  /// The server greets with a permanent refusal.
  case service
  /// The server's answers are not SMTP.
  case malformed
  /// The server description cannot be used: host name, CA file, proxy.
  case configuration
}

/// How sending one mail ended. Decided by the server's reply codes and by whether the final dot had left this
/// machine.
package enum SMTPOutcome: Sendable, Hashable {
  /// The server has taken responsibility for the mail (2xx after the final dot). Never send it again.
  case accepted(SMTPReply)
  /// Not delivered, may be tried again later: a 4xx reply, or the connection ended before the final dot was sent.
  case deferred(SMTPReply?, reason: String)
  /// Refused for good (5xx), or an address that cannot be sent to (then nothing was sent).
  case rejected(SMTPReply)
  /// The final dot was sent and no answer came: the server may or may not have the mail (RFC 1047).
  case uncertain(reason: String)
  /// Nothing was sent; the trouble lies with the server or its description, not with the mail.
  case failed(SMTPFailure, reason: String)
}

/// What is told of a mail while it is being sent. Told on the engine's thread, which waits until the receiver
/// returns: the place for a crash journal, not for work.
package enum SMTPProgress: Sendable, Hashable {
  /// The server awaits the message (354); not a byte of it was sent yet. From here on the mail may be delivered.
  case dataStarted
  /// The server has answered the final dot. The outcome follows.
  case finalReply(SMTPReply)
}

/// The answer of ``CurlEngine/check(_:)``.
package enum SMTPCheck: Sendable, Hashable {
  /// Connection, TLS and login work; these are the EHLO keywords with their parameters (RFC 5321 §4.1.1.1).
  case ready(extensions: [String])
  /// ``SMTPOutcome/failed(_:reason:)`` or ``SMTPOutcome/deferred(_:reason:)``.
  case unavailable(SMTPOutcome)
}

extension SMTPOutcome {
  /// The outcome when a command was answered with anything but success. `beforeData` tells that the server has not
  /// asked for the message yet; only then can a 5xx be about the login.
  static func refused(_ reply: SMTPReply, beforeData: Bool) -> SMTPOutcome {
    switch reply.code {
    case 530 where beforeData, 534 where beforeData, 535 where beforeData, 538 where beforeData:
      .failed(.authentication, reason: "\(reply.code) \(reply.text)")
    case 500..<600: .rejected(reply)
    case 400..<500: .deferred(reply, reason: "\(reply.code) \(reply.text)")
    default: .deferred(reply, reason: "unexpected reply \(reply.code) \(reply.text)")
    }
  }
}
