import CCurl
import Synchronization

/// All connections to one server and the mails waiting for one of them.
final class SMTPGateway {
  let server: SMTPServer
  private unowned let loop: EngineLoop
  private(set) var connections: [SMTPConnection] = []
  /// Free connections, the most recently used last: so surplus ones get old and are closed.
  private var idle: [SMTPConnection] = []
  private var waiting: [SMTPJob] = []
  private var waitingHead = 0
  private var connecting = 0
  /// No further connection before this time while others work: the server has just refused one.
  private var holdUntil: UInt64 = 0

  init(server: SMTPServer, loop: EngineLoop) {
    self.server = server
    self.loop = loop
  }

  var isUnused: Bool { connections.isEmpty && waitingCount == 0 }
  private var waitingCount: Int { waiting.count - waitingHead }

  func accept(_ job: SMTPJob) {
    if job.isCancelled.load(ordering: .acquiring) {
      job.finish(.deferred(nil, reason: "cancelled"))
    } else if let connection = idle.popLast() {
      connection.start(job)
    } else {
      waiting.append(job)
      growIfNeeded()
    }
  }

  func check(_ continuation: CheckedContinuation<SMTPCheck, Never>) {
    open(check: continuation)
  }

  /// Whether the job was one of this gateway's.
  func cancel(_ job: SMTPJob) -> Bool {
    if let index = waiting[waitingHead...].firstIndex(where: { $0 === job }) {
      waiting.remove(at: index)
      job.finish(.deferred(nil, reason: "cancelled"))
      return true
    }
    guard let connection = connections.first(where: { $0.job === job }) else { return false }
    connection.abandon("cancelled")
    return true
  }

  func sweep(_ now: UInt64) {
    for connection in connections where connection.isOpen && connection.deadline <= now { connection.expired() }
  }

  func shutdown() {
    for job in waiting[waitingHead...] { job.finish(.deferred(nil, reason: "the engine was shut down")) }
    waiting = []
    waitingHead = 0
    for connection in connections { connection.abandon("the engine was shut down") }
  }

  // MARK: - What connections report

  func connected(_ connection: SMTPConnection) {
    connecting -= 1
    becameIdle(connection)
  }

  func connectFailed(_ connection: SMTPConnection, _ outcome: SMTPOutcome) {
    connecting -= 1
    connection.close()
    if connections.contains(where: { $0.isOpen }) {
      // The others carry the mails; typically the server allows fewer connections than we do.
      holdUntil = deadline(10_000, after: monotonicNow())
    } else if connecting == 0 {
      let jobs = waiting[waitingHead...]
      waiting = []
      waitingHead = 0
      for job in jobs { job.finish(outcome) }
    }
  }

  func becameIdle(_ connection: SMTPConnection) {
    if let job = nextWaiting() { connection.start(job) } else { idle.append(connection) }
  }

  /// To the head of the queue: the connection was gone before the mail was asked for.
  func putBack(_ job: SMTPJob) {
    job.retries += 1
    if waitingHead > 0 {
      waitingHead -= 1
      waiting[waitingHead] = job
    } else {
      waiting.insert(job, at: 0)
    }
  }

  func closed(_ connection: SMTPConnection, wasOpen: Bool) {
    connections.removeAll { $0 === connection }
    idle.removeAll { $0 === connection }
    if wasOpen { growIfNeeded() }
  }

  func add(_ connection: SMTPConnection) -> Bool { loop.add(connection) }
  func remove(_ handle: EasyHandle) { loop.remove(handle) }

  private func nextWaiting() -> SMTPJob? {
    guard waitingHead < waiting.count else { return nil }
    let job = waiting[waitingHead]
    waitingHead += 1
    if waitingHead == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      waitingHead = 0
    } else if waitingHead >= 1024, waitingHead * 2 > waiting.count {
      waiting.removeFirst(waitingHead)
      waitingHead = 0
    }
    return job
  }

  private func growIfNeeded() {
    guard waitingCount > connecting, connections.count < max(server.maxConnections, 1) else { return }
    let isHeld = holdUntil > 0 && holdUntil > monotonicNow() && connections.contains { $0.isOpen }
    if !isHeld { open(check: nil) }
  }

  private func open(check: CheckedContinuation<SMTPCheck, Never>?) {
    if check == nil { connecting += 1 }
    let connection = SMTPConnection(gateway: self, check: check)
    connections.append(connection)
    connection.open()
  }
}
