import IMAPClient
import Testing

/// Limits and time-outs small enough for tests.
func endpoint(_ server: FakeServer, _ security: IMAPEndpoint.Security = .plain) -> IMAPEndpoint {
  IMAPEndpoint(
    host: "127.0.0.1", port: server.port, security: security, connectTimeout: .seconds(60), readTimeout: .seconds(60),
    commandTimeout: .seconds(120))
}

/// Runs `body` with a session that has logged in and selected INBOX on a scripted server.
func withSession<Result: Sendable>(
  _ script: @escaping FakeServer.Script, limits: IMAPLimits = IMAPLimits(), readTimeout: Duration = .seconds(60),
  _ body: (IMAPSession, FakeServer) async throws -> Result
) async throws -> Result {
  let server = try FakeServer(script: script)
  defer { server.stop() }
  var endpoint = endpoint(server)
  endpoint.readTimeout = readTimeout
  let session = IMAPSession(endpoint, limits: limits)
  try await session.connect()
  try await session.logIn(.password(user: "u", password: "secret"))
  _ = try await session.select("INBOX")
  let result = try await body(session, server)
  await session.logOut()
  return result
}

/// The kind of the error that `body` throws; nil if it throws none.
func failure(_ body: () async throws -> Void) async -> IMAPError.Kind? {
  do {
    try await body()
    return nil
  } catch {
    return (error as? IMAPError)?.kind
  }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
