import Testing

@testable import IMAPClient

@Suite("Folders")
struct FolderTests {
  /// Every page from the beginning, as the caller would walk them.
  private func listAll(_ folder: FakeFolder, window: Int) async throws -> (uids: [UInt32], commands: Int, largest: Int)
  {
    try await withSession({ folder.answer($0) }) { session, server in
      var (uids, cursor, largest) = ([UInt32](), UInt32(0), 0)
      while true {
        let page = try await session.list(after: cursor, window: window)
        #expect(page.messages.allSatisfy { $0.uid > cursor && $0.uid <= page.coveredUID })
        #expect(page.coveredUID > cursor || page.isLast)
        uids += page.messages.map(\.uid)
        largest = max(largest, page.messages.count)
        cursor = page.coveredUID
        if page.isLast { break }
      }
      return (uids, server.commands.count, largest)
    }
  }

  @Test("are listed completely, whatever the gaps between UIDs, in pages of about the window")
  func gaps() async throws {
    var random = SeededGenerator(state: 7)
    let sparse = (0..<300).map { UInt32(5 + $0 * 5000) }
    let wild = Set((0..<400).map { _ in UInt32.random(in: 1...4_000_000_000, using: &random) }).sorted()
    for uids in [
      Array(1...1000), sparse, wild, [1, 4_294_967_295], [4_294_967_295], Array(1...50) + [3_000_000_000], [],
    ] {
      let (listed, commands, largest) = try await listAll(FakeFolder(uids), window: 100)
      #expect(listed == uids)
      #expect(largest <= 100)
      #expect(commands < 60)
    }
  }

  @Test("lose no message to an expunge or a delivery between any two commands")
  func changes() async throws {
    for seed in 1...20 {
      let start = (1...600).map { UInt32($0 * 37) }
      let folder = FakeFolder(start) { uids, count in
        var random = SeededGenerator(state: UInt64(seed * 1000 + count))
        for _ in 0..<Int.random(in: 0...9, using: &random) where !uids.isEmpty {
          uids.remove(at: Int.random(in: 0..<uids.count, using: &random))
        }
        if count < 40, let last = uids.last { uids.append(last + UInt32.random(in: 1...500, using: &random)) }
      }
      let (listed, _, _) = try await listAll(folder, window: 50)
      let survivors = Set(folder.uids)
      #expect(Set(listed).count == listed.count && listed == listed.sorted())
      let reached = listed.last ?? 0
      #expect(survivors.filter { $0 <= reached }.isSubset(of: Set(listed)))
    }
  }

