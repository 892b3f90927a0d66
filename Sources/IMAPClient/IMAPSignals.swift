import Glibc

/// Two events that any thread may raise and the session's thread waits for.
final class IMAPSignals: Sendable {
  /// Raised once by `wake`, until cleared.
  let woken = Event()
  /// Raised for good by `cancel`.
  let cancelled = Event()

  /// An event that poll(2) can wait for: a pipe that is readable once the event is raised.
  final class Event: Sendable {
    /// Readable when the event is raised.
    let descriptor: CInt
    private let writeEnd: CInt

    init() {
      var ends: [CInt] = [-1, -1]
      // Without descriptors the session cannot connect either, and that is where it is told.
      if pipe(&ends) == 0 {
        for end in ends {
          _ = fcntl(end, F_SETFL, O_NONBLOCK)
          _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
      }
      (descriptor, writeEnd) = (ends[0], ends[1])
    }

    deinit {
      if descriptor >= 0 { close(descriptor) }
      if writeEnd >= 0 { close(writeEnd) }
    }

    func raise() {
      var byte: UInt8 = 1
      // A full pipe is raised already.
      _ = write(writeEnd, &byte, 1)
    }

    func clear() {
      var bytes = [UInt8](repeating: 0, count: 64)
      while read(descriptor, &bytes, bytes.count) > 0 {}
    }

    var isRaised: Bool {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&waiting, 1, 0) > 0
    }
  }
}
