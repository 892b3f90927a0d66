import Synchronization

/// One request on its way. Only `isCancelled` is touched off the engine's thread once the job is posted.
final class HTTPJob: Sendable {
  let request: HTTPRequest
  let destination: HTTPDestination
  let onStart: (@Sendable () -> Void)?
  let isCancelled = Atomic<Bool>(false)
  nonisolated(unsafe) var continuation: CheckedContinuation<HTTPOutcome, Never>?
  nonisolated(unsafe) var stage = Stage.posted
  /// When it must have been answered; set when it is started.
  nonisolated(unsafe) var deadline = UInt64.max
  /// Whether it is on its way for the second time, after a kept connection had ended before it was written.
  nonisolated(unsafe) var isRepetition = false

  enum Stage {
    /// The engine has not looked at it yet.
    case posted
    case waiting
    case running(HTTPConnection)
    case over
  }

  init(_ request: HTTPRequest, to destination: HTTPDestination, onStart: (@Sendable () -> Void)? = nil) {
    self.request = request
    self.destination = destination
    self.onStart = onStart
  }

  /// Writes the request up to its body (RFC 9112 §3). The client's own fields beside Content-Length give way to the
  /// request's.
  func appendHead(to bytes: inout [UInt8]) {
    func line(_ name: String, _ value: String) {
      bytes += name.utf8
      bytes += (value.isEmpty ? ":" : ": ").utf8
      bytes += value.utf8
      bytes += [0x0D, 0x0A]
    }
    bytes += request.method.utf8
    bytes.append(0x20)
    destination.appendTarget(of: request.url, to: &bytes)
    bytes += " HTTP/1.1\r\n".utf8
    if request.fields["Host"] == nil { line("Host", destination.hostField) }
    if request.fields["Accept"] == nil { bytes += "Accept: */*\r\n".utf8 }
    if let credentials = destination.proxyCredentials { line("Proxy-Authorization", credentials) }
    for field in request.fields.all { line(field.name, field.value) }
    if request.hasBody { line("Content-Length", String(request.body.count)) }
    bytes += [0x0D, 0x0A]
  }

  var isOver: Bool { if case .over = stage { true } else { false } }

  func finish(_ outcome: HTTPOutcome) {
    stage = .over
    let waiting = continuation
    continuation = nil
    waiting?.resume(returning: outcome)
  }
}
