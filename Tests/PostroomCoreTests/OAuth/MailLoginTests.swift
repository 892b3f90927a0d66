import CurlClient
import Foundation
import IMAPClient
import Synchronization
import Testing

@testable import PostroomCore

@Suite("Logins with tokens")
struct MailLoginTests {
  private let engine = CurlEngine()

  private func failure(_ body: () async throws -> Void) async -> String? {
    do { try await body() } catch { return "\(error)" }
    return nil
  }

  /// A provider whose access tokens are numbered.
  private func numbered() throws -> (TokenServer, Counter) {
    let count = Counter()
    return (try TokenServer { _, _ in .tokens("access-\(count.next())") }, count)
  }

  // MARK: IMAP

  @Test("an IMAP server that refuses a token gets a fresh one, once, and the look goes on")
  func imapRenewal() async throws {
    let (provider, refreshes) = try numbered()
    let server = try MailServer([Letter("1@c")])
    defer { server.stop() }
    server.change { $0.takesToken = { $0 == "access-2" } }
    let source = server.source(secret: .oauth(provider.settings))
    #expect(try await source.check().contains("1 mails"))
    #expect(refreshes.value == 2 && server.change { $0.connections } == 2)
    await source.close()
  }

  @Test("an IMAP server that refuses the fresh token, too, is left in peace until somebody logs in")
  func imapNeedsLogin() async throws {
    let (provider, refreshes) = try numbered()
    let server = try MailServer([Letter("1@c")])
    defer { server.stop() }
    server.change { $0.takesToken = { _ in false } }
    let source = server.source(secret: .oauth(provider.settings))
    for _ in 0..<4 {
      let words = await failure { _ = try await source.check() }
      #expect(words?.hasPrefix("needs login: even a fresh token is refused") == true, "\(words ?? "")")
      #expect(words?.contains("no such token") == true && words?.contains("postroom login support") == true)
      #expect(words?.contains("access-") == false)
    }
    #expect(refreshes.value == 2 && server.change { $0.connections } == 2)
    server.change { $0.takesToken = { $0 == "access-3" } }
    try provider.keep("refresh-login")
    #expect(try await source.check().contains("1 mails"))
    await source.close()
  }

  @Test("a refused password is not tried twice")
  func password() async throws {
    let server = try MailServer([])
    defer { server.stop() }
    server.change { $0.takesToken = { _ in false } }
    let file = SecretFixture.file("foreign")
    let source = server.source(secret: .stored(.tokenFile(file)))
    #expect(await failure { _ = try await source.check() }?.contains("login refused") == true)
    #expect(server.change { $0.connections } == 1)
  }

  @Test("a mailbox without consent says who must log in, and asks no mail server")
  func noConsent() async throws {
    let provider = try TokenServer { _, _ in .error("invalid_grant") }
    let server = try MailServer([])
    defer { server.stop() }
    let source = server.source(secret: .oauth(provider.settings))
    let words = await failure { _ = try await source.check() }
    #expect(words?.contains("a person must log in again") == true)
    #expect(server.change { $0.connections } == 0)
  }

  // MARK: SMTP

  /// A mail server that takes some tokens, and notes those it is shown.
  private final class Submission: Sendable {
    let tokens = Tokens()
    private let server: LocalServer
    var port: Int { server.port }

    final class Tokens: Sendable {
      let seen = Mutex<[String]>([])
      let mails = Counter()
      let takes = Mutex<Set<String>>([])
    }

    init(taking takes: Set<String>) throws {
      let tokens = tokens
      tokens.takes.withLock { $0 = takes }
      server = try LocalServer { peer in
        peer.say("220 mail ESMTP\r\n")
        while let line = peer.line() {
          let words = line.split(separator: " ").map(String.init)
          switch words.first {
          case "EHLO": peer.say("250-mail\r\n250-AUTH XOAUTH2\r\n250 PIPELINING\r\n")
          case "AUTH":
            let text = String(decoding: Data(base64Encoded: words.last ?? "") ?? Data(), as: UTF8.self)
            let token = String(text.split(separator: "Bearer ").last?.prefix { $0 != "\u{1}" } ?? "")
            tokens.seen.withLock { $0.append(token) }
            let isTaken = tokens.takes.withLock { $0.contains(token) }
            peer.say(isTaken ? "235 2.7.0 welcome\r\n" : "535 5.7.3 Authentication unsuccessful\r\n")
          case "DATA":
            peer.say("354 go on\r\n")
            while let line = peer.line(), line != "." {}
            tokens.mails.next()
            peer.say("250 2.0.0 taken\r\n")
          case "QUIT":
            peer.say("221 bye\r\n")
            return
          default: peer.say("250 ok\r\n")
          }
        }
      }
    }

