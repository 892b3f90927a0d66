import Synchronization

/// The connections to one origin and the requests waiting for one of them.
final class HTTPPool {
  let origin: HTTPOrigin
  private unowned let loop: EngineLoop
  var watch: SocketWatch { loop.watch }
  private var waiting = Queue<HTTPJob>()
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  /// Free connections, the most recently used last: so surplus ones get old and are closed.
  private var idle: [HTTPConnection] = []
  private var isStarting = false
  /// When a connection is to be looked at, at the earliest.
  private(set) var deadline = UInt64.max

  init(origin: HTTPOrigin, loop: EngineLoop) {
    self.origin = origin
    self.loop = loop
  }

  var isUnused: Bool { connections.isEmpty && waiting.count == 0 }
  /// Requests under way.
  var busyCount: Int { connections.count - idle.count }

  func accept(_ job: HTTPJob) {
    if job.isCancelled.load(ordering: .acquiring) {
      job.finish(.notSent(.cancelled, reason: "cancelled"))
    } else {
      job.stage = .waiting
      waiting.append(job)
      startWaiting()
    }
  }

  /// To the head of the queue: a kept connection ended before it took the request. It starts as soon as that is closed.
  func putBack(_ job: HTTPJob) {
    job.isRepetition = true
    job.stage = .waiting
    waiting.prepend(job)
  }

  func sweep(_ now: UInt64) {
    guard now >= deadline else { return }
    for connection in connections.values where connection.deadline <= now { connection.expired() }
    deadline = .max
    for connection in connections.values { isDue(connection.deadline) }
  }

  func shutdown() {
    for job in waiting.popAll() { job.finish(.notSent(.cancelled, reason: "the engine was shut down")) }
    for connection in connections.values { connection.abandon("the engine was shut down") }
  }

  // MARK: - What connections report

  func becameIdle(_ connection: HTTPConnection) {
    idle.append(connection)
    isDue(connection.deadline)
    startWaiting()
  }

  func closed(_ connection: HTTPConnection) {
    loop.remove(connection.handle)
    connections[ObjectIdentifier(connection)] = nil
    idle.removeAll { $0 === connection }
    startWaiting()
  }

  private func startWaiting() {
    // Connections that end at once call it from within; the loop sees what they changed.
    guard !isStarting else { return }
    isStarting = true
    defer { isStarting = false }
    while !idle.isEmpty || connections.count < limit, let job = waiting.popFirst() {
      // One that was cancelled while it waited is over already.
      guard !job.isOver else { continue }
      if !job.isRepetition {
        job.deadline = CurlClient.deadline(job.request.timeout, after: monotonicNow())
        job.onStart?()
      }
      isDue(job.deadline)
      start(job)
    }
  }

  private var limit: Int { max(origin.settings.maxConnectionsPerHost, 1) }

  private func start(_ job: HTTPJob) {
    // One that met the end of a kept connection gets a fresh one, if need be in the place of the oldest.
    if job.isRepetition, connections.count >= limit { idle.first?.abandon("") }
    while !job.isRepetition, let connection = idle.popLast() {
      job.stage = .running(connection)
      if connection.take(job) { return }
    }
    let connection = HTTPConnection(for: job, pool: self)
    guard loop.add(connection) else { return job.finish(.notSent(.connect, reason: "libcurl is out of memory")) }
    connections[ObjectIdentifier(connection)] = connection
    job.stage = .running(connection)
  }

  private func isDue(_ time: UInt64) {
    guard time < deadline else { return }
    deadline = time
    loop.willSweep(by: time)
  }
}
