import Testing

@testable import IMAPClient

@Suite("Response scanner")
struct ResponseScannerTests {
  private func verdict(_ text: String, limits: IMAPLimits = IMAPLimits()) -> ResponseScanner.Fault? {
    verdict(Array(text.utf8), limits: limits)
  }

  private func verdict(_ bytes: [UInt8], limits: IMAPLimits = IMAPLimits()) -> ResponseScanner.Fault? {
    var scanner = ResponseScanner(limits: limits)
    return bytes.withUnsafeBytes { scanner.scan($0) }
  }

  @Test(
    "lets through what servers send",
    arguments: [
      "* OK [CAPABILITY IMAP4rev1] ready\r\n1 OK [READ-WRITE] done\r\n+ \r\n+ idling\r\n* BYE bye\r\n",
      "* FLAGS (\\Answered \\Seen $Junk)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* 3 EXISTS\r\n* 0 recent\r\n",
      "* 1 FETCH (UID 7 RFC822.SIZE 12 INTERNALDATE \" 1-Jan-2026 08:00:00 +0800\" FLAGS (\\Seen) MODSEQ (9))\r\n",
      "* 1 FETCH (UID 7 BODY[] {5}\r\na\0\r\n()\r\n* 2 FETCH (BODY[]<10> \"x\\\"(\" UID 8)\r\n1 NO [ALERT] no\r\n",
      "* ID (\"name\" \"Dovecot\")\r\n* ID NIL\r\n* LIST (\\NoSelect) \"/\" {3}\r\na b\r\n* SEARCH 1 2\r\n",
      "* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\n* 1 FETCH (FLAGS () BODY[] NIL)\r\n",
    ])
  func lets(_ text: String) {
    #expect(verdict(text) == nil)
    var scanner = ResponseScanner(limits: IMAPLimits())
    for byte in text.utf8 { withUnsafeBytes(of: byte) { #expect(scanner.scan($0) == nil) } }
  }

  @Test(
    "refuses what is not well-formed",
    arguments: [
      "* OK a\0b\r\n", "* OK bare newline\n", "* OK a\rb\r\n", " * 1 FETCH (UID 1)\r\n", "\r\n", "A1 OK x\r\n",
      "* 1 FETCH (UID 1 BODY[] {3}  abc)\r\n", "* 1 FETCH (UID 1 BODY[] {3+}\r\nabc)\r\n", "* OK text {3}\r\n",
      "* 1 FETCH (UID 1 BODY[] {-3}\r\n", "* 1 FETCH (UID 1))\r\n", "* 1 FETCH (UID 1\r\n", "1 MAYBE x\r\n",
      "* 1 FETCH (UID 1 BODY[] \"abc)\r\n", "* OK [ALERT]\r\n", "* OK [ PARSE ] \r\n", "* OK [alert] \u{e9}\r\n",
    ])
  func refuses(_ text: String) {
    #expect(verdict(text) == .malformed)
  }

  @Test(
    "refuses answers that nobody asked for",
    arguments: [
      "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n", "* QUOTA x (STORAGE 1 2)\r\n", "*  1 FETCH (UID 1)\r\n", "* XYZ\r\n",
      "* 1 FETCH (UID 1 X-FOO \"bar\")\r\n", "* 1 FETCH (ENVELOPE (NIL))\r\n", "* 1 FETCH (BODYSTRUCTURE (NIL))\r\n",
      "* 1 FETCH (BODY (NIL))\r\n", "* 1 FETCH (BODY[HEADER.FIELDS (TO)] NIL)\r\n",
      "* 1 FETCH (FLAGS ()ENVELOPE ())\r\n",
      "* 1 FETCH (BODY[] {3}\r\nabcENVELOPE ())\r\n", "* 1 EXPLODE\r\n", "* x FETCH (UID 1)\r\n",
    ])
  func refusesUnasked(_ text: String) {
    #expect(verdict(text) == .unexpected)
  }

  @Test("holds every limit, in whatever pieces the bytes come")
  func limits() {
    var limits = IMAPLimits()
    limits.line = 100
    limits.lines = 10
    limits.literal = 50
    limits.bytes = 2000
    #expect(verdict("* OK " + String(repeating: "x", count: 100), limits: limits) == .line)
    let flood = String(repeating: "* 1 EXISTS\r\n", count: 10)
    #expect(verdict(flood, limits: limits) == nil)
    #expect(verdict(flood + "* 1 EXISTS\r\n", limits: limits) == .lines)
    #expect(verdict("* 1 FETCH (BODY[] {51}\r\n", limits: limits) == .literal)
    #expect(verdict("* 1 FETCH (BODY[] {99999999999999999999}\r\n", limits: limits) == .literal)
    #expect(verdict("* LIST () \"/\" {101}\r\n", limits: limits) == .literal)
    #expect(verdict([UInt8](repeating: 0x2a, count: 2001), limits: limits) == .bytes)
    #expect(verdict("* LIST " + String(repeating: "(", count: 9) + "\r\n", limits: limits) == .nesting)
    #expect(verdict("* OK [BADCHARSET " + String(repeating: "(", count: 9) + "\r\n", limits: limits) == .nesting)
  }

  @Test("counts anew for each command")
  func counting() {
    var limits = IMAPLimits()
    limits.lines = 2
    var scanner = ResponseScanner(limits: limits)
    for _ in 0..<5 {
      scanner.beginCommand()
      #expect(Array("* 1 EXISTS\r\n1 OK x\r\n".utf8).withUnsafeBytes { scanner.scan($0) } == nil)
    }
  }

  @Test("gives the same verdict for the same bytes in random pieces, on 20,000 random streams")
  func pieces() {
    var random = SeededGenerator(state: 42)
    var limits = IMAPLimits()
    limits.line = 400
    var passed = 0
    for _ in 0..<20_000 {
      let bytes = HostileText.stream(&random)
      let whole = verdict(bytes, limits: limits)
      var scanner = ResponseScanner(limits: limits)
      var piecewise: ResponseScanner.Fault?
      var rest = bytes[...]
      while !rest.isEmpty, piecewise == nil {
        let piece = rest.prefix(Int.random(in: 1...40, using: &random))
        piecewise = piece.withUnsafeBytes { scanner.scan($0) }
        rest = rest.dropFirst(piece.count)
      }
      #expect(whole == piecewise)
      if whole == nil { passed += 1 }
    }
    // Streams that all fail or all pass would show nothing.
    #expect((200...19_800).contains(passed))
  }
}
