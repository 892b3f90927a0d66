/// A lesson as bytes, for a log. Little-endian: version (1 byte), origin (8), what the model said for each label as Double
/// (24), then its features in ascending order, each as the distance from the one before in LEB128: some two bytes each.
extension Lesson {
  private static let version: UInt8 = 1
  private static let headerSize = 33

  /// Without the label, which a log keeps beside them.
  package var bytes: [UInt8] {
    var writer = ByteWriter(capacity: Self.headerSize + buckets.count * 3)
    writer.bytes([Self.version])
    writer.uint64(origin)
    for label in 0..<3 { writer.double(base[label]) }
    var previous: UInt32 = 0
    for bucket in buckets {
      var distance = bucket - previous
      while distance >= 0x80 {
        writer.bytes([UInt8(truncatingIfNeeded: distance) | 0x80])
        distance >>= 7
      }
      writer.bytes([UInt8(distance)])
      previous = bucket
    }
    return writer.written
  }

  /// - Parameter place: what messages call it.
  /// - Throws: ``ModelError`` when the bytes are no lesson.
  package init(bytes: [UInt8], label: TextLabel, place: String = "the lesson") throws(ModelError) {
    guard bytes.count >= Self.headerSize, bytes[0] == Self.version else {
      throw ModelError(place, "is no lesson of this program; it is left out")
    }
    let (origin, base) = bytes.withUnsafeBytes { bytes in
      let reader = ByteReader(bytes: bytes)
      return (reader.uint64(1), Logits(reader.double(9), reader.double(17), reader.double(25), 0))
    }
    guard (0..<3).allSatisfy({ base[$0].isFinite }), let buckets = Self.buckets(bytes[Self.headerSize...]) else {
      throw ModelError(place, "is damaged; it is left out")
    }
    self.init(buckets: buckets, base: base, label: label, origin: origin)
  }

  /// Nil when they are not ascending, too large, or end half way.
  private static func buckets(_ bytes: ArraySlice<UInt8>) -> [UInt32]? {
    var buckets: [UInt32] = []
    var (distance, shift): (UInt32, UInt32) = (0, 0)
    for byte in bytes {
      guard shift < 21 else { return nil }
      distance |= UInt32(byte & 0x7F) << shift
      shift += 7
      if byte & 0x80 != 0 { continue }
      let bucket = (buckets.last ?? 0) + distance
      guard bucket < UInt32(Featuriser.bucketCount), buckets.isEmpty || distance > 0 else { return nil }
      buckets.append(bucket)
      (distance, shift) = (0, 0)
    }
    return shift == 0 ? buckets : nil
  }
}
