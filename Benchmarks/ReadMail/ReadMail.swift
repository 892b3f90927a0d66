import Foundation
import HTMLContent
import MailFormat

/// Measures the readers of mail on one thread; each line it prints is a name and a number.
///
///     read-bench FOLDER     mails decoded a second, microseconds a mail for what is made of them, HTML in MB a second
///     read-bench file FILE  seconds for one mail
@main
enum ReadMail {
  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == "file" {
      try single(arguments[2])
    } else if arguments.count == 2 {
      try folder(arguments[1])
    } else {
      print("usage: read-bench FOLDER | read-bench file FILE")
      exit(64)
    }
  }

  private static func folder(_ path: String) throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    let mails = try files.map { try read(path + "/" + $0) }
    let count = Double(mails.count)
    // Once to warm up: the tables of phrases and character sets are made at the first use.
    var messages = mails.prefix(200).map { MessageParser.parse($0) }
    for message in messages { look(at: message) }

    var octets = 0
    let decode = seconds {
      for mail in mails { octets += decodeWhole(mail) }
    }
    print("decode", count / decode)
    messages = mails.map { MessageParser.parse($0) }
    print("kind_us", seconds { messages.forEach { _ = MailKind.find(in: $0) } } / count * 1e6)
    let texts = messages.map(\.bodyText)
    print("reply_us", seconds { texts.forEach { octets += ReplyText($0).newText.utf8.count } } / count * 1e6)
    let pages = messages.compactMap(\.html)
    let megabytes = Double(pages.reduce(0) { $0 + $1.utf8.count }) / 1e6
    let text = seconds { pages.forEach { octets += HTMLDocument($0).readableText().utf8.count } }
    let safe = seconds { pages.forEach { octets += HTMLDocument($0).safeHTML().html.utf8.count } }
    print("html_text_mb", megabytes / text)
    print("html_safe_mb", megabytes / safe)
    // So that nothing is left out as unused.
    print("octets", octets)
  }

  /// Header, text and attachments, all decoded.
  private static func decodeWhole(_ mail: [UInt8]) -> Int {
    let message = MessageParser.parse(mail)
    var octets = message.subject.utf8.count + (message.text?.utf8.count ?? 0) + (message.html?.utf8.count ?? 0)
    for file in message.attachments { octets += file.decode(from: mail).count }
    return octets
  }

  private static func look(at message: MailMessage) {
    _ = MailKind.find(in: message)
    _ = ReplyText(message.bodyText)
    _ = message.html.map { HTMLDocument($0).safeHTML() }
  }

  private static func single(_ path: String) throws {
    let mail = try read(path)
    var parts = 0
    let time = seconds { parts = MessageParser.parse(mail).attachments.count }
    print("seconds", time)
    print("attachments", parts)
  }

  private static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw CocoaError(.fileReadNoSuchFile) }
    return [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { bytes, count in
      while count < bytes.count {
        let got = Glibc.read(descriptor, bytes.baseAddress! + count, bytes.count - count)
        guard got > 0 else { break }
        count += got
      }
    }
  }

  private static func seconds(_ work: () -> Void) -> Double {
    let duration = ContinuousClock().measure(work).components
    return Double(duration.seconds) + Double(duration.attoseconds) / 1e18
  }
}
