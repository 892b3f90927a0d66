import CCurl
import Glibc

/// A connection made by libcurl: proxy, TLS with a verified certificate and STARTTLS are done.
struct CurlConnection {
  let handle: UnsafeMutableRawPointer
  let socket: curl_socket_t

  private static let isReady: Bool = {
    // A write to a closed connection must be an error, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    return curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
  }()

  /// Connects. The caller owns `handle`. Throws `IMAPError`.
  init(to endpoint: IMAPEndpoint, signals: IMAPSignals) throws {
    let name = endpoint.name
    guard Self.isReady, let handle = curl_easy_init() else {
      throw IMAPError(kind: .connect, message: "\(name): libcurl could not be started; is memory short?")
    }
    let report = Report(signals: signals)
    var socket: curl_socket_t = -1
    var code = Self.configure(handle, endpoint, report)
    if code == CURLE_OK { code = curl_easy_perform(handle) }
    if code == CURLE_OK { code = ccurl_get_socket(handle, &socket) }
    if code == CURLE_OK && socket < 0 { code = CURLE_COULDNT_CONNECT }
    report.detach(handle)
    guard code == CURLE_OK else {
      curl_easy_cleanup(handle)
      throw Self.error(code, endpoint, report.text)
    }
    self.handle = handle
    self.socket = socket
  }

  private static func configure(
    _ handle: UnsafeMutableRawPointer, _ endpoint: IMAPEndpoint, _ report: Report
  ) -> CURLcode {
    let scheme = endpoint.scheme
    let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
    let timeout = Int(max(1, endpoint.connectTimeout.clampedMilliseconds))
    // ALPN would offer HTTP to an IMAP server. An empty proxy overrules the environment.
    var codes = [
      ccurl_set_string(handle, CURLOPT_URL, "\(scheme)://\(host):\(endpoint.port)/"),
      ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, scheme),
      ccurl_set_long(handle, CURLOPT_CONNECT_ONLY, 1),
      ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1),
      ccurl_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
      ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1),
      ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2),
      ccurl_set_long(handle, CURLOPT_SSL_ENABLE_ALPN, 0),
      ccurl_set_string(handle, CURLOPT_PROXY, endpoint.proxy ?? ""),
      ccurl_set_long(handle, CURLOPT_HTTPPROXYTUNNEL, endpoint.proxy == nil ? 0 : 1),
      ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, timeout),
      ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, timeout),
      ccurl_set_long(handle, CURLOPT_TCP_NODELAY, 1),
      ccurl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1),
    ]
    if let file = endpoint.caFile {
      codes.append(ccurl_set_string(handle, CURLOPT_CAINFO, file))
      codes.append(ccurl_set_string(handle, CURLOPT_CAPATH, nil))
    }
    if endpoint.security == .startTLS {
      codes.append(ccurl_set_long(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)))
    }
    report.attach(handle)
    return codes.first { $0 != CURLE_OK } ?? CURLE_OK
  }

  private static func error(_ code: CURLcode, _ endpoint: IMAPEndpoint, _ detail: String) -> IMAPError {
    let (kind, advice): (IMAPError.Kind, String) =
      switch code {
      case CURLE_PEER_FAILED_VERIFICATION:
        (
          .certificate,
          "the certificate is not trusted or is not for this host; nothing secret was sent. "
            + "Correct the host name, or name the file of the issuing authority"
        )
      case CURLE_SSL_CACERT_BADFILE: (.certificate, "the file of trusted certificates cannot be read")
      case CURLE_USE_SSL_FAILED:
        (.unsupported, "the server does not offer STARTTLS; use TLS on port 993 if it has that")
      case CURLE_WEIRD_SERVER_REPLY: (.protocolViolation, "the server's first answers are not IMAP as it should be")
      case CURLE_OPERATION_TIMEDOUT: (.timeout, "no connection in time; are host, port and TLS setting right?")
      case CURLE_ABORTED_BY_CALLBACK: (.cancelled, "cancelled while connecting")
      case CURLE_COULDNT_RESOLVE_HOST: (.connect, "the host name is not known; is it spelled right?")
      case CURLE_SSL_CONNECT_ERROR: (.connect, "TLS failed; does this port expect STARTTLS or no TLS?")
      default: (.connect, "no connection")
      }
    let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    return IMAPError(kind: kind, message: "\(endpoint.name): \(advice) (\(presentable(reason))).")
  }
}

extension IMAPEndpoint {
  /// How messages name the server.
  var name: String { "\(host):\(port)" }

  /// libcurl knows no scheme for "TLS, then silence": with CONNECT_ONLY, HTTP's does just that. With STARTTLS
  /// libcurl speaks the first IMAP lines itself.
  fileprivate var scheme: String {
    switch security {
    case .tls: "https"
    case .startTLS: "imap"
    case .plain: "http"
    }
  }
}

/// What libcurl tells while it connects, and our chance to stop it.
private final class Report {
  private let signals: IMAPSignals
  private let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init(signals: IMAPSignals) {
    self.signals = signals
    buffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit { buffer.deallocate() }

  var text: String { String(cString: buffer) }

  func attach(_ handle: UnsafeMutableRawPointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    let progress: curl_xferinfo_callback = { context, _, _, _, _ in
      guard let context else { return 1 }
      return Unmanaged<Report>.fromOpaque(context).takeUnretainedValue().signals.cancelled.isRaised ? 1 : 0
    }
    ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer)
    ccurl_set_pointer(handle, CURLOPT_XFERINFOFUNCTION, unsafeBitCast(progress, to: UnsafeMutableRawPointer.self))
    ccurl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
    ccurl_set_long(handle, CURLOPT_NOPROGRESS, 0)
    // The answers to libcurl's own commands are IMAP lines, which it would print.
    ccurl_set_write(handle, { _, size, count, _ in size * count }, nil)
    ccurl_set_header(handle, { _, size, count, _ in size * count }, nil)
  }

  func detach(_ handle: UnsafeMutableRawPointer) {
    ccurl_set_long(handle, CURLOPT_NOPROGRESS, 1)
    ccurl_set_pointer(handle, CURLOPT_XFERINFODATA, nil)
    ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
  }
}
