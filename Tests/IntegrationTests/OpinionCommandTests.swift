import Foundation
import Testing

/// `postroom opinion` as a person runs it, against an address at which nobody listens.
@Suite("The command for second opinions")
struct OpinionCommandTests {
  private static func home(_ lines: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/postroom-op-\(UUID().uuidString.prefix(8))"
    let made = try Servers.run(["demo", "--folder", folder])
    guard made.status == 0 else { throw Failure(made.output) }
    let file = URL(fileURLWithPath: folder + "/postroom.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data((text + lines).utf8).write(to: file)
    return folder
  }

  @Test("without settings nobody is asked, and that is said")
  func off() throws {
    let home = try Self.home("")
    defer { try? FileManager.default.removeItem(atPath: home) }
    let once = try Servers.run(["opinion", "--once", "--home", home])
    #expect(once.status == 1 && once.output.contains("nobody is asked"))
    #expect(try Servers.run(["opinion", "--json", "--home", home]).output.contains(#""on":false"#))
  }

  @Test("check --live tells what is wrong with the endpoint, without the secret")
  func check() throws {
    let home = try Self.home(
      """
      second_opinion: { url: "http://127.0.0.1:9/v1", model: small, password_file: secrets/op, plain: true, private: true }

      """)
    defer { try? FileManager.default.removeItem(atPath: home) }
    let missing = try Servers.run(["check", "--home", home])
    #expect(missing.status == 78 && missing.output.contains("secrets/op"))
    try Data("sk-very-secret\n".utf8).write(to: URL(fileURLWithPath: home + "/secrets/op"))
    let live = try Servers.run(["check", "--live", "--home", home])
    #expect(live.status == 69 && live.output.contains("second_opinion: 127.0.0.1 cannot be reached"))
    #expect(!live.output.contains("very-secret"))
  }
}
