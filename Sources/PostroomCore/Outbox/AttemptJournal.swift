import Foundation
import Synchronization

/// What gateways said of attempts whose outcome is not yet committed. A line is written the moment the far side may have
/// taken a message, and another when it said so; after a crash the lines tell which attempts never got that far (safe to
/// send), which were accepted (done), and which nobody can know of. Exim keeps such a journal for the same reason.
///
/// The file is mapped: a line costs no system call and outlives the process, not the machine. It is cut into slots, one
/// for each attempt, which are free again when the outcome is committed, so the file stays small however long sending
/// goes on. The first slot names the boot, and a journal of another boot says nothing about attempts it does not name.
/// In each slot zeros stand behind the last line; a piece without line end was written when the process died and is none.
package final class AttemptJournal: Sendable {
  package enum Finding: Sendable, Equatable {
    case neverCommitted
    case accepted(String)
    case unknown
  }

  fileprivate struct Key: Hashable {
    var delivery: Int64
    var attempt: Int64
  }

  private let slots: Mutex<JournalSlots>
  private let isSameBoot: Bool
  private let found: [Key: Finding]

  /// Reads what an earlier process left and goes on writing to it. Throws a sentence when the file cannot be opened.
  package init(file: String) throws {
    let content = FileManager.default.contents(atPath: file) ?? Data()
    var lines = Self.lines(of: content)[...]
    isSameBoot = lines.popFirst().map { $0 == "boot \(Self.bootID)" } ?? false
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
    slots = Mutex(JournalSlots(descriptor: descriptor, content: content))
    // A journal of another boot stays until what it knows was used.
    if content.first(where: { $0 != 0 }) == nil { slots.withLock { $0.clear(boot: Self.bootID) } }
  }

  private static func lines(of content: Data) -> [Substring] {
    content.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: JournalSlots.size).flatMap { start -> [Substring] in
        let slot = bytes[start..<min(start + JournalSlots.size, bytes.count)].prefix { $0 != 0 }
        let whole = slot[..<(slot.lastIndex(of: UInt8(ascii: "\n")) ?? slot.startIndex)]
        return String(decoding: whole, as: UTF8.self).split(separator: "\n")
      }
    }
  }

  /// What the earlier process learned of an attempt that it did not end.
  package func finding(delivery: Int64, attempt: Int64) -> Finding {
    found[Key(delivery: delivery, attempt: attempt)] ?? (isSameBoot ? .neverCommitted : .unknown)
  }

  package func note(delivery: Int64, attempt: Int64, _ progress: SendProgress) {
    let line = JournalLine(delivery, attempt, progress).bytes
    let key = Key(delivery: delivery, attempt: attempt)
    slots.withLock { slots in line.withUnsafeBufferPointer { slots.write($0, for: key) } }
  }

  /// To be called when the outcomes of these attempts are committed.
  package func forget(_ attempts: some Sequence<(delivery: Int64, attempt: Int64)>) {
    slots.withLock { slots in
      for attempt in attempts { slots.free(Key(delivery: attempt.delivery, attempt: attempt.attempt)) }
    }
  }

  /// Empties the journal. To be called when the outcome of every attempt is committed.
  package func reset() { slots.withLock { $0.clear(boot: Self.bootID) } }

  /// Whether a line could not be written (a full disk, say), so that nothing more must be begun. Emptying it tries again.
  package var hasFailed: Bool { slots.withLock { $0.hasFailed } }

  private static let bootID: String = {
    let bytes = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }()
}

/// Two of them are written of each message, so they are put together byte by byte.
private struct JournalLine {
  let bytes: [UInt8]

  init(_ delivery: Int64, _ attempt: Int64, _ progress: SendProgress) {
    var (state, words) = (" committed", "")
    if case .accepted(let answer) = progress { (state, words) = (" accepted ", answer.clipped(bytes: 600)) }
    bytes = [UInt8](unsafeUninitializedCapacity: 60 + words.utf8.count) { room, count in
      Self.append(delivery, to: room, &count)
      room[count] = 0x20
      count += 1
      Self.append(attempt, to: room, &count)
      Self.append(&state, to: room, &count)
      Self.append(&words, to: room, &count)
      room[count] = 0x0A
      count += 1
    }
  }

