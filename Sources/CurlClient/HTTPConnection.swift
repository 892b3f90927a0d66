import CCurl
import Glibc

/// One connection to an origin: libcurl looks up the name, connects, speaks to a proxy and makes TLS; requests are written
/// and answers read here. So it is known to the byte whether a request was written to its end, which libcurl does not
/// tell, and libcurl's own repetition of a request after a lost connection, which would send an SMS twice, cannot happen.
final class HTTPConnection: Transfer, SocketOwner {
  private enum State { case connecting, idle, busy, closed }

  let handle: EasyHandle
  /// A connection cache of its own: libcurl takes a readable connection in a cache for a dead one whenever it opens
  /// another, and one with an answer under way is readable.
  private let share: UnsafeMutableRawPointer?
  private unowned let pool: HTTPPool
  private let trouble = TroubleText()
  private var state = State.connecting
  private var socket: curl_socket_t = -1
  private var job: HTTPJob
  /// When the request under way, or the wait for the next one, has taken too long.
  private(set) var deadline: UInt64
  private var answer: HTTPAnswer
  /// Header and short body of the request; a long body stays where it is.
  private var head: [UInt8] = []
  private var headSent = 0
  private var bodySent = 0
  private var isWatchingWrites = false
  private var isKept = false
  /// Whether the server has said anything since the request was begun.
  private var hasHeard = false
  private var wasAddressRefused = false

  /// Shorter bodies go along with the header in one packet.
  private static let shortBody = 16_384

  /// Opens a connection for this request.
  init(for job: HTTPJob, pool: HTTPPool) {
    guard let handle = curl_easy_init() else { fatalError("libcurl is out of memory") }
    self.handle = handle
    self.pool = pool
    self.job = job
    deadline = job.deadline
    answer = HTTPAnswer(to: job.request)
    share = ccurl_share_connections()
    configure()
  }

  deinit {
    curl_easy_cleanup(handle)
    if let share { curl_share_cleanup(share) }
  }

  // MARK: - Connecting

