import Testing

@testable import CurlClient

@Suite("Replies and messages on the wire")
struct SMTPFormatTests {
  private func wire(_ text: String, chunk: Int = 1 << 16) -> String {
    var message = MessageData(Array(text.utf8))
    var all: [UInt8] = []
    while !message.isFinished {
      var part: [UInt8] = []
      message.fill(&part, upTo: chunk)
      all += part
    }
    return String(decoding: all, as: UTF8.self)
  }

  @Test(
    "Lines are dot-stuffed and end with CRLF",
    arguments: [
      ("a\r\n", "a\r\n.\r\n"), ("", ".\r\n"), (".", "..\r\n.\r\n"), ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"),
      ("a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n"), ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"), ("..a\r\n", "...a\r\n.\r\n"),
      ("a\r\r\n", "a\r\n\r\n.\r\n"), ("\r\n\r\n", "\r\n\r\n.\r\n"), ("a\n.\r\nMAIL", "a\r\n..\r\nMAIL\r\n.\r\n"),
    ])
  func dotStuffing(text: String, expected: String) {
    #expect(wire(text) == expected)
    #expect(wire(text, chunk: 1) == expected)
  }

  @Test("Replies are found however the bytes are cut")
  func replies() {
    let text = "250-one\r\n250 two\r\n354\r\n550 5.1.1 No\u{7} one\n"
    for size in 1...text.utf8.count {
      var reader = SMTPReplyReader()
      var replies: [SMTPReply] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        Array(rest.prefix(size)).withUnsafeBytes { reader.append($0) }
        rest = rest.dropFirst(size)
        while case .reply(let code) = reader.next() { replies.append(reader.reply(code: code)) }
      }
      let expected = [
        SMTPReply(code: 250, enhancedStatus: nil, text: "one\ntwo"),
        SMTPReply(code: 354, enhancedStatus: nil, text: ""),
        SMTPReply(code: 550, enhancedStatus: "5.1.1", text: "5.1.1 No  one"),
      ]
      #expect(replies == expected)
      #expect(reader.isEmpty)
    }
  }

  @Test(
    "What is not a reply is refused",
    arguments: ["\r\n", "25\r\n", "999 x\r\n", "250-a\r\n251 b\r\n", "250x\r\n", String(repeating: "2", count: 70_000)])
  func malformed(text: String) {
    var reader = SMTPReplyReader()
    Array(text.utf8).withUnsafeBytes { reader.append($0) }
    #expect(reader.next() == .malformed)
  }

  @Test("The server's URL carries any host and greeting name")
  func url() {
    var server = SMTPServer(host: "::1", port: 465, security: .tls, heloName: "a/b c")
    #expect(server.url == "smtps://[::1]:465/a%2Fb%20c")
    server.security = .startTLS
    server.heloName = nil
    #expect(server.url == "smtp://[::1]:465/")
  }
}
