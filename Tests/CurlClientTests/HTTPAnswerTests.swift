import Testing

@testable import CurlClient

@Suite("Answers as they come in")
struct HTTPAnswerTests {
  /// Reads `text` in pieces of so many bytes; what is left of it belongs to no answer.
  private func read(
    _ text: String, pieces: Int = .max, method: String = "POST", change: (inout HTTPRequest) -> Void = { _ in }
  ) -> (answer: HTTPAnswer, left: Int) {
    var request = HTTPRequest(method, "https://sms.example.cn/")
    change(&request)
    var answer = HTTPAnswer(to: request)
    let bytes = Array(text.utf8)
    var place = 0
    while place < bytes.count, answer.trouble == nil, !answer.isWhole {
      let end = pieces < bytes.count - place ? place + pieces : bytes.count
      place += bytes[place..<end].withUnsafeBytes { answer.read($0) }
    }
    return (answer, bytes.count - place)
  }

  @Test(
    "where an answer is cut makes no difference",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n c\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3 ;a=\"b\"\r\nllo\r\n0\r\nT: u\r\n\r\n",
      "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200\nContent-Length: 5\n\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n05\r\nhello\r\n000\r\n\r\n",
    ])
  func pieces(text: String) {
    let whole = read(text)
    #expect(whole.answer.isWhole && whole.answer.keepsConnection && whole.left == 0)
    #expect(whole.answer.response.body == Array("hello".utf8))
    #expect(whole.answer.response.fields["X"] == nil && whole.answer.response.fields["T"] == nil)
    for size in 1...text.utf8.count {
      let cut = read(text, pieces: size)
      #expect(cut.answer.response == whole.answer.response && cut.left == 0)
    }
  }

  @Test(
    "an answer that is not whole is not taken for one",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: u\r\n\r\n",
    ])
  func cut(text: String) {
    for count in 0..<text.utf8.count {
      let (answer, _) = read(String(decoding: text.utf8.prefix(count), as: UTF8.self))
      #expect(!answer.isWhole && !answer.isWholeAtEnd && answer.trouble == nil)
    }
  }

  @Test(
    "what says two things about its end, or nothing that can be understood, is given up",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
      "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 020 OK\r\n\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200", "http/1.1 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
    ])
  func nonsense(text: String) {
    for size in [1, 3, Int.max] {
      let (answer, _) = read(text, pieces: size)
      #expect(!answer.isWhole && !answer.isWholeAtEnd)
    }
  }

  @Test("who has no body has none, and a length beside chunks does not count")
  func framing() {
    for status in ["204 None", "304 Same"] {
      let (answer, left) = read("HTTP/1.1 \(status)\r\nContent-Length: 5\r\n\r\nhello")
      #expect(answer.isWhole && !answer.keepsConnection && left == 5)
      #expect(read("HTTP/1.1 \(status)\r\n\r\n").answer.keepsConnection)
    }
    let head = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", method: "HEAD")
    #expect(head.answer.isWhole && !head.answer.keepsConnection)
    let both = read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    #expect(both.answer.response.body == Array("hello".utf8) && !both.answer.keepsConnection)
    let old = read(
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    #expect(old.answer.isWhole && !old.answer.keepsConnection)
    let open = read("HTTP/1.1 200 OK\r\n\r\nhello")
    #expect(!open.answer.isWhole && open.answer.isWholeAtEnd && !open.answer.keepsConnection)
  }

  @Test("a connection is kept as the server says")
  func keeping() {
    for (head, isKept) in [
      ("HTTP/1.1 200 OK", true), ("HTTP/1.1 200 OK\r\nConnection: close", false),
      ("HTTP/1.1 200 OK\r\nConnection: Keep-Alive, CLOSE", false), ("HTTP/1.0 200 OK", false),
      ("HTTP/1.0 200 OK\r\nConnection: keep-alive", true),
    ] {
      #expect(read("\(head)\r\nContent-Length: 0\r\n\r\n").answer.keepsConnection == isKept, "\(head)")
    }
  }

  @Test("limits hold however the answer comes in")
  func limits() {
    let change = { (request: inout HTTPRequest) in (request.maxBodySize, request.maxHeaderSize) = (10, 100) }
    for text in [
      "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nhello world",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + String(repeating: "T: u\r\n", count: 20) + "\r\n",
      "HTTP/1.1 200 OK\r\nA: " + String(repeating: "a", count: 100),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + String(repeating: "a", count: 9_000),
    ] {
      for size in [1, 7, Int.max] { #expect(read(text, pieces: size, change: change).answer.trouble != nil) }
    }
    let extensions = String(repeating: "1;" + String(repeating: "a", count: 60) + "\r\nx\r\n", count: 3)
    let padded = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + extensions + "0\r\n\r\n"
    #expect(read(padded, change: change).answer.trouble != nil)
    #expect(read(padded).answer.isWhole)
    let fits = read("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", change: change)
    #expect(fits.answer.isWhole)
  }
}
