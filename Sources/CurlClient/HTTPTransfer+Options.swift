import CCurl
import Glibc

extension HTTPTransfer {
  /// What is the same for all requests of a pool.
  func configure() {
    let settings = pool.origin.settings
    handle.configureConnection(proxy: settings.proxy, caFile: settings.caFile)
    _ = ccurl_set_pointer(handle, CURLOPT_SHARE, pool.share)
    _ = ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, trouble.buffer)
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
    // Several requests on one connection (HTTP/2) would share its end, and nobody could say which of them it cost.
    handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    handle.set(CURLOPT_FOLLOWLOCATION, 0)
    handle.set(CURLOPT_PATH_AS_IS, 1)
    handle.set(CURLOPT_HTTP_CONTENT_DECODING, 0)
    handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // Most answers are short, and libcurl takes this memory anew for each.
    handle.set(CURLOPT_BUFFERSIZE, 1024)
    // libcurl counts whole seconds and uses a connection again while they are not more than this; 0 has no meaning.
    handle.set(CURLOPT_MAXAGE_CONN, max(settings.idleTimeout / 1000 - 1, 1))
  }

  func setCallbacks() {
    let this = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_header(handle, { HTTPTransfer.take($0, $1 * $2, $3) { $0.readHeader($1) } }, this)
    ccurl_set_write(handle, { HTTPTransfer.take($0, $1 * $2, $3) { $0.readBody($1) } }, this)
    ccurl_set_read(
      handle,
      { bytes, size, count, context in
        guard let context else { return Int(CURL_READFUNC_ABORT) }
        return HTTPTransfer.at(context).writeBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
      }, this)
    ccurl_set_seek(
      handle,
      { context, offset, _ in
        guard let context, offset == 0 else { return CURL_SEEKFUNC_FAIL }
        HTTPTransfer.at(context).rewindBody()
        return CURL_SEEKFUNC_OK
      }, this)
    ccurl_set_open_socket(
      handle,
      { context, _, address in
        guard let context, let address, let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else {
          return CURL_SOCKET_BAD
        }
        let transfer = HTTPTransfer.at(context)
        guard transfer.mayConnect(to: UnsafeRawPointer(address) + offset) else { return CURL_SOCKET_BAD }
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let opened = socket(address.pointee.family, kind, address.pointee.protocol)
        if opened >= 0 { transfer.pool.watch.willTell(of: opened) }
        return opened
      }, this)
    // A connection, and its socket, outlives the transfer that opened it.
    ccurl_set_close_socket(
      handle,
      { context, socket in
        if let context { Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().hasClosed(socket) }
        return close(socket)
      }, Unmanaged.passUnretained(pool.watch).toOpaque())
    ccurl_set_before_request(
      handle,
      { context, _, _, _, _ in
        context.map { HTTPTransfer.at($0).mayWrite() } == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
      }, this)
  }

  private static func at(_ context: UnsafeMutableRawPointer) -> HTTPTransfer {
    Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
  }

  /// Any count but `count` makes libcurl stop.
  private static func take(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ read: (HTTPTransfer, UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    guard let context, read(at(context), UnsafeRawBufferPointer(start: bytes, count: count)) else { return -1 }
    return count
  }

  /// What differs from request to request.
  func describe(_ job: HTTPJob) {
    let request = job.request
    setURL(job)
    if job.isRepetition { handle.set(CURLOPT_FRESH_CONNECT, 1) }
    if let fields = job.headerList { _ = ccurl_set_list(handle, CURLOPT_HTTPHEADER, fields) }
    // A limit of 0 would be none to libcurl.
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, min(max(request.connectTimeout, 1), 86_400_000))
    handle.set(CURLOPT_TIMEOUT_MS, min(max(request.timeout, 1), 86_400_000))
    // Spares reading what is announced to be too long; the announcement of HEAD is for another answer.
    _ = ccurl_set_offset(
      handle, CURLOPT_MAXFILESIZE_LARGE, request.method == "HEAD" ? 0 : curl_off_t(max(request.maxBodySize, 0)))
    if request.hasBody {
      handle.set(CURLOPT_POST, 1)
      _ = ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
      if !job.hasLongBody {
        request.body.withUnsafeBytes { body in
          // Null would be the wish to fetch it.
          let start = body.isEmpty ? nil : body.baseAddress?.assumingMemoryBound(to: CChar.self)
          "".withCString { _ = ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, start ?? $0) }
        }
      }
    } else if request.method == "HEAD" {
      handle.set(CURLOPT_NOBODY, 1)
    }
    // libcurl's own without a body.
    if request.method != "GET" || request.hasBody {
      _ = ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  /// Given apart from where they go to, path and query are copied. Of a whole URL libcurl writes them three times, a
  /// character at a time, before they are sent as they came. A proxy that is not tunnelled through wants it whole.
  private func setURL(_ job: HTTPJob) {
    let url = job.request.url
    guard let root = job.destination.root, pool.origin.settings.proxy == nil else {
      return handle.set(CURLOPT_URL, url)
    }
    url.withCString { bytes in
      let target = bytes + (root.utf8.count - 1)
      // Without a path there may be a query nevertheless; a fragment is not sent.
      guard target.pointee == 0x2F, strchr(target, 0x23) == nil else { return handle.set(CURLOPT_URL, url) }
      handle.set(CURLOPT_URL, root)
      // Too long for libcurl. So is the URL, and nothing is sent.
      if ccurl_set_string(handle, CURLOPT_REQUEST_TARGET, target) != CURLE_OK { handle.set(CURLOPT_URL, url) }
    }
  }
}
