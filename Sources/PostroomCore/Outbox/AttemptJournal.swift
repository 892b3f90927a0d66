import Foundation
import Synchronization

/// What gateways said of attempts whose outcome is not yet committed. A line is appended the moment the far side may
/// have taken a message, and another when it said so; after a crash the lines tell which attempts never got that far
/// (safe to send), which were accepted (done), and which nobody can know of. Exim keeps such a journal for the same
/// reason.
///
/// Lines are written without a flush: they outlive the process, not the machine. The first line names the boot, and a
/// journal of another boot says nothing about attempts it does not name.
package final class AttemptJournal: Sendable {
  package enum Finding: Sendable, Equatable {
    case neverCommitted
    case accepted(String)
    case unknown
  }

  private struct State {
    var descriptor: Int32
    var bytes = 0
    /// A line could not be written: without a journal nothing is sent.
    var hasFailed = false
  }

  private struct Key: Hashable {
    var delivery: Int64
    var attempt: Int64
  }

  private let state: Mutex<State>
  private let isSameBoot: Bool
  private let reserveFile: String
  private let found: [Key: Finding]

  /// Reads what an earlier process left and goes on writing to it. Throws a sentence when the file cannot be opened.
  package init(file: String) throws {
    reserveFile = file + ".reserve"
    let boot = Self.bootID
    let old = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
    var lines = old.split(separator: "\n", omittingEmptySubsequences: false)[...]
    isSameBoot = lines.popFirst().map { $0 == "boot \(boot)" } ?? false
    // The last piece ends without a line end only when the process died while it wrote: it is no line.
    _ = lines.popLast()
    var found: [Key: Finding] = [:]
    for line in lines {
      let parts = line.split(separator: " ", maxSplits: 3)
      guard parts.count >= 3, let delivery = Int64(parts[0]), let attempt = Int64(parts[1]) else { continue }
      let key = Key(delivery: delivery, attempt: attempt)
      if parts[2] == "accepted" { found[key] = .accepted(parts.count == 4 ? String(parts[3]) : "") }
      if parts[2] == "committed", found[key] == nil { found[key] = .unknown }
    }
    self.found = found
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SettingsError("\(file) cannot be written (\(String(cString: strerror(errno)))): nothing can be sent safely")
    }
    state = Mutex(State(descriptor: descriptor, bytes: old.utf8.count))
    // A journal of another boot stays until what it knows was used.
    if old.isEmpty {
      reset()
    } else if !old.hasSuffix("\n") {
      append("\n")
    }
  }

  deinit { state.withLock { _ = Glibc.close($0.descriptor) } }

  /// What the earlier process learned of an attempt that it did not end.
  package func finding(delivery: Int64, attempt: Int64) -> Finding {
    found[Key(delivery: delivery, attempt: attempt)] ?? (isSameBoot ? .neverCommitted : .unknown)
  }

  package func note(delivery: Int64, attempt: Int64, _ progress: SendProgress) {
    switch progress {
    case .committed: append("\(delivery) \(attempt) committed\n")
    case .accepted(let words):
      let line = words.unicodeScalars.prefix(200).filter { $0 != "\n" && $0 != "\r" }
      append("\(delivery) \(attempt) accepted \(String(String.UnicodeScalarView(line)))\n")
    }
  }

  /// Empties the journal. To be called when the outcome of every attempt is committed.
  package func reset() {
    state.withLock { state in
      state.hasFailed = ftruncate(state.descriptor, 0) != 0
      if !reserve() { state.hasFailed = true }
      state.bytes = 0
    }
    append("boot \(Self.bootID)\n")
  }

  /// Whether a line could not be written (a full disk, say). Emptying it tries again.
  package var hasFailed: Bool { state.withLock { $0.hasFailed } }

  /// Whether it is worth emptying.
  package var isLong: Bool { state.withLock { $0.bytes > 1 << 20 } }

  private func append(_ line: String) {
    var line = line
    state.withLock { state in
      // One write call, so a line is whole or, at the moment of death, recognisably cut.
      line.withUTF8 { bytes in
        var count = write(state.descriptor, bytes.baseAddress, bytes.count)
        if count != bytes.count {
          // A full disk: the room kept for this moment is given up, and nothing new is begun until it is back. A piece
          // that was written is closed first.
          state.hasFailed = true
          unlink(reserveFile)
          if count > 0 { _ = write(state.descriptor, "\n", 1) }
          count = write(state.descriptor, bytes.baseAddress, bytes.count)
        }
        state.bytes += max(0, count)
      }
    }
  }

  /// Keeps a little of the disk aside, so that a full one does not silence the journal in the middle of sending.
  private func reserve() -> Bool {
    let descriptor = open(reserveFile, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { Glibc.close(descriptor) }
    return posix_fallocate(descriptor, 0, 256 << 10) == 0
  }

  private static let bootID: String = {
    let bytes = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }()
}