  /// Control characters are left out.
  private static func append(_ text: inout String, to room: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int) {
    text.withUTF8 { bytes in
      for byte in bytes where byte >= 0x20 {
        room[count] = byte
        count += 1
      }
    }
  }

  private static func append(_ number: Int64, to room: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int) {
    if number < 0 {
      room[count] = UInt8(ascii: "-")
      count += 1
    }
    let start = count
    var rest = number.magnitude
    repeat {
      room[count] = UInt8(ascii: "0") + UInt8(rest % 10)
      count += 1
      rest /= 10
    } while rest > 0
    room[start..<count].reverse()
  }
}

/// The mapped file.
private struct JournalSlots: ~Copyable {
  private struct Slot {
    var number: Int
    var length = 0
  }

  /// Bytes; two lines and the longest words of a gateway.
  static let size = 1024
  private static let step = 2048
  /// So many are kept free, for what is under way when the disk is full.
  private static let kept = 1024

  private let descriptor: Int32
  private var base: UnsafeMutablePointer<UInt8>?
  private var count = 0
  /// The one freed last is used first, so that few pages are touched.
  private var unused: [Int] = []
  private var used: [AttemptJournal.Key: Slot] = [:]
  private(set) var hasFailed = false

  /// Slots with something in them stay as they are until all is cleared.
  init(descriptor: Int32, content: Data) {
    self.descriptor = descriptor
    grow(to: max((content.count + Self.size - 1) / Self.size, Self.step))
    content.withUnsafeBytes { bytes in
      unused.removeAll { number in
        let start = number * Self.size
        return start < bytes.count && bytes[start..<min(start + Self.size, bytes.count)].contains { $0 != 0 }
      }
    }
  }

  deinit {
    if let base { munmap(base, count * Self.size) }
    close(descriptor)
  }

  /// Says in `hasFailed` when the disk does not let it. The first slot is for the name of the boot.
  private mutating func grow(to wanted: Int) {
    let bytes = wanted * Self.size
    guard posix_fallocate(descriptor, 0, off_t(bytes)) == 0,
      let map = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), map != MAP_FAILED
    else {
      hasFailed = true
      return
    }
    if let base { munmap(base, count * Self.size) }
    unused.insert(contentsOf: (max(count, 1)..<wanted).reversed(), at: 0)
    base = map.assumingMemoryBound(to: UInt8.self)
    count = wanted
  }

  /// Writes a line, its end last: what stands there at the moment of death is whole or has no end.
  mutating func write(_ line: UnsafeBufferPointer<UInt8>, for key: AttemptJournal.Key) {
    guard var slot = used[key] ?? unusedSlot(), slot.length + line.count < Self.size else {
      hasFailed = true
      return
    }
    put(line, at: slot.number * Self.size + slot.length)
    slot.length += line.count
    used[key] = slot
  }

  private mutating func unusedSlot() -> Slot? {
    if unused.count < Self.kept { grow(to: count + Self.step) }
    return unused.popLast().map { Slot(number: $0) }
  }

  private func put(_ line: UnsafeBufferPointer<UInt8>, at place: Int) {
    guard let base, let start = line.baseAddress, let end = line.last else { return }
    memcpy(base + place, start, line.count - 1)
    atomicMemoryFence(ordering: .releasing)
    base[place + line.count - 1] = end
  }

  mutating func free(_ key: AttemptJournal.Key) {
    guard let slot = used.removeValue(forKey: key), let base else { return }
    memset(base + slot.number * Self.size, 0, slot.length)
    unused.append(slot.number)
  }

  mutating func clear(boot: String) {
    hasFailed = false
    if base == nil { grow(to: Self.step) }
    guard let base else { return }
    let isUnused = Set(unused)
    for number in 0..<count where !isUnused.contains(number) { memset(base + number * Self.size, 0, Self.size) }
    used = [:]
    unused = (1..<count).reversed()
    var line = "boot \(boot)\n"
    line.withUTF8 { put($0, at: 0) }
  }
}
