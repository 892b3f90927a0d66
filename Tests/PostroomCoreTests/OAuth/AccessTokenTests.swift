import CurlClient
import Foundation
import Testing

@testable import PostroomCore

@Suite("Access tokens")
struct AccessTokenTests {
  private let engine = CurlEngine()
  private let minute: Instant = 60_000

  private func source(_ server: TokenServer) -> AccessTokenSource {
    AccessTokenSource(server.settings, engine: engine)
  }

  private func fault(_ body: () async throws(OAuthFault) -> Void) async -> OAuthFault? {
    do { try await body() } catch { return error }
    return nil
  }

  @Test("a hundred askers get the token of one refresh")
  func oneRefresh() async throws {
    let server = try TokenServer { _, _ in
      usleep(100_000)
      return .tokens("access-1")
    }
    let source = source(server)
    let tokens = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<100 { group.addTask { try await source.token(now: monday).text } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(tokens == ["access-1"])
    #expect(
      server.forms == [["grant_type": "refresh_token", "refresh_token": "refresh-1", "client_id": "client-7"]])
  }

  @Test("a token is kept until five minutes before its end, a short one for half its life")
  func margin() async throws {
    let count = Counter()
    let server = try TokenServer { _, _ in
      let number = count.next()
      return .tokens("access-\(number)", lifetime: number == 1 ? 3600 : 120)
    }
    let source = source(server)
    #expect(try await source.token(now: monday).text == "access-1")
    #expect(try await source.token(now: monday + 55 * minute - 1).text == "access-1")
    #expect(try await source.token(now: monday + 55 * minute).text == "access-2")
    #expect(try await source.token(now: monday + 56 * minute - 1).text == "access-2")
    #expect(try await source.token(now: monday + 56 * minute).text == "access-3")
  }