  @Test("resume at a cursor in the middle")
  func resume() async throws {
    let folder = FakeFolder((1...500).map { UInt32($0 * 1000) })
    try await withSession({ folder.answer($0) }) { session, _ in
      let page = try await session.list(after: 250_500, window: 10)
      #expect(page.messages.map(\.uid) == (251...260).map { $0 * 1000 })
      #expect(!page.isLast)
      // `n:*` is the last message even where its UID is below n.
      #expect(
        try await session.list(after: 500_000, window: 10)
          == FolderPage(messages: [], coveredUID: 500_000, isLast: true))
      let beyond = try await session.list(after: .max, window: 10)
      #expect(beyond.messages.isEmpty && beyond.isLast)
    }
  }

  @Test("have a computed UIDNEXT when the server gives none, and need a UIDVALIDITY")
  func status() async throws {
    let folder = FakeFolder([3, 9, 40])
    try await withSession({ folder.answer($0) }) { session, _ in
      let status = try await session.select("INBOX")
      #expect(status == FolderStatus(uidValidity: 7, uidNext: 41, exists: 3))
    }
    try await withSession({ $0 == "SELECT b" ? .answer("* 1 EXISTS\r\n") : nil }) { session, _ in
      #expect(await failure { _ = try await session.select("b") } == .unsupported)
    }
  }

  @Test("that do not exist are told in the server's words, and the session goes on")
  func noFolder() async throws {
    let script: FakeServer.Script = { $0.hasPrefix("SELECT \"&") ? .raw(Array("TAG NO no such folder\r\n".utf8)) : nil }
    try await withSession(script) { session, server in
      #expect(await failure { _ = try await session.select("收件箱/旧") } == .noFolder)
      #expect(server.commands.last?.contains("&ZTZO9nux-/&Zec-") == true)
      #expect(await failure { _ = try await session.list(after: 0) } == .noFolder)
      let status = try await session.select("INBOX")
      #expect(status.uidNext == 31)
    }
  }

  @Test("give sizes and dates in UTC, and whole messages")
  func attributes() async throws {
    let script: FakeServer.Script = { command in
      if command == "UID FETCH * (UID)" { return .answer("* 3 FETCH (UID 9)\r\n") }
      if command.contains("INTERNALDATE") {
        return .answer(
          "* 1 FETCH (UID 7 RFC822.SIZE 12 INTERNALDATE \" 1-Jan-2026 08:00:00 +0800\")\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"
            + "* 2 FETCH (UID 8 RFC822.SIZE 5 INTERNALDATE \"29-Feb-2024 23:30:00 -0330\")\r\n* 3 FETCH (UID 9)\r\n")
      }
      if command.contains("BODY.PEEK[]<") { return .answer("* 1 FETCH (UID 7 BODY[]<4> {3}\r\nefg)\r\n") }
      return command.contains("BODY.PEEK[]")
        ? .answer(
          "* 3 FETCH (BODY[] {4}\r\n)\r\n* UID 9)\r\n* 1 FETCH (UID 7 BODY[] \"\")\r\n* 2 FETCH (UID 55 BODY[] \"x\")\r\n"
        ) : nil
    }
    try await withSession(script) { session, _ in
      let page = try await session.list(after: 0)
      #expect(
        page.messages == [
          ListedMessage(uid: 7, size: 12, internalDate: 1_767_225_600_000),
          ListedMessage(uid: 8, size: 5, internalDate: 1_709_262_000_000),
          ListedMessage(uid: 9, size: nil, internalDate: nil),
        ])
      #expect(
        try await session.fetch([7, 8, 9]) == [
          FetchedMessage(uid: 7, bytes: []), FetchedMessage(uid: 9, bytes: Array(")\r\n*".utf8)),
        ])
      #expect(try await session.fetchPart(7, offset: 4, count: 3) == Array("efg".utf8))
      #expect(await failure { _ = try await session.fetchPart(7, offset: 5, count: 3) } == .protocolViolation)
    }
  }

  @Test("are asked once more when the server says NO because of expunged mails")
  func expungeIssued() async throws {
    let script: FakeServer.Script = { command in
      command == "UID FETCH 1:2 (UID BODY.PEEK[])" ? .raw(Array("TAG NO [EXPUNGEISSUED] gone\r\n".utf8)) : nil
    }
    try await withSession(script) { session, server in
      #expect(await failure { _ = try await session.fetch([1, 2]) } == .refused)
      let command = "UID FETCH 1:2 (UID BODY.PEEK[])"
      #expect(server.commands.suffix(3) == [command, "NOOP", command])
      try await session.noop()
    }
  }

  @Test("are changed by MOVE, or by COPY and a UID EXPUNGE of just these mails")
  func move() async throws {
    for (capability, expected) in [
      ("MOVE", ["UID MOVE 1:3,9 \"&V4NXPg-\""]),
      ("UIDPLUS", ["UID COPY 1:3,9 \"&V4NXPg-\"", "UID STORE 1:3,9 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 1:3,9"]),
    ] {
      let script: FakeServer.Script = { $0 == "CAPABILITY" ? .answer("* CAPABILITY IMAP4rev1 \(capability)\r\n") : nil }
      try await withSession(script) { session, server in
        try await session.move([9, 3, 2, 1, 2], to: "垃圾")
        #expect(Array(server.commands.suffix(expected.count)) == expected)
        try await session.markSeen([4])
        #expect(server.commands.last == "UID STORE 4 +FLAGS.SILENT (\\Seen)")
      }
    }
    try await withSession({ $0 == "CAPABILITY" ? .answer("* CAPABILITY IMAP4rev1\r\n") : nil }) { session, _ in
      #expect(await failure { try await session.move([1], to: "x") } == .unsupported)
    }
  }

  @Test("names are written in modified UTF-7, and UIDs as short sets")
  func encodings() {
    #expect(modifiedUTF7("INBOX") == "INBOX")
    #expect(modifiedUTF7("A & B") == "A &- B")
    #expect(modifiedUTF7("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-")
    #expect(modifiedUTF7("a\r\nb😀") == "a&AA0ACg-b&2D3eAA-")
    #expect(sequenceSets([5, 1, 2, 3, 5, 0, .max]) == ["1:3,5,4294967295"])
    #expect(sequenceSets((1...500).map { $0 * 2 }).map { $0.split(separator: ",").count } == [200, 200, 100])
    #expect(base64(Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
  }
}
