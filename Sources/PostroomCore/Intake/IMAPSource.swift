import IMAPClient

/// A folder on an IMAP server. One session, opened when it is needed and closed after an error; the next look opens a
/// new one.
package actor IMAPSource: MailSource {
  package nonisolated let folder: String
  private let settings: IMAPSettings
  private let endpoint: IMAPEndpoint
  private var session: IMAPSession?

  /// Mails of up to this size are fetched whole, many in one command; larger ones piece by piece.
  private static let pieceBytes = 1 << 20
  /// Bounds the memory of a batch, since a few are in hand at any time.
  private static let batchBytes = 4 << 20
  private static let batchMails = 100
  private static let listingWindow = 1000

  package init(_ settings: IMAPSettings) {
    self.settings = settings
    folder = settings.folder
    endpoint = IMAPEndpoint(
      host: settings.host, port: UInt16(clamping: settings.port), security: IMAPEndpoint.Security(settings.security),
      caFile: settings.caFile, proxy: settings.proxy, clientName: "Postroom")
  }

  package func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {
    try await guarding { session in
      let status = try await session.select(self.folder)
      var position = cursor
      if Int64(status.uidValidity) != cursor.uidValidity {
        // The server forgot its UIDs: everything is listed again, and what was taken in before is recognised by its
        // contents.
        position = FolderCursor(uidValidity: Int64(status.uidValidity), lastUID: 0)
      } else {
        try await self.finishMoves(upTo: cursor, session)
      }
      if status.exists == 0 || (status.uidNext > 0 && Int64(status.uidNext) <= position.lastUID + 1) { return }
      while true {
        let page = try await session.list(after: UInt32(clamping: position.lastUID), window: Self.listingWindow)
        try await self.hand(page, position: &position, session, handOver)
        guard !page.isLast else { return }
      }
    }
  }

  /// Fetches what a page lists, in batches bounded by number and bytes.
  private func hand(
    _ page: FolderPage, position: inout FolderCursor, _ session: IMAPSession,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {
    var rest = page.messages[...]
    while !rest.isEmpty {
      var batch: [ListedMessage] = []
      var bytes = 0
      while let next = rest.first, batch.count < Self.batchMails, batch.isEmpty || bytes + size(next) <= Self.batchBytes
      {
        batch.append(next)
        bytes += min(size(next), settings.maxMailBytes)
        rest.removeFirst()
      }
      let mails = try await fetch(batch, session)
      position.lastUID = Int64(rest.isEmpty ? page.coveredUID : batch.last?.uid ?? 0)
      try await handOver(MailBatch(mails: mails, cursor: position))
    }
    position.lastUID = max(position.lastUID, Int64(page.coveredUID))
  }

  /// A server that does not tell the size gets the careful way.
  private func size(_ mail: ListedMessage) -> Int { mail.size ?? Self.pieceBytes + 1 }

  private func fetch(_ batch: [ListedMessage], _ session: IMAPSession) async throws -> [FetchedMail] {
    let small = batch.filter { size($0) <= Self.pieceBytes }
    var bytes: [UInt32: [UInt8]] = [:]
    for mail in try await session.fetch(small.map(\.uid)) { bytes[mail.uid] = mail.bytes }
    for mail in batch where size(mail) > Self.pieceBytes { bytes[mail.uid] = try await fetchLarge(mail, session) }
    var mails: [FetchedMail] = []
    for mail in batch {
      let content = bytes[mail.uid]
      // Expunged between listing and fetching: the server shows it no more, so there is nothing to account for. One
      // that it still lists is handed over without contents, which puts it before a person.
      if content == nil {
        let listed = try await session.list(after: mail.uid - 1, window: 1)
        if !listed.messages.contains(where: { $0.uid == mail.uid }) { continue }
      }
      mails.append(
        FetchedMail(
          uid: Int64(mail.uid), bytes: content ?? [], arrivedAt: mail.internalDate ?? .now,
          isTruncated: (content?.count ?? 0) < (mail.size ?? 0) && size(mail) > settings.maxMailBytes))
    }
    return mails
  }

  private func fetchLarge(_ mail: ListedMessage, _ session: IMAPSession) async throws -> [UInt8]? {
    // Of a mail beyond the limit the beginning is enough to answer it: header and text stand there.
    let wanted = size(mail) > settings.maxMailBytes ? Self.pieceBytes : mail.size ?? settings.maxMailBytes
    var content: [UInt8] = []
    content.reserveCapacity(min(wanted, size(mail)))
    while content.count < wanted {
      let count = min(Self.pieceBytes, wanted - content.count)
      guard
        let piece = try await session.fetchPart(
          mail.uid, offset: UInt32(clamping: content.count), count: UInt32(clamping: count))
      else { return nil }
      content += piece
      if piece.count < count { break }
    }
    return content
  }

  package func waitForMail(atMost seconds: Seconds) async throws {
    try await guarding { session in
      guard await session.hasIdle else {
        try await Task.sleep(for: .seconds(seconds))
        return
      }
      // Servers drop a connection that idles for 30 minutes (RFC 2177); many networks much earlier.
      _ = try await session.idle(timeout: .seconds(min(seconds, 540)))
    }
  }

  package func markStored(_ mails: [FetchedMail]) async throws {
    guard settings.afterIntake != .keep, !mails.isEmpty else { return }
    let uids = mails.map { UInt32(clamping: $0.uid) }
    try await guarding { session in
      switch self.settings.afterIntake {
      case .keep: break
      case .markSeen: try await session.markSeen(uids)
      case .move(let target): try await session.move(uids, to: target)
      }
    }
  }

  /// Mail that was stored but not moved, because the connection broke in between.
  private func finishMoves(upTo cursor: FolderCursor, _ session: IMAPSession) async throws {
    guard case .move(let target) = settings.afterIntake, cursor.lastUID > 0 else { return }
    var after: UInt32 = 0
    while true {
      let page = try await session.list(after: after, window: Self.listingWindow)
      let stored = page.messages.map(\.uid).filter { Int64($0) <= cursor.lastUID }
      if !stored.isEmpty { try await session.move(stored, to: target) }
      if page.isLast || Int64(page.coveredUID) >= cursor.lastUID { return }
      after = page.coveredUID
    }
  }

  package func listing(_ page: @Sendable (SourceListing) async throws -> Void) async throws {
    try await guarding { session in
      let status = try await session.select(self.folder)
      var after: UInt32 = 0
      while status.exists > 0 {
        let listed = try await session.list(after: after, window: Self.listingWindow)
        try await page(
          SourceListing(
            uidValidity: Int64(status.uidValidity), uids: listed.messages.map { Int64($0.uid) }, names: []))
        if listed.isLast { return }
        after = listed.coveredUID
      }
      if status.exists == 0 {
        try await page(SourceListing(uidValidity: Int64(status.uidValidity), uids: [], names: []))
      }
    }
  }

  /// Connects and logs in; what the server offers, in words.
  package func check() async throws -> String {
    try await guarding { session in
      let status = try await session.select(self.folder)
      let idle = await session.hasIdle ? "IDLE" : "no IDLE, polled"
      return "\(status.exists) mails in \(self.folder), \(idle)"
    }
  }

  package func close() async {
    let ending = session
    session = nil
    await ending?.logOut()
  }

  /// Runs `body` on the open session, opened when there is none. Any error ends the session; cancellation interrupts
  /// it, whatever it waits for.
  private func guarding<T: Sendable>(_ body: (IMAPSession) async throws -> T) async throws -> T {
    let current: IMAPSession
    if let session {
      current = session
    } else {
      current = IMAPSession(endpoint)
    }
    do {
      return try await withTaskCancellationHandler {
        if session == nil {
          try await current.connect()
          try await current.logIn(try credential())
          session = current
        }
        return try await body(current)
      } onCancel: {
        current.cancel()
      }
    } catch {
      session = nil
      await current.logOut()
      throw error
    }
  }

  private func credential() throws -> IMAPCredential {
    let secret = try settings.secret.read()
    return settings.secret.isToken
      ? .xoauth2(user: settings.user, accessToken: secret) : .password(user: settings.user, password: secret)
  }
}

extension IMAPEndpoint.Security {
  fileprivate init(_ security: IMAPSettings.Security) {
    switch security {
    case .tls: self = .tls
    case .starttls: self = .startTLS
    case .plain: self = .plain
    }
  }
}
