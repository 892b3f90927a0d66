/// The checksum of zlib and PNG (ISO 3309), eight bytes a step.
struct CRC32 {
  private var rest: UInt32 = 0xFFFF_FFFF

  /// Of everything taken in so far.
  var value: UInt32 { ~rest }

  static func of(_ parts: UnsafeRawBufferPointer...) -> UInt32 {
    var checksum = CRC32()
    for part in parts { checksum.update(part) }
    return checksum.value
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    Self.tables.withUnsafeBufferPointer { tables in
      var crc = rest
      var place = 0
      while place + 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ UInt64(crc)
        @inline(__always) func look(_ table: Int, _ shift: UInt64) -> UInt32 {
          tables[table << 8 | Int(word >> shift & 0xFF)]
        }
        crc =
          look(7, 0) ^ look(6, 8) ^ look(5, 16) ^ look(4, 24) ^ look(3, 32) ^ look(2, 40) ^ look(1, 48) ^ look(0, 56)
        place += 8
      }
      while place < bytes.count {
        crc = tables[Int((crc ^ UInt32(bytes[place])) & 0xFF)] ^ (crc >> 8)
        place += 1
      }
      rest = crc
    }
  }

  /// `tables[n << 8 | byte]`: what a byte does to the checksum when `n` bytes follow it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 << 8)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      tables[byte] = crc
    }
    for table in 1..<8 {
      for byte in 0..<256 {
        let before = tables[(table - 1) << 8 | byte]
        tables[table << 8 | byte] = tables[Int(before & 0xFF)] ^ (before >> 8)
      }
    }
    return tables
  }()
}
