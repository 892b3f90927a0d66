/// What a model file says of itself. All numbers are little-endian:
///
///     0    8  magic "postclas"
///     8    4  version of the layout
///     12   4  CRC-32 of everything behind these 16 bytes
///     16   8  hash of the featuriser
///     24   8  hash of the cue lists that the blend was fitted with
///     32   8  hash of the training data
///     40   4  buckets, as a power of two
///     44   4  classes
///     48   4  languages
///     52  12  0
///     64  96  the names of the classes, 16 bytes each, up to 6
///     160 …   a blend of 96 bytes for each language (``Blend``), up to 3
///     448 …   weights as Int16: by language, bucket, class
struct ModelHeader: Equatable {
  static let size = 448
  static let magic = Array("postclas".utf8)
  static let version: UInt32 = 1
  private static let nameSize = 16

  var featuriser = Featuriser.hash
  var cues = Lexicon.hash
  var data: UInt64
  var classes: [String]
  var blends: [Blend]

  var weightCount: Int { blends.count * classes.count * Featuriser.bucketCount }
  var fileSize: Int { Self.size + weightCount * 2 }

  /// - Throws: when the bytes are no model, damaged, or made for another featuriser.
  init(_ bytes: UnsafeRawBufferPointer, of place: String) throws(ModelError) {
    let reader = ByteReader(bytes: bytes)
    guard bytes.count >= Self.size, bytes.starts(with: Self.magic) else {
      throw ModelError(place, "is no model: it does not begin like a file that `postroom train` writes")
    }
    let version = reader.uint32(8)
    guard version == Self.version else {
      throw ModelError(place, "is a model of layout \(version), this program reads \(Self.version); train it again")
    }
    let featuriser = reader.uint64(16)
    guard featuriser == Featuriser.hash, reader.uint32(40) == UInt32(Featuriser.bucketBits) else {
      throw ModelError(
        place,
        "was trained with the featuriser \(hex(featuriser)), this program has \(hex(Featuriser.hash)); "
          + "train it again with `postroom train`")
    }
    let counts = (classes: Int(reader.uint32(44)), languages: Int(reader.uint32(48)))
    guard (2...6).contains(counts.classes), (1...3).contains(counts.languages) else {
      throw ModelError(place, "is damaged: \(counts.classes) classes in \(counts.languages) languages; train it again")
    }
    self.featuriser = featuriser
    cues = reader.uint64(24)
    data = reader.uint64(32)
    classes = (0..<counts.classes).map { reader.text(64 + $0 * Self.nameSize, Self.nameSize) }
    blends = (0..<counts.languages).map { Blend(reader, at: 160 + $0 * Blend.size, classes: counts.classes) }
    guard bytes.count == fileSize else {
      throw ModelError(place, "has \(bytes.count) bytes instead of \(fileSize): it was cut or added to; copy it again")
    }
  }

  init(data: UInt64, classes: [String], blends: [Blend]) {
    self.data = data
    self.classes = classes
    self.blends = blends
  }

  /// - Throws: when the checksum is another.
  static func check(_ bytes: UnsafeRawBufferPointer, of place: String) throws(ModelError) {
    let told = ByteReader(bytes: bytes).uint32(12)
    let counted = CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[16...]))
    guard told == counted else {
      throw ModelError(
        place, "is damaged: its checksum is \(hex(counted)), it should be \(hex(told)); copy or train it again")
    }
  }

  /// A whole file.
  func encoded(weights: [Int16]) -> [UInt8] {
    var writer = ByteWriter(capacity: fileSize)
    writer.bytes(Self.magic)
    writer.uint32(Self.version)
    writer.uint32(0)
    for hash in [featuriser, cues, data] { writer.uint64(hash) }
    for count in [Featuriser.bucketBits, classes.count, blends.count] { writer.uint32(UInt32(count)) }
    writer.zeros(upTo: 64)
    for name in classes { writer.text(name, Self.nameSize) }
    writer.zeros(upTo: 160)
    for blend in blends { blend.write(to: &writer) }
    writer.zeros(upTo: Self.size)
    for weight in weights { writer.uint16(UInt16(bitPattern: weight)) }
    return writer.sealed(checksumAt: 12)
  }
}

/// 16 or 8 digits.
func hex<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: Number.bitWidth / 4 - digits.count) + digits
}
