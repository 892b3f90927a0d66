import Foundation
import Synchronization

/// Mail that another program drops into a Maildir (new/, cur/; https://cr.yp.to/proto/maildir.html). The files stay
/// where they are; the ledger knows them by name without flags, since mail programs change flags by renaming.
package final class MaildirSource: MailSource {
  package let path: String
  package let folder = "Maildir"
  private let batchSize: Int
  private let maxMailBytes: Int
  /// File work blocks, on a network file system for long: it has a thread of its own.
  private let thread = DispatchQueue(label: "maildir")
  /// When the folders had last changed before they were listed; nil while that says nothing.
  private let listedStamp = Mutex<[timespec]?>(nil)

  /// Bounds the memory of a batch, since a few are in hand at any time.
  private static let batchBytes = 4 << 20

  package init(path: String, batchSize: Int = 100, maxMailBytes: Int = 50 << 20) {
    self.path = path
    self.batchSize = batchSize
    self.maxMailBytes = maxMailBytes
  }

  package var beginningBytes: Int? { maxMailBytes }

  /// Hands over what can be read before it throws for what cannot.
  package func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {
    let files = try await onThread {
      // Before the listing: what comes after it is newer than this.
      let stamp = self.stamp()
      self.listedStamp.withLock { $0 = Self.isSettled(stamp) ? stamp : nil }
      return try self.files()
    }
    var batch = MailBatch(mails: [], cursor: cursor)
    var bytes = 0
    var seen: Set<String> = []
    var unreadable: [Unreadable] = []
    for start in stride(from: 0, to: files.count, by: batchSize) {
      let page = files[start..<min(start + batchSize, files.count)]
      let recorded = try await known(page.map(\.name))
      for file in page where !recorded.contains(file.name) && seen.insert(file.name).inserted {
        do {
          guard var mail = try await onThread({ try self.read(file) }) else { continue }
          if !batch.mails.isEmpty, batch.mails.count == batchSize || bytes + mail.bytes.count > Self.batchBytes {
            try await handOver(batch)
            batch.mails = []
            bytes = 0
          }
          batch.cursor.lastUID += 1
          mail.uid = batch.cursor.lastUID
          bytes += mail.bytes.count
          batch.mails.append(mail)
        } catch let fault as Unreadable {
          unreadable.append(fault)
        }
      }
    }
    if !batch.mails.isEmpty { try await handOver(batch) }
    if !unreadable.isEmpty { throw error(unreadable) }
  }

  private func error(_ unreadable: [Unreadable]) -> SourceError {
    let names = unreadable.prefix(3).map { "\($0.name) (\($0.cause))" }.joined(separator: ", ")
    let more = unreadable.count > 3 ? " and \(unreadable.count - 3) more" : ""
    return SourceError("mail in the Maildir \(path) cannot be read: \(names)\(more)")
  }

  package func waitForMail(atMost seconds: Seconds) async throws {
    // No notification reaches across network file systems; looking at two folders every second costs nothing.
    for _ in 0..<max(1, seconds) {
      try await Task.sleep(for: .seconds(1))
      let stamp = try await onThread { self.stamp() }
      if listedStamp.withLock({ $0.map { !Self.isSame($0, stamp) } ?? true }) { return }
    }
  }

  package func markStored(_ mails: [FetchedMail]) async throws {}

  package func fetch(_ key: LedgerKey) async throws -> FetchedMail? {
    do {
      return try await onThread {
        guard let file = try self.files().first(where: { $0.name == key.name }) else { return nil }
        return try self.read(file)
      }
    } catch let fault as Unreadable {
      throw error([fault])
    }
  }

  package func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws {
    let names = try await onThread { Set(try self.files().map(\.name)).sorted() }
    for start in stride(from: 0, to: names.count, by: 1000) {
      try await page(
        SourceListing(uidValidity: 0, uids: [], names: Array(names[start..<min(start + 1000, names.count)])))
    }
  }

  package func close() async {}

  // MARK: On the thread

  private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      thread.async { continuation.resume(with: Result { try body() }) }
    }
  }

  private struct File {
    var name: String
    var path: String
  }

  private struct Unreadable: Error {
    var name: String
    var cause: String
  }

  private func files() throws -> [File] {
    var files: [File] = []
    for part in ["cur", "new"] {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(part)")
      } catch {
        throw SourceError("the Maildir \(path) cannot be read: \(part)/ is missing or not permitted")
      }
      for name in names where !name.hasPrefix(".") {
        files.append(File(name: String(name.prefix { $0 != ":" }), path: "\(path)/\(part)/\(name)"))
      }
    }
    // By name: delivery programs begin it with the time, so the older mail of a thread comes first.
    return files.sorted { $0.name < $1.name }
  }

  /// Nil for a file that is gone and for what is no regular file. Throws `Unreadable` for all that may be read later.
  private func read(_ file: File) throws -> FetchedMail? {
    func unreadable() -> Unreadable { Unreadable(name: file.name, cause: String(cString: strerror(errno))) }
    // Without O_NONBLOCK opening a FIFO waits for its writer.
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 {
      // Renamed by a mail program since it was listed: found under its new name at the next look.
      guard errno != ENOENT else { return nil }
      throw unreadable()
    }
    defer { Glibc.close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable() }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = min(Int(status.st_size), maxMailBytes)
    var (count, got) = (0, 1)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while count < size, got > 0 {
        repeat {
          got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        } while got < 0 && errno == EINTR
        count += max(0, got)
      }
      initialized = count
    }
    if got < 0 { throw unreadable() }
    if count < size { throw Unreadable(name: file.name, cause: "it became shorter while it was read") }
    return FetchedMail(
      uid: 0, name: file.name, bytes: bytes, arrivedAt: Self.instant(status.st_mtim),
      isTruncated: Int(status.st_size) > maxMailBytes)
  }

  /// A file can claim any time, but no mail arrives in the future.
  private static func instant(_ time: timespec) -> Instant {
    let now = Instant.now
    let seconds = Int64(time.tv_sec)
    return seconds > now / 1000 ? now : min(now, max(0, seconds) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  private func stamp() -> [timespec] {
    ["new", "cur"].map { part in
      var status = stat()
      return stat("\(path)/\(part)", &status) == 0 ? status.st_mtim : timespec()
    }
  }

  private static func isSame(_ one: [timespec], _ other: [timespec]) -> Bool {
    zip(one, other).allSatisfy { $0.tv_sec == $1.tv_sec && $0.tv_nsec == $1.tv_nsec }
  }

  /// File systems count time in steps of up to two seconds: a folder that changed just now may change again without a
  /// new time.
  private static func isSettled(_ stamp: [timespec]) -> Bool {
    let now = Instant.now / 1000
    return stamp.allSatisfy { !((now - 2)...now).contains(Int64($0.tv_sec)) }
  }
}
