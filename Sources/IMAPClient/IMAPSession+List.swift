extension IMAPSession {
  /// Messages with UIDs above `uid`, about `window` of them, by ascending UID.
  ///
  /// Never skips a message. What is listed is always one range of UIDs, up to a UID that was in the folder before the
  /// range was asked for; UIDs are assigned ascending (RFC 9051 §2.3.1.1), so nothing can appear in the range later.
  /// Sequence numbers, which a concurrent expunge shifts, only help to guess how far the range may reach to hold
  /// about `window` messages: a wrong guess makes a page larger or smaller, not incomplete.
  package func list(after uid: UInt32, window: Int = 1000) throws -> FolderPage {
    let connection = try connection()
    let window = UInt32(clamping: min(max(window, 1), 10_000))
    var last = try lastMessage(connection)
    if (last?.uid ?? 0) <= uid {
      // The server's view of the folder may be as old as the last command.
      try connection.run("NOOP")
      last = try lastMessage(connection)
    }
    guard let last, last.uid > uid else { return FolderPage(messages: [], coveredUID: uid, isLast: true) }
    let end = try rangeEnd(connection, after: uid, window: window, last: last)
    let items = try connection.fetch("UID FETCH \(uid + 1):\(end) (UID RFC822.SIZE INTERNALDATE)")
    let messages = merge(items, within: (uid + 1)...end)
    return FolderPage(messages: messages, coveredUID: end, isLast: end == last.uid)
  }

  /// One message, by both of its numbers.
  struct Position {
    let number: UInt32
    let uid: UInt32
  }

  /// The message with the highest UID. `*` stands for it (RFC 9051 §9, seq-number), in an empty folder for an error.
  func lastMessage(_ connection: IMAPConnection) throws -> Position? {
    guard let exists = connection.selection?.exists else {
      throw connection.error(.noFolder, "no folder is selected")
    }
    guard exists > 0 else { return nil }
    let positions = try connection.fetch("UID FETCH * (UID)").compactMap { item in
      item.uid.map { Position(number: item.number, uid: $0) }
    }
    guard let last = positions.max(by: { $0.uid < $1.uid }) else {
      // The last message may just have been expunged; otherwise the answer must not pass for "no mail".
      try connection.run("NOOP")
      guard connection.selection?.exists ?? 0 < exists else {
        throw connection.error(.protocolViolation, "the server says the folder has mails but lists none")
      }
      return nil
    }
    return last
  }

  /// Where a range from `uid` should end to hold about `window` messages; above `uid`, at most `last.uid`.
  private func rangeEnd(
    _ connection: IMAPConnection, after uid: UInt32, window: UInt32, last: Position
  ) throws -> UInt32 {
    // Without gaps this is the answer, and with gaps still a correct one.
    guard last.uid - uid > window else { return last.uid }
    let dense = uid + window
    let before: UInt32? =
      if uid == 0 {
        0
      } else if let listed, listed.uid == uid {
        listed.number
      } else {
        try countOfMessages(connection, upTo: uid, last: last)
      }
    guard let before else { return dense }
    let number = before.addingReportingOverflow(window)
    var end = last
    if !number.overflow && number.partialValue < last.number {
      guard let position = try position(connection, number.partialValue) else { return dense }
      end = position
    }
    listed = (end.uid, end.number)
    return min(max(end.uid, dense), last.uid)
  }

  /// How many messages have `uid` or a lower one, by bisection; nil if the folder changes meanwhile.
  private func countOfMessages(_ connection: IMAPConnection, upTo uid: UInt32, last: Position) throws -> UInt32? {
    var (low, high) = (UInt32(0), last.number)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      guard let position = try position(connection, middle) else { return nil }
      if position.uid <= uid { low = middle } else { high = middle }
    }
    return low
  }

  private func position(_ connection: IMAPConnection, _ number: UInt32) throws -> Position? {
    let items = try connection.fetch("FETCH \(number) (UID)")
    return items.last { $0.number == number && $0.uid != nil }
      .flatMap { item in item.uid.map { Position(number: number, uid: $0) } }
  }

  /// One entry per UID. Servers send further FETCH answers, with flags, whenever they like.
  private func merge(_ items: [FetchedItem], within range: ClosedRange<UInt32>) -> [ListedMessage] {
    var byUID: [UInt32: ListedMessage] = [:]
    for item in items {
      guard let uid = item.uid, range.contains(uid) else { continue }
      let known = byUID[uid]
      byUID[uid] = ListedMessage(
        uid: uid, size: item.size ?? known?.size, internalDate: item.internalDate ?? known?.internalDate)
    }
    return byUID.values.sorted { $0.uid < $1.uid }
  }
}
