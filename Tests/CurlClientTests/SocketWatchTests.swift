import CCurl
import Glibc
import Testing

@testable import CurlClient

@Suite("Sockets waited for")
struct SocketWatchTests {
  private let watch = SocketWatch(wakeUp: eventfd(0, Int32(EFD_CLOEXEC)))

  /// A pair whose first socket has this number, as the system gives it to somebody when it is free.
  private func pair(at number: Int32? = nil) -> (Int32, Int32) {
    var pair: [Int32] = [0, 0]
    precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    guard let number, number != pair[0] else { return (pair[0], pair[1]) }
    precondition(dup2(pair[0], number) == number)
    close(pair[0])
    return (number, pair[1])
  }

  /// Whether the watch tells of the socket when something can be read from it.
  private func isHeard(_ socket: Int32, _ peer: Int32) -> Bool {
    _ = write(peer, "a", 1)
    var heard: [Int32] = []
    for index in 0..<watch.wait(50) { watch.report(index) { socket, _ in heard.append(socket) } }
    return heard == [socket]
  }

  private func isHeard(_ pair: (Int32, Int32)) -> Bool { isHeard(pair.0, pair.1) }

  @Test("a kept connection is heard of again at its next request, and not in between")
  func kept() {
    let kept = pair()
    watch.willTell(of: kept.0)
    watch.set(kept.0, CURL_POLL_OUT)
    watch.set(kept.0, CURL_POLL_IN)
    watch.set(kept.0, CURL_POLL_REMOVE)
    #expect(!isHeard(kept))
    watch.set(kept.0, CURL_POLL_IN)
    #expect(isHeard(kept))
    watch.hasClosed(kept.0)
    close(kept.0)
    close(kept.1)
  }

  @Test(
    "whoever gets the number of a socket that was closed is heard of, told of the end or not", arguments: [true, false])
  func reused(isTold: Bool) {
    let first = pair()
    watch.willTell(of: first.0)
    watch.set(first.0, CURL_POLL_OUT)
    if isTold {
      watch.set(first.0, CURL_POLL_IN)
      watch.set(first.0, CURL_POLL_REMOVE)
      watch.hasClosed(first.0)
      close(first.0)
    } else {
      // Given up while it connected: libcurl closes it first and says nothing but that.
      close(first.0)
      watch.set(first.0, CURL_POLL_REMOVE)
    }
    close(first.1)
    // The resolver's, twice: neither its beginning nor its end is told.
    for _ in 1...2 {
      let next = pair(at: first.0)
      watch.set(next.0, CURL_POLL_IN)
      #expect(isHeard(next))
      watch.set(next.0, CURL_POLL_REMOVE)
      close(next.0)
      close(next.1)
    }
    // Of a connection that is made by others.
    let last = pair(at: first.0)
    watch.set(last.0, CURL_POLL_OUT)
    watch.set(last.0, CURL_POLL_IN)
    #expect(isHeard(last))
    watch.set(last.0, CURL_POLL_REMOVE)
    close(last.0)
    close(last.1)
  }
}
