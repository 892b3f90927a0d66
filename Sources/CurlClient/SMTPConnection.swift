import CCurl
import Glibc

/// One connection to a mail server, from the connect on: libcurl opens it and logs in, the transactions are run here.
final class SMTPConnection: Transfer {
  private enum State { case connecting, idle, busy, closed }

  let handle: EasyHandle
  /// A connection cache of its own: libcurl takes a readable connection in a cache for a dead one whenever it opens
  /// another, and one with an answer under way is readable.
  private let share: UnsafeMutableRawPointer?
  private unowned let gateway: SMTPGateway
  private let check: CheckedContinuation<SMTPCheck, Never>?
  private var greeting = SMTPGreeting()
  private var state = State.connecting
  private var socket: curl_socket_t = -1

  private(set) var job: SMTPJob?
  private(set) var deadline: UInt64 = 0
  private var message = MessageData([])
  private var reader = SMTPReplyReader()
  private var output: [UInt8] = []
  private var outputSent = 0
  private var awaited = SMTPStep.mail
  private var sent = SMTPStep.mail
  private var isDotSent = false
  private var needsReset = false
  private var isReused = false
  private let trouble = TroubleText()

  init(gateway: SMTPGateway, check: CheckedContinuation<SMTPCheck, Never>?) {
    guard let handle = curl_easy_init() else { fatalError("libcurl is out of memory") }
    self.handle = handle
    self.gateway = gateway
    self.check = check
    share = ccurl_share_connections()
  }

  deinit {
    curl_easy_cleanup(handle)
    if let share { curl_share_cleanup(share) }
  }

  var isOpen: Bool { state == .idle || state == .busy }

  var waitDescription: pollfd {
    let isSending = outputSent < output.count
    return pollfd(fd: socket, events: Int16(POLLIN) | (isSending ? Int16(POLLOUT) : 0), revents: 0)
  }

  // MARK: - Connecting

  func open() {
    configure()
    if !gateway.add(self) { ended(CURLE_FAILED_INIT) }
  }

