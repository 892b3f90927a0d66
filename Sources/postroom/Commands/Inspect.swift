import ArgumentParser
import Foundation
import HTMLContent
import MailFormat
import PostroomCore

struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how Postroom reads mail, without taking any in.",
    discussion: "For a mail that was read wrongly, and for scripts. Nothing is stored, no settings are needed.",
    subcommands: [InspectMail.self, InspectReply.self, InspectHTML.self])

  /// The bytes of a file, or why there are none.
  static func read(_ file: String) -> Result<[UInt8], FileFault> {
    do {
      return .success(Array(try Data(contentsOf: URL(fileURLWithPath: file))))
    } catch {
      return .failure(FileFault(file: file, error: "it cannot be read: \(error.localizedDescription)"))
    }
  }

  /// A file that could not be read, as a line of JSON.
  struct FileFault: Error, Encodable {
    var file: String
    var error: String
  }

  /// Does the same for each file; one that cannot be read is told of, and the next goes on.
  static func each(_ files: [String], json: Bool, _ show: (String, [UInt8]) throws -> Void) throws {
    var isWhole = true
    for (number, file) in files.enumerated() {
      if !json, number > 0 { Console.line() }
      switch read(file) {
      case .success(let bytes): try show(file, bytes)
      case .failure(let fault):
        isWhole = false
        if json { try Console.json(fault) } else { Console.error("\(file): \(fault.error)") }
      }
    }
    if !isWhole { throw ExitCode.failure }
  }
}

struct InspectMail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mail",
    abstract: "What a mail says: sender, text, new text, files, who or what wrote it, what is wrong with it.")

  @Argument(help: "Mails as files (.eml), as they came over the wire.") var files: [String]
  @Flag(help: "One JSON object a line; html is made safe.") var json = false

  func run() async throws {
    try Inspect.each(files, json: json) { file, bytes in
      let mail = MailInspection(file: file, bytes)
      if json { try Console.json(mail.line) } else { mail.show() }
    }
  }
}

struct InspectReply: AsyncParsableCommand {
  enum Form: String, CaseIterable, ExpressibleByArgument { case text, html }

  static let configuration = CommandConfiguration(
    commandName: "reply", abstract: "What of a text is newly written, without quotes and signatures.")

  @Argument(help: "Files with the text of a mail, in UTF-8.") var files: [String]
  @Option(name: .customLong("as"), help: "What the files hold: text or html.") var form = Form.text
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    try Inspect.each(files, json: json) { file, bytes in
      var text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
      if form == .html { text = HTMLDocument(text).readableText(TextOptions(quotes: .leftOut)) }
      let reply = ReplyText(text)
      if json {
        try Console.json(["file": file, "reply": reply.newText])
      } else {
        if files.count > 1 { Console.line("── \(file)") }
        Sections.show(reply, of: text)
      }
    }
  }
}

struct InspectHTML: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "html", abstract: "HTML without anything that runs or loads.",
    discussion: """
      With --jsonl, reads {"id","html"} a line and writes the same with what is left, in the same order. Without, does \
      that for the whole of standard input and names what it would have loaded.
      """)

  @Flag(help: "One JSON object a line, in and out.") var jsonl = false
  @Flag(help: "Let images from other machines through.") var images = false

  private struct Item: Codable {
    var id: Identifier
    var html: String
  }

  func run() async throws {
    let options = SafeHTMLOptions(allowsRemoteImages: images)
    guard jsonl else {
      let source = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
      let document = HTMLDocument(source)
      let safe = document.safeHTML(options)
      Console.line(safe.html)
      for address in safe.remoteContent { Console.error("not loaded: \(address)") }
      for defect in document.defects.map(\.description).sorted() { Console.error(defect) }
      return
    }
    var isWhole = true
    while let line = readLine() {
      if line.allSatisfy(\.isWhitespace) { continue }
      do {
        var item = try JSONDecoder().decode(Item.self, from: Data(line.utf8))
        item.html = HTMLDocument(item.html).safeHTML(options).html
        try Console.json(item)
      } catch {
        isWhole = false
        try Console.json(["id": nil, "error": "this line is no object with \"id\" and \"html\""])
      }
    }
    if !isWhole { throw ExitCode.failure }
  }
}
