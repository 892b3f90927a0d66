import Foundation
import PostroomCore
import Testing

@Suite("Signed Message-IDs and reply addresses")
struct ReplySignerTests {
  private let signer = ReplySigner(secret: Array("0123456789abcdef0123456789abcdef".utf8))
  private let other = ReplySigner(secret: Array("0123456789abcdef0123456789abcdeg".utf8))

  @Test("a Message-ID names its conversation again", arguments: [0, 1, 492, 10_492, .max] as [Int64])
  func messageIDs(conversation: Int64) {
    for nonce in [0, 1, UInt64.max] {
      let id = signer.messageID(conversation: conversation, nonce: nonce, domain: "example.cn")
      #expect(signer.conversation(ofMessageID: id) == conversation)
      #expect(id.hasSuffix("@example.cn"))
      // dot-atom of RFC 5322 §3.2.3, so that no mail program rewrites it.
      #expect(id.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789.@".utf8.contains($0) })
      #expect(other.conversation(ofMessageID: id) == nil)
    }
    #expect(
      signer.messageID(conversation: conversation, nonce: 1, domain: "a.cn")
        != signer.messageID(conversation: conversation, nonce: 2, domain: "a.cn"))
  }

  @Test("a Message-ID is recognised under the longest domain there is")
  func longDomain() {
    let domain = String(repeating: "abcdefghi.", count: 25) + "cn"
    let id = signer.messageID(conversation: .max, nonce: .max, domain: domain)
    #expect(signer.conversation(ofMessageID: id) == .max)
  }

  @Test("a mailbox that moves to another domain still knows its own mails")
  func otherDomain() {
    let id = signer.messageID(conversation: 492, nonce: 5, domain: "old.example")
    #expect(signer.conversation(ofMessageID: id.replacing("old.example", with: "new.example")) == 492)
  }

  @Test("a change of any character before the @ of a Message-ID is noticed")
  func tamperedMessageID() throws {
    let id = signer.messageID(conversation: 492, nonce: 0xFEED, domain: "example.cn")
    for (forged, at) in tampered(id) where at {
      #expect(signer.conversation(ofMessageID: forged) == nil, "\(forged)")
    }
  }

  @Test("a change of any character of a reply address's tag is noticed")
  func tamperedAddress() throws {
    let address = signer.replyAddress(conversation: 492, address: "support@example.cn")
    let plus = try #require(address.firstIndex(of: "+"))
    let head = String(address[..<plus])
    for (forged, isSigned) in tampered(String(address[plus...])) where isSigned {
      #expect(signer.conversation(ofReplyAddress: head + forged) == nil, "\(forged)")
    }
    #expect(signer.conversation(ofReplyAddress: address.replacing("p492-", with: "p0492-")) == nil)
  }

  /// All texts that differ by one character replaced, left out or doubled, and whether the change is before the `@`.
  /// Changes of case are none.
  private func tampered(_ text: String) -> [(String, Bool)] {
    let characters = Array(text)
    let end = characters.firstIndex(of: "@") ?? characters.count
    return characters.indices.flatMap { index -> [(String, Bool)] in
      var forged: [[Character]] = []
      for replacement in "a7p.-+0" where replacement != characters[index] {
        var copy = characters
        copy[index] = replacement
        forged.append(copy)
      }
      var shorter = characters
      shorter.remove(at: index)
      forged.append(shorter)
      var longer = characters
      longer.insert(characters[index], at: index)
      // A plus before the last one belongs to the mailbox's own name.
      if characters[index] != "+", index < end { forged.append(longer) }
      return forged.map { (String($0), index < end) }
    }
  }

  @Test(
    "a reply address names its conversation, in whatever case it comes back",
    arguments: ["support@example.cn", "support+cn@example.cn", "a.b-c@sub.example.cn", "P+p1-x@example.cn"])
  func replyAddresses(address: String) {
    for conversation in [1, 10_492, Int64.max] {
      let signed = signer.replyAddress(conversation: conversation, address: address)
      #expect(signer.conversation(ofReplyAddress: signed) == conversation)
      #expect(signer.conversation(ofReplyAddress: signed.uppercased()) == conversation)
      #expect(signer.conversation(ofReplyAddress: signed.lowercased()) == conversation)
      #expect(other.conversation(ofReplyAddress: signed) == nil)
      #expect(signed.hasSuffix(address.split(separator: "@").last.map { "@" + $0 } ?? ""))
    }
  }

  @Test("a reply address fits the 64 bytes of a local part")
  func length() {
    let signed = signer.replyAddress(conversation: 999_999_999, address: "kundenservice@example.cn")
    #expect(signed.prefix { $0 != "@" }.utf8.count <= 64)
  }

  @Test("neither signature stands for the other, nor for another conversation")
  func separation() {
    let address = signer.replyAddress(conversation: 5, address: "s@example.cn")
    let signature = address.split(separator: "-").last?.split(separator: "@").first ?? ""
    #expect(signer.conversation(ofMessageID: "p.5.1.\(signature)@example.cn") == nil)
    #expect(signer.conversation(ofReplyAddress: "s+p6-\(signature)@example.cn") == nil)
    #expect(signer.conversation(ofReplyAddress: "s+p5-\(signer.loopToken)@example.cn") == nil)
  }

  @Test("the loop token is the same in every process of an installation and unlike any other's")
  func loopToken() {
    #expect(signer.loopToken == ReplySigner(secret: Array("0123456789abcdef0123456789abcdef".utf8)).loopToken)
    #expect(signer.loopToken != other.loopToken)
    #expect(signer.loopToken.utf8.count == 16)
  }

  @Test(
    "junk names no conversation",
    arguments: [
      "", "@", "p", "p.", "p.@", "p...@", "p.1.2@x", "p.1.2.3.4@x", "p.x.y.z@x", "p.-1.0.aaaaaaaaaaaaaaaa@x",
      "p.99999999999999999999.0.aaaaaaaaaaaaaaaa@x", "p.1.0.投诉投诉投诉@x", "+", "+@", "a+@", "a+p@", "a+p-@", "a+p1-@x",
      "a+p1@x", "a+p-1@x", "a+p1-\u{0}@x", "a+p1-ﬀﬀﬀﬀﬀﬀﬀﬀﬀﬀﬀﬀﬀﬀﬀﬀ@x", "<p.1.2.3@x>", "p.1.2.3",
      String(repeating: "p.", count: 100_000) + "@x", "a+p" + String(repeating: "9", count: 100_000) + "-a@x",
    ])
  func junk(text: String) {
    #expect(signer.conversation(ofMessageID: text) == nil)
    #expect(signer.conversation(ofReplyAddress: text) == nil)
  }

  @Test("what is no address is left alone")
  func noAddress() {
    #expect(signer.replyAddress(conversation: 1, address: "support") == "support")
  }
}
