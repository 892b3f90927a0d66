import CCurl
import Glibc
import Synchronization

/// Sends mail and, for ``HTTPClient``, requests over kept connections, all of them on one thread of its own.
///
/// Of mail, libcurl does name lookup, proxy, TLS, EHLO and login; the mail transaction on the finished connection is this
/// module's, because libcurl 7.88 waits for the answer to the final dot with the whole loop standing still (one slow
/// server would stop every other transfer, and sixteen connections would be no faster than one), and cannot tell
/// whether the final dot was sent. So also no mail is ever sent twice by a retry inside libcurl. Of requests, libcurl makes
/// the connection, too, and for the same reasons no more (``HTTPConnection``).
package final class CurlEngine: Sendable {
  let inbox: Inbox
  /// Runs tasks on the engine's thread, between its looks at the sockets: what goes to and fro between a task and the
  /// engine many times a second saves the changes of thread. Not for work that takes long.
  package let executor: any TaskExecutor

  /// Starts the thread. It ends with ``shutdown()`` or with the last reference to the engine.
  package init() {
    inbox = Inbox()
    let executor = EngineExecutor(inbox)
    self.executor = executor
    EngineLoop.start(inbox, executor)
  }

  deinit { inbox.stop(nil) }

  /// Sends `mail` and waits for the outcome; never throws, never waits longer than the server's time limits (plus
  /// the wait for a free connection). Cancelling the task ends it at once: ``SMTPOutcome/uncertain(reason:)`` if the
  /// final dot was sent, else ``SMTPOutcome/deferred(_:reason:)``. A mail that met a kept connection which the server
  /// was just closing is tried on another, but never after `dataStarted`.
  package func send(
    _ mail: SMTPMail, via server: SMTPServer, onProgress: (@Sendable (SMTPProgress) -> Void)? = nil
  ) async -> SMTPOutcome {
    if let refusal = mail.refusal { return .rejected(refusal) }
    let job = SMTPJob(mail: mail, onProgress: onProgress)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        job.continuation = continuation
        if !inbox.post(.send(job, server)) { job.finish(.deferred(nil, reason: "the engine is shut down")) }
      }
    } onCancel: {
      job.isCancelled.store(true, ordering: .releasing)
      _ = inbox.post(.cancel(job))
    }
  }

  /// Connects anew, logs in and says QUIT, without a mail.
  package func check(_ server: SMTPServer) async -> SMTPCheck {
    await withCheckedContinuation { continuation in
      if !inbox.post(.check(server, continuation)) {
        continuation.resume(returning: .unavailable(.deferred(nil, reason: "the engine is shut down")))
      }
    }
  }

  /// Ends every mail under way as cancellation does, closes all connections and waits for the thread's end. Sending
  /// afterwards gives ``SMTPOutcome/deferred(_:reason:)``.
  package func shutdown() async {
    await withCheckedContinuation { continuation in inbox.stop { continuation.resume() } }
  }
}

/// One mail on its way. Only `isCancelled` is touched off the engine's thread once the job is posted.
final class SMTPJob: Sendable {
  let mail: SMTPMail
  let onProgress: (@Sendable (SMTPProgress) -> Void)?
  let isCancelled = Atomic<Bool>(false)
  nonisolated(unsafe) var continuation: CheckedContinuation<SMTPOutcome, Never>?
  /// How often the job was put back because a kept connection turned out to be closed.
  nonisolated(unsafe) var retries = 0
  static let maxRetries = 4

  init(mail: SMTPMail, onProgress: (@Sendable (SMTPProgress) -> Void)?) {
    self.mail = mail
    self.onProgress = onProgress
  }

  func finish(_ outcome: SMTPOutcome) {
    let waiting = continuation
    continuation = nil
    waiting?.resume(returning: outcome)
  }
}

/// The only way from other threads to the engine's.
final class Inbox: Sendable {
  enum Message {
    case send(SMTPJob, SMTPServer)
    case cancel(SMTPJob)
    case check(SMTPServer, CheckedContinuation<SMTPCheck, Never>)
    case exchange(HTTPJob)
    case cancelExchange(HTTPJob)
    case run(UnownedJob)
  }

  private struct State: ~Copyable {
    var messages: [Message] = []
    var isStopping = false
    /// Whether the thread is waiting, or about to, and nobody has woken it yet.
    var isAsleep = false
    var hasEnded = false
    var whenEnded: [@Sendable () -> Void] = []
  }

  /// For the engine's thread only.
  nonisolated(unsafe) let multi: UnsafeMutableRawPointer
  /// An eventfd(2): readable when the thread is to look at the messages.
  let wakeUp: Int32
  private let state = Mutex(State())

  init() {
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    guard let multi = curl_multi_init() else { fatalError("libcurl is out of memory") }
    // Idle connections are the pools' business; libcurl would keep four for each transfer under way.
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 100_000)
    self.multi = multi
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wakeUp >= 0 else { fatalError("no descriptors are left (eventfd)") }
  }

  deinit { close(wakeUp) }

  private func wake() {
    var one: UInt64 = 1
    _ = write(wakeUp, &one, 8)
  }

  /// False when the engine is stopping: then the message was not taken.
  func post(_ message: sending Message) -> Bool {
    state.withLock { state in
      guard !state.isStopping else { return false }
      state.messages.append(message)
      // A wake-up is a system call; a loop that has not gone to sleep looks at the messages first anyway.
      if state.isAsleep {
        state.isAsleep = false
        wake()
      }
      return true
    }
  }

  func stop(_ whenEnded: (@Sendable () -> Void)?) {
    let hasEnded = state.withLock { state in
      state.isStopping = true
      if state.hasEnded { return true }
      if let whenEnded { state.whenEnded.append(whenEnded) }
      wake()
      return false
    }
    if hasEnded { whenEnded?() }
  }

  /// Takes all messages; `isStopping` tells that these were the last.
  func take() -> (messages: [Message], isStopping: Bool) {
    state.withLock { state in
      var taken: [Message] = []
      swap(&taken, &state.messages)
      state.isAsleep = false
      return (taken, state.isStopping)
    }
  }

  /// Whether the thread may wait; from here on every message wakes it.
  func mayWait() -> Bool {
    state.withLock { state in
      state.isAsleep = state.messages.isEmpty && !state.isStopping
      return state.isAsleep
    }
  }

  /// The wait is over: what the thread posts to itself from here on need not wake it.
  func hasWaited() { state.withLock { $0.isAsleep = false } }

  /// The thread's last act.
  func end() {
    curl_multi_cleanup(multi)
    let waiting = state.withLock { state in
      state.hasEnded = true
      return state.whenEnded
    }
    for resume in waiting { resume() }
  }
}
