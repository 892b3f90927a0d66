import CCurl
import Glibc

/// One request at a time on a handle that is used again and again.
///
/// libcurl sends a request once more when a kept connection ends without a byte of an answer. Whoever gets the request
/// may have acted on it nevertheless, and a GET sends an SMS as well as a POST does. So before libcurl writes it again
/// it is asked whether it wrote the first to its end, and stopped if it did.
final class HTTPTransfer: Transfer {
  let handle: EasyHandle
  unowned let pool: HTTPPool
  let trouble = TroubleText()
  private var job: HTTPJob?
  private var answer = HTTPAnswer(maxHeaderSize: 0, maxBodySize: 0)
  /// What CURLINFO_REQUEST_SIZE was when this request was about to be written (a CONNECT to a proxy counts in it); nil
  /// before.
  private var sizeBefore: Int?
  /// How many bytes of the body libcurl has taken; it takes more only when the last were written.
  private var bodyTaken = 0
  /// Whether it has taken all of them since it was last allowed to write. That it starts again does not undo it.
  private var isBodyTaken = false
  private var wasAddressRefused = false
  private var wasRepetitionRefused = false

  init(pool: HTTPPool) {
    guard let handle = curl_easy_init() else { fatalError("libcurl is out of memory") }
    self.handle = handle
    self.pool = pool
    configure(pool.origin.settings)
  }

  deinit { curl_easy_cleanup(handle) }

  /// False when libcurl refuses the handle; then the job is over.
  func start(_ job: HTTPJob) -> Bool {
    self.job = job
    job.stage = .running(self)
    answer = HTTPAnswer(maxHeaderSize: job.request.maxHeaderSize, maxBodySize: job.request.maxBodySize)
    sizeBefore = nil
    wasAddressRefused = false
    wasRepetitionRefused = false
    trouble.clear()
    describe(job)
    if pool.add(self) { return true }
    finish(.notSent(.connect, reason: "libcurl is out of memory"))
    return false
  }

  func ended(_ code: CURLcode) {
    finish(outcome(code))
    pool.remove(handle)
    pool.finished(self)
  }

  /// Ends the request under way and its connection.
  func abandon(_ reason: String) {
    let written = wasWritten
    // Taken out while libcurl works on it, the connection is closed.
    pool.remove(handle)
    finish(written ? .uncertain(reason: reason) : .notSent(.cancelled, reason: reason))
    pool.finished(self)
  }

  private func finish(_ outcome: HTTPOutcome) {
    let finished = job
    job = nil
    _ = ccurl_set_list(handle, CURLOPT_HTTPHEADER, nil)
    finished?.finish(outcome)
  }

  // MARK: - What became of it

  private func outcome(_ code: CURLcode) -> HTTPOutcome {
    if code == CURLE_OK, let response = answer.response { return .answered(response) }
    let written = wasWritten
    if wasAddressRefused, !written {
      return .notSent(.address, reason: "\(pool.origin.host) leads to an address that is not public")
    }
    let reason =
      if let excess = answer.excess {
        excess
      } else if code == CURLE_FILESIZE_EXCEEDED {
        answer.tooLong
      } else if wasRepetitionRefused {
        "the server closed a kept connection without an answer"
      } else if code == CURLE_OK {
        "the connection ended within the answer's header\(answer.words)"
      } else {
        trouble.words(code) + answer.words
      }
    return written ? .uncertain(reason: reason) : notSent(code, reason)
  }

  private func notSent(_ code: CURLcode, _ reason: String) -> HTTPOutcome {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      .notSent(.certificate, reason: "the certificate is not valid for this server, so nothing was sent: \(reason)")
    case CURLE_SSL_CACERT_BADFILE, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FAILED_INIT:
      .notSent(.request, reason: reason)
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_INITFAILED: .notSent(.tls, reason: reason)
    default: .notSent(sizeBefore == nil ? .connect : .interrupted, reason: reason)
    }
  }

  /// Whether the request's last byte may have been handed to the system. Of a header, and of a short body that goes
  /// along with it, libcurl does not tell how much it wrote, so any byte counts as all.
  private var wasWritten: Bool {
    guard let sizeBefore else { return false }
    return requestSize > sizeBefore && isBodyTaken
  }

  private var requestSize: Int {
    var size = 0
    _ = ccurl_get_long(handle, CURLINFO_REQUEST_SIZE, &size)
    return size
  }

  // MARK: - What libcurl asks and tells

  func readHeader(_ line: UnsafeRawBufferPointer) -> Bool { answer.readHeader(line) }
  func readBody(_ bytes: UnsafeRawBufferPointer) -> Bool { answer.readBody(bytes) }

  /// Whether a connection may be opened to this address.
  func mayConnect(to address: UnsafeRawPointer) -> Bool {
    if pool.origin.settings.proxy != nil || pool.origin.mayReachPrivateAddresses { return true }
    if let address = IPAddress(address), address.isPublic { return true }
    wasAddressRefused = true
    return false
  }

  /// Whether the request may be written to the connection that libcurl has got for it.
  func mayWrite() -> Bool {
    if wasWritten {
      wasRepetitionRefused = true
      return false
    }
    sizeBefore = requestSize
    bodyTaken = 0
    // A short body goes along with the header.
    isBodyTaken = job?.hasLongBody == false
    return true
  }

  /// The next bytes of a body that libcurl was not given as a whole.
  func writeBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
    guard let body = job?.request.body else { return 0 }
    let part = body[bodyTaken...].prefix(room.count)
    room.copyBytes(from: part)
    bodyTaken += part.count
    if bodyTaken == body.count { isBodyTaken = true }
    return part.count
  }

  func rewindBody() { bodyTaken = 0 }
}
