import CurlClient
import Foundation
import Synchronization
import Testing

@testable import PostroomCore

@Suite("A person's login")
struct LoginTests {
  private let engine = CurlEngine()

  private func fault(_ body: () async throws(OAuthFault) -> Void) async -> OAuthFault? {
    do { try await body() } catch { return error }
    return nil
  }

  // MARK: The device grant

  private static let device = TokenServer.Answer(
    body: """
      {"device_code":"dev-1","user_code":"ABCD-EFGH","verification_uri":"https://login.example/device",
       "expires_in":900,"interval":5}
      """)

  private func device(_ answers: [TokenServer.Answer]) throws -> (TokenServer, OAuthSettings) {
    let count = Counter()
    let server = try TokenServer { path, _ in
      path == "/device" ? Self.device : answers[min(count.next(), answers.count) - 1]
    }
    var settings = server.settings
    settings.deviceURL = server.base + "/device"
    return (server, settings)
  }

  @Test("a code is shown, the provider is asked at its own pace, and the refresh token is kept")
  func deviceLogin() async throws {
    let (server, settings) = try device([
      .error("authorization_pending"), .error("slow_down"), .init(status: 503, body: "busy"),
      .tokens("access-1", refresh: "refresh-login", more: ",\"refresh_token_expires_in\":7776000"),
    ])
    let pauses = Mutex<[Seconds]>([])
    var shown: [DeviceLogin.Invitation] = []
    let login = try #require(DeviceLogin(settings, engine: engine))
    let grant = try await login.run(now: { monday }) { seconds in
      pauses.withLock { $0.append(seconds) }
    } show: {
      shown.append($0)
    }
    #expect(shown == [.init(address: "https://login.example/device", code: "ABCD-EFGH", lifetime: 900)])
    #expect(pauses.withLock { $0 } == [5, 5, 10, 20])
    #expect(server.forms.first == ["client_id": "client-7", "scope": "mail"])
    #expect(
      server.forms.last == [
        "client_id": "client-7", "device_code": "dev-1", "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
      ])
    try FileManager.default.removeItem(atPath: server.folder)
    let consent = try await settings.keep(grant, now: monday)
    #expect(server.kept == "refresh-login" && server.mode == 0o600)
    #expect(consent == OAuthConsent(usedAt: monday, endsAt: monday + 7_776_000_000))
  }

  @Test("a refusal ends the waiting, and so does the code's end")
  func deviceRefusals() async throws {
    var (server, settings) = try device([.error("authorization_pending"), .error("access_denied")])
    var login = try #require(DeviceLogin(settings, engine: engine))
    let denied = await fault { () throws(OAuthFault) in
      _ = try await login.run(pause: { _ in }, show: { _ in })
    }
    #expect(denied?.kind == .denied && server.forms.count == 3)
    (server, settings) = try device([.error("authorization_pending")])
    login = try #require(DeviceLogin(settings, engine: engine))
    let expired = await fault { () throws(OAuthFault) in
      _ = try await login.run(pause: { _ in }, show: { _ in })
    }
    #expect(expired?.kind == .expired && server.forms.count == 181)
    #expect(server.kept == "refresh-1")
  }

  @Test("a login without refresh token keeps nothing")
  func noRefreshToken() async throws {
    let server = try TokenServer()
    let settings = server.settings
    let grant = try #require(TokenGrant(["access_token": "a"]))
    let fault = await fault { () throws(OAuthFault) in _ = try await settings.keep(grant, now: monday) }
    #expect(fault?.description.contains("no refresh token") == true && server.kept == "refresh-1")
  }

  // MARK: The browser

  @Test("the challenge is that of RFC 7636")
  func challenge() {
    #expect(
      LoopbackLogin.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
  }

  /// The parameters of an address.
  private func parameters(_ address: String) -> [String: String] {
    let query = address.split(separator: "?", maxSplits: 1).last ?? ""
    let fields = CanonicalText.parameters(ofForm: query.utf8).map { ($0.name, $0.value) }
    return Dictionary(fields, uniquingKeysWith: { first, _ in first })
  }

  private func browser() throws -> (TokenServer, OAuthSettings) {
    let server = try TokenServer { _, form in
      form["code"] == "code/1" ? .tokens("access-1", refresh: "refresh-login") : .error("invalid_grant")
    }
    var settings = server.settings
    settings.authorizationURL = "https://login.example/auth?hd=1"
    return (server, settings)
  }

  /// What a browser gets for a GET of `path`, or of whatever `raw` says instead.
  private static func visit(_ port: UInt16, _ path: String, raw: String? = nil) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { return "" }
    let text = raw ?? "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }

  @Test("a browser brings the code, what others on this machine send changes nothing")
  func loopback() async throws {
    let (server, settings) = try browser()
    let login = try #require(LoopbackLogin(settings, engine: engine))
    let answers = Mutex<[String]>([])
    let given = Mutex("")
    let grant = try await login.run { address, port in
      let query = parameters(address)
      given.withLock { $0 = query["code_challenge"] ?? "" }
      #expect(address.hasPrefix("https://login.example/auth?hd=1&"))
      #expect(query["redirect_uri"] == "http://127.0.0.1:\(port)" && query["client_id"] == "client-7")
      #expect(query["login_hint"] == "support@example.cn" && query["scope"] == "mail")
      let state = query["state"] ?? ""
      Thread.detachNewThread {
        for (path, raw) in [
          ("/?code=stolen&state=guess", nil), ("/?code=stolen", nil), ("/favicon.ico", nil),
          ("", "\r\n\r\n"), ("", "POST /?code=x&state=\(state) HTTP/1.1\r\n\r\n"),
          ("", String(repeating: "A", count: 20_000)),
          ("/?code=code%2F1&state=\(state)", nil),
        ] as [(String, String?)] {
          let answer = Self.visit(port, path, raw: raw)
          answers.withLock { $0.append(String(answer.prefix(12))) }
        }
      }
    }
    #expect(grant.refreshToken == Secret("refresh-login"))
    let form = try #require(server.forms.first)
    #expect(server.forms.count == 1 && form["grant_type"] == "authorization_code")
    #expect(LoopbackLogin.challenge(form["code_verifier"] ?? "") == given.withLock { $0 })
    #expect(form["redirect_uri"]?.hasPrefix("http://127.0.0.1:") == true)
  }

  @Test("a person who says no ends it")
  func declined() async throws {
    let (server, settings) = try browser()
    let login = try #require(LoopbackLogin(settings, engine: engine))
    let fault = await fault { () throws(OAuthFault) in
      _ = try await login.run { address, port in
        let state = parameters(address)["state"] ?? ""
        Thread.detachNewThread { _ = Self.visit(port, "/?error=access_denied&state=\(state)") }
      }
    }
    #expect(fault?.kind == .denied && server.forms.isEmpty)
  }

  @Test("the address of a browser on another machine can be pasted")
  func pasted() async throws {
    let (server, settings) = try browser()
    let login = try #require(LoopbackLogin(settings, engine: engine))
    let pipe = Pipe()
    let grant = try await login.run(input: pipe.fileHandleForReading.fileDescriptor) { address, port in
      let state = parameters(address)["state"] ?? ""
      pipe.fileHandleForWriting.write(Data("\nwhat?\n http://127.0.0.1:\(port)/?state=\(state)".utf8))
      pipe.fileHandleForWriting.write(Data("&code=code%2F1&scope=mail \r\n".utf8))
    }
    #expect(grant.accessToken == Secret("access-1") && server.forms.count == 1)
  }
}
