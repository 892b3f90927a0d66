import CCurl
import CEtpan
import Glibc

/// The bytes between libetpan and the server: a libcurl connection, read through the scanner, with time-outs and
/// cancellation. Belongs to one thread.
///
/// The first fault is kept and ends the stream: from then on nothing is read or written, so that no code of libetpan,
/// such as its LOGOUT when it is freed, looks at what follows a bad line.
final class IMAPStream {
  /// Why the stream ended.
  enum Fault: Equatable {
    case closed, readTimeout, commandTimeout, cancelled, transport
    case refused(ResponseScanner.Fault)
    /// libetpan could not make sense of an answer.
    case unparsable
  }

  /// What ended a wait.
  enum Event {
    case data, timeout, woken
  }

  private(set) var fault: Fault?
  /// Longest time of a command that is sent from now on.
  var commandTimeout: Duration
  private let readTimeout: Duration
  private let curl: UnsafeMutableRawPointer
  private let socket: curl_socket_t
  private let signals: IMAPSignals
  private var scanner: ResponseScanner
  private var deadline: ContinuousClock.Instant
  /// A greeting for libetpan when libcurl has taken the server's.
  private var greeting: [UInt8]
  /// libetpan's end of the stream, owned by it.
  private var mailstream: UnsafeMutablePointer<mailstream>?

  init(_ connection: CurlConnection, endpoint: IMAPEndpoint, limits: IMAPLimits, signals: IMAPSignals) {
    curl = connection.handle
    socket = connection.socket
    greeting = endpoint.security == .startTLS ? Array("* OK ready\r\n".utf8) : []
    scanner = ResponseScanner(limits: limits)
    readTimeout = endpoint.readTimeout
    commandTimeout = endpoint.commandTimeout
    deadline = .now + endpoint.commandTimeout
    self.signals = signals
  }

  deinit { curl_easy_cleanup(curl) }

  /// A mailstream over this stream, which it does not retain. libetpan frees it.
  func makeMailstream() -> UnsafeMutablePointer<mailstream>? {
    let context = Unmanaged.passUnretained(self).toOpaque()
    guard let low = mailstream_low_new(context, Self.driver) else { return nil }
    mailstream = mailstream_new(low, 16 << 10)
    if mailstream == nil { free(low) }
    return mailstream
  }

  /// Ends the stream for `fault`, if it has not ended yet, and forgets what is buffered.
  func end(_ fault: Fault) {
    if self.fault == nil { self.fault = fault }
    greeting = []
    mailstream?.pointee.read_buffer_len = 0
    mailstream?.pointee.write_buffer_len = 0
  }

  /// Waits until the server sends something, for at most `timeout`. nil: the stream has ended.
  func wait(_ timeout: Duration) -> Event? {
    let end = ContinuousClock.now + timeout
    while fault == nil {
      guard let mailstream else { return nil }
      if mailstream.pointee.read_buffer_len > 0 { return .data }
      // Receive before poll: TLS may hold whole lines that poll cannot see.
      let count = receive(mailstream.pointee.read_buffer, mailstream.pointee.buffer_max_size)
      if count < 0 { return nil }
      if count > 0 {
        mailstream.pointee.read_buffer_len = count
        deadline = .now + commandTimeout
        return .data
      }
      switch poll(for: POLLIN, until: end, wakes: true) {
      case .ready: continue
      case .woken:
        signals.woken.clear()
        return .woken
      case .timeout: return .timeout
      case .failed: return nil
      }
    }
    return nil
  }

  // MARK: Reading and writing

  private func fail(_ fault: Fault) -> Int {
    end(fault)
    return -1
  }

  /// One attempt: the count of scanned bytes, 0 if there are none yet, -1 if the stream has ended.
  private func receive(_ buffer: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
    guard fault == nil else { return -1 }
    var count = 0
    switch curl_easy_recv(curl, buffer, capacity, &count) {
    case CURLE_OK: break
    case CURLE_AGAIN: return 0
    default: return fail(.transport)
    }
    // libetpan must never get 0: inside a literal it would ask for ever.
    guard count > 0 else { return fail(.closed) }
    if let refusal = scanner.scan(UnsafeRawBufferPointer(start: buffer, count: count)) {
      return fail(.refused(refusal))
    }
    return count
  }

