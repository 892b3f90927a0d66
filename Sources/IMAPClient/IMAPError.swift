/// Why an IMAP operation failed, as a kind to decide by and a sentence to show.
package struct IMAPError: Error, Sendable, CustomStringConvertible {
  /// What to decide by. After every kind except `refused`, `noFolder` and `unsupported` the session is dead.
  package enum Kind: Sendable {
    /// The server's certificate is not trusted or is for another name; nothing secret was sent.
    case certificate
    /// No connection: name, network, proxy or TLS.
    case connect
    /// The server was silent or slow for too long.
    case timeout
    /// The server did not take the credential.
    case refusedLogin
    /// The folder does not exist or cannot be opened.
    case noFolder
    /// The server answered NO to another command; the session goes on.
    case refused
    /// The server sent what no IMAP server may, or more than the limits allow.
    case protocolViolation
    /// The connection ended.
    case closed
    /// `IMAPSession.cancel()` was called.
    case cancelled
    /// The server lacks something that is needed.
    case unsupported
  }

  /// What to decide by.
  package let kind: Kind
  /// A sentence that names host and port and, where possible, what to do. It holds no secret.
  package let message: String

  package init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  package var description: String { message }
}

/// Text of a server for people: one line, bounded, without control characters and without `secrets`.
func presentable(_ text: String, hiding secrets: [String] = []) -> String {
  var clean = String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
  for secret in secrets where !secret.isEmpty { clean = replacing(secret, in: clean) }
  return clean.count <= 300 ? clean : clean.prefix(300) + "…"
}

private func replacing(_ secret: String, in text: String) -> String {
  let (needle, hay) = (Array(secret.utf8), Array(text.utf8))
  guard needle.count <= hay.count else { return text }
  var result: [UInt8] = []
  var index = 0
  while index < hay.count {
    if hay[index...].starts(with: needle) {
      result += Array("•••".utf8)
      index += needle.count
    } else {
      result.append(hay[index])
      index += 1
    }
  }
  return String(decoding: result, as: UTF8.self)
}
