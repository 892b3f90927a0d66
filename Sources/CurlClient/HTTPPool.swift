import CCurl
import Synchronization

/// The connections to one origin and the requests waiting for one of them.
final class HTTPPool {
  let origin: HTTPOrigin
  /// Its connection cache: ends with the pool, and so do the connections.
  let share: UnsafeMutableRawPointer?
  private unowned let loop: EngineLoop
  private var waiting = Queue<HTTPJob>()
  private var busy: [ObjectIdentifier: HTTPTransfer] = [:]
  private var free: [HTTPTransfer] = []
  /// When an unused pool is given up.
  private(set) var deadline = UInt64.max

  init(origin: HTTPOrigin, loop: EngineLoop) {
    self.origin = origin
    self.loop = loop
    share = ccurl_share_connections()
  }

  deinit {
    // A share ends only after the handles that use it.
    free = []
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

  /// The transfer is over and its handle out of the loop.
  func finished(_ transfer: HTTPTransfer) {
    busy[ObjectIdentifier(transfer)] = nil
    free.append(transfer)
    startWaiting()
  }

  func shutdown() {
    for job in waiting.popAll() { job.finish(.notSent(.cancelled, reason: "the engine was shut down")) }
    for transfer in busy.values { transfer.abandon("the engine was shut down") }
  }

  func add(_ transfer: HTTPTransfer) -> Bool { loop.add(transfer) }
  func remove(_ handle: EasyHandle) { loop.remove(handle) }

  private func startWaiting() {
    while busy.count < max(origin.settings.maxConnectionsPerHost, 1), let job = waiting.popFirst() {
      // One that was cancelled while it waited is over already.
      guard !job.isOver else { continue }
      let transfer = free.popLast() ?? HTTPTransfer(pool: self)
      if transfer.start(job) { busy[ObjectIdentifier(transfer)] = transfer } else { free.append(transfer) }
    }
    guard busy.isEmpty else { return deadline = .max }
    deadline = CurlClient.deadline(origin.settings.idleTimeout, after: monotonicNow())
    loop.willSweep(by: deadline)
  }
}
