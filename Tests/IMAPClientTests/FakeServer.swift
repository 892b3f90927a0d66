import Foundation
import Glibc
import Synchronization

/// An IMAP server on a thread of this process that answers by a script and can misbehave in any way.
/// It serves one connection after the other until it goes away.
final class FakeServer: @unchecked Sendable {
  /// What the server does about one command line.
  enum Reaction {
    /// These bytes, then the tagged OK.
    case answer(String)
    /// These bytes as they are; `TAG` stands for the command's tag.
    case raw([UInt8])
    /// These bytes in pieces, with a pause of some milliseconds before each.
    case slow([String], pause: Int)
    /// These bytes, then the end of the connection.
    case hangUp([UInt8])
    /// Nothing.
    case silence
  }

  typealias Script = @Sendable (_ command: String) -> Reaction?

  let port: UInt16
  private let listener: CInt
  private let greeting: String
  private let script: Script
  private let seen = Mutex<[String]>([])
  private let isStopped = Mutex(false)

  /// `script` sees each command without its tag; nil means the usual answer.
  init(greeting: String = "* OK ready\r\n", script: @escaping Script = { _ in nil }) throws {
    self.greeting = greeting
    self.script = script
    signal(SIGPIPE, SIG_IGN)
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 5) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in serve() }
  }

  /// The commands received up to now, without their tags.
  var commands: [String] { seen.withLock { $0 } }

  /// Ends the thread and the socket.
  func stop() {
    isStopped.withLock { $0 = true }
    shutdown(listener, CInt(SHUT_RDWR))
  }

  private func serve() {
    while !isStopped.withLock({ $0 }) {
      let client = accept(listener, nil, nil)
      if client < 0 { break }
      var patience = timeval(tv_sec: 120, tv_usec: 0)
      setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      converse(client)
      close(client)
    }
    close(listener)
  }

  private func converse(_ client: CInt) {
    guard send(client, Array(greeting.utf8)) else { return }
    var buffer: [UInt8] = []
    var tag = ""
    while let line = readLine(client, &buffer) {
      let parts = line.split(separator: " ", maxSplits: 1)
      let isTagged = parts.count == 2
      let command = isTagged ? String(parts[1]) : line
      // A line without a tag, such as DONE, belongs to the command before it.
      if isTagged { tag = String(parts[0]) }
      seen.withLock { $0.append(command) }
      switch script(command) ?? usual(command) {
      case .answer(let text):
        guard send(client, Array("\(text)\(tag) OK done\r\n".utf8)) else { return }
      case .raw(let bytes):
        guard send(client, replacingTag(bytes, tag)) else { return }
      case .slow(let pieces, let pause):
        for piece in pieces {
          usleep(UInt32(pause) * 1000)
          guard send(client, replacingTag(Array(piece.utf8), tag)) else { return }
        }
      case .hangUp(let bytes):
        _ = send(client, bytes)
        return
      case .silence: break
      }
      if command == "LOGOUT" { return }
    }
  }

  private func usual(_ command: String) -> Reaction {
    if command == "CAPABILITY" { return .answer("* CAPABILITY IMAP4rev1 IDLE SASL-IR AUTH=PLAIN MOVE UIDPLUS\r\n") }
    if command.hasPrefix("SELECT") {
      return .answer("* 3 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 31] x\r\n")
    }
    if command == "IDLE" { return .raw(Array("+ idling\r\n".utf8)) }
    if command == "LOGOUT" { return .answer("* BYE bye\r\n") }
    return .answer("")
  }

  private func replacingTag(_ bytes: [UInt8], _ tag: String) -> [UInt8] {
    let mark = Array("TAG".utf8)
    guard bytes.count >= 3, let at = (0...(bytes.count - 3)).last(where: { bytes[$0...].starts(with: mark) }) else {
      return bytes
    }
    return bytes[..<at] + Array(tag.utf8) + bytes[(at + 3)...]
  }

  private func readLine(_ client: CInt, _ buffer: inout [UInt8]) -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
      }
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = recv(client, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      buffer += piece[..<count]
    }
  }

  private func send(_ client: CInt, _ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
