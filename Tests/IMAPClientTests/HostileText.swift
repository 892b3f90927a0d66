/// Streams of IMAP words in random order: what a mad or hostile server might send.
enum HostileText {
  private static let words: [String] = [
    "* ", "* OK ", "* NO ", "* BYE ", "1 ", "* 1 FETCH (", "* 2 FETCH (", "UID 1 ", "UID 1", "UID 4294967296 ",
    "FLAGS (",
    "FLAGS () ", ") ", ")", "\"", "\\", "\\\"", "{5}", "{6}\r\nabcdef", "{0}\r\n", "{70000}\r\n", "{-5}\r\n", "\r\n",
    "\r\n",
    ")\r\n", ")\r\n", " ", "[", "]", "BODY[] ", "BODY[] {3}\r\nabc", "BODY[]<3> {2}\r\n))", "BODY[] NIL",
    "BODY[] \"q\"",
    "BODYSTRUCTURE ", "((((((((((", "a", "+ ", "* LIST () \"/\" x", "* LIST (", "[BADCHARSET (", "[PERMANENTFLAGS (",
    "[ALERT] ",
    "[ALERT]", "[PARSE]\r\n", "[COPYUID 1 1 1] ", "[APPENDUID 1 1] ", "[UIDNEXT 99999999999] ", "[UNSEEN x] ", "[X ",
    "[CAPABILITY ] ",
    "[HIGHESTMODSEQ 1] ", "ENVELOPE (", "~{6}\r\n", "{6+}\r\n", "NIL ", "\n", "\r", "\t", "\0", "* NAMESPACE ((",
    "* ID (", "* ID NIL",
    "* ID (\"a\" NIL)", "* ID ()", "* CAPABILITY ", "* CAPABILITY", "AUTH=", "* SEARCH ", "* SEARCH 1 2",
    "* STATUS a (", "* STATUS a (MESSAGES 1)",
    "RFC822.SIZE 1 ", "RFC822.SIZE 99999999999 ", "INTERNALDATE \"", "INTERNALDATE \" 1-Jan-2026 00:00:00 +0000\" ",
    "INTERNALDATE \"99-Zzz-9999 99:99:99 -9999\" ", "MODSEQ (1) ", "MODSEQ (", "* 1 EXISTS\r\n",
    "* 4294967295 EXISTS\r\n", "* 1 EXPUNGE\r\n",
    "* 0 EXPUNGE\r\n", "* ENABLED X", "é", "* FLAGS (\\Seen \\*)", "* FLAGS (",
  ]

  static func stream(_ random: inout SeededGenerator) -> [UInt8] {
    var text: [UInt8] = []
    if Bool.random(using: &random) { text += Array("* 1 FETCH (".utf8) }
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      text += Array((words.randomElement(using: &random) ?? "").utf8)
    }
    if Int.random(in: 0..<8, using: &random) == 0, !text.isEmpty {
      text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    return text + Array("\r\n".utf8)
  }

  /// A well-formed answer to a fetch, with a few bytes changed, doubled or lost.
  static func mutant(_ random: inout SeededGenerator) -> [UInt8] {
    var text = Array(
      """
      * OK [ALERT] soon\r\n* 3 EXISTS\r\n* 1 FETCH (UID 7 RFC822.SIZE 9 FLAGS (\\Seen $a) INTERNALDATE \
      " 1-Jan-2026 08:00:00 +0800")\r\n* 2 FETCH (UID 8 MODSEQ (3) BODY[] {9}\r\nab\r\ncd(\r\n)\r\n* ID ("a" NIL)\r\n\
      * OK [COPYUID 1 1:2 3:4] x\r\n* FLAGS (\\Seen \\*)\r\n* LIST (\\x) "/" INBOX\r\n* CAPABILITY IMAP4rev1 AUTH=X\r\n
      """.utf8)
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let at = Int.random(in: 0..<text.count, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: text[at] = UInt8.random(in: 0...127, using: &random)
      case 1: text.insert(text[Int.random(in: 0..<text.count, using: &random)], at: at)
      default: text.remove(at: at)
      }
    }
    return text
  }
}
