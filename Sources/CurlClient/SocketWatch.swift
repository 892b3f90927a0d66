import CCurl
import Glibc

/// What wants to hear of a socket that libcurl has finished with.
protocol SocketOwner: AnyObject {
  /// Something can be read or written, or the connection has ended.
  func becameReady()
}

/// The sockets that libcurl and this module wait for, in an epoll(7) of their own. It tells which of them are ready, so
/// that nobody need ask the system about each transfer under way whenever one of them moves.
final class SocketWatch {
  /// Readable when a socket is ready.
  let descriptor: Int32
  private let wakeUp: Int32
  private var watched: [Watched] = []
  private var events = [epoll_event](repeating: epoll_event(), count: 64)

  /// What is known of the socket whose number is the place in the list.
  private struct Watched {
    /// What the system waits for; nil when nobody wants to know.
    var mask: UInt32?
    /// Who hears of it in libcurl's stead.
    var owner: (any SocketOwner)?
  }

  /// - Parameter wakeUp: waited for as well; never given to the body of ``report(_:_:)``.
  init(wakeUp: Int32) {
    self.wakeUp = wakeUp
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0, control(EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue) else {
      fatalError("no descriptors are left (epoll)")
    }
  }

  deinit { close(descriptor) }

  /// A socket was opened for libcurl, which closes one that did not connect without a word, may get the same number for
  /// the next address and then wants nothing new.
  func hasOpened(_ socket: Int32) { change(socket) { if let mask = $0.mask { wait(for: mask, of: socket, &$0) } } }

  /// What libcurl wants to know of a socket from now on: a `CURL_POLL_` value.
  func set(_ socket: Int32, _ interest: Int32) {
    change(socket) { watched in
      var mask: UInt32 = 0
      if interest & CURL_POLL_IN != 0 { mask |= EPOLLIN.rawValue }
      if interest & CURL_POLL_OUT != 0 { mask |= EPOLLOUT.rawValue }
      if interest == CURL_POLL_REMOVE { forget(socket, &watched) } else { wait(for: mask, of: socket, &watched) }
    }
  }

  /// A socket that libcurl has finished with is its owner's: it hears when there is something to read and, if it is
  /// writing, when it can write.
  func take(_ socket: Int32, for owner: any SocketOwner, isWriting: Bool = false) {
    change(socket) { watched in
      watched.owner = owner
      wait(for: EPOLLIN.rawValue | (isWriting ? EPOLLOUT.rawValue : 0), of: socket, &watched)
    }
  }

  /// The owner has done with it.
  func giveBack(_ socket: Int32) { change(socket) { forget(socket, &$0) } }

  /// The system has forgotten the socket by itself; its number may be another's now.
  func hasClosed(_ socket: Int32) { change(socket) { $0 = Watched() } }

  private func change(_ socket: Int32, _ change: (inout Watched) -> Void) {
    while watched.count <= Int(socket) { watched.append(Watched()) }
    change(&watched[Int(socket)])
  }

  private func wait(for mask: UInt32, of socket: Int32, _ watched: inout Watched) {
    // Either may be what is needed: a socket that libcurl closed without a word is known to the system no more, and one
    // whose number is used again was not known yet.
    let (first, second) = watched.mask == nil ? (EPOLL_CTL_ADD, EPOLL_CTL_MOD) : (EPOLL_CTL_MOD, EPOLL_CTL_ADD)
    _ = control(first, socket, mask) || control(second, socket, mask)
    watched.mask = mask
  }

  private func forget(_ socket: Int32, _ watched: inout Watched) {
    if watched.mask != nil { _ = control(EPOLL_CTL_DEL, socket, 0) }
    watched = Watched()
  }

  private func control(_ operation: Int32, _ socket: Int32, _ mask: UInt32) -> Bool {
    var event = epoll_event(events: mask, data: epoll_data_t(fd: socket))
    return epoll_ctl(descriptor, operation, socket, &event) == 0
  }

  /// Waits at most so long; how many sockets are ready.
  func wait(_ milliseconds: Int32) -> Int {
    max(0, Int(epoll_wait(descriptor, &events, Int32(events.count), milliseconds)))
  }

  /// Gives one of the sockets that are ready to `body`, with a `CURL_CSELECT_` mask; of an error libcurl finds out by
  /// itself.
  func report(_ index: Int, _ body: (_ socket: Int32, _ mask: Int32) -> Void) {
    let event = events[index]
    let socket = event.data.fd
    if socket == wakeUp {
      var value: UInt64 = 0
      _ = read(wakeUp, &value, 8)
      return
    }
    if let owner = watched[Int(socket)].owner { return owner.becameReady() }
    // Forgotten since the system told of it.
    guard watched[Int(socket)].mask != nil else { return }
    var mask: Int32 = 0
    if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
    if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
    body(socket, mask)
  }
}
