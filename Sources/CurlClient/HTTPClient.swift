import Synchronization

/// Sends HTTP requests over kept connections, on the thread of a ``CurlEngine``. Clients with equal settings on one
/// engine share connections and limits.
package struct HTTPClient: Sendable {
  package struct Settings: Sendable, Hashable {
    /// PEM file of the accepted certificate authorities; nil takes those of the system.
    package var caFile: String?
    /// Proxy URL as curl takes it (`http://host:3128`); nil connects directly, whatever the environment says.
    package var proxy: String?
    /// Most requests under way to one host at one time; further ones wait, at the cost of their own memory only.
    package var maxConnectionsPerHost = 16
    /// Milliseconds after which an unused connection is not used again. Below the 5 s after which the hastiest usual
    /// servers (Apache, Node.js) close theirs: a request that crosses such a close is ``HTTPOutcome/uncertain(reason:)``.
    package var idleTimeout = 4_000

    package init() {}
  }

  private let engine: CurlEngine
  private var settings: Settings
  private let destinations = DestinationMemory()

  package init(engine: CurlEngine, settings: Settings = Settings()) {
    self.engine = engine
    self.settings = settings
    // To libcurl the same, but not to those who ask whether a proxy sees to what may be reached.
    if settings.proxy?.isEmpty == true { self.settings.proxy = nil }
  }

  /// Sends `request`, once, and waits for the outcome; never throws, never waits longer than the request's time limits
  /// (plus the wait for a free connection). Cancelling the task ends it at once.
  ///
  /// - Parameter onStart: called on the engine's thread when a connection is free, before the first byte is written;
  ///   until then nobody can have got the request.
  package func send(_ request: HTTPRequest, onStart: (@Sendable () -> Void)? = nil) async -> HTTPOutcome {
    if let refusal = request.refusal { return .notSent(.request, reason: refusal) }
    switch destinations.destination(of: request, settings) {
    case .failure(let refusal): return .notSent(refusal.kind, reason: refusal.reason)
    case .success(let destination):
      return await engine.exchange(HTTPJob(request, to: destination, onStart: onStart))
    }
  }
}

extension CurlEngine {
  func exchange(_ job: HTTPJob) async -> HTTPOutcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        job.continuation = continuation
        if !inbox.post(.exchange(job)) {
          job.finish(.notSent(.cancelled, reason: "the engine is shut down"))
        }
      }
    } onCancel: {
      job.isCancelled.store(true, ordering: .releasing)
      _ = inbox.post(.cancelExchange(job))
    }
  }
}
