import Foundation
import Synchronization

/// A mail server in this process whose answers a test decides. Blocking sockets, one thread a connection.
final class ScriptedServer: Sendable {
  enum Event {
    case connected
    case command(String)
    /// The message as it was on the wire, without the final dot.
    case message([UInt8])
  }

  enum Action {
    case say(String)
    case sayAndClose(String)
    /// TCP reset.
    case reset
    /// Answers nothing and reads on.
    case silence
    /// 354, then a reset after the first bytes of the message.
    case resetDuringMessage
  }

  typealias Answer = @Sendable (_ event: Event, _ connection: Int) -> Action?

  let port: Int
  private let listener: Int32
  private let answer: Answer
  private let record = Mutex(Record())

  struct Record: Sendable {
    var connections = 0
    var commands: [String] = []
    var messages: [[UInt8]] = []
  }

  /// `answer` is asked first; nil gives the answer of a friendly server with `extensions`.
  init(extensions: [String] = ["PIPELINING", "SIZE 50000000", "8BITMIME"], answer: @escaping Answer = { _, _ in nil })
    throws
  {
    let ehlo = (["test.example"] + extensions)
    let hello = ehlo.enumerated().map { "250\($0.offset == ehlo.count - 1 ? " " : "-")\($0.element)" }
    self.answer = { event, connection in
      if let action = answer(event, connection) { return action }
      switch event {
      case .connected: return .say("220 test.example ESMTP")
      case .command(let line) where line.hasPrefix("EHLO"): return .say(hello.joined(separator: "\r\n"))
      case .command("DATA"): return .say("354 go ahead")
      case .command("QUIT"): return .sayAndClose("221 2.0.0 Bye")
      case .command: return .say("250 2.1.0 Ok")
      case .message: return .say("250 2.0.0 Ok: queued as 4F2K1")
      }
    }
    // A client that is gone is found by the next read.
    signal(SIGPIPE, SIG_IGN)
    (listener, port) = try Self.listen()
    let thread = Thread { [self] in acceptAll() }
    thread.start()
  }

  var seen: Record { record.withLock { $0 } }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// A socket on `port` (0: any free one) of this machine; one that is only bound refuses connections and keeps
  /// the port from others.
  static func listen(on port: UInt16 = 0, onlyBound: Bool = false) throws -> (Int32, Int) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(listener, $0, length) == 0 && (onlyBound || Glibc.listen(listener, 64) == 0)
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else {
      close(listener)
      throw POSIXError(.EADDRINUSE)
    }
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }

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
      }.start()
    }
    close(listener)
  }

  /// One session over any pair of descriptors.
  func serve(read input: Int32, write output: Int32, connection: Int) {
    var lines = LineReader(input)
    guard act(.connected, output, connection) else { return }
    while let line = lines.next() {
      let command = String(decoding: line, as: UTF8.self)
      record.withLock { $0.commands.append(command) }
      if command == "DATA", case .resetDuringMessage? = answer(.command(command), connection) {
        send(output, "354 go ahead")
        _ = lines.next()
        return linger(output)
      }
      let action = answer(.command(command), connection) ?? .silence
      guard act(action, output) else { return }
      guard command == "DATA", case .say(let text) = action, text.hasPrefix("354") else { continue }
      var message: [UInt8] = []
      while let line = lines.next(), line != [UInt8(ascii: ".")] { message += line + [13, 10] }
      if lines.isAtEnd { return }
      record.withLock { [message] in $0.messages.append(message) }
      guard act(.message(message), output, connection) else { return }
    }
  }

  private func act(_ event: Event, _ output: Int32, _ connection: Int) -> Bool {
    act(answer(event, connection) ?? .silence, output)
  }

  /// False when the session is over.
  private func act(_ action: Action, _ output: Int32) -> Bool {
    switch action {
    case .say(let text): send(output, text)
    case .silence: break
    case .sayAndClose(let text):
      send(output, text)
      return false
    case .reset, .resetDuringMessage:
      linger(output)
      return false
    }
    return true
  }

  private func send(_ output: Int32, _ text: String) {
    let bytes = Array("\(text)\r\n".utf8)
    _ = write(output, bytes, bytes.count)
  }

  private func linger(_ socket: Int32) {
    var now = Glibc.linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<Glibc.linger>.size))
  }
}

/// CRLF lines of a descriptor.
private struct LineReader {
  private let input: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private(set) var isAtEnd = false

  init(_ input: Int32) { self.input = input }

  mutating func next() -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 10) {
        let line = buffer[start..<max(start, end - 1)]
        start = end + 1
        return Array(line)
      }
      buffer.removeFirst(start)
      searched = buffer.count
      start = 0
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = read(input, &chunk, chunk.count)
      guard count > 0 else {
        isAtEnd = true
        return nil
      }
      buffer += chunk[..<count]
    }
  }
}
