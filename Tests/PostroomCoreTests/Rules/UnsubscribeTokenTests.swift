import MailFormat
import Testing

@testable import PostroomCore

@Suite("Tokens to unsubscribe")
struct UnsubscribeTokenTests {
  private let signer = UnsubscribeSigner(secret: Array("0123456789abcdef0123456789abcdef".utf8))
  private let other = UnsubscribeSigner(secret: Array("0123456789abcdef0123456789abcdeg".utf8))

  private func anyToken(_ random: inout SeededGenerator) -> UnsubscribeToken {
    let purposes = UnsubscribeToken.allMarketing.sorted { $0.rawValue < $1.rawValue }
      .filter { _ in Bool.random(using: &random) }
    return UnsubscribeToken(
      customer: .random(in: 1 ... .max, using: &random), channel: Bool.random(using: &random) ? .mail : .sms,
      purposes: Set(purposes))
  }

  @Test("what was written is read, in either case, and by nobody else")
  func roundTrip() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<500 {
      let token = anyToken(&random)
      let text = signer.text(of: token)
      #expect(signer.token(text) == token)
      #expect(signer.token(text.uppercased()) == token)
      #expect(signer.text(of: token) == text)
      #expect(other.token(text) == nil)
    }
  }

  @Test("links in mails that are out there stay good: the format does not change")
  func golden() {
    // Computed with HKDF and HMAC of another language's library.
    #expect(signer.text(of: UnsubscribeToken(customer: 42)) == "hn73szmlq65le23xsztvvlkyscp34f7f5tha")
    let last = UnsubscribeToken(customer: .max, channel: .sms, purposes: [.survey])
    #expect(signer.text(of: last) == "hn4rzqghziys7rm663e7xkuzecsn7gkxstrq")
  }

  @Test("a token is short, in letters and digits, and shows nothing of its customer")
  func shape() {
    var starts: Set<Substring> = []
    for customer in Int64(1)...200 {
      let text = signer.text(of: UnsubscribeToken(customer: customer))
      #expect(text.utf8.count == 36)
      #expect(text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) })
      starts.insert(text.dropFirst(2).prefix(6))
      starts.insert(text.suffix(6))
    }
    #expect(starts.count == 400, "neighbours have nothing in common")
  }

  @Test("a token with any character changed, cut off or added is none")
  func forgeries() {
    let text = signer.text(of: UnsubscribeToken(customer: 42))
    let digits = Array("abcdefghijklmnopqrstuvwxyz234567")
    for index in text.indices {
      for digit in digits where digit != text[index] {
        var forged = text
        forged.replaceSubrange(index...index, with: String(digit))
        #expect(signer.token(forged) == nil)
      }
      #expect(signer.token(text[..<index]) == nil)
      #expect(signer.token(text[text.index(after: index)...]) == nil)
    }
    for added in ["a", "=", " ", "\n", "\u{0}", "é", "2"] {
      #expect(signer.token(text + added) == nil)
      #expect(signer.token(added + text) == nil)
    }
  }

  @Test("noise of any kind is no token and harms nobody")
  func noise() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(signer.token(String(decoding: bytes, as: UTF8.self)) == nil)
    }
    let digits = Array("abcdefghijklmnopqrstuvwxyz234567")
    for _ in 0..<2000 {
      #expect(signer.token(String((0..<36).map { _ in digits.randomElement(using: &random) ?? "a" })) == nil)
    }
  }

  @Test("nobody unsubscribes from answers to his own mail")
  func marketingOnly() {
    let token = UnsubscribeToken(customer: 1, purposes: [.reply, .callback, .survey])
    #expect(token.purposes == [.survey])
  }

  // MARK: In mail

  @Test("a mail that the link wrote names its token in an address or the subject")
  func found() {
    let token = UnsubscribeToken(customer: 7)
    let text = signer.text(of: token)
    func find(_ address: String, _ subject: String) -> UnsubscribeToken? {
      signer.find(in: [MailAddress(address: "x@y.example"), MailAddress(address: address)], subject: subject)
    }
    #expect(find("support+unsub-\(text)@example.cn", "unsubscribe") == token)
    #expect(find("Support+UNSUB-\(text.uppercased())@Example.cn", "") == token)
    #expect(find("a+b+unsub-\(text)@example.cn", "") == token)
    #expect(find("support@example.cn", "unsubscribe \(text)") == token)
    #expect(find("support@example.cn", "[外部邮件] Unsubscribe  \(text)") == token)
    #expect(find("support@example.cn", "unsubscribe") == nil)
    #expect(find("support@example.cn", text) == nil)
    #expect(find("support+unsub-@example.cn", "unsubscribe \(text)x") == nil)
    #expect(find("support+p42-\(text)@example.cn", "please unsubscribe me") == nil)
    #expect(find("support@unsub-\(text)", String(repeating: "unsubscribe ", count: 100_000)) == nil)
  }
}

