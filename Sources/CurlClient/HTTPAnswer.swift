/// An answer as it comes in: header, and a body whose end is found as RFC 9112 §6.3 says. What is not HTTP/1.x, or says
/// two things about its end, is given up rather than guessed at.
struct HTTPAnswer {
  private enum Part {
    case header, body(left: Int), bodyToTheEnd, chunkSize, chunk(left: Int), chunkEnd, trailer, done
  }

  private let isOfHead: Bool
  private let maxHeaderSize: Int
  private let maxBodySize: Int
  private var part = Part.header
  /// The beginning of a line whose end has not come yet.
  private var line: [UInt8] = []
  private var headerSize = 0
  private var status = 0
  private var isOldVersion = false
  private var fields = HTTPFields()
  private var body: [UInt8] = []
  /// Whether the server keeps the connection for another request.
  private(set) var keepsConnection = false
  /// Why no more is read; nil while all is well.
  private(set) var trouble: String?

  /// The size of a chunk with its extensions, which nobody uses.
  private static let longestChunkLine = 8_192
  private static let shortChunkLine = 20

  init(to request: HTTPRequest) {
    isOfHead = request.method == "HEAD"
    maxHeaderSize = request.maxHeaderSize
    maxBodySize = request.maxBodySize
  }

  /// Whether all of it has come.
  var isWhole: Bool { if case .done = part { trouble == nil } else { false } }

  /// Whether it is whole once the server closes the connection.
  var isWholeAtEnd: Bool { if case .bodyToTheEnd = part { trouble == nil } else { isWhole } }

  var response: HTTPResponse { HTTPResponse(status: status, fields: fields, body: body) }

  /// How to speak of the answer in an error: ` (HTTP 200)`, or nothing.
  var words: String { status > 0 ? " (HTTP \(status))" : "" }

  /// Takes what came, to the answer's end at most; how many bytes that was.
  mutating func read(_ bytes: UnsafeRawBufferPointer) -> Int {
    var place = 0
    while place < bytes.count, trouble == nil, !isWhole {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
      switch part {
      case .body(let left):
        let count = min(left, rest.count)
        take(rest.prefix(count))
        part = left == count ? .done : .body(left: left - count)
        place += count
      case .chunk(let left):
        let count = min(left, rest.count)
        take(rest.prefix(count))
        part = left == count ? .chunkEnd : .chunk(left: left - count)
        place += count
      case .bodyToTheEnd:
        take(rest[...])
        place = bytes.count
      default: place += readLine(rest)
      }
    }
    return place
  }

  private mutating func take(_ bytes: Slice<UnsafeRawBufferPointer>) {
    guard bytes.count <= maxBodySize - body.count else { return tooLong() }
    body.append(contentsOf: bytes)
  }

  private mutating func tooLong() { trouble = "the answer\(words) is longer than \(maxBodySize) bytes" }

  // MARK: - Lines

