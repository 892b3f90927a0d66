/// A folder as SELECT found it (RFC 9051 §6.3.2).
package struct FolderStatus: Sendable, Equatable {
  /// Changes when the server has numbered the folder anew: then no UID known before means anything.
  package let uidValidity: UInt32
  /// Every later message gets this UID or a higher one; computed if the server does not say.
  package let uidNext: UInt32
  /// How many messages there are.
  package let exists: Int
}

/// A message without its content.
package struct ListedMessage: Sendable, Equatable {
  /// Unique in the folder for one UIDVALIDITY.
  package let uid: UInt32
  /// Bytes, as the server says; nil if it does not.
  package let size: Int?
  /// When the server got the message, in milliseconds since 1970 UTC; nil if it gives no valid date.
  package let internalDate: Int64?
}

/// A part of a folder's list.
package struct FolderPage: Sendable, Equatable {
  /// By ascending UID.
  package let messages: [ListedMessage]
  /// No message with this UID or a lower one, above the cursor asked for, is missing from `messages`: the next cursor.
  package let coveredUID: UInt32
  /// Whether nothing was above `coveredUID` when the server was asked.
  package let isLast: Bool
}

/// A whole message.
package struct FetchedMessage: Sendable, Equatable {
  /// Unique in the folder for one UIDVALIDITY.
  package let uid: UInt32
  /// The message as the server keeps it, usually with CRLF.
  package let bytes: [UInt8]
}

extension IMAPSession {
  /// Opens a folder for reading and for flags; `name` is plain Unicode. Throws `noFolder` with the server's words, and
  /// `unsupported` if the server gives no UIDVALIDITY, because UIDs without it cannot be kept.
  package func select(_ name: String) throws -> FolderStatus {
    let connection = try connection()
    listed = nil
    try connection.select(modifiedUTF7(name))
    guard let selection = connection.selection, selection.uidValidity != 0 else {
      throw connection.error(.unsupported, "the folder \(name) has no UIDVALIDITY, so its mails cannot be told apart")
    }
    guard selection.uidNext == 0 else { return selection }
    let last = try lastMessage(connection)?.uid ?? 0
    return FolderStatus(
      uidValidity: selection.uidValidity, uidNext: last == .max ? last : last + 1, exists: selection.exists)
  }

  /// The whole messages with `uids`, by one command for each 200 runs of UIDs, without setting \Seen.
  /// A message that does not exist any more is absent; one whose content the server cannot give (NIL) has no bytes. Keep a batch small: it is in memory twice for a moment.
  package func fetch(_ uids: [UInt32]) throws -> [FetchedMessage] {
    let connection = try connection()
    let wanted = Set(uids)
    var bodies: [UInt32: [UInt8]] = [:]
    for set in sequenceSets(uids) {
      for item in try connection.fetch("UID FETCH \(set) (UID BODY.PEEK[])") {
        guard let uid = item.uid, let body = item.body, item.offset == 0, wanted.contains(uid) else { continue }
        bodies[uid] = body
      }
    }
    return bodies.sorted { $0.key < $1.key }.map { FetchedMessage(uid: $0.key, bytes: $0.value) }
  }

  /// At most `count` bytes of a message from `offset`, without setting \Seen; fewer at its end, none behind it.
  /// nil: the message does not exist any more.
  package func fetchPart(_ uid: UInt32, offset: UInt32, count: UInt32) throws -> [UInt8]? {
    let connection = try connection()
    let items = try connection.fetch("UID FETCH \(uid) (UID BODY.PEEK[]<\(offset).\(max(1, count))>)")
    guard let item = items.last(where: { $0.uid == uid && $0.body != nil }), let body = item.body else { return nil }
    guard item.offset == Int(offset) else {
      throw connection.error(.protocolViolation, "the server sent another part of a mail than was asked for")
    }
    return body.count <= Int(count) ? body : Array(body.prefix(Int(count)))
  }

  /// Sets \Seen.
  package func markSeen(_ uids: [UInt32]) throws {
    let connection = try connection()
    for set in sequenceSets(uids) { try connection.run("UID STORE \(set) +FLAGS.SILENT (\\Seen)") }
  }

  /// Moves messages to another folder (RFC 6851), or copies, deletes and expunges just them (RFC 4315).
  /// Throws `noFolder` if there is no such folder, `unsupported` if the server has neither way.
  package func move(_ uids: [UInt32], to folder: String) throws {
    let connection = try connection()
    let name = quoted(modifiedUTF7(folder))
    let hasMove = capabilities.contains("MOVE")
    guard hasMove || capabilities.contains("UIDPLUS") else {
      throw connection.error(.unsupported, "the server cannot move mails (neither MOVE nor UIDPLUS)")
    }
    listed = nil
    for set in sequenceSets(uids) {
      do {
        try connection.run("UID \(hasMove ? "MOVE" : "COPY") \(set) \(name)")
      } catch let error as IMAPError where error.kind == .refused {
        throw connection.error(.noFolder, "mails cannot be moved to \(folder): \(connection.answer)")
      }
      guard !hasMove else { continue }
      try connection.run("UID STORE \(set) +FLAGS.SILENT (\\Deleted)")
      try connection.run("UID EXPUNGE \(set)")
    }
  }

  /// Does nothing but let the server tell what is new, and keeps the connection alive.
  package func noop() throws {
    try connection().run("NOOP")
  }
}
