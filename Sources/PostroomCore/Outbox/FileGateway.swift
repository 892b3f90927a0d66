import Foundation

/// Writes each mail as an .eml file: for trying things out, with the words a real gateway would send.
package struct FileGateway: Gateway {
  package let folder: String
  package let concurrency = 4

  package init(folder: String) { self.folder = folder }

  package func send(
    _ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void
  ) async -> SendOutcome {
    let file = "\(folder)/\(delivery.id).eml"
    // Nothing below waits, and a thread serves others as well.
    await Task.yield()
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      // Under the delivery's id and atomically, so a second attempt replaces and never adds.
      try Data(delivery.content).write(to: URL(fileURLWithPath: file), options: .atomic)
      return .accepted("written to \(file)")
    } catch {
      return .unavailable("\(file) cannot be written: \(error.localizedDescription)")
    }
  }

  package func check() async -> String? {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return access(folder, W_OK) == 0 ? nil : "\(folder) may not be written to"
    } catch {
      return "\(folder) cannot be made: \(error.localizedDescription)"
    }
  }
}
