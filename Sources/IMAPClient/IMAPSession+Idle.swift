/// What ended an IDLE.
package enum IdleEvent: Sendable, Equatable {
  /// The folder changed: mail came or went.
  case changed
  /// Nothing happened in the time given.
  case timeout
  /// `IMAPSession.wake()` was called.
  case woken
}

extension IMAPSession {
  /// Waits by IDLE (RFC 2177) until the selected folder changes, `wake` is called or `timeout` passes; servers end an
  /// IDLE after 30 minutes, so stay below 29. Throws `unsupported` if the server has no IDLE.
  package func idle(timeout: Duration) throws -> IdleEvent {
    let connection = try connection()
    guard hasIdle, connection.selection != nil else {
      throw connection.error(.unsupported, "IDLE needs a server that offers it and a selected folder")
    }
    listed = nil
    var isChanged = false
    guard try connection.begin("IDLE", untagged: { if note($0, connection) { isChanged = true } }) else {
      throw connection.error(.unsupported, "the server completed IDLE at once")
    }
    let event = try isChanged ? .changed : awaitChange(connection, timeout)
    try connection.send("DONE")
    _ = try connection.readLine()
    try connection.finish()
    return event
  }

  private func awaitChange(_ connection: IMAPConnection, _ timeout: Duration) throws -> IdleEvent {
    let end = ContinuousClock.now + timeout
    while true {
      switch connection.stream.wait(max(.zero, end - .now)) {
      case nil: throw connection.faultError()
      case .timeout: return .timeout
      case .woken: return .woken
      case .data:
        let line = try connection.readLine()
        guard line.hasPrefix("* "), !line.uppercased().hasPrefix("* BYE") else {
          connection.stream.end(.closed)
          throw connection.error(.closed, "the server ended IDLE: \(line)")
        }
        if note(line, connection) { return .changed }
      }
    }
  }

  /// Takes one untagged line of an IDLE. True: the folder changed.
  private func note(_ line: Substring, _ connection: IMAPConnection) -> Bool {
    let words = line.split(separator: " ")
    guard words.count == 3, let number = Int(words[1]), let exists = connection.selection?.exists else {
      return false
    }
    switch words[2].uppercased() {
    case "EXISTS": connection.note(exists: number)
    case "EXPUNGE": connection.note(exists: exists > 0 ? exists - 1 : 0)
    default: return false
    }
    return true
  }
}
