import CCurl
import Synchronization

/// All connections to one server and the mails waiting for one of them.
final class SMTPGateway {
  let server: SMTPServer
  private unowned let loop: EngineLoop
  private(set) var connections: [SMTPConnection] = []
  /// Free connections, the most recently used last: so surplus ones get old and are closed.
  private var idle: [SMTPConnection] = []
  private var waiting = Queue<SMTPJob>()
  private var connecting = 0
  /// No further connection before this time while others work: the server has just refused one.
  private var holdUntil: UInt64 = 0

  init(server: SMTPServer, loop: EngineLoop) {
    self.server = server
    self.loop = loop
  }

  var isUnused: Bool { connections.isEmpty && waiting.count == 0 }

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
    if waiting.remove(where: { $0 === job }) {
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
    for job in waiting.popAll() { job.finish(.deferred(nil, reason: "the engine was shut down")) }
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
      for job in waiting.popAll() { job.finish(outcome) }
    }
  }

  func becameIdle(_ connection: SMTPConnection) {
    if let job = waiting.popFirst() { connection.start(job) } else { idle.append(connection) }
  }

  /// To the head of the queue: the connection was gone before the mail was asked for.
  func putBack(_ job: SMTPJob) {
    job.retries += 1
    waiting.prepend(job)
  }

  func closed(_ connection: SMTPConnection, wasOpen: Bool) {
    connections.removeAll { $0 === connection }
    idle.removeAll { $0 === connection }
    if wasOpen { growIfNeeded() }
  }

  func add(_ connection: SMTPConnection) -> Bool { loop.add(connection) }
  func remove(_ handle: EasyHandle) { loop.remove(handle) }

  private func growIfNeeded() {
    guard waiting.count > connecting, connections.count < max(server.maxConnections, 1) else { return }
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
