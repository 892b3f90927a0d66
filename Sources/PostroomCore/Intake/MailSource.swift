/// How far a folder was read. All mail up to `lastUID` has its row in the ledger.
package struct FolderCursor: Sendable, Equatable {
  /// The server's promise that UIDs mean the same as before (RFC 9051 §2.3.1.1); 0 for a Maildir and before the first
  /// look.
  ///
  /// A server that was set back to an older state gives UIDs a second time under the same promise. How often that was
  /// seen stands in the upper 32 bits, so that the ledger tells the mails apart.
  package var uidValidity: Int64
  package var lastUID: Int64

  package init(uidValidity: Int64 = 0, lastUID: Int64 = 0) {
    self.uidValidity = uidValidity
    self.lastUID = lastUID
  }

  /// The server's own number.
  var serverValidity: Int64 { uidValidity & 0xFFFF_FFFF }

  /// Where to begin when the server numbers its mails anew.
  func renumbered(serverValidity: Int64) -> FolderCursor {
    FolderCursor(uidValidity: uidValidity - self.serverValidity + serverValidity)
  }

  /// Where to begin when the server gives UIDs again that it gave before.
  var setBack: FolderCursor { FolderCursor(uidValidity: uidValidity + (1 << 32)) }
}

/// A mail as its source hands it over.
package struct FetchedMail: Sendable {
  package var uid: Int64
  /// A Maildir's file name without flags; nil for IMAP.
  package var name: String?
  package var bytes: [UInt8]
  /// When the mail reached the mailbox (IMAP's INTERNALDATE, a file's time of change).
  package var arrivedAt: Instant
  /// The mail is larger than the limit, and `bytes` only its beginning.
  package var isTruncated = false
  /// Why the source could not deliver it; then it goes to quarantine.
  package var obstacle: String?

  package init(
    uid: Int64, name: String? = nil, bytes: [UInt8], arrivedAt: Instant, isTruncated: Bool = false,
    obstacle: String? = nil
  ) {
    self.uid = uid
    self.name = name
    self.bytes = bytes
    self.arrivedAt = arrivedAt
    self.isTruncated = isTruncated
    self.obstacle = obstacle
  }
}

/// Mails that are taken in and committed together.
package struct MailBatch: Sendable {
  package var mails: [FetchedMail]
  /// Where the folder stands once these are stored.
  package var cursor: FolderCursor

  package init(mails: [FetchedMail], cursor: FolderCursor) {
    self.mails = mails
    self.cursor = cursor
  }
}

/// Where mail comes from. A source never changes the state of a mail before it is told that the mail is stored.
package protocol MailSource: Sendable {
  /// Name of the folder that it reads, as the ledger keeps it.
  var folder: String { get }

  /// Hands over every mail beyond `cursor`, in batches in order. `known` tells which file names the ledger has.
  func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws

  /// Returns when there may be new mail, or after `seconds`.
  func waitForMail(atMost seconds: Seconds) async throws

  /// The mails of the batch are stored. A source that wants to tell the server keeps it in mind until `finishMarking`:
  /// nothing that only tidies up may get in the way of taking mail in.
  func markStored(_ mails: [FetchedMail]) async throws

  /// Called after everything that was found is stored, up to `cursor`: now the server may be told (seen, moved) if the
  /// settings want it. `undelivered` stay as they are, for a later try. What it throws fails nothing.
  func finishMarking(upTo cursor: FolderCursor, except undelivered: Set<Int64>) async throws

  /// One mail again that could not be delivered before; nil when the source shows it no more.
  func fetch(_ key: LedgerKey) async throws -> FetchedMail?

  /// What a mail's beginning has in bytes when the mail is larger than the limit; nil for a source without limit.
  var beginningBytes: Int? { get }

  /// All mails that the source shows now, without their bytes: the server's side of the account.
  func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws

  func close() async
}

extension MailSource {
  package func finishMarking(upTo cursor: FolderCursor, except undelivered: Set<Int64>) async throws {}
  package func fetch(_ key: LedgerKey) async throws -> FetchedMail? { nil }
  package var beginningBytes: Int? { nil }
}

/// A part of what a source holds.
package struct SourceListing: Sendable {
  package var uidValidity: Int64
  /// Ascending UIDs; empty for a Maildir.
  package var uids: [Int64]
  /// File names; empty for IMAP.
  package var names: [String]
}

/// A source that cannot be read now, in a sentence that says why and what to do.
package struct SourceError: Error, Sendable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
