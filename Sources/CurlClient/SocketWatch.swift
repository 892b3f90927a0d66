import CCurl
import Glibc

/// The sockets that libcurl waits for, in an epoll(7) of their own. It tells libcurl which of them are ready, so that
/// libcurl need not ask the system about each transfer under way whenever one of them moves.
final class SocketWatch {
  /// Readable when a socket is ready.
  let descriptor: Int32
  private let wakeUp: Int32
  private var watched: [Watched] = []
  private var events = [epoll_event](repeating: epoll_event(), count: 64)

  /// What is known of the socket whose number is the place in the list.
  private struct Watched {
    /// What the system waits for; nil when it does not know the socket.
    var mask: UInt32?
    /// Whether libcurl wants to hear of it.
    var isWanted = false
    /// Whether its end will be told. Then it stays with the system between one request and the next, which want to know
    /// the same of it.
    var isOurs = false
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

  /// A socket was opened whose end will be told by ``hasClosed(_:)``.
  func willTell(of socket: Int32) { change(socket) { $0 = Watched(isOurs: true) } }

  /// The system has forgotten the socket by itself; its number may be another's now.
  func hasClosed(_ socket: Int32) { change(socket) { $0 = Watched() } }

  /// What libcurl wants to know of a socket from now on: a `CURL_POLL_` value.
  func set(_ socket: Int32, _ interest: Int32) {
    change(socket) { watched in
      watched.isWanted = interest != CURL_POLL_REMOVE
      guard watched.isWanted else {
        // A socket that is still connecting libcurl 7.88 closes without telling; it waits for those to be writable.
        if !watched.isOurs || watched.mask != EPOLLIN.rawValue {
          forget(socket, &watched)
          watched.isOurs = false
        }
        return
      }
      var mask: UInt32 = 0
      if interest & CURL_POLL_IN != 0 { mask |= EPOLLIN.rawValue }
      if interest & CURL_POLL_OUT != 0 { mask |= EPOLLOUT.rawValue }
      guard watched.mask != mask else { return }
      // Either may be what is needed: one that was closed without a word is known to the system no more, and one whose
      // number is used again was not known yet.
      let (first, second) =
        watched.mask == nil ? (EPOLL_CTL_ADD, EPOLL_CTL_MOD) : (EPOLL_CTL_MOD, EPOLL_CTL_ADD)
      _ = control(first, socket, mask) || control(second, socket, mask)
      watched.mask = mask
    }
  }

  private func change(_ socket: Int32, _ change: (inout Watched) -> Void) {
    while watched.count <= Int(socket) { watched.append(Watched()) }
    change(&watched[Int(socket)])
  }

  private func forget(_ socket: Int32, _ watched: inout Watched) {
    if watched.mask != nil { _ = control(EPOLL_CTL_DEL, socket, 0) }
    watched.mask = nil
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
    // A kept connection that the far side closes while nobody uses it; libcurl sees so when it looks at it next.
    guard watched[Int(socket)].isWanted else { return forget(socket, &watched[Int(socket)]) }
    var mask: Int32 = 0
    if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
    if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
    body(socket, mask)
  }
}