@Suite("Links to unsubscribe")
struct UnsubscribeLinkTests {
  private let signer = UnsubscribeSigner(secret: Array(repeating: 7, count: 32))
  private let token = UnsubscribeToken(customer: 42)
  private var text: String { signer.text(of: token) }

  private func links(
    _ address: String = "support@example.cn", publicURL: String? = "https://mail.example.cn", plus: Bool = true
  ) -> UnsubscribeLinks {
    UnsubscribeLinks(token, signer: signer, publicURL: publicURL, address: address, plusAddressing: plus)
  }

  private func head(_ fields: [(String, String)]) throws -> [String] {
    let mail = OutgoingMail(
      from: MailAddress(address: "support@example.cn"), to: MailAddress(address: "li@c.example"), subject: "您好",
      text: "Hello", date: 0, messageID: "a@example.cn", extraHeaders: fields)
    let lines = String(decoding: try mail.composed(), as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    return lines.prefix { !$0.isEmpty }.map { String($0) }
  }

  @Test("a mail offers the page, an address, and one click")
  func fields() {
    let fields = links().fields
    #expect(fields.map(\.0) == ["List-Unsubscribe", "List-Unsubscribe-Post"])
    #expect(
      fields.map(\.1) == [
        "<https://mail.example.cn/u/\(text)>, <mailto:support+unsub-\(text)@example.cn?subject=unsubscribe>",
        "List-Unsubscribe=One-Click",
      ])
    #expect(links().page == "https://mail.example.cn/u/\(text)")
  }

  @Test("without HTTPS there is no one click, without a public address no page")
  func lesser() {
    #expect(links(publicURL: "http://127.0.0.1:8080").fields.map(\.0) == ["List-Unsubscribe"])
    #expect(links(publicURL: nil).page == nil)
    #expect(
      links(publicURL: nil).fields.map(\.1) == ["<mailto:support+unsub-\(text)@example.cn?subject=unsubscribe>"])
  }

  @Test("where no address with a plus can be used, the subject holds the token")
  func subjects() {
    let long = String(repeating: "a", count: 23)
    for links in [links(plus: false), links("\(long)@example.cn")] {
      #expect(links.mailto.hasSuffix("@example.cn?subject=unsubscribe%20\(text)"))
      #expect(!links.mailto.contains("+"))
    }
  }

  @Test("an address with characters that mean something in a link is coded")
  func coded() {
    #expect(links("a&b=c?d+e@example.cn").mailto.hasPrefix("mailto:a%26b%3Dc%3Fd+e+unsub-"))
  }

  @Test("the fields are folded between links, never inside one")
  func folding() throws {
    let base = "https://a-rather-long-name-of-a-host.customer-service.example.cn/post"
    for links in [links(), links(publicURL: base), links(plus: false)] {
      let lines = try head(links.fields)
      let start = try #require(lines.firstIndex { $0.hasPrefix("List-Unsubscribe:") })
      let field = [lines[start]] + lines[(start + 1)...].prefix { $0.hasPrefix(" ") }
      #expect(field.joined() == "List-Unsubscribe: \(links.fields[0].1)")
      #expect(
        field.joined(separator: "\n").split(separator: "<").dropFirst().allSatisfy { link in
          !link.prefix { $0 != ">" }.contains { $0 == " " || $0 == "\n" }
        })
      #expect(lines.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
    }
  }

  @Test("what a mail program writes from the link is found again")
  func roundTrip() throws {
    for links in [links(), links(plus: false), links("a.b+c@example.cn")] {
      let target = links.mailto.dropFirst("mailto:".count).split(separator: "?")
      let subject = String(target[1].dropFirst("subject=".count).replacing("%20", with: " "))
      #expect(signer.find(in: [MailAddress(address: String(target[0]))], subject: subject) == token)
    }
  }
}
