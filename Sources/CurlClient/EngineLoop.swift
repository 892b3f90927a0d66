import CCurl
import Foundation

/// The engine's thread: takes messages, runs tasks, lets libcurl work, waits for sockets, keeps deadlines.
final class EngineLoop {
  private let inbox: Inbox
  private let executor: EngineExecutor
  private let multi: UnsafeMutableRawPointer
  private var transfers: [EasyHandle: any Transfer] = [:]
  private var gateways: [SMTPServer: SMTPGateway] = [:]
  private lazy var pools = HTTPPools(loop: self)
  /// libcurl's sockets, and when it wants to be called although none is ready.
  let watch: SocketWatch
  private var curlDeadline = UInt64.max
  /// Those of open SMTP connections, which are this module's.
  private var sockets: [pollfd] = []
  private var owners: [SMTPConnection] = []
  /// When the next deadline is due; nothing needs to be swept before.
  private var nextSweep: UInt64 = 0

  private init(_ inbox: Inbox, _ executor: EngineExecutor) {
    self.inbox = inbox
    self.executor = executor
    multi = inbox.multi
    watch = SocketWatch(wakeUp: inbox.wakeUp)
    let this = Unmanaged.passUnretained(self).toOpaque()
    ccurl_multi_set_socket(
      multi,
      { _, socket, interest, context, _ in
        if let context { Unmanaged<EngineLoop>.fromOpaque(context).takeUnretainedValue().watch.set(socket, interest) }
        return 0
      }, this)
    ccurl_multi_set_timer(
      multi,
      { _, milliseconds, context in
        if let context { Unmanaged<EngineLoop>.fromOpaque(context).takeUnretainedValue().callCurl(in: milliseconds) }
        return 0
      }, this)
  }

  /// libcurl may not be called from within; −1 takes the wish back.
  private func callCurl(in milliseconds: Int) {
    curlDeadline = milliseconds < 0 ? .max : monotonicNow() + UInt64(milliseconds) * 1_000_000
  }

  static func start(_ inbox: Inbox, _ executor: EngineExecutor) {
    Thread.detachNewThread {
      // A name given before the start is lost.
      Thread.current.name = "curl"
      EngineLoop(inbox, executor).run()
    }
  }

  /// How often messages that came of messages are received before the sockets are looked at again.
  private static let rounds = 8

  /// While so many requests are under way, what becomes ready gathers for so long before it is looked at: several answers
  /// at a time cost fewer changes of thread here, and the requests that follow on them fewer at the far side. That
  /// leaves room for 64,000 requests a second, more than one thread can do.
  private static let gatherFrom = 32
  private static let gatherMicroseconds: UInt32 = 500

  private func run() {
    while !receiveAll() {
      if curlDeadline <= monotonicNow() { drive(CURL_SOCKET_TIMEOUT, 0) }
      collectEnded()
      wait()
    }
    for gateway in gateways.values { gateway.shutdown() }
    gateways = [:]
    pools.shutdown()
    owners = []
    inbox.end()
  }

  /// What ends lets something else begin in two or three steps, each a message. They are taken at once, so that a
  /// connection is not without work while other sockets are seen to. True when these were the last.
  private func receiveAll() -> Bool {
    for _ in 0..<Self.rounds {
      let (messages, isStopping) = inbox.take()
      for message in messages { receive(message) }
      if isStopping { return true }
      if messages.isEmpty { break }
    }
    return false
  }

  private func receive(_ message: Inbox.Message) {
    switch message {
    case .send(let job, let server): gateway(to: server).accept(job)
    case .cancel(let job): for gateway in gateways.values where gateway.cancel(job) { return }
    case .check(let server, let continuation): gateway(to: server).check(continuation)
    case .exchange(let job): pools.accept(job)
    case .cancelExchange(let job): pools.cancel(job)
    case .run(let job): executor.run(job)
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

  private func drive(_ socket: Int32, _ mask: Int32) {
    if socket == CURL_SOCKET_TIMEOUT { curlDeadline = .max }
    var running: Int32 = 0
    curl_multi_socket_action(multi, socket, mask, &running)
  }

  private func collectEnded() {
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
    next = min(next, pools.nextSweep, curlDeadline)
    // A millisecond more than is left, so that the deadline is over when the wait is.
    var timeout = next > now && inbox.mayWait() ? Int32((next - now) / 1_000_000) + 1 : 0
    if !sockets.isEmpty {
      sockets.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0))
      poll(&sockets, nfds_t(sockets.count), timeout)
      inbox.hasWaited()
      timeout = 0
      for index in owners.indices where sockets[index].revents != 0 { owners[index].becameReady() }
    } else if timeout > 0, pools.busyCount >= Self.gatherFrom {
      usleep(Self.gatherMicroseconds)
    }
    let ready = watch.wait(timeout)
    inbox.hasWaited()
    for index in 0..<ready { watch.report(index, drive) }
    collectEnded()
  }
}
