import IMAPClient

extension IMAPSource {
  /// A server that does not tell the size gets the careful way.
  func size(_ mail: ListedMessage) -> Int { mail.size ?? Self.pieceBytes + 1 }

  /// What the server delivers of `batch`. What it lists but does not deliver has an obstacle; what it shows no more is
  /// left out.
  func fetch(_ batch: [ListedMessage], _ session: IMAPSession) async throws -> [FetchedMail] {
    let small = batch.filter { size($0) <= Self.pieceBytes }
    var bytes: [UInt32: [UInt8]] = [:]
    // A refusal leaves open which mail it is about: each is asked for alone then.
    if case .success(let mails) = try await unlessRefused({ try await session.fetch(small.map(\.uid)) }) {
      for mail in mails { bytes[mail.uid] = mail.bytes }
    }
    var mails: [FetchedMail] = []
    var refusal: IMAPError?
    for mail in batch {
      var fetched = FetchedMail(
        uid: Int64(mail.uid), bytes: bytes.removeValue(forKey: mail.uid) ?? [],
        arrivedAt: min(mail.internalDate ?? .now, .now))
      if fetched.bytes.isEmpty, mail.size != 0 {
        var words = ""
        switch try await unlessRefused({ try await fetchAlone(mail, session) }) {
        case .success(let content): fetched.bytes = content ?? []
        case .failure(let error):
          refusal = error
          words = ": \(error)"
        }
        if fetched.bytes.isEmpty {
          // Expunged between listing and fetching: the server shows it no more, so there is nothing to account for.
          let listed = try await session.list(after: mail.uid - 1, window: 1)
          if !listed.messages.contains(where: { $0.uid == mail.uid }) { continue }
          fetched.obstacle = "the server lists this mail but did not deliver it" + words
        }
      }
      fetched.isTruncated =
        fetched.obstacle == nil && fetched.bytes.count < (mail.size ?? 0) && size(mail) > settings.maxMailBytes
      mails.append(fetched)
    }
    if !mails.isEmpty, mails.allSatisfy({ $0.obstacle != nil }),
      try await !deliversOthers(than: Set(batch.map(\.uid)), session)
    {
      throw refusal ?? SourceError("the server lists mails in \(folder) but delivers none of them")
    }
    return mails
  }

  /// Whether the server delivers any other mail, so that a refusal concerns the mails asked for. "NO system busy" to
  /// everything must not put the whole folder before a person.
  private func deliversOthers(than uids: Set<UInt32>, _ session: IMAPSession) async throws -> Bool {
    let others = try await session.list(after: 0, window: 8).messages.filter { !uids.contains($0.uid) }.prefix(5)
    for other in others {
      let piece = try await unlessRefused { try await session.fetchPart(other.uid, offset: 0, count: 1) }
      if case .success(.some(let bytes)) = piece, !bytes.isEmpty { return true }
    }
    // With nothing to compare with, the only mail of a folder has to take the blame.
    return others.isEmpty && uids.count == 1
  }

  private func unlessRefused<T: Sendable>(_ body: () async throws -> T) async throws -> Result<T, IMAPError> {
    do {
      return .success(try await body())
    } catch let error as IMAPError where error.kind == .refused {
      return .failure(error)
    }
  }

  private func fetchAlone(_ mail: ListedMessage, _ session: IMAPSession) async throws -> [UInt8]? {
    if size(mail) > Self.pieceBytes { return try await fetchLarge(mail, session) }
    return try await session.fetch([mail.uid]).first?.bytes
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
}
