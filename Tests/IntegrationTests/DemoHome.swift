import Foundation

/// A home folder with the demo's mail, taken in and answered; gone afterwards.
final class DemoHome {
  let folder = FileManager.default.temporaryDirectory.path + "/postroom-cmd-\(UUID().uuidString.prefix(8))"

  init() throws {
    let made = try shell("$P demo --folder $H")
    guard made.status == 0 else { throw Failure(made.output) }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Runs a line of bash in which $P is the program and $H the home folder; status and standard output.
  func shell(_ line: String) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", line]
    process.environment = ProcessInfo.processInfo.environment.merging([
      "P": Servers.program, "H": folder, "POSTROOM_HOME": folder, "POSTROOM_AGENT": "wang-fang",
      "POSTROOM_SHARE": Servers.checkout,
    ]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.everything()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