  private func configure() {
    let origin = pool.origin
    handle.configureConnection(proxy: origin.settings.proxy, caFile: origin.settings.caFile)
    _ = ccurl_set_pointer(handle, CURLOPT_SHARE, share)
    _ = ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, trouble.buffer)
    handle.set(CURLOPT_CONNECT_ONLY, 1)
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
    // What TLS negotiates: this module speaks nothing else.
    handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    handle.set(CURLOPT_URL, job.destination.root)
    // A limit of 0 would be none to libcurl.
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, min(max(job.request.connectTimeout, 1), 86_400_000))
    handle.set(CURLOPT_TIMEOUT_MS, min(max(job.request.timeout, 1), 86_400_000))
    ccurl_set_open_socket(
      handle,
      { context, _, address in
        guard let context, let address, let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else {
          return CURL_SOCKET_BAD
        }
        let connection = Unmanaged<HTTPConnection>.fromOpaque(context).takeUnretainedValue()
        guard connection.mayConnect(to: UnsafeRawPointer(address) + offset) else { return CURL_SOCKET_BAD }
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let opened = Glibc.socket(address.pointee.family, kind, address.pointee.protocol)
        if opened >= 0 { connection.pool.watch.hasOpened(opened) }
        return opened
      }, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_close_socket(
      handle,
      { context, socket in
        if let context { Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().hasClosed(socket) }
        return Glibc.close(socket)
      }, Unmanaged.passUnretained(pool.watch).toOpaque())
  }

  /// Whether a connection may be opened to this address.
  private func mayConnect(to address: UnsafeRawPointer) -> Bool {
    if pool.origin.settings.proxy != nil || pool.origin.mayReachPrivateAddresses { return true }
    if let address = IPAddress(address), address.isPublic { return true }
    wasAddressRefused = true
    return false
  }

  func ended(_ code: CURLcode) {
    guard state == .connecting else { return }
    guard code == CURLE_OK, ccurl_get_socket(handle, &socket) == CURLE_OK, socket >= 0 else {
      return finish(wasAddressRefused ? refusedAddress : notSent(code))
    }
    watch(isWriting: false)
    write()
  }

  private var refusedAddress: HTTPOutcome {
    .notSent(.address, reason: "\(pool.origin.host) leads to an address that is not public")
  }

  private func notSent(_ code: CURLcode) -> HTTPOutcome {
    let reason = trouble.words(code)
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      return .notSent(
        .certificate, reason: "the certificate is not valid for this server, so nothing was sent: \(reason)")
    case CURLE_SSL_CACERT_BADFILE, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FAILED_INIT:
      return .notSent(.request, reason: reason)
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED:
      return .notSent(.tls, reason: reason)
    default: return .notSent(.connect, reason: reason)
    }
  }

  // MARK: - Writing

  /// Takes the next request; false when the connection turns out to have ended.
  func take(_ next: HTTPJob) -> Bool {
    guard isQuiet() else {
      close()
      return false
    }
    job = next
    deadline = next.deadline
    isKept = true
    answer = HTTPAnswer(to: next.request)
    write()
    return true
  }

  /// Nothing has come since the last answer, and the server has not closed it.
  private func isQuiet() -> Bool {
    var byte: UInt8 = 0
    var count = 0
    return curl_easy_recv(handle, &byte, 1, &count) == CURLE_AGAIN
  }

  private func write() {
    state = .busy
    headSent = 0
    bodySent = 0
    hasHeard = false
    // A long one's buffer is not kept.
    head.removeAll(keepingCapacity: head.capacity < 1 << 16)
    job.appendHead(to: &head)
    if !hasLongBody { head += job.request.body }
    flush()
  }

  private var hasLongBody: Bool { job.request.body.count > Self.shortBody }

  /// Whether the request's last byte was handed to the system.
  private var wasWritten: Bool {
    state == .busy && headSent == head.count && (!hasLongBody || bodySent == job.request.body.count)
  }

  /// Sends what the socket takes; what is left stays where it is, as TLS demands of a repetition.
  private func flush() {
    while state == .busy, !wasWritten {
      var count = 0
      let isHead = headSent < head.count
      let code =
        isHead ? send(head, from: headSent, &count) : send(job.request.body, from: bodySent, &count)
      if code == CURLE_AGAIN { return watch(isWriting: true) }
      // The server's last words may explain it.
      guard code == CURLE_OK else { return receive(hasFailed: true) }
      if isHead { headSent += count } else { bodySent += count }
    }
    if state == .busy, isWatchingWrites { watch(isWriting: false) }
  }

  private func watch(isWriting: Bool) {
    isWatchingWrites = isWriting
    pool.watch.take(socket, for: self, isWriting: isWriting)
  }

  private func send(_ bytes: [UInt8], from start: Int, _ count: inout Int) -> CURLcode {
    bytes.withUnsafeBytes { curl_easy_send(handle, $0.baseAddress.map { $0 + start }, $0.count - start, &count) }
  }

  // MARK: - Reading

  func becameReady() {
    switch state {
    case .idle: if !isQuiet() { close() }
    case .busy:
      receive(hasFailed: false)
      if state == .busy, !wasWritten { flush() }
    case .connecting, .closed: break
    }
  }

  /// - Parameter hasFailed: whether nothing more can be written, so that only what has come already counts.
  private func receive(hasFailed: Bool) {
    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
      while state == .busy {
        var count = 0
        let code = curl_easy_recv(handle, buffer.baseAddress, buffer.count, &count)
        if code == CURLE_AGAIN {
          if hasFailed { lost("the connection broke\(answer.words)") }
          return
        }
        guard code == CURLE_OK else { return lost("the connection broke\(answer.words)") }
        guard count > 0 else { return closedByServer() }
        hasHeard = true
        let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])
        let used = answer.read(bytes)
        if let trouble = answer.trouble { return lost(trouble) }
        if answer.isWhole { return answered(mayStay: used == count) }
      }
    }
  }

  private func closedByServer() {
    if answer.isWholeAtEnd { return answered(mayStay: false) }
    lost("the server closed the connection\(answer.words.isEmpty ? "" : " within its answer\(answer.words)")")
  }

  private func answered(mayStay: Bool) {
    let outcome = HTTPOutcome.answered(answer.response)
    // Whoever answers before it has read all still expects the rest.
    guard mayStay, wasWritten, answer.keepsConnection else { return finish(outcome) }
    let finished = job
    // What it holds may be large.
    answer = HTTPAnswer(to: finished.request)
    state = .idle
    deadline = CurlClient.deadline(pool.origin.settings.idleTimeout, after: monotonicNow())
    pool.becameIdle(self)
    finished.finish(outcome)
  }

  // MARK: - Ends

  /// The connection is of no more use; a request that it did not take may have another.
  private func lost(_ reason: String) {
    if wasWritten { return finish(.uncertain(reason: reason)) }
    // Who began to answer had not closed the connection before.
    guard isKept, !hasHeard, !job.isRepetition else { return finish(.notSent(.interrupted, reason: reason)) }
    // Before its place is given to another: its time is running.
    pool.putBack(job)
    close()
  }

  func expired() {
    switch state {
    case .idle: close()
    case .connecting: finish(.notSent(.connect, reason: "no connection within \(job.request.timeout) ms"))
    case .busy:
      let reason = "no whole answer within \(job.request.timeout) ms\(answer.words)"
      finish(wasWritten ? .uncertain(reason: reason) : .notSent(.interrupted, reason: reason))
    case .closed: break
    }
  }

  /// Ends the request under way and the connection with it.
  func abandon(_ reason: String) {
    // Of an idle one the last request may still be about to hear its answer.
    guard state == .connecting || state == .busy else { return close() }
    finish(wasWritten ? .uncertain(reason: reason) : .notSent(.cancelled, reason: reason))
  }

  private func finish(_ outcome: HTTPOutcome) {
    let finished = job
    close()
    finished.finish(outcome)
  }

  private func close() {
    guard state != .closed else { return }
    state = .closed
    if socket >= 0 { pool.watch.giveBack(socket) }
    pool.closed(self)
  }
}