  private mutating func readLine(_ bytes: UnsafeRawBufferPointer) -> Int {
    let newline = bytes.firstIndex(of: 0x0A)
    let count = newline.map { $0 + 1 } ?? bytes.count
    countLine(count)
    guard trouble == nil else { return count }
    if newline == nil || !line.isEmpty { line.append(contentsOf: bytes[..<count]) }
    guard newline != nil else { return count }
    if line.isEmpty {
      take(line: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    } else {
      let whole = line
      line.removeAll()
      whole.withUnsafeBytes { take(line: $0) }
    }
    return count
  }

  private mutating func countLine(_ count: Int) {
    switch part {
    case .header, .trailer:
      headerSize += count
      if headerSize > maxHeaderSize { trouble = "the answer's header is longer than \(maxHeaderSize) bytes" }
    default:
      if line.count + count > Self.longestChunkLine { trouble = "a chunk of the answer\(words) has no end" }
    }
  }

  private mutating func take(line: UnsafeRawBufferPointer) {
    let isEmpty = line.first == 0x0A || line.count == 2 && line.first == 0x0D
    switch part {
    case .header:
      if status == 0 {
        readStatus(line)
      } else if isEmpty {
        endHeader()
      } else {
        fields.append(line: line)
      }
    case .chunkSize: readChunkSize(line)
    case .chunkEnd:
      if isEmpty { part = .chunkSize } else { trouble = "a chunk of the answer\(words) is longer than it says" }
    // Trailers (RFC 9110 §6.5) are not merged into the header.
    case .trailer: if isEmpty { part = .done }
    case .body, .chunk, .bodyToTheEnd, .done: break
    }
  }

  /// `HTTP/1.1 200 OK`, the words of which may be missing.
  private mutating func readStatus(_ line: UnsafeRawBufferPointer) {
    let isEnded = line.count > 12 && [0x20, 0x0D, 0x0A].contains(line[12])
    guard isEnded, line.starts(with: "HTTP/1.".utf8), Self.digit(line[7]) != nil, line[8] == 0x20,
      let hundreds = Self.digit(line[9]), let tens = Self.digit(line[10]), let ones = Self.digit(line[11]), hundreds > 0
    else { return trouble = "the server's answer is not HTTP" }
    isOldVersion = line[7] == UInt8(ascii: "0")
    status = hundreds * 100 + tens * 10 + ones
    // Nothing else was asked for.
    if status == 101 { trouble = "the server changes to another protocol (HTTP 101)" }
  }

  private static func digit(_ byte: UInt8) -> Int? { (0x30...0x39).contains(byte) ? Int(byte) - 0x30 : nil }

  // MARK: - Where the body ends

  private mutating func endHeader() {
    // An interim answer (RFC 9110 §15.2) is followed by another.
    if status < 200 {
      status = 0
      fields = HTTPFields()
      return
    }
    let connection = tokens("Connection")
    keepsConnection = isOldVersion ? connection.contains("keep-alive") : !connection.contains("close")
    let coding = tokens("Transfer-Encoding")
    let codings = coding.filter { $0 != "identity" }
    let lengths = Set(fields.values("Content-Length"))
    // Two statements may be an attempt to smuggle another answer in (RFC 9112 §6.1).
    if !coding.isEmpty, isOldVersion || !lengths.isEmpty { keepsConnection = false }
    if isOfHead || status == 204 || status == 304 {
      // Of what announces a body that it must not have, one may follow nevertheless.
      if !coding.isEmpty || !lengths.isSubset(of: ["0"]) { keepsConnection = false }
      part = .done
    } else if !codings.isEmpty {
      guard codings == ["chunked"] else {
        return trouble = "the answer\(words) has a transfer coding that is not known"
      }
      part = .chunkSize
    } else if let text = lengths.first {
      guard lengths.count == 1, let length = Self.number(text, radix: 10) else {
        return trouble = "the answer\(words) does not tell its length"
      }
      if length > maxBodySize { return tooLong() }
      // What is announced has not come yet.
      body.reserveCapacity(min(length, 65_536))
      part = length == 0 ? .done : .body(left: length)
    } else {
      keepsConnection = false
      part = .bodyToTheEnd
    }
  }

  /// The words of a field that is a list, in lower case.
  private func tokens(_ name: String) -> [String] {
    fields.values(name).flatMap { value in
      value.lowercased().split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
    }
  }

  private mutating func readChunkSize(_ line: UnsafeRawBufferPointer) {
    let digits = line.prefix { byte in byte != UInt8(ascii: ";") && byte != 0x20 && byte != 0x09 && byte > 0x0D }
    guard let size = Self.number(String(decoding: digits, as: UTF8.self), radix: 16) else {
      return trouble = "a chunk of the answer\(words) does not tell its length"
    }
    if size > maxBodySize - body.count { return tooLong() }
    // Extensions, which nobody reads, go on as long as the header may.
    headerSize += max(0, line.count - Self.shortChunkLine)
    if headerSize > maxHeaderSize { return trouble = "the chunks of the answer\(words) have too long extensions" }
    part = size == 0 ? .trailer : .chunk(left: size)
  }

  /// Digits and nothing else; nil for none, and for more than a number holds.
  private static func number(_ text: String, radix: Int) -> Int? {
    guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) else { return nil }
    return Int(text, radix: radix)
  }
}
