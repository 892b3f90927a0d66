import Foundation

/// A client that writes bytes as it is told, well-formed or not.
enum Wire {
  struct Failure: Error { var what: String }

  /// Writes `text` and gives all that comes until the server closes.
  static func exchange(_ port: Int, _ text: String) async throws -> String {
    try await onThread {
      let socket = try open(port)
      defer { close(socket) }
      write(Array(text.utf8), to: socket)
      return readAll(socket)
    }
  }

  /// Writes `text`, then one byte of `drip` again and again; gives the seconds until the server closed, at most `patience`.
  static func trickle(_ port: Int, _ text: String, drip: UInt8, patience: Double = 60) async throws -> Double {
    try await onThread {
      let socket = try open(port)
      defer { close(socket) }
      let start = ContinuousClock.now
      write(Array(text.utf8), to: socket)
      var seconds = 0.0
      while seconds < patience {
        usleep(50_000)
        write([drip], to: socket)
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_DONTWAIT))
        let elapsed = (ContinuousClock.now - start).components
        seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        if count == 0 || (count < 0 && errno != EAGAIN) { return seconds }
      }
      return seconds
    }
  }

  /// Keeps a connection on which `text` was written open while `body` runs.
  static func held<T>(_ port: Int, _ text: String, _ body: () async throws -> T) async throws -> T {
    let socket = try await onThread {
      let socket = try open(port)
      write(Array(text.utf8), to: socket)
      return socket
    }
    defer { close(socket) }
    return try await body()
  }

  /// Blocking calls belong on a thread of their own, not on the pool that the server's functions run on.
  private static func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result { try body() }) }.start()
    }
  }

  private static func open(_ port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard result == 0 else { throw Failure(what: String(cString: strerror(errno))) }
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return descriptor
  }

  private static func write(_ bytes: [UInt8], to socket: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func readAll(_ socket: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }
}

/// An answer as it came, taken apart.
struct Answer {
  let text: String
  let status: Int
  let fields: [String: String]
  let body: String

  init(_ text: String) {
    self.text = text
    let end = text.range(of: "\r\n\r\n")
    let head = text[..<(end?.lowerBound ?? text.endIndex)].components(separatedBy: "\r\n")
    status = head.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
    fields = Dictionary(
      head.dropFirst().compactMap { line in
        line.firstIndex(of: ":").map {
          (line[..<$0].lowercased(), line[line.index(after: $0)...].trimmingCharacters(in: .whitespaces))
        }
      }, uniquingKeysWith: { $0 + "|" + $1 })
    body = end.map { String(text[$0.upperBound...]) } ?? ""
  }
}
