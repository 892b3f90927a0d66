import CCurl

extension SMTPServer {
  /// Sets up a fresh handle to connect, secure and log in, and to stop there.
  func configure(_ handle: EasyHandle) {
    handle.set(CURLOPT_CONNECT_ONLY, 1)
    handle.set(CURLOPT_URL, url)
    handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    handle.set(CURLOPT_PROXY, proxy ?? "")
    handle.set(CURLOPT_NOSIGNAL, 1)
    // Else giving up on a name lookup waits, with the loop, for the resolver's end.
    handle.set(CURLOPT_QUICK_EXIT, 1)
    let timeout = min(max(connectTimeout, 1), 86_400_000)
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, timeout)
    handle.set(CURLOPT_TIMEOUT_MS, timeout)
    handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    handle.set(CURLOPT_SSL_VERIFYPEER, 1)
    handle.set(CURLOPT_SSL_VERIFYHOST, 2)
    if let caFile { handle.set(CURLOPT_CAINFO, caFile) }
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
