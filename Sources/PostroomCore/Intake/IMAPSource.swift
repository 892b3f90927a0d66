import IMAPClient

/// A folder on an IMAP server. One session, opened when it is needed and dropped when it has died; the next look opens a
/// new one.
package actor IMAPSource: MailSource {
  package nonisolated let folder: String
  let settings: IMAPSettings
  private let endpoint: IMAPEndpoint
  private let login: MailLogin
  private var session: IMAPSession?
  /// What the last look saw all of: UIDVALIDITY, and the UID that the next mail would get.
  private var looked: (uidValidity: UInt32, uidNext: Int64)?
  /// Stored mails that are not marked as seen yet.
  private var unmarked: [UInt32] = []

  /// Mails of up to this size are fetched whole, many in one command; larger ones piece by piece.
  static let pieceBytes = 1 << 20
  /// Bounds the memory of a batch, since a few are in hand at any time.
  private static let batchBytes = 4 << 20
  private static let batchMails = 100
  private static let listingWindow = 1000
  private static let mostUnmarked = 100_000

  /// `tokens` is where the access tokens of the house come from.
  package init(_ settings: IMAPSettings, tokens: AccessTokens = AccessTokens()) {
    self.settings = settings
    login = MailLogin(settings.secret, tokens: tokens)
    folder = settings.folder
    endpoint = IMAPEndpoint(
      host: settings.host, port: UInt16(clamping: settings.port), security: IMAPEndpoint.Security(settings.security),
      caFile: settings.caFile, proxy: settings.proxy, clientName: "Postroom")
  }

  package nonisolated var beginningBytes: Int? { Self.pieceBytes }

  package func takeMail(
    beyond cursor: FolderCursor, known: @Sendable ([String]) async throws -> Set<String>,
    _ handOver: @Sendable (MailBatch) async throws -> Void
  ) async throws {
    try await guarding { session in
      let status = try await session.select(self.folder)
      var position = cursor
      if Int64(status.uidValidity) != cursor.serverValidity {
        // The server forgot its UIDs: everything is listed again, and what was taken in before is recognised by its
        // contents.
        position = cursor.renumbered(serverValidity: Int64(status.uidValidity))
        unmarked = []
      } else if Self.wasSetBack(status, behind: cursor) {
        position = cursor.setBack
        unmarked = []
        // Stored even if the folder is empty: when new mail has passed the old cursor, nothing tells any more.
        try await handOver(MailBatch(mails: [], cursor: position))
      }
      if status.exists > 0, Int64(status.uidNext) > position.lastUID + 1 {
        while true {
          let page = try await session.list(after: UInt32(clamping: position.lastUID), window: Self.listingWindow)
          try await self.hand(page, position: &position, session, handOver)
          if page.isLast { break }
        }
      }
      looked = (status.uidValidity, max(Int64(status.uidNext), position.lastUID + 1))
    }
  }

  /// UIDs only grow (RFC 9051 §2.3.1.1). A server that would give one again that was read before was restored from a
  /// backup.
  private static func wasSetBack(_ status: FolderStatus, behind cursor: FolderCursor) -> Bool {
    status.uidNext < .max && Int64(status.uidNext) <= cursor.lastUID
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

  package func fetch(_ key: LedgerKey) async throws -> FetchedMail? {
    try await guarding { session in
      let status = try await session.select(self.folder)
      guard Int64(status.uidValidity) == FolderCursor(uidValidity: key.uidValidity).serverValidity, key.uid > 0 else {
        throw SourceError("the server has numbered the mails in \(self.folder) anew")
      }
      guard status.exists > 0 else { return nil }
      let listed = try await session.list(after: UInt32(clamping: key.uid - 1), window: 1)
      return try await self.fetch(listed.messages.filter { Int64($0.uid) == key.uid }, session).first
    }
  }

  package func waitForMail(atMost seconds: Seconds) async throws {
    try await guarding { session in
      // A mail that the server told of during an earlier command is not told of again by IDLE.
      let status = try await session.select(self.folder)
      if let looked, looked.uidValidity == status.uidValidity, Int64(status.uidNext) > looked.uidNext { return }
      guard await session.hasIdle else {
        try await Task.sleep(for: .seconds(seconds))
        return
      }
      // Servers drop a connection that idles for 30 minutes (RFC 2177); many networks much earlier.
      _ = try await session.idle(timeout: .seconds(min(seconds, 540)))
    }
  }

  package func markStored(_ mails: [FetchedMail]) {
    guard settings.afterIntake == .markSeen, unmarked.count < Self.mostUnmarked else { return }
    unmarked += mails.filter { $0.obstacle == nil }.map { UInt32(clamping: $0.uid) }
  }

  /// Moves everything up to `cursor`, also what an earlier look stored but did not move.
  package func finishMarking(upTo cursor: FolderCursor, except undelivered: Set<Int64>) async throws {
    let after = settings.afterIntake
    guard after != .keep, after != .markSeen || !unmarked.isEmpty, cursor.lastUID > 0 else { return }
    try await guarding { session in
      // The session may be a new one, and a UID means something only under its UIDVALIDITY.
      let status = try await session.select(self.folder)
      guard Int64(status.uidValidity) == cursor.serverValidity, !Self.wasSetBack(status, behind: cursor) else { return }
      switch after {
      case .keep: break
      case .markSeen:
        do {
          try await session.markSeen(unmarked)
        } catch let error as IMAPError where Self.survives(error) {
          // The server said no; it would again.
          unmarked = []
          throw error
        }
        unmarked = []
      case .move(let target) where status.exists > 0:
        try await self.moveAll(upTo: cursor.lastUID, except: undelivered, to: target, session)
      case .move: break
      }
    }
  }

  private func moveAll(
    upTo last: Int64, except undelivered: Set<Int64>, to target: String, _ session: IMAPSession
  ) async throws {
    var after: UInt32 = 0
    while true {
      let page = try await session.list(after: after, window: Self.listingWindow)
      let stored = page.messages.map(\.uid).filter { Int64($0) <= last && !undelivered.contains(Int64($0)) }
      if !stored.isEmpty { try await session.move(stored, to: target) }
      if page.isLast || Int64(page.coveredUID) >= last { return }
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
      if case .move(let target) = self.settings.afterIntake {
        do {
          _ = try await session.select(target)
        } catch let error as IMAPError where error.kind == .noFolder {
          throw SourceError("mail cannot be moved to \(target) after intake: \(error)")
        }
      }
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

  // MARK: The session

  /// Runs `body` on the open session, opened when there is none. An error that ends the session drops it; cancellation
  /// interrupts it, whatever it waits for.
  private func guarding<T: Sendable>(_ body: (IMAPSession) async throws -> T) async throws -> T {
    let current: IMAPSession
    if let session { current = session } else { current = try await loggedIn() }
    session = current
    do {
      return try await withTaskCancellationHandler {
        try await body(current)
      } onCancel: {
        current.cancel()
      }
    } catch {
      if !Self.survives(error) {
        if session === current { session = nil }
        await current.logOut()
      }
      throw error
    }
  }

  /// A new session. A token that the server refuses is renewed once.
  private func loggedIn() async throws -> IMAPSession {
    var credential = try await login.credential(now: .now)
    while true {
      do {
        let session = try await opened(credential)
        await login.succeeded(with: credential)
        return session
      } catch let error as IMAPError where error.kind == .refusedLogin {
        guard let other = try await login.replacement(of: credential, refusedWith: error.message, now: .now) else {
          throw error
        }
        credential = other
      }
    }
  }

  private func opened(_ credential: MailLogin.Credential) async throws -> IMAPSession {
    let session = IMAPSession(endpoint)
    do {
      try await withTaskCancellationHandler {
        try await session.connect()
        try await session.logIn(IMAPCredential(credential, user: settings.user))
      } onCancel: {
        session.cancel()
      }
      return session
    } catch {
      // One that never got that far is of no use, whatever the error.
      await session.logOut()
      throw error
    }
  }

  /// Whether the session lives on after an error. Errors that are not its own have not touched it.
  private static func survives(_ error: any Error) -> Bool {
    guard let error = error as? IMAPError else { return !Task.isCancelled }
    return [.refused, .noFolder, .unsupported].contains(error.kind)
  }
}

extension IMAPCredential {
  fileprivate init(_ credential: MailLogin.Credential, user: String) {
    switch credential {
    case .password(let password): self = .password(user: user, password: password)
    case .token(let token): self = .xoauth2(user: user, accessToken: token.value.text)
    case .foreignToken(let token): self = .xoauth2(user: user, accessToken: token)
    }
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