    func stop() { server.stop() }
  }

  private func gateway(_ server: Submission, _ provider: TokenServer, _ tokens: AccessTokens) -> SMTPGateway {
    SMTPGateway(
      SMTPSettings(
        host: "127.0.0.1", port: server.port, security: .plain, user: "support@example.cn",
        secret: .oauth(provider.settings), caFile: nil, heloName: nil, connections: 4, responseTimeout: 10),
      engine: engine, tokens: tokens)
  }

  private static let delivery = Delivery(
    id: 1, gateway: "out", sender: "a@example.cn", recipient: "b@example.cn",
    content: Array("Subject: x\r\n\r\ny\r\n".utf8), attempt: 1, uncertainties: 0, expiresAt: nil)

  @Test("an SMTP server that refuses a token gets a fresh one, and each of many mails is sent once")
  func smtpRenewal() async throws {
    let (provider, refreshes) = try numbered()
    let server = try Submission(taking: ["access-2"])
    defer { server.stop() }
    let gateway = gateway(server, provider, AccessTokens())
    let outcomes = await withTaskGroup(of: SendOutcome.self) { group in
      for _ in 0..<20 { group.addTask { await gateway.send(Self.delivery) { _ in } } }
      return await group.reduce(into: [SendOutcome]()) { $0.append($1) }
    }
    #expect(outcomes.allSatisfy { $0 == .accepted("250 2.0.0 taken") }, "\(outcomes)")
    #expect(refreshes.value == 2 && server.tokens.mails.value == 20)
    #expect(await gateway.check() == nil)
    await engine.shutdown()
  }

  @Test("an SMTP server that refuses fresh tokens is left in peace, and the mailbox of the same consent goes on")
  func smtpNeedsLogin() async throws {
    let (provider, refreshes) = try numbered()
    let server = try Submission(taking: [])
    let mailbox = try MailServer([])
    defer {
      server.stop()
      mailbox.stop()
    }
    let tokens = AccessTokens()
    let gateway = gateway(server, provider, tokens)
    for _ in 0..<5 {
      guard case .unavailable(let words) = await gateway.send(Self.delivery, progress: { _ in }) else {
        Issue.record("it was sent")
        return
      }
      #expect(words.contains("needs login: even a fresh token is refused") && words.contains("535"), "\(words)")
      #expect(!words.contains("access-"))
    }
    #expect(server.tokens.seen.withLock { $0 } == ["access-1", "access-2"])
    let crowd = self.gateway(server, provider, AccessTokens())
    await withTaskGroup(of: Void.self) { group in
      // As many at once as the gateway has connections, which is what the dispatcher keeps under way.
      for _ in 0..<crowd.concurrency {
        group.addTask { for _ in 0..<25 { _ = await crowd.send(Self.delivery) { _ in } } }
      }
    }
    #expect(
      server.tokens.seen.withLock { $0.count } <= 2 + 2 * crowd.concurrency, "each connection tries at most twice")
    #expect(refreshes.value == 4)
    let source = mailbox.source(secret: .oauth(provider.settings), tokens: tokens)
    #expect(try await source.check().contains("0 mails"))
    #expect(refreshes.value == 4)
    server.tokens.takes.withLock { $0 = ["access-2"] }
    try provider.keep("refresh-login")
    #expect(await gateway.check() == nil)
    await source.close()
    await engine.shutdown()
  }

  @Test(
    "pauses grow, and after one the server is asked once without another renewal",
    arguments: [false, true])
  func pauses(rotating: Bool) async throws {
    let refreshes = Counter()
    let provider = try TokenServer { _, _ in
      let number = refreshes.next()
      return .tokens("access-\(number)", refresh: rotating ? "refresh-\(number + 1)" : nil)
    }
    let login = MailLogin(.oauth(provider.settings), tokens: AccessTokens())
    var now = monday
    var tries = 0
    for _ in 0..<600 {
      now += 60_000
      guard let credential = try? await login.credential(now: now) else { continue }
      tries += 1
      var refused = credential
      while let other = try? await login.replacement(of: refused, refusedWith: "no", now: now) {
        tries += 1
        refused = other
      }
    }
    // Ten hours: pauses of 1, 2, 4 … 60 minutes, each shortened by up to a third.
    #expect((14...26).contains(tries), "\(tries)")
    // One is forced; the others are those that an hour's life asks for.
    #expect((5...12).contains(refreshes.value), "\(refreshes.value)")
  }
}
