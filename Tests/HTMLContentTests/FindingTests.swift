import Foundation
import HTMLContent
import Testing

/// What fuzzing found once (`script/fuzz` keeps it) is read ever after.
@Suite("Findings of fuzzing HTML")
struct HTMLFindingTests {
  static let files: [URL] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../Fuzz/findings/html").standardized
    return (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
  }()

  @Test("are read, and made safe twice are the same", arguments: files)
  func reads(file: URL) throws {
    let document = HTMLDocument(utf8: Array(try Data(contentsOf: file)))
    _ = document.readableText(TextOptions(showsLinks: true, quotes: .leftOut))
    let safe = document.safeHTML().html
    #expect(HTMLDocument(safe).safeHTML().html == safe)
  }
}
