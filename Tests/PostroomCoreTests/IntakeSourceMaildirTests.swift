import Foundation
import Synchronization
import Testing

@testable import PostroomCore

@Suite("A Maildir as a source")
struct IntakeSourceMaildirTests {
  private func withMaildir(_ body: (String) async throws -> Void) async throws {
    try await withFolder { folder in
      for part in ["new", "cur"] {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
      }
      try await body(folder)
    }
  }

  private func drop(_ file: String, _ bytes: [UInt8] = Letter("1@c").bytes) throws {
    try Data(bytes).write(to: URL(filePath: file))
  }

  private func date(_ file: String, _ seconds: Int) {
    let time = timespec(tv_sec: seconds, tv_nsec: 0)
    _ = [time, time].withUnsafeBufferPointer { utimensat(AT_FDCWD, file, $0.baseAddress, 0) }
  }

  /// The batches of one look, and what it threw.
  private func look(
    _ source: MaildirSource, meanwhile: @escaping @Sendable () -> Void = {}
  ) async -> (batches: [[FetchedMail]], fault: String?) {
    let batches = Mutex<[[FetchedMail]]>([])
    do {
      try await source.takeMail(beyond: FolderCursor(), known: { _ in [] }) { batch in
        meanwhile()
        batches.withLock { $0.append(batch.mails) }
      }
    } catch {
      return (batches.withLock { $0 }, "\(error)")
    }
    return (batches.withLock { $0 }, nil)
  }

  @Test("what cannot be read is named after all else was handed over; a FIFO or folder is no mail")
  func unreadable() async throws {
    try await withMaildir { path in
      try drop("\(path)/new/1.a")
      // Loops are refused to everybody, root included.
      symlink("2.a", "\(path)/new/2.a")
      mkfifo("\(path)/new/3.a", 0o600)
      mkdir("\(path)/new/4.a", 0o700)
      symlink("nowhere", "\(path)/new/5.a")
      try drop("\(path)/cur/6.a:2,S")
      let source = MaildirSource(path: path)
      let (batches, fault) = await look(source)
      #expect(batches.map { $0.map(\.name) } == [["1.a", "6.a"]])
      #expect(batches.first?.map(\.uid) == [1, 2])
      #expect(fault?.contains("2.a (Too many levels of symbolic links)") == true)
      #expect(fault?.contains("5.a") == false)
    }
  }

  @Test("what it cannot read is noted for people, and the mails around it are taken in")
  func unreadableInIntake() async throws {
    try await withOffice(.sqlite) { office in
      try await withMaildir { path in
        try drop("\(path)/new/1.a")
        symlink("2.a", "\(path)/new/2.a")
        try drop("\(path)/new/3.a", Letter("3@c", from: "c@c.example").bytes)
        let source = MaildirSource(path: path)
        await #expect(throws: SourceError.self) { try await office.poller(source).pollOnce() }
        try await office.expectInvariants(ledger: 2)
        unlink("\(path)/new/2.a")
        try drop("\(path)/new/2.a", Letter("2@c", from: "b@b.example").bytes)
        #expect(try await office.poller(source).pollOnce().mails == 1)
      }
    }
  }

  @Test("batches are bounded by bytes; a larger mail comes alone")
  func batchBytes() async throws {
    try await withMaildir { path in
      for (name, megabytes) in [("1", 1), ("2", 2), ("3", 2), ("4", 6), ("5", 1), ("6", 3)] {
        try drop("\(path)/new/\(name)", [UInt8](repeating: 65, count: megabytes << 20))
      }
      let (batches, fault) = await look(MaildirSource(path: path, maxMailBytes: 5 << 20))
      #expect(fault == nil)
      #expect(batches.map { $0.compactMap(\.name) } == [["1", "2"], ["3"], ["4"], ["5", "6"]])
      #expect(batches.flatMap { $0 }.map(\.isTruncated) == [false, false, false, true, false, false])
    }
  }

  @Test("a file may claim any time: the past stays, the future is now")
  func times() async throws {
    try await withMaildir { path in
      for (name, seconds) in [("1", 1_000_000_000), ("2", -5_000_000_000), ("3", 9_000_000_000), ("4", Int.max)] {
        try drop("\(path)/new/\(name)")
        date("\(path)/new/\(name)", seconds)
      }
      let mails = await look(MaildirSource(path: path)).batches.flatMap { $0 }
      #expect(mails.count == 4)
      #expect(mails.first?.arrivedAt == 1_000_000_000_000)
      #expect(mails.allSatisfy { (0...Instant.now).contains($0.arrivedAt) })
    }
  }

  @Test("a mail that comes after the listing is not slept through")
  func lostWakeUp() async throws {
    try await withMaildir { path in
      try drop("\(path)/new/1.a")
      for part in ["new", "cur"] { date("\(path)/\(part)", 1_000_000_000) }
      let source = MaildirSource(path: path)
      let (batches, _) = await look(source) { symlink("nowhere", "\(path)/new/2.a") }
      #expect(batches.count == 1)
      try await source.waitForMail(atMost: 3600)
    }
  }

  @Test("one mail can be read again, whatever its flags are now")
  func again() async throws {
    try await withMaildir { path in
      try drop("\(path)/cur/1.a:2,RS")
      let source = MaildirSource(path: path)
      func key(_ name: String) -> LedgerKey { LedgerKey(folder: 1, uidValidity: 0, uid: 1, name: name) }
      #expect(try await source.fetch(key("1.a"))?.bytes == Letter("1@c").bytes)
      #expect(try await source.fetch(key("2.a")) == nil)
    }
  }
}
