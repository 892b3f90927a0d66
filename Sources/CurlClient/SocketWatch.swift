import CCurl
import Glibc

/// The sockets that libcurl waits for, in an epoll(7) of their own. It tells libcurl which of them are ready, so that
/// libcurl need not ask the system about each transfer under way whenever one of them moves.
final class SocketWatch {
  /// Readable when a socket is ready.
  let descriptor: Int32
  private let wakeUp: Int32
  private var known: Set<Int32> = []
  private var events = [epoll_event](repeating: epoll_event(), count: 64)

  /// - Parameter wakeUp: waited for as well; never given to the body of ``ready(within:_:)``.
  init(wakeUp: Int32) {
    self.wakeUp = wakeUp
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0, control(EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue) else {
      fatalError("no descriptors are left (epoll)")
    }
  }

  deinit { close(descriptor) }

  /// What libcurl wants to know of a socket from now on: a `CURL_POLL_` value.
  func set(_ socket: Int32, _ interest: Int32) {
    if interest == CURL_POLL_REMOVE {
      if known.remove(socket) != nil { _ = control(EPOLL_CTL_DEL, socket, 0) }
      return
    }
    var mask: UInt32 = 0
    if interest & CURL_POLL_IN != 0 { mask |= EPOLLIN.rawValue }
    if interest & CURL_POLL_OUT != 0 { mask |= EPOLLOUT.rawValue }
    if known.insert(socket).inserted {
      // One that was closed without a word and whose number is used again is known to the system no more.
      _ = control(EPOLL_CTL_ADD, socket, mask) || control(EPOLL_CTL_MOD, socket, mask)
    } else {
      _ = control(EPOLL_CTL_MOD, socket, mask) || control(EPOLL_CTL_ADD, socket, mask)
    }
  }

  private func control(_ operation: Int32, _ socket: Int32, _ mask: UInt32) -> Bool {
    var event = epoll_event(events: mask, data: epoll_data_t(fd: socket))
    return epoll_ctl(descriptor, operation, socket, &event) == 0
  }

  /// Waits at most so long and gives the sockets that are ready, each with a `CURL_CSELECT_` mask; of an error libcurl
  /// finds out by itself.
  func ready(within milliseconds: Int32, _ body: (_ socket: Int32, _ mask: Int32) -> Void) {
    let count = Int(epoll_wait(descriptor, &events, Int32(events.count), milliseconds))
    guard count > 0 else { return }
    for event in events[..<count] {
      if event.data.fd == wakeUp {
        var value: UInt64 = 0
        _ = read(wakeUp, &value, 8)
        continue
      }
      var mask: Int32 = 0
      if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
      if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
      body(event.data.fd, mask)
    }
  }
}
