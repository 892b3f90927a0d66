import CCurl
import Glibc

/// One request on its way, on a handle of its own: libcurl before 8.0 keeps a pointer to the last header field of a
/// handle's answer before, and follows it into freed memory when the next answer begins with a folded line.
///
/// libcurl sends a request once more when a kept connection ends without a byte of an answer. Whoever gets the request
/// may have acted on it nevertheless, and a GET sends an SMS as well as a POST does. So before libcurl writes it again
/// it is asked whether it wrote the first to its end, and stopped if it did.
final class HTTPTransfer: Transfer {
  let handle: EasyHandle
  let job: HTTPJob
  unowned let pool: HTTPPool
  let trouble = TroubleText()
  private var answer: HTTPAnswer
  /// What CURLINFO_REQUEST_SIZE was when this request was about to be written (a CONNECT to a proxy counts in it); nil
  /// before.
  private var sizeBefore: Int?
  /// How many bytes of the body libcurl has taken; it takes more only when the last were written.
  private var bodyTaken = 0
  /// Whether it has taken all of them since it was last allowed to write. That it starts again does not undo it.
  private var isBodyTaken = false
  private var wasAddressRefused = false
  private var wasRepetitionRefused = false

  init(job: HTTPJob, pool: HTTPPool) {
    guard let handle = curl_easy_init() else { fatalError("libcurl is out of memory") }
    self.handle = handle
    self.job = job
    self.pool = pool
    answer = HTTPAnswer(maxHeaderSize: job.request.maxHeaderSize, maxBodySize: job.request.maxBodySize)
    configure()
    setCallbacks()
    describe(job)
  }

  deinit { curl_easy_cleanup(handle) }

  func ended(_ code: CURLcode) {
    let outcome = outcome(code)
    if case .notSent(.interrupted, _) = outcome, !job.isRepetition, wasConnectionKept {
      job.isRepetition = true
      pool.sendAgain(self)
    } else {
      pool.remove(self)
      job.finish(outcome)
    }
  }

  /// libcurl notices only some of the ends of a kept connection; of others it tells as of any failure.
  private var wasConnectionKept: Bool {
    var connects = 0
    _ = ccurl_get_long(handle, CURLINFO_NUM_CONNECTS, &connects)
    return connects == 0
  }

  /// Ends the request and its connection.
  func abandon(_ reason: String) {
    let outcome = wasWritten ? HTTPOutcome.uncertain(reason: reason) : .notSent(.cancelled, reason: reason)
    // Taken out while libcurl works on it, the connection is closed.
    pool.remove(self)
    job.finish(outcome)
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
    isBodyTaken = !job.hasLongBody
    return true
  }

  /// The next bytes of a body that libcurl was not given as a whole.
  func writeBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let body = job.request.body
    let part = body[bodyTaken...].prefix(room.count)
    room.copyBytes(from: part)
    bodyTaken += part.count
    if bodyTaken == body.count { isBodyTaken = true }
    return part.count
  }

  func rewindBody() { bodyTaken = 0 }
}
