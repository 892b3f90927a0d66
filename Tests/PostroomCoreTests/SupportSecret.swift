import Foundation
import Synchronization

/// Files that hold secrets, one for each, left to the system's temporary folder.
enum SecretFixture {
  private static let paths = Mutex<[String: String]>([:])

  /// The path of a file with this secret in it.
  static func file(_ secret: String) -> String {
    paths.withLock { paths in
      if let path = paths[secret] { return path }
      let path = FileManager.default.temporaryDirectory.path + "/postroom-secret-\(UUID().uuidString)"
      _ = FileManager.default.createFile(atPath: path, contents: Data((secret + "\n").utf8))
      paths[secret] = path
      return path
    }
  }
}
