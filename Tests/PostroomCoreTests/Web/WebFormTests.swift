import Testing

@testable import PostroomCore

@Suite("Small forms")
struct WebFormTests {
  private static let multipart = """
    preamble\r
    --=_x y\r
    Content-Disposition: form-data; name="other"\r
    \r
    two\r
    lines\r
    --=_x y\r
    content-disposition: Form-Data; filename=a; NAME=List-Unsubscribe\r
    Content-Type: text/plain\r
    \r
    One-Click\r
    --=_x y--\r
    epilogue
    """

  @Test("a form of one field is read in either encoding")
  func encodings() {
    let plain = WebForm(Array("a=1&List-Unsubscribe=One-Click".utf8), contentType: "application/x-www-form-urlencoded")
    #expect(plain["List-Unsubscribe"] == "One-Click")
    #expect(WebForm(Array("List-Unsubscribe=One%2DClick".utf8), contentType: "")["List-Unsubscribe"] == "One-Click")
    let multipart = WebForm(
      Array(Self.multipart.utf8), contentType: "Multipart/Form-Data; charset=utf-8; Boundary=\"=_x y\"")
    #expect(multipart["List-Unsubscribe"] == "One-Click")
    #expect(multipart["other"] == "two\nlines")
    let bare = Self.multipart.replacing("\r\n", with: "\n").replacing("=_x y", with: "b")
    #expect(WebForm(Array(bare.utf8), contentType: "multipart/form-data;boundary=b")["List-Unsubscribe"] == "One-Click")
  }

  @Test("what is no form has no fields, however it is broken")
  func broken() {
    let whole = Array(Self.multipart.utf8)
    for end in whole.indices {
      _ = WebForm(Array(whole[..<end]), contentType: "multipart/form-data; boundary=\"=_x y\"")
    }
    for type in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other"] {
      #expect(WebForm(whole, contentType: type)["List-Unsubscribe"] == nil)
    }
    #expect(WebForm(Array("confirm".utf8), contentType: "")["confirm"] == "")
    let large = Array("confirm=1&".utf8) + Array(repeating: UInt8(ascii: "a"), count: WebForm.mostBytes)
    #expect(WebForm(large, contentType: "")["confirm"] == nil)
    let many = Array((String(repeating: "a&", count: 5000) + "confirm=1").utf8)
    #expect(WebForm(many, contentType: "")["confirm"] == nil)
  }

  @Test(
    "the browser's language is the one it likes best",
    arguments: [
      ("zh-CN,zh;q=0.9,en;q=0.8", Language.chinese), ("en-US,en;q=0.9,zh-CN;q=0.8", .english), ("EN", .english),
      ("fr;q=1, en;q=0.3, zh-TW;q=0.5", .chinese), ("zh;q=0, en;q=0.1", .english), ("fr, *", nil), ("", nil),
      (";;;q=,,=zh", nil), ("zh;q=nan,en", .english),
    ] as [(String, Language?)])
  func languages(field: String, language: Language?) {
    #expect(Language(accepted: field) == language)
  }

  @Test("so many a minute, each for himself, and memory stays bounded")
  func pace() {
    let pace = RequestPace(perMinute: 2)
    #expect([1, 2, 3].map { _ in pace.allows("a", now: 0) } == [true, true, false])
    #expect(pace.allows("b", now: 59_999))
    #expect(pace.allows("a", now: 60_000))
    for number in 0..<50_000 { _ = pace.allows("\(number)", now: 60_000) }
    #expect(pace.allows("a", now: 60_000))
  }

  @Test("an address of IPv6 stands for its network")
  func peers() {
    #expect(RequestPace.key(ofPeer: "2001:db8:1:2::5") == RequestPace.key(ofPeer: "2001:db8:1:2:9:9:9:9"))
    #expect(RequestPace.key(ofPeer: "2001:db8:1:3::5") != RequestPace.key(ofPeer: "2001:db8:1:2::5"))
    #expect(RequestPace.key(ofPeer: "192.0.2.1") == "192.0.2.1")
  }
}
