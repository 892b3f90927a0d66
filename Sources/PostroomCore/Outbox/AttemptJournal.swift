import Foundation
import Synchronization

/// What gateways said of attempts whose outcome is not yet committed. A line is appended the moment the far side may
/// have taken a message, and another when it said so; after a crash the lines tell which attempts never got that far
/// (safe to send), which were accepted (done), and which nobody can know of. Exim keeps such a journal for the same
/// reason.
///
/// The file is mapped: a line costs no system call and outlives the process, not the machine. The first line names the
/// boot, and a journal of another boot says nothing about attempts it does not name. Behind the last line stand zeros;
/// a piece without line end was written when the process died and is none.
package final class AttemptJournal: Sendable {
  package enum Finding: Sendable, Equatable {
    case neverCommitted
    case accepted(String)
    case unknown
  }

  fileprivate struct State: ~Copyable {
    let descriptor: Int32
    /// The whole file, `capacity` bytes of it on the disk.
    var base: UnsafeMutablePointer<UInt8>?
    var capacity = 0
    var bytes = 0
    /// There is no room for further attempts: nothing is sent. Emptying it tries again.
    var hasFailed = false
  }

  private struct Key: Hashable {
    var delivery: Int64
    var attempt: Int64
  }

  private let state: Mutex<State>
  private let isSameBoot: Bool
  private let found: [Key: Finding]

  /// Reads what an earlier process left and goes on writing to it. Throws a sentence when the file cannot be opened.
  package init(file: String) throws {
    let boot = Self.bootID
    let content = (FileManager.default.contents(atPath: file) ?? Data()).prefix { $0 != 0 }
    let old = content[..<(content.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? content.startIndex)]
    var lines = String(decoding: old, as: UTF8.self).split(separator: "\n")[...]
    isSameBoot = lines.popFirst().map { $0 == "boot \(boot)" } ?? false
    var found: [Key: Finding] = [:]
    for line in lines {
      let parts = line.split(separator: " ", maxSplits: 3)
      guard parts.count >= 3, let delivery = Int64(parts[0]), let attempt = Int64(parts[1]) else { continue }
      let key = Key(delivery: delivery, attempt: attempt)
      if parts[2] == "accepted" { found[key] = .accepted(parts.count == 4 ? String(parts[3]) : "") }
      if parts[2] == "committed", found[key] == nil { found[key] = .unknown }
    }
    self.found = found
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SettingsError("\(file) cannot be written (\(String(cString: strerror(errno)))): nothing can be sent safely")
    }
    state = Mutex(State(descriptor: descriptor, base: nil, bytes: old.count))
    state.withLock { $0.makeRoom() }
    // A journal of another boot stays until what it knows was used.
    if old.isEmpty { append("boot \(boot)\n") }
  }

  deinit {
    state.withLock { state in
      if let base = state.base { munmap(base, state.capacity) }
      _ = Glibc.close(state.descriptor)
    }
  }

  /// What the earlier process learned of an attempt that it did not end.
  package func finding(delivery: Int64, attempt: Int64) -> Finding {
    found[Key(delivery: delivery, attempt: attempt)] ?? (isSameBoot ? .neverCommitted : .unknown)
  }

  package func note(delivery: Int64, attempt: Int64, _ progress: SendProgress) {
    switch progress {
    case .committed: append("\(delivery) \(attempt) committed\n")
    case .accepted(let words):
      let line = words.clipped(bytes: 600).utf8.filter { $0 >= 0x20 }
      append("\(delivery) \(attempt) accepted \(String(decoding: line, as: UTF8.self))\n")
    }
  }

  /// Empties the journal. To be called when the outcome of every attempt is committed.
  package func reset() {
    state.withLock { state in
      if let base = state.base { memset(base, 0, state.bytes) }
      state.bytes = 0
      state.makeRoom()
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
      if state.bytes + State.kept > state.capacity { state.makeRoom() }
      line.withUTF8 { state.append($0) }
    }
  }

  private static let bootID: String = {
    let bytes = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }()
}

extension AttemptJournal.State {
  /// Room for the answers to what is under way when the disk is full: some 4,000 lines.
  static let kept = 256 << 10
  private static let step = 2 << 20

  /// Makes the file so long that much more than `kept` is free; says in `hasFailed` when the disk does not let it.
  mutating func makeRoom() {
    hasFailed = false
    guard bytes + Self.kept > capacity else { return }
    let wanted = bytes + Self.step
    guard posix_fallocate(descriptor, 0, off_t(wanted)) == 0,
      let map = mmap(nil, wanted, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), map != MAP_FAILED
    else {
      hasFailed = true
      return
    }
    if let base { munmap(base, capacity) }
    let bytes = map.assumingMemoryBound(to: UInt8.self)
    memset(bytes + self.bytes, 0, wanted - self.bytes)
    base = bytes
    capacity = wanted
  }

  /// Writes a line, its end last: what stands there at the moment of death is whole or has no end.
  mutating func append(_ line: UnsafeBufferPointer<UInt8>) {
    guard let base, let start = line.baseAddress, let end = line.last, bytes + line.count <= capacity else {
      hasFailed = true
      return
    }
    memcpy(base + bytes, start, line.count - 1)
    atomicMemoryFence(ordering: .releasing)
    base[bytes + line.count - 1] = end
    bytes += line.count
  }
}
