/// Little-endian numbers at given places; the caller has checked the size.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer

  func uint32(_ place: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
  }

  func uint64(_ place: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  func double(_ place: Int) -> Double { Double(bitPattern: uint64(place)) }

  func float(_ place: Int) -> Float { Float(bitPattern: uint32(place)) }

  /// Up to the first 0.
  func text(_ place: Int, _ size: Int) -> String {
    String(decoding: bytes[place..<place + size].prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// Little-endian numbers one behind the other.
struct ByteWriter {
  private(set) var written: [UInt8] = []

  init(capacity: Int) { written.reserveCapacity(capacity) }

  mutating func bytes(_ bytes: [UInt8]) { written += bytes }

  mutating func uint16(_ number: UInt16) {
    written.append(UInt8(truncatingIfNeeded: number))
    written.append(UInt8(truncatingIfNeeded: number >> 8))
  }

  mutating func uint32(_ number: UInt32) {
    uint16(UInt16(truncatingIfNeeded: number))
    uint16(UInt16(truncatingIfNeeded: number >> 16))
  }

  mutating func uint64(_ number: UInt64) {
    uint32(UInt32(truncatingIfNeeded: number))
    uint32(UInt32(truncatingIfNeeded: number >> 32))
  }

  mutating func double(_ number: Double) { uint64(number.bitPattern) }

  mutating func float(_ number: Float) { uint32(number.bitPattern) }

  /// Cut to `size` bytes, or filled up with 0.
  mutating func text(_ text: String, _ size: Int) {
    let end = written.count + size
    written += text.utf8.prefix(size)
    zeros(upTo: end)
  }

  mutating func zeros(upTo size: Int) {
    written += repeatElement(0, count: max(0, size - written.count))
  }

  /// With the CRC-32 of what lies behind `place + 4` in the four bytes there.
  func sealed(checksumAt place: Int) -> [UInt8] {
    var sealed = written
    let checksum = sealed.withUnsafeBytes { CRC32.of(UnsafeRawBufferPointer(rebasing: $0[(place + 4)...])) }
    for byte in 0..<4 { sealed[place + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte))) }
    return sealed
  }
}
