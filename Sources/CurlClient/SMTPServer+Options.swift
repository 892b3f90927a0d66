import CCurl

extension SMTPServer {
  /// Sets up a fresh handle to connect, secure and log in, and to stop there.
  func configure(_ handle: EasyHandle) {
    handle.set(CURLOPT_CONNECT_ONLY, 1)
    handle.set(CURLOPT_URL, url)
    handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    handle.configureConnection(proxy: proxy, caFile: caFile)
    let timeout = min(max(connectTimeout, 1), 86_400_000)
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, timeout)
    handle.set(CURLOPT_TIMEOUT_MS, timeout)
    if security != .plain { handle.set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)) }
    if let user { handle.set(CURLOPT_USERNAME, user) }
    if let accessToken {
      handle.set(CURLOPT_XOAUTH2_BEARER, accessToken)
      handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2")
      handle.set(CURLOPT_SASL_IR, 1)
    } else if let password {
      handle.set(CURLOPT_PASSWORD, password)
    }
  }
}
