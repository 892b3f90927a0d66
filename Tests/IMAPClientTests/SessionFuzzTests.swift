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
    // The server hangs up after each stream, because a literal may have swallowed the tagged OK.
    let server = try FakeServer { command in
      guard command.hasPrefix("UID FETCH"), let index = Int(command.split(separator: " ")[2]) else { return nil }
      return .hangUp(streams[index - 1] + Array("3 OK done\r\n".utf8))
    }
    defer { server.stop() }
    var (accepted, refused) = (0, 0)
    var limits = IMAPLimits()
    limits.literal = 10_000
    for index in 1...count {
      let session = IMAPSession(endpoint(server), limits: limits)
      try await session.connect()
      _ = try await session.select("INBOX")
      do {
        _ = try await session.fetch([UInt32(index)])
        accepted += 1
      } catch {
        refused += 1
      }
    }
    return (accepted, refused)
  }

  @Test("survive 600 random streams of IMAP words")
  func words() async throws {
    let (accepted, refused) = try await run(600, seed: 11, HostileText.stream)
    #expect(accepted > 10 && refused > 200)
  }

  @Test("survive 600 answers with changed bytes")
  func mutants() async throws {
    let (accepted, refused) = try await run(600, seed: 12, HostileText.mutant)
    #expect(accepted > 100 && refused > 50)
  }
}
