/// A delta as bytes, for a column of a data base or a file. Little-endian: magic "postdelt", version (4 bytes), CRC-32
/// of everything behind these 16 bytes, hash of the featuriser (8), lessons (4), features (4); then for each feature,
/// by bucket: the bucket (4), three weights and three sums of squares as Float (24). What applies to any text has the
/// buckets behind the last of the featuriser: ``ModelDelta/everyText``, ``ModelDelta/leanings``.
extension ModelDelta {
  private static let magic = Array("postdelt".utf8)
  private static let version: UInt32 = 2
  private static let headerSize = 32
  private static let entrySize = 28

  /// Equal deltas give equal bytes.
  package var bytes: [UInt8] {
    let entries = table.sorted
    var writer = ByteWriter(capacity: Self.headerSize + entries.count * Self.entrySize)
    writer.bytes(Self.magic)
    writer.uint32(Self.version)
    writer.uint32(0)
    writer.uint64(Featuriser.hash)
    writer.uint32(UInt32(truncatingIfNeeded: lessonCount))
    writer.uint32(UInt32(entries.count))
    for (bucket, entry) in entries {
      writer.uint32(bucket)
      for label in 0..<3 { writer.float(entry.weights[label]) }
      for label in 0..<3 { writer.float(entry.squares[label]) }
    }
    return writer.sealed(checksumAt: 12)
  }

  /// - Parameter place: what messages call it.
  /// - Throws: ``ModelError`` when the bytes are cut, damaged, or learned with other features: learn again from the log.
  package init(bytes: [UInt8], place: String = "the learned correction") throws(ModelError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(ModelError) in try Self.read(bytes, place) }
    }
    self = try result.get()
  }

  private static func read(_ bytes: UnsafeRawBufferPointer, _ place: String) throws(ModelError) -> ModelDelta {
    let reader = ByteReader(bytes: bytes)
    guard bytes.count >= headerSize, bytes.starts(with: magic), reader.uint32(8) == version else {
      throw ModelError(place, "is no learned correction of this program; learn again from the log")
    }
    let featuriser = reader.uint64(16)
    guard featuriser == Featuriser.hash else {
      throw ModelError(
        place,
        "was learned with the featuriser \(hex(featuriser)), this program has \(hex(Featuriser.hash)); "
          + "learn again from the log")
    }
    let count = Int(reader.uint32(28))
    guard bytes.count == headerSize + count * entrySize else {
      throw ModelError(
        place, "has \(bytes.count) bytes instead of \(headerSize + count * entrySize); learn again from the log")
    }
    try ModelHeader.check(bytes, of: place)
    var table = BucketTable()
    for offset in stride(from: headerSize, to: bytes.count, by: entrySize) {
      let bucket = reader.uint32(offset)
      let numbers = (1...6).map { reader.float(offset + $0 * 4) }
      guard bucket <= everyText + UInt32(leanings.count), numbers.allSatisfy(\.isFinite),
        numbers[3...].allSatisfy({ $0 >= 0 })
      else {
        throw ModelError(place, "holds what no learning gives; learn again from the log")
      }
      table.change(bucket) { entry in
        entry.weights = SIMD4(numbers[0], numbers[1], numbers[2], 0)
        entry.squares = SIMD4(numbers[3], numbers[4], numbers[5], 0)
      }
    }
    return ModelDelta(table: table, lessonCount: Int(reader.uint32(24)))
  }
}
