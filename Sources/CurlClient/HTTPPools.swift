/// The pools of all origins on the engine's thread.
final class HTTPPools {
  private unowned let loop: EngineLoop
  private var pools: [HTTPOrigin: HTTPPool] = [:]
  /// Most requests go where the one before went, and an origin takes long to compare.
  private var last: (destination: HTTPDestination, pool: HTTPPool)?
  /// No pool needs to be looked at before.
  private(set) var nextSweep = UInt64.max

  init(loop: EngineLoop) { self.loop = loop }

  func accept(_ job: HTTPJob) {
    let destination = job.destination
    if let last, last.destination === destination { return last.pool.accept(job) }
    let pool = pools[destination.origin] ?? HTTPPool(origin: destination.origin, loop: loop)
    pools[destination.origin] = pool
    last = (destination, pool)
    pool.accept(job)
  }

  func cancel(_ job: HTTPJob) {
    switch job.stage {
    case .running(let connection): connection.abandon("cancelled")
    // The pool passes it over when its turn comes.
    case .waiting: job.finish(.notSent(.cancelled, reason: "cancelled"))
    case .posted, .over: break
    }
  }

  func willSweep(by deadline: UInt64) { nextSweep = min(nextSweep, deadline) }

  /// Requests under way.
  var busyCount: Int {
    if pools.count == 1, let last { return last.pool.busyCount }
    return pools.values.reduce(0) { $0 + $1.busyCount }
  }

  /// Ends what has taken too long and connections that were not used for their idle time; forgets pools without any.
  func sweep(_ now: UInt64) {
    guard now >= nextSweep else { return }
    for pool in pools.values { pool.sweep(now) }
    pools = pools.filter { !$0.value.isUnused }
    last = nil
    nextSweep = pools.values.map(\.deadline).min() ?? .max
  }

  func shutdown() {
    for pool in pools.values { pool.shutdown() }
    pools = [:]
    last = nil
  }
}
