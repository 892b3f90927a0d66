import Synchronization
import Testing

@testable import PostroomCore

/// A gateway that does as the test says and remembers what it got. A message that no answer is left for is a fault of
/// the program: nothing is sent unexpectedly.
final class ScriptedGateway: Gateway {
  typealias Script = @Sendable (Delivery, @Sendable (SendProgress) -> Void) async -> SendOutcome

  let concurrency: Int
  private let script: Script
  private let record = Mutex<[Delivery]>([])

  init(concurrency: Int = 4, _ script: @escaping Script) {
    self.concurrency = concurrency
    self.script = script
  }

  /// One answer for each message, in order.
  convenience init(_ outcomes: SendOutcome...) {
    let rest = Mutex(outcomes)
    self.init(concurrency: 1) { delivery, _ in
      let next = rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if let next { return next }
      Issue.record("an unexpected message to \(delivery.recipient)")
      return .rejected("unexpected")
    }
  }

  var sent: [Delivery] { record.withLock { $0 } }

  func send(_ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void) async -> SendOutcome {
    record.withLock { $0.append(delivery) }
    return await script(delivery, progress)
  }

  func check() async -> String? { nil }
}

/// A source that shows prepared mails with UIDs from 1, in batches, and may break on the way.
struct ScriptedSource: MailSource {
  let folder = "INBOX"
  var mails: [[UInt8]]
  var uidValidity: Int64 = 1
  var batchSize = 2
  /// Fails once so many batches were handed over.
  var failsAfter: Int?
  /// What happens before a batch is handed over; its number counts from 0.
  var beforeBatch: @Sendable (Int) async throws -> Void = { _ in }
  /// The cursors that it was asked to continue at.
  let asked = Asked()

  actor Asked {
    private(set) var cursors: [FolderCursor] = []
    func note(_ cursor: FolderCursor) { cursors.append(cursor) }
  }

  init(_ mails: [[UInt8]]) { self.mails = mails }
  init(_ letters: [Letter]) { self.init(letters.map(\.bytes)) }

  func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {
    await asked.note(cursor)
    let last = cursor.uidValidity == uidValidity ? Int(cursor.lastUID) : 0
    for (number, start) in stride(from: last, to: mails.count, by: batchSize).enumerated() {
      if number == failsAfter { throw SourceError("the line was cut") }
      try await beforeBatch(number)
      let end = min(start + batchSize, mails.count)
      let batch = (start..<end).map { FetchedMail(uid: Int64($0 + 1), bytes: mails[$0], arrivedAt: .now) }
      try await handOver(
        MailBatch(mails: batch, cursor: FolderCursor(uidValidity: uidValidity, lastUID: Int64(end))))
    }
  }

  func waitForMail(atMost seconds: Seconds) async throws { try await Task.sleep(for: .seconds(seconds)) }
  func markStored(_ mails: [FetchedMail]) async throws {}
  func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws {
    try await page(
      SourceListing(uidValidity: uidValidity, uids: mails.indices.map { Int64($0 + 1) }, names: []))
  }
  func close() async {}
}
