import Foundation
import Glibc

/// A port of this machine; each connection gets a thread and is handed over as lines.
final class LocalServer: Sendable {
  let port: Int
  private let listener: Int32

  init(_ converse: @escaping @Sendable (Peer) -> Void) throws {
    signal(SIGPIPE, SIG_IGN)
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRINUSE) }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread {
      while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
        Thread.detachNewThread {
          converse(Peer(descriptor))
          close(descriptor)
        }
      }
      close(listener)
    }
  }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The other side of a connection.
  final class Peer {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Without its line end; nil at the end.
    func line() -> String? {
      while true {
        if let end = buffer.firstIndex(of: 10) {
          defer { buffer.removeFirst(end + 1) }
          return String(decoding: buffer[..<end].filter { $0 != 13 }, as: UTF8.self)
        }
        guard more() else { return nil }
      }
    }

    func bytes(_ count: Int) -> [UInt8]? {
      while buffer.count < count { guard more() else { return nil } }
      defer { buffer.removeFirst(count) }
      return Array(buffer[..<count])
    }

    func say(_ text: String) { _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    private func more() -> Bool {
      var piece = [UInt8](repeating: 0, count: 16_384)
      let count = recv(descriptor, &piece, piece.count, 0)
      guard count > 0 else { return false }
      buffer += piece[..<count]
      return true
    }
  }
}
