import CCurl
import Synchronization

/// The connections to one origin and the requests waiting for one of them.
final class HTTPPool {
  let origin: HTTPOrigin
  /// Its connection cache: ends with the pool, and so do the connections.
  let share: UnsafeMutableRawPointer?
  private unowned let loop: EngineLoop
  var watch: SocketWatch { loop.watch }
  private var waiting = Queue<HTTPJob>()
  private var busy: [ObjectIdentifier: HTTPTransfer] = [:]
  /// When an unused pool is given up.
  private(set) var deadline = UInt64.max

  init(origin: HTTPOrigin, loop: EngineLoop) {
    self.origin = origin
    self.loop = loop
    share = ccurl_share_connections()
    // So that a new connection goes on with the TLS session of an old one.
    if let share { ccurl_share_tls_sessions(share) }
  }

  deinit {
    // A share ends only after the handles that use it.
    busy = [:]
    if let share { curl_share_cleanup(share) }
  }

  func accept(_ job: HTTPJob) {
    if job.isCancelled.load(ordering: .acquiring) {
      job.finish(.notSent(.cancelled, reason: "cancelled"))
    } else {
      job.stage = .waiting
      waiting.append(job)
      startWaiting()
    }
  }

  /// Sends the request of an ended transfer again, on a connection of its own.
  func sendAgain(_ transfer: HTTPTransfer) {
    let job = transfer.job
    remove(transfer)
    accept(job)
  }

  /// Takes a transfer out of the loop, whatever its state, and gives its place to another.
  func remove(_ transfer: HTTPTransfer) {
    loop.remove(transfer.handle)
    busy[ObjectIdentifier(transfer)] = nil
    startWaiting()
  }

  func shutdown() {
    for job in waiting.popAll() { job.finish(.notSent(.cancelled, reason: "the engine was shut down")) }
    for transfer in busy.values { transfer.abandon("the engine was shut down") }
  }

  private func startWaiting() {
    while busy.count < max(origin.settings.maxConnectionsPerHost, 1), let job = waiting.popFirst() {
      // One that was cancelled while it waited is over already.
      guard !job.isOver else { continue }
      if !job.isRepetition { job.onStart?() }
      let transfer = HTTPTransfer(job: job, pool: self)
      guard loop.add(transfer) else {
        job.finish(.notSent(.connect, reason: "libcurl is out of memory"))
        continue
      }
      job.stage = .running(transfer)
      busy[ObjectIdentifier(transfer)] = transfer
    }
    guard busy.isEmpty else { return deadline = .max }
    deadline = CurlClient.deadline(origin.settings.idleTimeout, after: monotonicNow())
    loop.willSweep(by: deadline)
  }
}
