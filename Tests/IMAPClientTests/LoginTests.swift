import IMAPClient
import Testing

@Suite("Login")
struct LoginTests {
  private func logIn(
    _ credential: IMAPCredential, capabilities: String, script: @escaping FakeServer.Script = { _ in nil }
  ) async throws -> (error: IMAPError?, commands: [String]) {
    let server = try FakeServer { command in
      script(command) ?? (command == "CAPABILITY" ? .answer("* CAPABILITY IMAP4rev1 \(capabilities)\r\n") : nil)
    }
    defer { server.stop() }
    let session = IMAPSession(endpoint(server))
    try await session.connect()
    do {
      try await session.logIn(credential)
      return (nil, server.commands)
    } catch {
      return (error as? IMAPError, server.commands)
    }
  }

  @Test("uses PLAIN with an initial response, PLAIN in two steps, or LOGIN, as the server offers")
  func methods() async throws {
    let credential = IMAPCredential.password(user: "u", password: "p\"w")
    var (error, commands) = try await logIn(credential, capabilities: "SASL-IR AUTH=PLAIN ID")
    #expect(
      error == nil && commands.contains("AUTHENTICATE PLAIN AHUAcCJ3") && commands.contains { $0.hasPrefix("ID (") })
    (error, commands) = try await logIn(credential, capabilities: "AUTH=PLAIN") { command in
      command == "AUTHENTICATE PLAIN"
        ? .raw(Array("+ \r\n".utf8)) : command == "AHUAcCJ3" ? .raw(Array("TAG OK in\r\n".utf8)) : nil
    }
    #expect(error == nil && commands.contains("AHUAcCJ3") && !commands.contains { $0.hasPrefix("ID") })
    (error, commands) = try await logIn(credential, capabilities: "")
    #expect(error == nil && commands.contains("LOGIN u \"p\\\"w\""))
  }

  @Test("shows the server's words when the password is wrong, but never the password")
  func wrongPassword() async throws {
    let (error, _) = try await logIn(.password(user: "u", password: "hunter2"), capabilities: "") { command in
      command.hasPrefix("LOGIN") ? .raw(Array("TAG NO [AUTHENTICATIONFAILED] 密码错误 for hunter2\r\n".utf8)) : nil
    }
    #expect(error?.kind == .refusedLogin)
    #expect(error?.message.hasPrefix("127.0.0.1:") == true)
    #expect(error?.message.contains("密码错误") == true)
    #expect(error?.message.contains("hunter2") == false)
  }

  @Test("does not blame the password when the server says it could not look")
  func unavailable() async throws {
    let (error, _) = try await logIn(.password(user: "u", password: "p"), capabilities: "") { command in
      command.hasPrefix("LOGIN") ? .raw(Array("TAG NO [UNAVAILABLE] database down\r\n".utf8)) : nil
    }
    #expect(error?.kind == .refused)
  }

  @Test("sends XOAUTH2 only to servers that know it, and answers their error challenge")
  func oauth() async throws {
    let credential = IMAPCredential.xoauth2(user: "u", accessToken: "tok")
    var (error, commands) = try await logIn(credential, capabilities: "AUTH=PLAIN SASL-IR")
    #expect(error?.kind == .unsupported && !commands.contains { $0.hasPrefix("AUTH") })
    (error, commands) = try await logIn(credential, capabilities: "AUTH=XOAUTH2 SASL-IR")
    #expect(error == nil && commands.contains("AUTHENTICATE XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHRvawEB"))
    (error, commands) = try await logIn(credential, capabilities: "AUTH=XOAUTH2 SASL-IR") { command in
      command.hasPrefix("AUTHENTICATE")
        ? .raw(Array("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n".utf8))
        : command.isEmpty ? .raw(Array("TAG NO expired\r\n".utf8)) : nil
    }
    #expect(error?.kind == .refusedLogin)
  }

  @Test("refuses control characters and servers without a usable method")
  func refusals() async throws {
    var (error, commands) = try await logIn(.password(user: "u\r\n9 NOOP", password: "p"), capabilities: "")
    #expect(error?.kind == .refusedLogin && commands == ["CAPABILITY"])
    (error, commands) = try await logIn(.password(user: "u", password: "p"), capabilities: "LOGINDISABLED")
    #expect(error?.kind == .unsupported && commands == ["CAPABILITY"])
  }
}
