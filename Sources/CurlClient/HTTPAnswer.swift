/// An answer as it comes in, cut into lines and blocks by libcurl.
struct HTTPAnswer {
  private let maxHeaderSize: Int
  private let maxBodySize: Int
  private var headerSize = 0
  private var status = 0
  private var fields = HTTPFields()
  private var body: [UInt8] = []
  /// Whether the header's empty line has come, that of the final answer.
  private var isHeaderComplete = false
  /// Why libcurl was told to stop; nil when it was not.
  private(set) var excess: String?

  init(maxHeaderSize: Int, maxBodySize: Int) {
    self.maxHeaderSize = maxHeaderSize
    self.maxBodySize = maxBodySize
  }

  /// The answer, if all of its header has come: libcurl takes a connection that ends within the header for a whole
  /// answer. That the body is whole is libcurl's word.
  var response: HTTPResponse? {
    isHeaderComplete ? HTTPResponse(status: status, fields: fields, body: body) : nil
  }

  /// How to speak of the answer in an error: `HTTP 200`, or nothing.
  var words: String { status > 0 ? " (HTTP \(status))" : "" }

  var tooLong: String { "the answer\(words) is longer than \(maxBodySize) bytes" }

  /// Takes a line of the header with its line end. False: no more of this.
  mutating func readHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    headerSize += line.count
    guard headerSize <= maxHeaderSize else {
      excess = "the answer's header is longer than \(maxHeaderSize) bytes"
      return false
    }
    // Trailers (RFC 9110 §6.5) are not merged into the header.
    if isHeaderComplete { return true }
    if line.first == UInt8(ascii: "H"), line.starts(with: "HTTP/".utf8) {
      status = Self.status(line)
      fields = HTTPFields()
    } else if line.first == 0x0D || line.first == 0x0A {
      // An interim answer (RFC 9110 §15.2) is followed by another.
      isHeaderComplete = status >= 200
    } else {
      fields.append(line: line)
    }
    return true
  }

  mutating func readBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= maxBodySize - body.count else {
      excess = tooLong
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// The three digits behind the first space; 0 when there are none.
  private static func status(_ line: UnsafeRawBufferPointer) -> Int {
    guard let space = line.firstIndex(of: 0x20), space + 3 < line.count else { return 0 }
    var status = 0
    for byte in line[(space + 1)...(space + 3)] {
      guard (0x30...0x39).contains(byte) else { return 0 }
      status = status * 10 + Int(byte - 0x30)
    }
    return status
  }
}