  private func read(_ buffer: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
    if !greeting.isEmpty {
      let count = min(capacity, greeting.count)
      greeting.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawPointer($0.baseAddress ?? .init(buffer)), byteCount: count)
      }
      greeting.removeFirst(count)
      return count
    }
    while true {
      guard ContinuousClock.now < deadline else { return fail(.commandTimeout) }
      let count = receive(buffer, capacity)
      if count != 0 { return count }
      guard awaitReadiness(POLLIN) else { return -1 }
    }
  }

  private func write(_ bytes: UnsafeRawPointer, _ length: Int) -> Int {
    guard fault == nil else { return -1 }
    scanner.beginCommand()
    deadline = .now + commandTimeout
    while true {
      var count = 0
      let code = curl_easy_send(curl, bytes, length, &count)
      if code == CURLE_OK && count > 0 { return count }
      guard code == CURLE_OK || code == CURLE_AGAIN else { return fail(.transport) }
      guard awaitReadiness(POLLOUT) else { return -1 }
    }
  }

  // MARK: Waiting

  private enum Readiness {
    case ready, timeout, woken, failed
  }

  private func awaitReadiness(_ events: CInt) -> Bool {
    let silence = ContinuousClock.now + readTimeout
    switch poll(for: events, until: min(silence, deadline), wakes: false) {
    case .ready, .woken: return true
    case .timeout:
      end(deadline <= silence ? .commandTimeout : .readTimeout)
      return false
    case .failed: return false
    }
  }

  private func poll(for events: CInt, until end: ContinuousClock.Instant, wakes: Bool) -> Readiness {
    while true {
      var descriptors = [
        pollfd(fd: socket, events: Int16(events), revents: 0),
        pollfd(fd: signals.cancelled.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakes ? signals.woken.descriptor : -1, events: Int16(POLLIN), revents: 0),
      ]
      let left = end - .now
      // One more millisecond: rounding down would poll with 0 again and again just before the end.
      let milliseconds = left <= .zero ? 0 : (left + .milliseconds(1)).clampedMilliseconds
      let count = Glibc.poll(&descriptors, 3, milliseconds)
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        self.end(.transport)
        return .failed
      }
      if descriptors[1].revents != 0 {
        self.end(.cancelled)
        return .failed
      }
      if count == 0 { return .timeout }
      return descriptors[0].revents != 0 ? .ready : .woken
    }
  }

  // MARK: The driver that libetpan calls

  private static func stream(_ low: UnsafeMutablePointer<mailstream_low>?) -> IMAPStream? {
    low?.pointee.data.map { Unmanaged<IMAPStream>.fromOpaque($0).takeUnretainedValue() }
  }

  // Written once and only read afterwards.
  private nonisolated(unsafe) static let driver: UnsafeMutablePointer<mailstream_low_driver> = {
    let driver = UnsafeMutablePointer<mailstream_low_driver>.allocate(capacity: 1)
    driver.initialize(
      to: mailstream_low_driver(
        mailstream_read: { low, buffer, count in
          guard let buffer else { return -1 }
          return stream(low)?.read(buffer, count) ?? -1
        },
        mailstream_write: { low, bytes, count in
          guard let bytes else { return -1 }
          return stream(low)?.write(bytes, count) ?? -1
        },
        mailstream_close: { _ in 0 },
        mailstream_get_fd: { low in stream(low)?.socket ?? -1 },
        mailstream_free: { low in
          stream(low)?.mailstream = nil
          free(low)
        },
        mailstream_cancel: { _ in },
        mailstream_get_cancel: { _ in nil },
        mailstream_get_certificate_chain: { _ in nil },
        mailstream_setup_idle: { _ in -1 },
        mailstream_unsetup_idle: { _ in -1 },
        mailstream_interrupt_idle: { _ in -1 }))
    return driver
  }()
}
