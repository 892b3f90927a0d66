import Foundation
import PostroomCore

/// Where the files that came with the program stand: `templates/` and `mailboxes/`.
enum Distribution {
  /// POSTROOM_SHARE, `../share/postroom` beside the program, or the checkout that the program was built in.
  static func folder() throws -> String {
    let manager = FileManager.default
    let isOne = { (folder: String) in
      manager.fileExists(atPath: folder + "/templates/en") && manager.fileExists(atPath: folder + "/mailboxes/demo")
    }
    if let named = ProcessInfo.processInfo.environment["POSTROOM_SHARE"], isOne(named) { return named }
    let program = (try? manager.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    var folder = URL(fileURLWithPath: program).deletingLastPathComponent()
    if isOne(folder.path + "/../share/postroom") { return folder.path + "/../share/postroom" }
    while folder.path != "/" {
      if isOne(folder.path) { return folder.path }
      folder = folder.deletingLastPathComponent()
    }
    throw SettingsError(
      "the files that come with postroom (templates/, mailboxes/) were not found: set POSTROOM_SHARE to their folder")
  }
}
