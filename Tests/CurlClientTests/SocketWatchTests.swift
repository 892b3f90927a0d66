import CCurl
import Glibc
import Testing

@testable import CurlClient

@Suite("Sockets waited for")
struct SocketWatchTests {
  private let watch = SocketWatch(wakeUp: eventfd(0, Int32(EFD_CLOEXEC)))

  private func pair() -> (Int32, Int32) {
    var pair: [Int32] = [0, 0]
    precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    return (pair[0], pair[1])
  }

  /// Ends the socket of this number and gives the number to another, at once: other tests want numbers, too.
  /// - Returns: the peer of the new one.
  private func renew(_ number: Int32) -> Int32 {
    let (socket, peer) = pair()
    precondition(dup2(socket, number) == number)
    close(socket)
    return peer
  }

  /// Whether the watch tells of the socket when something can be read from it.
  private func isHeard(_ socket: Int32, from peer: Int32) -> Bool {
    _ = write(peer, "a", 1)
    var heard: [Int32] = []
    for index in 0..<watch.wait(50) { watch.report(index) { socket, _ in heard.append(socket) } }
    return heard == [socket]
  }

  private final class Owner: SocketOwner {
    var calls = 0
    func becameReady() { calls += 1 }
  }

  @Test("a socket that libcurl has finished with is its owner's until that gives it back")
  func owned() {
    let (socket, peer) = pair()
    let owner = Owner()
    watch.set(socket, CURL_POLL_OUT)
    watch.set(socket, CURL_POLL_REMOVE)
    #expect(!isHeard(socket, from: peer) && owner.calls == 0)
    watch.take(socket, for: owner)
    #expect(!isHeard(socket, from: peer) && owner.calls == 1)
    var bytes: [UInt8] = [0, 0, 0]
    _ = read(socket, &bytes, 3)
    #expect(watch.wait(0) == 0)
    watch.take(socket, for: owner, isWriting: true)
    #expect(watch.wait(0) == 1)
    watch.giveBack(socket)
    #expect(!isHeard(socket, from: peer) && owner.calls == 1)
    close(socket)
    close(peer)
  }

  @Test("the next address's socket is heard of although libcurl says nothing of the change")
  func nextAddress() {
    let (number, first) = pair()
    watch.set(number, CURL_POLL_IN)
    let peer = renew(number)
    #expect(!isHeard(number, from: peer))
    watch.hasOpened(number)
    #expect(isHeard(number, from: peer))
    watch.set(number, CURL_POLL_REMOVE)
    for socket in [number, first, peer] { close(socket) }
  }

  @Test(
    "whoever gets the number of a socket that was closed is heard of, told of the end or not", arguments: [true, false])
  func reused(isTold: Bool) {
    let (number, first) = pair()
    watch.set(number, CURL_POLL_OUT)
    var peer = first
    if isTold {
      watch.set(number, CURL_POLL_IN)
      watch.set(number, CURL_POLL_REMOVE)
      watch.hasClosed(number)
      peer = renew(number)
    } else {
      // Given up while it connected: libcurl closes it first and says nothing but that.
      peer = renew(number)
      watch.set(number, CURL_POLL_REMOVE)
    }
    // The resolver's, twice: neither its beginning nor its end is told.
    for round in 1...2 {
      if round == 2 { peer = renew(number) }
      watch.set(number, CURL_POLL_IN)
      #expect(isHeard(number, from: peer))
      watch.set(number, CURL_POLL_REMOVE)
      close(peer)
    }
    // Of a connection that is made by others.
    let last = renew(number)
    watch.set(number, CURL_POLL_OUT)
    watch.set(number, CURL_POLL_IN)
    #expect(isHeard(number, from: last))
    watch.set(number, CURL_POLL_REMOVE)
    for socket in [number, first, last] { close(socket) }
  }
}
