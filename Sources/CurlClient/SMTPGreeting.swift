import CCurl

/// What the server said while libcurl connected, and what follows from it.
struct SMTPGreeting {
  /// EHLO keywords with parameters, as spelled by the server.
  private(set) var extensions: [String] = []
  private(set) var offersPipelining = false
  private(set) var offersSize = false
  private(set) var offersEightBit = false
  private(set) var offersInternational = false
  private var isFirstOfEHLO = false
  private var isLoggedIn = false
  private var lastReply: SMTPReply?

  /// Takes one line of the server.
  mutating func read(_ line: UnsafeRawBufferPointer) {
    let text = String(decoding: line.prefix(1024), as: UTF8.self).filter { $0 >= " " }
    guard let code = Int(text.prefix(3)) else { return }
    let rest = String(text.dropFirst(4))
    // After a failure libcurl may say QUIT; its answer explains nothing.
    if code != 221 {
      let status = SMTPReplyReader.enhancedStatus(in: rest, code: code)
      lastReply = SMTPReply(code: code, enhancedStatus: status, text: rest)
    }
    switch code {
    case 220: self.forgetExtensions()
    case 235: isLoggedIn = true
    case 250:
      if !isFirstOfEHLO, extensions.count < 100 { offer(rest) }
      isFirstOfEHLO = false
    default: break
    }
  }

  /// A greeting, or the answer to STARTTLS: what was said before it does not count (RFC 3207 §4.2).
  private mutating func forgetExtensions() {
    self = SMTPGreeting(isFirstOfEHLO: true, lastReply: lastReply)
  }

  private init(isFirstOfEHLO: Bool, lastReply: SMTPReply?) {
    self.isFirstOfEHLO = isFirstOfEHLO
    self.lastReply = lastReply
  }

  init() {}

  private mutating func offer(_ line: String) {
    extensions.append(line)
    switch line.prefix(while: { $0 != " " }).uppercased() {
    case "PIPELINING": offersPipelining = true
    case "SIZE": offersSize = true
    case "8BITMIME": offersEightBit = true
    case "SMTPUTF8": offersInternational = true
    default: break
    }
  }

  /// Why the connection is not usable; nil when it is.
  /// `words` is what libcurl says of the error.
  func failure(_ code: CURLcode, _ words: String, wantsLogin: Bool) -> SMTPOutcome? {
    let said = lastReply.map { ": \($0.code) \($0.text)" } ?? ""
    let reason = words + said
    switch code {
    case CURLE_OK:
      guard wantsLogin, !isLoggedIn else { return nil }
      return .failed(.authentication, reason: "the server offers no login that can be used")
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      return .failed(
        .certificate, reason: "the certificate is not valid for this server, so nothing was sent: \(reason)")
    case CURLE_USE_SSL_FAILED:
      return .failed(.tlsMissing, reason: "the server offers no STARTTLS, so nothing was sent: \(reason)")
    case CURLE_SSL_CACERT_BADFILE, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FAILED_INIT:
      return .failed(.configuration, reason: reason)
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED: return .failed(.tls, reason: reason)
    default: break
    }
    if let lastReply, 400..<500 ~= lastReply.code { return .deferred(lastReply, reason: reason) }
    switch code {
    case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR:
      return .failed(.authentication, reason: "the login was refused, check user and password: \(reason)")
    case CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED:
      return .failed(lastReply.map { $0.code >= 500 } == true ? .service : .malformed, reason: reason)
    default: return .failed(.connect, reason: reason)
    }
  }
}
