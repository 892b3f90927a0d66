import Foundation

/// Makes one process at a time the one that reads and sends for a home folder. The system releases the lock when the
/// process ends, however it ends, so a restart never waits for a dead predecessor's leases: it has the same name.
package final class NodeLock: Sendable {
  /// Names this home folder among the nodes that share a database: drawn once and kept in the file, so that it survives
  /// restarts and new host names, and no two machines have the same.
  package let node: String
  private let descriptor: Int32

  /// Throws a sentence when another process holds the lock.
  package init(dataFolder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: dataFolder, withIntermediateDirectories: true)
    } catch {
      throw SettingsError("the folder \(dataFolder) cannot be made: \(error.localizedDescription)")
    }
    let file = dataFolder + "/node.lock"
    descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SettingsError("\(file) cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      Glibc.close(descriptor)
      throw SettingsError("another postroom process works for this home folder (it holds \(file)): stop it first")
    }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = max(0, pread(descriptor, &buffer, buffer.count, 0))
    let known = String(decoding: buffer.prefix(count).prefix { $0 > 32 }, as: UTF8.self)
    guard known.isEmpty else {
      node = known
      return
    }
    let drawn = UUID().uuidString.lowercased()
    node = drawn
    var line = drawn + "\n"
    line.withUTF8 { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit { Glibc.close(descriptor) }
}
