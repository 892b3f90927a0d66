import IMAPClient
import Testing

@Suite("Fuzzed sessions", .serialized)
struct SessionFuzzTests {
  /// Answers each fetch by the next stream of `make`; counts how sessions take it.
  private func run(_ count: Int, seed: UInt64, _ make: @escaping (inout SeededGenerator) -> [UInt8]) async throws -> (
    accepted: Int, refused: Int
  ) {
    var random = SeededGenerator(state: seed)
    let streams = (0..<count).map { _ in make(&random) }
    let server = try FakeServer { command in
      guard command.hasPrefix("UID FETCH"), let index = Int(command.split(separator: " ")[2]) else { return nil }
      return .raw(streams[index - 1] + Array("TAG OK done\r\n".utf8))
    }
    defer { server.stop() }
    var (session, accepted, refused) = (IMAPSession?.none, 0, 0)
    var limits = IMAPLimits()
    limits.literal = 10_000
    var target = endpoint(server)
    // A literal may swallow the tagged OK: then nothing more comes.
    target.readTimeout = .milliseconds(20)
    for index in 1...count {
      if session == nil {
        let fresh = IMAPSession(target, limits: limits)
        try await fresh.connect()
        try await fresh.logIn(.password(user: "u", password: "secret"))
        _ = try await fresh.select("INBOX")
        session = fresh
      }
      do {
        _ = try await session?.fetch([UInt32(index)])
        accepted += 1
      } catch {
        refused += 1
        if (error as? IMAPError)?.kind != .refused { session = nil }
      }
    }
    await session?.logOut()
    return (accepted, refused)
  }

  @Test("survive 1,500 random streams of IMAP words")
  func words() async throws {
    let (accepted, refused) = try await run(1500, seed: 11, HostileText.stream)
    #expect(accepted > 20 && refused > 500)
  }

  @Test("survive 1,500 answers with changed bytes")
  func mutants() async throws {
    let (accepted, refused) = try await run(1500, seed: 12, HostileText.mutant)
    #expect(accepted > 300 && refused > 100)
  }
}
