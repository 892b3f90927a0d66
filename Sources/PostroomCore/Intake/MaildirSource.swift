import Foundation

/// Mail that another program drops into a Maildir (new/, cur/; https://cr.yp.to/proto/maildir.html). The files stay
/// where they are; the ledger knows them by name without flags, since mail programs change flags by renaming.
package struct MaildirSource: MailSource {
  package let path: String
  package let folder = "Maildir"
  private let batchSize: Int
  private let maxMailBytes: Int

  package init(path: String, batchSize: Int = 100, maxMailBytes: Int = 50 << 20) {
    self.path = path
    self.batchSize = batchSize
    self.maxMailBytes = maxMailBytes
  }

  package func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {
    var cursor = cursor
    var seen: Set<String> = []
    let files = try files()
    for start in stride(from: 0, to: files.count, by: batchSize) {
      let page = files[start..<min(start + batchSize, files.count)]
      let recorded = try await known(page.map(\.name))
      var mails: [FetchedMail] = []
      for file in page where !recorded.contains(file.name) && seen.insert(file.name).inserted {
        // Gone between listing and reading: renamed by a mail program, found under its new name at the next look.
        guard let (bytes, arrivedAt, isTruncated) = read(file.path) else { continue }
        cursor.lastUID += 1
        mails.append(
          FetchedMail(
            uid: cursor.lastUID, name: file.name, bytes: bytes, arrivedAt: arrivedAt, isTruncated: isTruncated))
      }
      if !mails.isEmpty { try await handOver(MailBatch(mails: mails, cursor: cursor)) }
    }
  }

  package func waitForMail(atMost seconds: Seconds) async throws {
    // No notification reaches across network file systems; looking at two folders every second costs nothing.
    let before = stamp()
    for _ in 0..<max(1, seconds) {
      try await Task.sleep(for: .seconds(1))
      if stamp() != before { return }
    }
  }

  package func markStored(_ mails: [FetchedMail]) async throws {}

  package func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws {
    let names = Set(try files().map(\.name)).sorted()
    for start in stride(from: 0, to: names.count, by: 1000) {
      try await page(
        SourceListing(uidValidity: 0, uids: [], names: Array(names[start..<min(start + 1000, names.count)])))
    }
  }

  package func close() async {}

  private func files() throws -> [(name: String, path: String)] {
    var files: [(name: String, path: String)] = []
    for part in ["cur", "new"] {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(part)")
      } catch {
        throw SourceError("the Maildir \(path) cannot be read: \(part)/ is missing or not permitted")
      }
      for name in names where !name.hasPrefix(".") {
        files.append((String(name.prefix { $0 != ":" }), "\(path)/\(part)/\(name)"))
      }
    }
    // By name: delivery programs begin it with the time, so the older mail of a thread comes first.
    return files.sorted { $0.name < $1.name }
  }

  private func read(_ file: String) -> (bytes: [UInt8], arrivedAt: Instant, isTruncated: Bool)? {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { Glibc.close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = min(Int(status.st_size), maxMailBytes)
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if got <= 0 { break }
        count += got
      }
      initialized = count
    }
    let arrivedAt = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    return (bytes, arrivedAt, Int(status.st_size) > maxMailBytes)
  }

  private func stamp() -> [Int] {
    ["new", "cur"].flatMap { part -> [Int] in
      var status = stat()
      guard stat("\(path)/\(part)", &status) == 0 else { return [0] }
      return [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
  }
}