  @Test("a new refresh token stands in the file, for this user alone, before the access token is given out")
  func rotation() async throws {
    let server = try TokenServer { _, form in
      let number = Int(form["refresh_token"]?.split(separator: "-").last ?? "") ?? 0
      return .tokens("access-\(number)", refresh: "refresh-\(number + 1)")
    }
    let source = source(server)
    #expect(try await source.token(now: monday).text == "access-1")
    #expect(server.kept == "refresh-2" && server.mode == 0o600)
    #expect(try await source.renewed(now: monday).text == "access-2")
    #expect(server.kept == "refresh-3")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: server.folder).sorted() == [
        "token", "token.consent", "token.lock",
      ])
  }

  @Test("a link to the refresh token stays a link")
  func link() async throws {
    let server = try TokenServer { _, _ in .tokens("access-1", refresh: "refresh-2") }
    try FileManager.default.createSymbolicLink(
      atPath: server.folder + "/link", withDestinationPath: server.folder + "/token")
    var settings = server.settings
    settings.tokenFile = server.folder + "/link"
    _ = try await AccessTokenSource(settings, engine: engine).token(now: monday)
    #expect(server.kept == "refresh-2")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: server.folder + "/link").hasSuffix("/token"))
  }

  /// A provider that takes a refresh token once and takes a second use for theft.
  private static func strict(_ server: TokenServer) {
    let count = Counter()
    server.answer { [folder = server.folder] _, form in
      let kept = FileManager.default.contents(atPath: folder + "/token").map { String(decoding: $0, as: UTF8.self) }
      let number = count.next()
      guard form["refresh_token"] == "refresh-\(number)", kept == "refresh-\(number)\n" else {
        return .error("invalid_grant", "reuse")
      }
      usleep(2000)
      return .tokens("access-\(number)", refresh: "refresh-\(number + 1)")
    }
  }

  @Test("two processes never lose a token of a provider that takes each once")
  func twoProcesses() async throws {
    let server = try TokenServer()
    Self.strict(server)
    // Locks of flock(2) belong to open files: two sources exclude each other as two processes do.
    let sources = [source(server), source(server)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for source in sources {
        group.addTask { for _ in 0..<10 { _ = try await source.renewed(now: monday) } }
      }
      try await group.waitForAll()
    }
    #expect(server.kept == "refresh-21" && server.mostInHand == 1)
  }

  @Test("a refresh token that could not be written is not lost, and no access token of it is used until it is")
  func unwritten() async throws {
    let server = try TokenServer()
    Self.strict(server)
    let moved = server.folder + ".moved"
    let strict = server
    let rotated = Counter()
    server.answer { [folder = server.folder] _, form in
      rotated.next()
      guard form["refresh_token"] == "refresh-1" else { return .tokens("access-2") }
      rename(folder, moved)
      return .tokens("access-1", refresh: "refresh-2")
    }
    let source = source(server)
    let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
    #expect(fault?.kind == .storage && fault?.description.contains("cannot be written") == true)
    rename(moved, strict.folder)
    #expect(strict.kept == "refresh-1")
    #expect(try await source.token(now: monday + 10 * minute).text == "access-2")
    #expect(strict.kept == "refresh-2" && rotated.value == 2)
  }

  @Test("a refresh token that somebody wrote meanwhile wins over one that could not be written")
  func overtaken() async throws {
    let server = try TokenServer()
    let moved = server.folder + ".moved"
    server.answer { [folder = server.folder] _, form in
      guard form["refresh_token"] == "refresh-1" else { return .tokens("access-of-" + (form["refresh_token"] ?? "")) }
      rename(folder, moved)
      return .tokens("access-1", refresh: "refresh-2")
    }
    let source = source(server)
    _ = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
    rename(moved, server.folder)
    try server.keep("refresh-login")
    #expect(try await source.token(now: monday).text == "access-of-refresh-login")
    #expect(server.kept == "refresh-login")
  }

  @Test("a process that dies between answer and writing leaves the old token whole")
  func crash() async throws {
    let server = try TokenServer { _, _ in .tokens("access-1", refresh: "refresh-2") }
    // What such a process leaves behind: a draft, and a lock that the system has released.
    for name in ["token.new", "token.lock"] {
      _ = FileManager.default.createFile(atPath: server.folder + "/" + name, contents: Data("refr".utf8))
    }
    #expect(try await source(server).token(now: monday).text == "access-1")
    #expect(server.forms.first?["refresh_token"] == "refresh-1" && server.kept == "refresh-2")
  }

  @Test("a folder that cannot be written to is found before the provider is asked")
  func fullDisk() async throws {
    let server = try TokenServer { _, _ in .tokens("access-1", refresh: "refresh-2") }
    try FileManager.default.createDirectory(atPath: server.folder + "/token.new", withIntermediateDirectories: true)
    let source = source(server)
    let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
    #expect(fault?.kind == .storage && server.forms.isEmpty)
  }

  // MARK: Refusals

  @Test("an ended consent is said so, is not asked for again and again, and a login is noticed at once")
  func endedConsent() async throws {
    let server = try TokenServer { _, form in
      form["refresh_token"] == "refresh-1" ? .error("invalid_grant", "AADSTS700082: expired") : .tokens("access-new")
    }
    let source = source(server)
    for _ in 0..<5 {
      let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
      #expect(fault?.kind == .consentEnded)
      #expect(
        fault?.description
          == "the consent has ended: a person must log in again (127.0.0.1 says invalid_grant: AADSTS700082: expired) — "
          + "log in as support@example.cn by: postroom login support")
    }
    #expect(server.forms.count == 1)
    _ = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday + 2 * minute) }
    _ = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday + 2 * minute + 1) }
    #expect(server.forms.count == 2)
    try server.keep("refresh-login")
    #expect(try await source.token(now: monday + 2 * minute + 2).text == "access-new")
  }

  @Test("nobody has logged in yet")
  func noLogin() async throws {
    let server = try TokenServer()
    try FileManager.default.removeItem(atPath: server.folder)
    let source = source(server)
    let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
    #expect(fault?.description == "nobody has logged in yet — log in as support@example.cn by: postroom login support")
    #expect(server.forms.isEmpty)
  }

  @Test(
    "each trouble has its kind and its words",
    arguments: [
      (TokenServer.Answer.error("invalid_client", status: 401), OAuthFault.Kind.client, "does not accept this client"),
      (.error("unauthorized_client"), .client, "does not accept this client"),
      (.error("invalid_scope", "no such\\nscope"), .request, "invalid_scope: no such scope"),
      (.error("interaction_required"), .consentEnded, "log in again"),
      (.error("temporarily_unavailable", status: 503), .unavailable, "temporarily_unavailable"),
      (.init(status: 502, body: "<html>Bad gateway</html>"), .unavailable, "HTTP 502"),
      (.init(status: 200, body: "<html>Log in to the hotel</html>"), .malformed, "HTTP 200"),
      (.init(status: 404, body: "[]"), .malformed, "HTTP 404"),
      (.init(status: 200, body: "{}"), .malformed, "usable token"),
      (.init(body: #"{"access_token":"a\r\nb","expires_in":9}"#), .malformed, "usable token"),
      (.init(body: #"{"access_token":"a\u0001b","expires_in":9}"#), .malformed, "usable token"),
      (.init(body: #"{"access_token":"a","token_type":"mac"}"#), .malformed, "usable token"),
      (.init(body: #"{"access_token":"a","refresh_token":"x y"}"#), .malformed, "usable token"),
      (.init(body: "{\"access_token\":\"\(String(repeating: "a", count: 70_000))\"}"), .unavailable, "longer than"),
    ])
  func troubles(answer: TokenServer.Answer, kind: OAuthFault.Kind, words: String) async throws {
    let server = try TokenServer { _, _ in answer }
    let source = source(server)
    let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
    #expect(fault?.kind == kind)
    #expect(fault?.description.contains(words) == true, "\(fault?.description ?? "")")
    #expect(server.kept == "refresh-1")
  }

  @Test("a provider that cannot be reached is asked again soon, and what is left of the old token is used")
  func unreachable() async throws {
    let server = try TokenServer()
    let source = source(server)
    #expect(try await source.token(now: monday).text == "access-1")
    server.answer { _, _ in .error("server_error", status: 500) }
    #expect(try await source.token(now: monday + 57 * minute).text == "access-1")
    let unavailable = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday + 60 * minute) }
    #expect(unavailable?.kind == .unavailable)
    server.stop()
    let other = AccessTokenSource(server.settings, engine: CurlEngine())
    let unreachable = await fault { () throws(OAuthFault) in _ = try await other.token(now: monday) }
    #expect(unreachable?.kind == .unreachable && unreachable?.description.contains("127.0.0.1") == true)
  }

  @Test("no secret is in a fault, even when the provider repeats it")
  func discretion() async throws {
    let server = try TokenServer { _, form in
      .error("invalid_request", "\(form["refresh_token"] ?? "") with \(form["client_secret"] ?? "")")
    }
    var settings = server.settings
    settings.clientSecretFile = SecretFixture.file("hunter2")
    let source = AccessTokenSource(settings, engine: engine)
    let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
    #expect(fault?.sentence == "127.0.0.1 says invalid_request: ••• with •••")
    #expect(server.forms.first?["client_secret"] == "hunter2")
  }

  @Test("a wrong clock is told")
  func skew() async throws {
    let server = try TokenServer { _, _ in .error("invalid_grant", date: "Mon, 23 Nov 2026 01:00:00 GMT") }
    let served: Instant = 1_795_395_600_000
    for (offset, words) in [(0, nil), (12 * minute, "12 min ahead of"), (-61 * minute, "61 min behind")] {
      let source = source(server)
      let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: served + offset) }
      let sentence = fault?.sentence ?? ""
      #expect(sentence.contains("the clock of this machine") == (words != nil), "\(sentence)")
      if let words { #expect(sentence.contains(words)) }
    }
  }

  @Test("a refused token is renewed for the first who says so, and the others get the same")
  func replacing() async throws {
    let count = Counter()
    let server = try TokenServer { _, _ in .tokens("access-\(count.next())") }
    let source = source(server)
    let first = try await source.token(now: monday)
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<50 { group.addTask { try await source.token(replacing: first, now: monday).text } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(texts == ["access-2"] && count.value == 2)
  }

  // MARK: The consent's end

  @Test("what the provider says of the consent's end is kept beside the token, and warned of 7 days ahead")
  func consentEnd() async throws {
    let server = try TokenServer { _, _ in .tokens("a", more: ",\"refresh_token_expires_in\":864000") }
    let day: Instant = 86_400_000
    _ = try await source(server).token(now: monday)
    let settings = server.settings
    #expect(settings.consent == OAuthConsent(usedAt: monday, endsAt: monday + 10 * day))
    #expect(settings.consent?.warning(of: settings, now: monday + 2 * day) == nil)
    #expect(
      settings.consent?.warning(of: settings, now: monday + 3 * day)?.contains("support@example.cn ends on") == true)
    #expect(settings.consent?.warning(of: settings, now: monday + 11 * day)?.contains("ended on") == true)
    // The same token keeps its end when a later answer is silent; a new one begins anew.
    server.answer { _, _ in .tokens("a") }
    _ = try await source(server).token(now: monday + day)
    #expect(settings.consent == OAuthConsent(usedAt: monday + day, endsAt: monday + 10 * day))
    server.answer { _, _ in .tokens("a", refresh: "refresh-2") }
    _ = try await source(server).token(now: monday + day)
    #expect(settings.consent?.endsAt == nil)
  }

  @Test(
    "an unused consent of Microsoft ends after 90 days, one of Google after six months, a tested client's in 7 days")
  func idleConsent() throws {
    let day: Instant = 86_400_000
    var settings = try TokenServer().settings
    let consent = OAuthConsent(usedAt: monday)
    #expect(consent.end(of: settings) == nil)
    settings.provider = .microsoft
    #expect(consent.end(of: settings) == monday + 90 * day)
    settings.provider = .google
    #expect(consent.end(of: settings) == monday + 180 * day)
    let tested = OAuthConsent(usedAt: monday, endsAt: monday + 7 * day)
    #expect(tested.warning(of: settings, now: monday)?.contains("Testing") == true)
  }

  @Test("a provider known by name is never looked for at a private address")
  func publicProvider() async throws {
    let server = try TokenServer()
    var settings = server.settings
    settings.provider = .microsoft
    let source = AccessTokenSource(settings, engine: engine)
    let fault = await fault { () throws(OAuthFault) in _ = try await source.token(now: monday) }
    #expect(fault?.kind == .unreachable && server.forms.isEmpty)
  }
}
