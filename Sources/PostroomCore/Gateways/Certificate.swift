/// The two things of an X.509 certificate (RFC 5280 §4.1) that a signature check needs: its key and when it holds.
package struct Certificate: Sendable, Equatable {
  /// SubjectPublicKeyInfo in DER.
  package let publicKey: [UInt8]
  package let validFrom: Instant
  package let validUntil: Instant

  /// PEM or DER. Nil when it is no certificate.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= 65_536 else { return nil }
    let der = bytes.first == 0x30 ? bytes : Self.der(ofPEM: bytes)
    var outer = DERReader(der[...])
    guard let certificate = outer.next(0x30) else { return nil }
    var inner = DERReader(certificate.content)
    guard let signed = inner.next(0x30) else { return nil }
    var fields = DERReader(signed.content)
    // version, serialNumber, signature, issuer
    _ = fields.next(0xA0)
    guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
      let validity = fields.next(0x30), fields.next(0x30) != nil, let key = fields.next(0x30)
    else { return nil }
    var times = DERReader(validity.content)
    guard let from = times.nextTime(), let until = times.nextTime() else { return nil }
    publicKey = Array(key.whole)
    validFrom = from
    validUntil = until
  }

  package func isValid(at now: Instant) -> Bool { validFrom <= now && now <= validUntil }

  /// The first block of a PEM file (RFC 7468 §5); empty when there is none.
  private static func der(ofPEM bytes: [UInt8]) -> [UInt8] {
    let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
    guard let begin = lines.firstIndex(where: { $0.elementsEqual("-----BEGIN CERTIFICATE-----".utf8) }) else {
      return []
    }
    let block = lines[(begin + 1)...].prefix { $0.first != UInt8(ascii: "-") }
    return CanonicalText.unbase64(block.joined()) ?? []
  }
}

/// Reads one value after the other of DER (X.690 §8.1); anything that does not fit ends it.
private struct DERReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next value, when it has this tag.
  mutating func next(_ tag: UInt8) -> (whole: ArraySlice<UInt8>, content: ArraySlice<UInt8>)? {
    guard rest.first == tag else { return nil }
    var place = rest.startIndex + 1
    guard place < rest.endIndex else { return nil }
    var length = Int(rest[place])
    place += 1
    if length >= 0x80 {
      let count = length - 0x80
      guard (1...3).contains(count), rest.endIndex - place >= count else { return nil }
      length = rest[place..<(place + count)].reduce(0) { $0 << 8 | Int($1) }
      place += count
    }
    guard rest.endIndex - place >= length else { return nil }
    let end = place + length
    defer { rest = rest[end...] }
    return (rest[..<end], rest[place..<end])
  }

  /// UTCTime `YYMMDDhhmmssZ`, where 50 to 99 are of the last century, or GeneralizedTime `YYYYMMDDhhmmssZ` (RFC 5280
  /// §4.1.2.5).
  mutating func nextTime() -> Instant? {
    let short = next(0x17)
    guard let content = (short ?? next(0x18))?.content, content.last == UInt8(ascii: "Z") else { return nil }
    var digits = content.dropLast().map { Int($0) - 0x30 }
    guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
    if short != nil, let decade = digits.first { digits = (decade >= 5 ? [1, 9] : [2, 0]) + digits }
    guard digits.count == 14 else { return nil }
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
    guard let date = CivilDate(year: number(0..<4), month: number(4..<6), day: number(6..<8)) else { return nil }
    let second = number(8..<10) * 3600 + number(10..<12) * 60 + number(12..<14)
    return CivilTime(date: date, secondOfDay: second).secondsSinceEpoch * 1000
  }
}
