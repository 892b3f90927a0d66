internal import Foundation
internal import Glibc
internal import Synchronization

/// Where a password or token is read from, each time it is needed, so that a renewed one is used at once.
package enum SecretSource: Sendable, Equatable {
  case passwordFile(String)
  case passwordVariable(String)
  /// OAuth 2 access token kept fresh by another program (XOAUTH2).
  case tokenFile(String)

  package var isToken: Bool { if case .tokenFile = self { true } else { false } }

  /// The secret, without the line end that editors add. Throws a sentence, never the secret.
  package func read() throws -> String {
    switch self {
    case .passwordVariable(let name):
      guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
        throw SettingsError("the environment variable \(name), which should hold a password, is not set")
      }
      return value
    case .passwordFile(let path), .tokenFile(let path):
      return try SecretFiles.text(of: path)
    }
  }
}

/// What secret files hold: a busy gateway asks for its secrets several times a message. A file is read again when it is
/// another, or when another size or time stands at it.
private enum SecretFiles {
  private struct Stamp: Equatable {
    var device: UInt64
    var number: UInt64
    var size: Int
    var changedAt: [timespec]

    static func == (left: Stamp, right: Stamp) -> Bool {
      (left.device, left.number, left.size) == (right.device, right.number, right.size)
        && zip(left.changedAt, right.changedAt).allSatisfy { $0.tv_sec == $1.tv_sec && $0.tv_nsec == $1.tv_nsec }
    }
  }

  private static let known = Mutex<[String: (stamp: Stamp, text: String)]>([:])

  static func text(of path: String) throws -> String {
    // Opened each time: a network's file system may answer for a name from memory, but not for an opened file.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let stamp = stamp(of: descriptor)
    if let stamp, let text = known.withLock({ $0[path].flatMap { $0.stamp == stamp ? $0.text : nil } }) { return text }
    guard let bytes = try? file.readToEnd() ?? Data() else { throw unreadable(path) }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    if text.isEmpty { throw SettingsError("the file \(path), which should hold a password or token, is empty") }
    // The stamp is older than the text, so that a change in between is found at the next look. A file that was just
    // written may be written again within one tick of its clock.
    if let stamp, stamp.changedAt.allSatisfy({ $0.tv_sec < time(nil) - 1 }) {
      known.withLock { $0[path] = (stamp, text) }
    }
    return text
  }

  private static func unreadable(_ path: String) -> SettingsError {
    SettingsError("the file \(path), which should hold a password or token, cannot be read")
  }

  /// Nil for what is no ordinary file: another program's answer, perhaps.
  private static func stamp(of descriptor: Int32) -> Stamp? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Stamp(
      device: UInt64(status.st_dev), number: UInt64(status.st_ino), size: Int(status.st_size),
      changedAt: [status.st_mtim, status.st_ctim])
  }
}
