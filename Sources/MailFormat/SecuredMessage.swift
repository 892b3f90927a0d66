/// What an application/pkcs7-mime part holds (RFC 8551 §3.2): the outer layers of a CMS message (RFC 5652), as far as
/// they say whether its text can be shown. No signature is verified here.
enum SecuredMessage {
  /// The mail that was signed.
  case signed([UInt8])
  case encrypted

  /// 1.2.840.113549.1.7: signedData is .2, envelopedData .3.
  private static let family: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
  /// 1.2.840.113549.1.9.16.1.23: authEnvelopedData (RFC 5083).
  private static let authEnveloped: [UInt8] = [
    0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x17,
  ]

  /// Nil for anything else, damaged messages and signatures without content included.
  init?(_ bytes: [UInt8]) {
    let content: [UInt8]? = bytes.withUnsafeBufferPointer { view in
      var reader = BERReader(bytes: view)
      // ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT … }
      guard reader.enter(0x30), let type = reader.primitive(0x06).map(Array.init) else { return nil }
      if type == Self.family + [3] || type == Self.authEnveloped { return [] }
      guard type == Self.family + [2] else { return nil }
      return Self.signedContent(&reader)
    }
    guard let content else { return nil }
    self = content.isEmpty ? .encrypted : .signed(content)
  }

  /// SignedData ::= SEQUENCE { version, digestAlgorithms SET, encapContentInfo SEQUENCE { OID, [0] OCTET STRING }, … }
  private static func signedContent(_ reader: inout BERReader) -> [UInt8]? {
    guard reader.enter(0xA0), reader.enter(0x30), reader.primitive(0x02) != nil, reader.skip(), reader.enter(0x30),
      reader.primitive(0x06) != nil, reader.enter(0xA0), let content = reader.octets(), !content.isEmpty
    else { return nil }
    return content
  }
}

/// Walks over values of ASN.1 in BER (ITU-T X.690), without recursion.
private struct BERReader {
  let bytes: Bytes
  private var place = 0

  init(bytes: Bytes) { self.bytes = bytes }

  /// Tag and length at the place; a length of nil is an indefinite one, which an end-of-contents mark ends.
  private mutating func header() -> (tag: UInt8, length: Int?)? {
    guard place + 2 <= bytes.count else { return nil }
    let tag = bytes[place]
    let first = bytes[place + 1]
    place += 2
    // Tags above 30 do not occur in these messages.
    guard tag & 0x1F != 0x1F else { return nil }
    if first == 0x80 { return (tag, nil) }
    guard first > 0x80 else { return (tag, Int(first)) }
    let count = Int(first & 0x7F)
    guard count <= 4, place + count <= bytes.count else { return nil }
    let length = bytes[place..<(place + count)].reduce(0) { $0 << 8 | Int($1) }
    place += count
    return (tag, length)
  }

  /// Steps into the constructed value at the place, if it has this tag.
  mutating func enter(_ tag: UInt8) -> Bool { header()?.tag == tag }

  /// The contents of the primitive value at the place, if it has this tag; the place is then behind it.
  mutating func primitive(_ tag: UInt8) -> Bytes? {
    guard let found = header(), found.tag == tag, let length = found.length, length <= bytes.count - place else {
      return nil
    }
    defer { place += length }
    return bytes.slice(place..<(place + length))
  }

  /// Steps over the value at the place, whatever it is.
  mutating func skip() -> Bool {
    var open = 0
    repeat {
      guard let found = header() else { return false }
      if found.tag == 0, found.length == 0, open > 0 {
        open -= 1
      } else if let length = found.length {
        guard length <= bytes.count - place else { return false }
        place += length
      } else {
        open += 1
      }
    } while open > 0
    return true
  }

  /// The OCTET STRING at the place; large ones come in pieces.
  mutating func octets() -> [UInt8]? {
    let start = place
    guard let found = header() else { return nil }
    if found.tag == 0x04 {
      place = start
      return primitive(0x04).map(Array.init)
    }
    guard found.tag == 0x24 else { return nil }
    let end = found.length.map { min(place + $0, bytes.count) } ?? bytes.count
    var content: [UInt8] = []
    while place < end, let piece = primitive(0x04) { content += piece }
    return content
  }
}
