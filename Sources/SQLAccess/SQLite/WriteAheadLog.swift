import GRDBSQLite

/// Keeps the write-ahead log from growing under load, in place of SQLite's own automatic checkpoint.
///
/// A passive checkpoint copies what it may, but the log starts again at its beginning only when no reader looks into
/// it; with readers that overlap without a gap that never happens. So a long log makes a commit wait for them, the
/// longer the larger it is: readers of 0.1 s hold it near 64 MB, of 1 s near 640 MB. Used on the writer's queue only.
final class WriteAheadLog: @unchecked Sendable {
  /// In pages of 8 KiB: from here on each commit copies what it may into the database. Larger than SQLite's 4 MB: a
  /// commit of a hundred mails fills that alone, and would be followed by a flush of the database each time.
  private static let checkpointPages: Int32 = 3_000
  /// From here on, and after each further step, a commit waits for readers.
  private static let restartPages: Int32 = 8_000
  private static let restartStep: Int32 = 2_000
  /// How long it waits, for each `restartPages`.
  private static let patienceMilliseconds: Int32 = 100
  /// What is left of the file when it starts again.
  static let keptBytes = 64 << 20

  private let busyMilliseconds: Int32
  /// The pages at the last wait.
  private var waitedAt: Int32 = 0

  init(busyMilliseconds: Int32) { self.busyMilliseconds = busyMilliseconds }

  /// Installs itself at the writer; it must live as long.
  func keepShort(_ handle: OpaquePointer?) {
    sqlite3_wal_hook(
      handle,
      { context, handle, name, pages in
        if let context {
          Unmanaged<WriteAheadLog>.fromOpaque(context).takeUnretainedValue().checkpoint(handle, name, pages)
        }
        // A checkpoint that fails does not undo the commit; the next one tries again.
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func checkpoint(_ handle: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ pages: Int32) {
    guard pages >= Self.checkpointPages else { return }
    if pages < waitedAt { waitedAt = 0 }
    guard pages >= Self.restartPages, pages - waitedAt >= Self.restartStep else {
      sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
      return
    }
    waitedAt = pages
    sqlite3_busy_timeout(handle, min(Self.patienceMilliseconds * (pages / Self.restartPages), busyMilliseconds))
    sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_RESTART, nil, nil)
    sqlite3_busy_timeout(handle, busyMilliseconds)
  }
}
