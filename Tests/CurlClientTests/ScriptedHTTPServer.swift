import Foundation
import Synchronization

/// An HTTP server in this process that answers as a test decides. Blocking sockets, one thread a connection.
final class ScriptedHTTPServer: Sendable {
  struct Request: Sendable {
    /// From the request line to the last header line.
    var head: String
    var body: [UInt8] = []
    /// Which connection it came on, the first being 1, and as which request on it.
    var connection: Int
    var number: Int

    var path: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
  }

  enum Step {
    case say(String)
    case pause(milliseconds: Int)
    /// Ends the connection properly.
    case close
    /// TCP reset.
    case reset
    /// Neither reads nor answers until the client is gone.
    case hold
  }

  typealias Answer = @Sendable (Request) -> [Step]

  struct Record: Sendable {
    var connections = 0
    /// How many connections are over.
    var ended = 0
    /// Requests read to their end.
    var requests: [Request] = []
  }

  static let ok = [Step.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]

  let port: Int
  private let listener: Int32
  private let beforeBody: Answer?
  private let answer: Answer
  private let record = Mutex(Record())

  /// `beforeBody` is asked once the header is read; its steps come before the body is read.
  init(answer: @escaping Answer = { _ in ScriptedHTTPServer.ok }, beforeBody: Answer? = nil) throws {
    self.beforeBody = beforeBody
    self.answer = answer
    signal(SIGPIPE, SIG_IGN)
    (listener, port) = try ScriptedServer.listen()
    Thread { [self] in acceptAll() }.start()
  }

  var seen: Record { record.withLock { $0 } }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func acceptAll() {
    while true {
      let peer = accept(listener, nil, nil)
      guard peer >= 0 else { break }
      let number = record.withLock { record in
        record.connections += 1
        return record.connections
      }
      var noDelay: Int32 = 1
      setsockopt(peer, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
      Thread { [self] in
        serve(read: peer, write: peer, connection: number)
        close(peer)
        record.withLock { $0.ended += 1 }
      }.start()
    }
    close(listener)
  }

  /// One connection over any pair of descriptors.
  func serve(read input: Int32, write output: Int32, connection: Int) {
    var bytes = RequestReader(input)
    var number = 0
    while let head = bytes.head() {
      number += 1
      var request = Request(head: head, connection: connection, number: number)
      if let steps = beforeBody?(request), !take(steps, input, output) { return }
      guard let body = bytes.body(Self.length(head)) else { return }
      request.body = body
      record.withLock { [request] in $0.requests.append(request) }
      guard take(answer(request), input, output) else { return }
    }
  }

  private static func length(_ head: String) -> Int {
    let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
    return field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
  }

  /// False when the connection is over.
  private func take(_ steps: [Step], _ input: Int32, _ output: Int32) -> Bool {
    for step in steps {
      switch step {
      case .say(let text):
        guard write(output, text, text.utf8.count) == text.utf8.count else { return false }
      case .pause(let milliseconds): usleep(UInt32(milliseconds) * 1000)
      case .close: return false
      case .reset:
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(output, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        return false
      case .hold:
        let hangUp: Int16 = 0x2000  // POLLRDHUP, which Swift does not import
        var gone = pollfd(fd: input, events: hangUp, revents: 0)
        poll(&gone, 1, 30_000)
        return false
      }
    }
    return true
  }
}

/// Cuts the bytes of a descriptor into headers and bodies.
private struct RequestReader {
  private let input: Int32
  private var buffer: [UInt8] = []

  init(_ input: Int32) { self.input = input }

  mutating func head() -> String? {
    var searched = 0
    while true {
      if let end = buffer[searched...].firstRange(of: [13, 10, 13, 10]) {
        defer { buffer.removeFirst(end.upperBound) }
        return String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
      }
      searched = max(buffer.count - 3, 0)
      guard more() else { return nil }
    }
  }

  mutating func body(_ length: Int) -> [UInt8]? {
    while buffer.count < length { guard more() else { return nil } }
    defer { buffer.removeFirst(length) }
    return Array(buffer[..<length])
  }

  private mutating func more() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = read(input, &chunk, chunk.count)
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }
}
