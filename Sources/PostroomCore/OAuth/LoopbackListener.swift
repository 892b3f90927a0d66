internal import Foundation

/// Waits on 127.0.0.1 for a browser that brings the answer of a login. Others on this machine may knock, too: what does
/// not carry our `state` changes nothing, and nobody holds it up for longer than some seconds.
final class LoopbackListener: Sendable {
  enum Answer: Sendable, Equatable {
    case code(String)
    /// The provider's word for why there is none, such as `access_denied`.
    case error(String)
    case nothing
  }

  let port: UInt16
  private let listener: Int32
  private static let longestRequest = 16 << 10

  init(port: UInt16) throws(OAuthFault) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 5) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isListening else {
      let reason = String(cString: strerror(errno))
      close(listener)
      throw OAuthFault(.storage, "the port \(port) of this machine cannot be used: \(reason)")
    }
    self.listener = listener
    self.port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(listener) }

  /// Waits on a thread of its own.
  func answer(state: String, input: Int32?, within seconds: Seconds) async -> Answer {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in
        continuation.resume(returning: wait(for: state, input: input, until: .now + .seconds(seconds)))
      }
    }
  }

  private func wait(for state: String, input: Int32?, until deadline: ContinuousClock.Instant) -> Answer {
    var input = input
    var typed: [UInt8] = []
    while true {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      guard left > 0 else { return .nothing }
      var waiting = [listener, input ?? -1].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&waiting, 2, Int32(left)) > 0 else { continue }
      if waiting[1].revents != 0, let descriptor = input {
        if !more(of: descriptor, &typed) { input = nil }
        while let end = typed.firstIndex(of: 0x0A) {
          let line = String(decoding: typed[..<end], as: UTF8.self)
          typed.removeFirst(end + 1)
          if let answer = Self.answer(in: line, state: state) { return answer }
        }
      }
      if waiting[0].revents != 0, let answer = visit(state) { return answer }
    }
  }

  // MARK: The browser

  private func visit(_ state: String) -> Answer? {
    let peer = accept(listener, nil, nil)
    guard peer >= 0 else { return nil }
    defer { close(peer) }
    let answer = request(of: peer).flatMap { Self.answer(in: $0, state: state) }
    let words =
      switch answer {
      case .code: "Thank you. This window can be closed; go back to the terminal. 登录完成，可以关闭此窗口。"
      case .error, .nothing: "No consent was given. See the terminal. 未获授权，请查看终端。"
      case nil: "This is not the login that is waited for."
      }
    let text =
      "HTTP/1.1 \(answer == nil ? "400 Bad Request" : "200 OK")\r\nContent-Type: text/plain; charset=utf-8\r\n"
      + "Content-Length: \(words.utf8.count)\r\nConnection: close\r\n\r\n\(words)"
    _ = send(peer, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    return answer
  }

  /// What stands between the method and the version of the first line; nil when it does not come in time.
  private func request(of peer: Int32) -> String? {
    let deadline = ContinuousClock.now + .seconds(3)
    var bytes: [UInt8] = []
    while !bytes.contains(0x0A) {
      var piece = [UInt8](repeating: 0, count: 4096)
      var waiting = pollfd(fd: peer, events: Int16(POLLIN), revents: 0)
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      guard left > 0, bytes.count < Self.longestRequest, poll(&waiting, 1, Int32(left)) > 0 else { return nil }
      let count = recv(peer, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      bytes += piece[..<count]
    }
    let words = bytes.prefix { $0 != 0x0A && $0 != 0x0D }.split(separator: 0x20)
    guard words.count == 3, words[0].elementsEqual("GET".utf8) else { return nil }
    return String(decoding: words[1], as: UTF8.self)
  }

  /// Reads the query of `/?code=…&state=…` or of a whole address; nil when it is not of this login.
  static func answer(in target: String, state: String) -> Answer? {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
    let query = target.utf8[target.utf8.index(after: mark)...].prefix { $0 != UInt8(ascii: "#") && $0 > 0x20 }
    let parameters = CanonicalText.parameters(ofForm: query)
    func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
    guard let given = value("state"), equalInConstantTime(Array(given.utf8), Array(state.utf8)) else { return nil }
    if let code = value("code"), !code.isEmpty { return .code(code) }
    return value("error").map { .error(String($0.prefix(100))) }
  }

  // MARK: The terminal

  /// False when no more will come, or too much without a line's end.
  private func more(of descriptor: Int32, _ typed: inout [UInt8]) -> Bool {
    var piece = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &piece, piece.count)
    guard count > 0, typed.count < Self.longestRequest else { return false }
    typed += piece[..<count]
    return true
  }
}
