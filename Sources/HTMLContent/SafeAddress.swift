/// The address of a link or an image with a scheme that does no harm, written so that it needs no quotes.
struct SafeAddress {
  enum Scheme {
    case web
    case mailto
    case tel
    /// A part of the mail itself (RFC 2392).
    case cid
  }

  let scheme: Scheme
  let bytes: [UInt8]

  /// Longer addresses are left out (bytes).
  private static let longest = 4_096

  /// An address for `href`: http, https, mailto, tel, cid.
  init?(link source: Bytes) {
    // What a browser does not see must not hide a scheme (WHATWG URL: C0 and blanks at the ends, tab, CR, LF inside).
    let source = source.trimmed.filter { $0 > ASCII.space || $0 == ASCII.space }
    guard source.count <= Self.longest, let scheme = source.withUnsafeBufferPointer({ Self.scheme($0) }) else {
      return nil
    }
    self.scheme = scheme
    let isRelative = source.first == ASCII.slash
    bytes = (isRelative ? Array("https:".utf8) : []) + Self.encoded(source)
    guard bytes.count <= Self.longest else { return nil }
  }

  /// An address for `src`: http, https, cid.
  init?(image source: Bytes) {
    self.init(link: source)
    guard scheme == .web || scheme == .cid else { return nil }
  }

  private static func scheme(_ source: Bytes) -> Scheme? {
    if source.hasWord("https://", at: 0) || source.hasWord("http://", at: 0) { return source.count > 8 ? .web : nil }
    // Without a scheme of its own: as if the mail had come over https.
    if source.hasWord("//", at: 0) { return source.count > 3 && source[2] != ASCII.slash ? .web : nil }
    if source.hasWord("mailto:", at: 0) { return .mailto }
    if source.hasWord("tel:", at: 0) { return .tel }
    if source.hasWord("cid:", at: 0) { return .cid }
    return nil
  }

  /// Quotes, brackets, blanks and backslashes as `%XX`; they have no meaning in an address, but do in markup.
  private static func encoded(_ source: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(source.count)
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in source {
      switch byte {
      case 0...32, 34, 39, 40, 41, 60, 62, 92, 94, 96, 123...125, 127:
        out += [ASCII.percent, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: out.append(byte)
      }
    }
    return out
  }

  /// Whether a link's text already says where it leads: the address, with or without scheme and closing slash.
  func isTold(by text: ArraySlice<UInt8>) -> Bool {
    let address = Self.core(bytes[...])
    return text.elementsEqual(bytes) || Self.core(text).elementsEqual(address)
  }

  private static func core(_ address: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var address = address
    for scheme in ["https://", "http://", "mailto:", "tel:", "cid:"] where address.starts(with: scheme.utf8) {
      address = address.dropFirst(scheme.utf8.count)
      break
    }
    if let query = address.firstIndex(of: ASCII.question), address.contains(ASCII.at), !address.contains(ASCII.slash) {
      address = address[..<query]
    }
    while address.last == ASCII.slash { address.removeLast() }
    return address
  }
}
