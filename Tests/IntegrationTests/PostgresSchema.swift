import Foundation
import SQLAccess

/// A schema of its own on the test server, so that tests do not meet.
enum PostgresSchema {
  static func make() async throws -> String {
    guard let server = Servers.postgres else { throw Failure("POSTROOM_TEST_POSTGRES is not set") }
    let name = "it_" + UUID().uuidString.prefix(8).lowercased()
    let database = try await Database.open(server)
    try await database.write { tx in try tx.execute("CREATE SCHEMA \(name)") }
    await database.close()
    return server + (server.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(name)"
  }
}
