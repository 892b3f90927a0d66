import CCurl
import Synchronization

/// One request on its way. Only `isCancelled` is touched off the engine's thread once the job is posted.
final class HTTPJob: Sendable {
  let request: HTTPRequest
  let destination: HTTPDestination
  let onStart: (@Sendable () -> Void)?
  /// The header fields as libcurl wants them.
  nonisolated(unsafe) let headerList: UnsafeMutablePointer<curl_slist>?
  let isCancelled = Atomic<Bool>(false)
  nonisolated(unsafe) var continuation: CheckedContinuation<HTTPOutcome, Never>?
  nonisolated(unsafe) var stage = Stage.posted
  /// Whether it is on its way for the second time, after a kept connection had ended before it was written.
  nonisolated(unsafe) var isRepetition = false

  enum Stage {
    /// The engine has not looked at it yet.
    case posted
    case waiting
    case running(HTTPTransfer)
    case over
  }

  init(_ request: HTTPRequest, to destination: HTTPDestination, onStart: (@Sendable () -> Void)? = nil) {
    self.request = request
    self.destination = destination
    self.onStart = onStart
    var list: UnsafeMutablePointer<curl_slist>?
    for field in request.fields.all {
      // libcurl takes `name:` for the wish to leave out a field of its own, and `name;` for an empty one.
      list = curl_slist_append(list, field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    // Fields that libcurl would add of its own to a request with a body.
    if request.hasBody {
      list = curl_slist_append(list, "Expect:")
      if request.fields["Content-Type"] == nil { list = curl_slist_append(list, "Content-Type:") }
    }
    headerList = list
  }

  deinit { curl_slist_free_all(headerList) }

  /// Whether libcurl fetches the body piece by piece, without a copy, or gets it with the header for a single write.
  var hasLongBody: Bool { request.body.count > 16_384 }

  var isOver: Bool { if case .over = stage { true } else { false } }

  func finish(_ outcome: HTTPOutcome) {
    stage = .over
    let waiting = continuation
    continuation = nil
    waiting?.resume(returning: outcome)
  }
}