  private func configure() {
    _ = ccurl_set_pointer(handle, CURLOPT_SHARE, share)
    gateway.server.configure(handle)
    _ = ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, trouble.buffer)
    let receive: ccurl_io = { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let connection = Unmanaged<SMTPConnection>.fromOpaque(context).takeUnretainedValue()
      connection.greeting.read(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    ccurl_set_header(handle, receive, Unmanaged.passUnretained(self).toOpaque())
  }

  func ended(_ code: CURLcode) {
    guard state == .connecting else { return }
    let words = trouble.words(code)
    if let outcome = greeting.failure(code, words, wantsLogin: gateway.server.user != nil) { return refuse(outcome) }
    guard ccurl_get_socket(handle, &socket) == CURLE_OK, socket >= 0 else {
      return refuse(.failed(.connect, reason: "the connection was lost at once"))
    }
    state = .idle
    rest()
    if let check {
      sayQuit()
      close()
      check.resume(returning: .ready(extensions: greeting.extensions))
    } else {
      gateway.connected(self)
    }
  }

  private func refuse(_ outcome: SMTPOutcome) {
    if let check {
      close()
      check.resume(returning: .unavailable(outcome))
    } else {
      gateway.connectFailed(self, outcome)
    }
  }

  // MARK: - Transactions

  func start(_ job: SMTPJob) {
    if job.mail.isInternational, !greeting.offersInternational {
      let text = "5.6.7 Non-ASCII address refused before sending: the server has no SMTPUTF8"
      job.finish(.rejected(SMTPReply(code: 553, enhancedStatus: "5.6.7", text: text)))
      return gateway.becameIdle(self)
    }
    self.job = job
    state = .busy
    message = MessageData(job.mail.content)
    isDotSent = false
    output.removeAll(keepingCapacity: true)
    outputSent = 0
    awaited = needsReset ? .reset : .mail
    sent = awaited
    appendCommand(sent, job.mail)
    // All up to DATA in one packet (RFC 2920 §3.1).
    while greeting.offersPipelining, sent != .data {
      sent = sent.next
      appendCommand(sent, job.mail)
    }
    extendDeadline()
    flush()
  }

  private func appendCommand(_ step: SMTPStep, _ mail: SMTPMail) {
    step.append(to: &output, mail, isEightBit: message.isEightBit, greeting)
  }

  func becameReady() {
    guard isOpen else { return }
    if outputSent < output.count { flush() }
    receive()
  }

  private func receive() {
    withUnsafeTemporaryAllocation(byteCount: 17_000, alignment: 1) { bytes in
      guard isOpen else { return }
      var count = 0
      let code = curl_easy_recv(handle, bytes.baseAddress, bytes.count, &count)
      if code == CURLE_AGAIN { return }
      // Nothing comes on an idle connection but a farewell.
      guard state == .busy else { return close() }
      guard code == CURLE_OK, count > 0 else { return lost("the server closed the connection") }
      reader.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<count]))
    }
    while state == .busy {
      switch reader.next() {
      case .incomplete: return
      case .malformed: return lost("the server's answer is not SMTP")
      case .reply(let code): answered(code)
      }
    }
  }

  private func answered(_ code: Int) {
    switch (awaited, code) {
    case (.message, _): answeredMessage(code)
    case (.data, 354):
      // After a refusal there is nothing to send, and not even an empty mail may come of it.
      guard let job else { return close() }
      job.onProgress?(.dataStarted)
      awaited = .message
      sent = .message
      fillOutput()
      extendDeadline()
      flush()
    case (.reset, _) where code != 421, (.mail, 200..<300), (.recipient, 200..<300): advance()
    default: refused(code)
    }
  }

  private func answeredMessage(_ code: Int) {
    guard let job else { return close() }
    let reply = reader.reply(code: code)
    guard isDotSent else {
      // The server gave up in the middle; a 2xx here would be for a mail it cannot have seen the end of.
      finish(.refused(reply, beforeData: false))
      return close()
    }
    guard code != 354 && !(300..<400 ~= code) else { return lost("unexpected reply \(code) \(reply.text)") }
    job.onProgress?(.finalReply(reply))
    finish(200..<300 ~= code ? .accepted(reply) : .refused(reply, beforeData: false))
    if code == 421 { return close() }
    needsReset = false
    completed()
  }

  private func refused(_ code: Int) {
    if code == 421, isReused, let job, job.retries < SMTPJob.maxRetries { return lost("421") }
    if job != nil { finish(.refused(reader.reply(code: code), beforeData: true)) }
    if code == 421 { return close() }
    needsReset = true
    if awaited == sent { completed() } else { awaited = awaited.next }
  }

  private func advance() {
    if awaited == sent {
      // Without PIPELINING one command at a time. Refused transactions end at `sent`, so a job is there.
      guard let job else { return completed() }
      sent = sent.next
      output.removeAll(keepingCapacity: true)
      outputSent = 0
      appendCommand(sent, job.mail)
      awaited = sent
      extendDeadline()
      flush()
    } else {
      awaited = awaited.next
    }
  }

  private func completed() {
    guard reader.isEmpty else { return close() }
    isReused = true
    rest()
    gateway.becameIdle(self)
  }

  private func rest() {
    state = .idle
    message = MessageData([])
    deadline = CurlClient.deadline(gateway.server.idleTimeout, after: monotonicNow())
  }

  private func finish(_ outcome: SMTPOutcome) {
    let finished = job
    job = nil
    finished?.finish(outcome)
  }

  // MARK: - Output

  private func fillOutput() {
    // A long mail's buffer is not kept.
    output.removeAll(keepingCapacity: output.capacity < 1 << 18)
    outputSent = 0
    message.fill(&output, upTo: 1 << 16)
  }

  /// Sends what the socket takes. The buffer stays as it is until all of it is gone, as TLS demands of a repetition.
  private func flush() {
    while outputSent < output.count {
      var count = 0
      let code = output.withUnsafeBytes { bytes in
        curl_easy_send(handle, bytes.baseAddress.map { $0 + outputSent }, bytes.count - outputSent, &count)
      }
      if code == CURLE_AGAIN { return }
      guard code == CURLE_OK else { return lostWhileSending() }
      outputSent += count
      if awaited == .message {
        if outputSent == output.count, !message.isFinished { fillOutput() }
        isDotSent = message.isFinished && outputSent == output.count
        extendDeadline()
      }
    }
  }

  /// The server's last words may explain it, such as a 421 or a 552 in the middle of the message.
  private func lostWhileSending() {
    receive()
    if state == .busy { lost("the server closed the connection") }
  }

  private func extendDeadline() {
    deadline = CurlClient.deadline(gateway.server.responseTimeout, after: monotonicNow())
  }

  // MARK: - Ends

  func expired() {
    if state == .idle {
      sayQuit()
      close()
    } else {
      abandon("no answer within \(gateway.server.responseTimeout) ms")
    }
  }

  /// The connection is of no more use; a mail that it was never asked for may have another.
  private func lost(_ reason: String) {
    if let job, isReused, job.retries < SMTPJob.maxRetries, awaited != .message {
      self.job = nil
      gateway.putBack(job)
      close()
    } else {
      abandon(reason)
    }
  }

  /// Ends the mail under way and the connection with it.
  func abandon(_ reason: String) {
    if state == .connecting, let check { check.resume(returning: .unavailable(.deferred(nil, reason: reason))) }
    if state == .idle { sayQuit() }
    finish(isDotSent ? .uncertain(reason: reason) : .deferred(nil, reason: reason))
    close()
  }

  /// Says good-bye without waiting for the answer.
  private func sayQuit() {
    var count = 0
    curl_easy_send(handle, "QUIT\r\n", 6, &count)
  }

  func close() {
    guard state != .closed else { return }
    let wasOpen = isOpen
    state = .closed
    gateway.remove(handle)
    gateway.closed(self, wasOpen: wasOpen)
  }
}
