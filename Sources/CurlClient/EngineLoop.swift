import CCurl
import Foundation

/// The engine's thread: takes messages, lets libcurl work, waits for sockets, keeps deadlines.
final class EngineLoop {
  private let inbox: Inbox
  private let multi: UnsafeMutableRawPointer
  private var transfers: [EasyHandle: any Transfer] = [:]
  private var gateways: [SMTPServer: SMTPGateway] = [:]
  private lazy var pools = HTTPPools(loop: self)
  private var sockets: [curl_waitfd] = []
  private var owners: [SMTPConnection] = []
  /// When the next deadline is due; nothing needs to be swept before.
  private var nextSweep: UInt64 = 0

  private init(_ inbox: Inbox) {
    self.inbox = inbox
    multi = inbox.multi
  }

  static func start(_ inbox: Inbox) {
    let thread = Thread { EngineLoop(inbox).run() }
    thread.name = "curl"
    thread.start()
  }

  private func run() {
    while true {
      let (messages, isStopping) = inbox.take()
      for message in messages { receive(message) }
      if isStopping { break }
      if !transfers.isEmpty { drive() }
      wait()
      for index in sockets.indices where sockets[index].revents != 0 { owners[index].becameReady() }
    }
    for gateway in gateways.values { gateway.shutdown() }
    gateways = [:]
    pools.shutdown()
    owners = []
    inbox.end()
  }

  private func receive(_ message: Inbox.Message) {
    switch message {
    case .send(let job, let server): gateway(to: server).accept(job)
    case .cancel(let job): for gateway in gateways.values where gateway.cancel(job) { return }
    case .check(let server, let continuation): gateway(to: server).check(continuation)
    case .exchange(let job, let origin): pools.accept(job, for: origin)
    case .cancelExchange(let job): pools.cancel(job)
    }
  }

  private func gateway(to server: SMTPServer) -> SMTPGateway {
    if let gateway = gateways[server] { return gateway }
    let gateway = SMTPGateway(server: server, loop: self)
    gateways[server] = gateway
    return gateway
  }

  /// False when libcurl refuses the handle.
  func add(_ transfer: any Transfer) -> Bool {
    guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else { return false }
    transfers[transfer.handle] = transfer
    return true
  }

  /// Takes a handle out of the loop, whatever its state; a connection opened with CONNECT_ONLY is closed by it.
  func remove(_ handle: EasyHandle) {
    transfers[handle] = nil
    curl_multi_remove_handle(multi, handle)
  }

  /// An unused pool of connections is to be given up at that time.
  func willSweep(by deadline: UInt64) { pools.willSweep(by: deadline) }

  private func drive() {
    var running: Int32 = 0
    curl_multi_perform(multi, &running)
    var handle: EasyHandle?
    var code = CURLE_OK
    while ccurl_multi_next_done(multi, &handle, &code) == 1 {
      if let handle, let transfer = transfers.removeValue(forKey: handle) { transfer.ended(code) }
    }
  }

  private func wait() {
    let now = monotonicNow()
    if now >= nextSweep {
      for gateway in gateways.values { gateway.sweep(now) }
      for (server, gateway) in gateways where gateway.isUnused { gateways[server] = nil }
    }
    pools.sweep(now)
    sockets.removeAll(keepingCapacity: true)
    owners.removeAll(keepingCapacity: true)
    var next = now + 60_000_000_000
    for gateway in gateways.values {
      for connection in gateway.connections where connection.isOpen {
        next = min(next, connection.deadline)
        sockets.append(connection.waitDescription)
        owners.append(connection)
      }
    }
    nextSweep = next
    next = min(next, pools.nextSweep)
    // A millisecond more than is left, so that the deadline is over when the wait is.
    let timeout = next > now && inbox.mayWait() ? Int32((next - now) / 1_000_000) + 1 : 0
    curl_multi_poll(multi, &sockets, UInt32(sockets.count), timeout, nil)
  }
}
