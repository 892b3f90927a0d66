import Foundation

/// Remembers which mail is being read, so that a mail that ends the whole program is recognised after the restart and
/// quarantined unread instead of ending it again. Written without a flush: what a dead process wrote stays in the
/// kernel's cache, and a power failure is not the mail's doing.
package final class CrashMarker: Sendable {
  /// A mail that was being read so many times when the program ended is not read again.
  package static let limit = 3

  private let descriptor: Int32
  private let suspect: String
  private let deaths: Int

  /// `file` is made when it does not exist. Nothing is remembered when that fails (a full disk must not stop intake).
  package init(file: String) {
    descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = descriptor < 0 ? 0 : max(0, pread(descriptor, &buffer, buffer.count, 0))
    let line = String(decoding: buffer.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
    let parts = line.split(separator: " ")
    suspect = parts.count == 2 ? String(parts[0]) : ""
    deaths = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// To be called before a mail is read. False when reading it ended the program too often.
  package func begin(folder: Int64, uidValidity: Int64, uid: Int64) -> Bool {
    let key = "\(folder)/\(uidValidity)/\(uid)"
    let tries = key == suspect ? deaths + 1 : 1
    if tries > Self.limit { return false }
    write("\(key) \(tries)\n")
    return true
  }

  /// Nothing is being read any more.
  package func clear() { write("- 0\n") }

  private func write(_ line: String) {
    guard descriptor >= 0 else { return }
    var line = line
    line.withUTF8 { bytes in _ = pwrite(descriptor, bytes.baseAddress, bytes.count, 0) }
  }
}
