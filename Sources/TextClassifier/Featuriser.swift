/// Takes the features of a text one by one, in the order of the text; the same one can come several times.
protocol FeatureSink {
  /// - Parameters:
  ///   - hash: of the feature, before the bucket is taken from it.
  ///   - start: offset of its first byte in the folded text.
  ///   - end: offset behind its last byte.
  mutating func add(_ hash: UInt64, _ start: Int, _ end: Int)
}

/// What the linear model sees of a text: Latin words alone and by twos, Han characters alone and by twos, the first
/// and last two of each run of Han characters, all of these once more with a mark when they stand in the subject, and
/// the signs ? ! … @ $. Addresses (URLs, e-mail) and stretches too long for a word are skipped. Each feature is
/// hashed by FNV-1a (64 bits, a scalar a step) and spread by murmur's finaliser over `bucketCount` buckets.
enum Featuriser {
  /// Any change of what a text's features are needs another version: models trained before are then refused.
  static let version = 1
  static let bucketBits = 18
  static let bucketCount = 1 << bucketBits
  /// A stretch of ASCII without a space that is longer than this is base64, a path or a key, and says nothing.
  static let longestStretch = 64
  static let longestWord = 32

  /// Identifies the features; a model file carries the one it was trained with.
  static let hash: UInt64 = {
    let settings =
      "postroom-ngrams \(version) w12 z12 ^$ S p?!…@$ digits=0 skip=url,mail stretch=\(longestStretch) "
      + "word=\(longestWord) fnv1a64-scalars fmix64 share=1/√max(n,8) bits=\(bucketBits)"
    return FeatureHash.spread(settings.utf8.reduce(FeatureHash.start) { FeatureHash.step($0, UInt32($1)) })
  }()

  static func walk<Sink: FeatureSink>(_ text: FoldedText, into sink: inout Sink) {
    text.bytes.withUnsafeBufferPointer { bytes in
      var walk = FeatureWalk(bytes: bytes, bodyStart: text.bodyStart)
      walk.run(into: &sink)
    }
  }

  /// No text gives more: at most two features a byte in the subject, one a byte in the body.
  static func mostFeatures(of text: FoldedText) -> Int { text.bytes.count + text.bodyStart + 4 }

  @inline(__always)
  static func bucket(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: FeatureHash.spread(hash)) & UInt32(bucketCount - 1)
  }
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo) and the finaliser of MurmurHash3 (Appleby).
enum FeatureHash {
  static let start: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  static func step(_ hash: UInt64, _ value: UInt32) -> UInt64 { (hash ^ UInt64(value)) &* 0x100_0000_01B3 }

  @inline(__always)
  static func spread(_ hash: UInt64) -> UInt64 {
    var hash = hash
    hash ^= hash >> 33
    hash = hash &* 0xFF51_AFD7_ED55_8CCD
    hash ^= hash >> 33
    hash = hash &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ (hash >> 33)
  }
}

/// One pass over folded bytes.
private struct FeatureWalk {
  let bytes: UnsafeBufferPointer<UInt8>
  let bodyStart: Int
  private var place = 0
  /// The word before, while nothing that parts phrases stands between.
  private var previous: (hash: UInt64, start: Int)?
  /// Up to here the ASCII stretch has been looked through for addresses.
  private var lookedThrough = 0

  private static let word = FeatureHash.step(FeatureHash.start, 0x77)
  private static let han = FeatureHash.step(FeatureHash.start, 0x7A)
  private static let opening = FeatureHash.step(FeatureHash.start, 0x5E)
  private static let closing = FeatureHash.step(FeatureHash.start, 0x24)
  private static let sign = FeatureHash.step(FeatureHash.start, 0x70)
  private static let subjectMark: UInt32 = 0x53

  init(bytes: UnsafeBufferPointer<UInt8>, bodyStart: Int) {
    self.bytes = bytes
    self.bodyStart = bodyStart
  }

  mutating func run<Sink: FeatureSink>(into sink: inout Sink) {
    while place < bytes.count {
      let byte = bytes[place]
      if byte > 0x20 && byte < 0x80 && place >= lookedThrough && skipStretch() { continue }
      if isHan(at: place) {
        hanRun(into: &sink)
      } else if isLetter(at: place) {
        latinWord(into: &sink)
      } else {
        punctuation(byte, into: &sink)
      }
    }
  }

  @inline(__always)
  private func add<Sink: FeatureSink>(_ hash: UInt64, _ start: Int, _ end: Int, into sink: inout Sink) {
    sink.add(hash, start, end)
    if start < bodyStart { sink.add(FeatureHash.step(hash, Self.subjectMark), start, end) }
  }

  // MARK: Han

  @inline(__always)
  private func isHan(at place: Int) -> Bool {
    let byte = bytes[place]
    return byte >= 0xE3 && byte <= 0xE9 && (byte != 0xE3 || bytes[place + 1] >= 0x90)
  }

  @inline(__always)
  private func scalar(at place: Int) -> UInt32 {
    UInt32(bytes[place] & 0x0F) << 12 | UInt32(bytes[place + 1] & 0x3F) << 6 | UInt32(bytes[place + 2] & 0x3F)
  }

  private mutating func hanRun<Sink: FeatureSink>(into sink: inout Sink) {
    let start = place
    var last = scalar(at: place)
    var before: UInt32 = 0
    var single = FeatureHash.step(Self.han, last)
    add(single, place, place + 3, into: &sink)
    place += 3
    while place < bytes.count && isHan(at: place) {
      before = last
      last = scalar(at: place)
      let pair = FeatureHash.step(single, last)
      if place == start + 3 {
        add(FeatureHash.step(FeatureHash.step(Self.opening, before), last), start, place + 3, into: &sink)
      }
      add(pair, place - 3, place + 3, into: &sink)
      single = FeatureHash.step(Self.han, last)
      add(single, place, place + 3, into: &sink)
      place += 3
    }
    if place > start + 3 {
      add(FeatureHash.step(FeatureHash.step(Self.closing, before), last), place - 6, place, into: &sink)
    }
    previous = nil
  }

  // MARK: Latin

  /// ASCII letters and digits, and the Latin letters up to U+024F.
  @inline(__always)
  private func isLetter(at place: Int) -> Bool {
    let byte = bytes[place]
    return CueAutomaton.isWord(byte) || (byte >= 0xC3 && byte <= 0xC9)
  }

  /// An apostrophe belongs to the word when letters stand on both sides of it.
  private mutating func latinWord<Sink: FeatureSink>(into sink: inout Sink) {
    let start = place
    var hash = Self.word
    var wasDigit = false
    while place < bytes.count {
      let byte = bytes[place]
      if byte >= 0x30 && byte <= 0x39 {
        if !wasDigit { hash = FeatureHash.step(hash, 0x30) }
        wasDigit = true
        place += 1
        continue
      }
      wasDigit = false
      if byte == 0x27 {
        guard place + 1 < bytes.count, isLetter(at: place + 1) else { break }
        hash = FeatureHash.step(hash, 0x27)
        place += 1
      } else if byte < 0x80 {
        guard CueAutomaton.isWord(byte) else { break }
        hash = FeatureHash.step(hash, UInt32(byte))
        place += 1
      } else {
        guard isLetter(at: place) else { break }
        hash = FeatureHash.step(hash, UInt32(byte & 0x1F) << 6 | UInt32(bytes[place + 1] & 0x3F))
        place += 2
      }
    }
    guard place - start <= Featuriser.longestWord else {
      previous = nil
      return
    }
    add(hash, start, place, into: &sink)
    if let previous {
      add(FeatureHash.step(FeatureHash.spread(previous.hash), 0) &+ hash, previous.start, place, into: &sink)
    }
    previous = (hash, start)
  }

  // MARK: the rest

  private mutating func punctuation<Sink: FeatureSink>(_ byte: UInt8, into sink: inout Sink) {
    switch byte {
    case 0x20, 0x2D, 0x2F, 0x5F, 0x27:  // space - / _ '
      place += 1
      return
    case 0x21, 0x24, 0x3F, 0x40:  // ! $ ? @
      sink.add(FeatureHash.step(Self.sign, UInt32(byte)), place, place + 1)
      place += 1
    case 0xE2 where bytes[place + 1] == 0x80 && bytes[place + 2] == 0xA6:
      sink.add(FeatureHash.step(Self.sign, 0x2026), place, place + 3)
      place += 3
    default:
      place += 1
      while place < bytes.count && bytes[place] & 0xC0 == 0x80 { place += 1 }
    }
    previous = nil
  }

  /// Looks at the ASCII up to the next space or other character. An address, or too long for words: goes behind it.
  private mutating func skipStretch() -> Bool {
    var end = place
    var isAddress = bytes[place] == 0x77 && starts(with: 0x77, 0x77, 0x2E, at: place + 1)
    while end < bytes.count, bytes[end] > 0x20, bytes[end] < 0x80 {
      if bytes[end] == 0x3A && starts(with: 0x2F, 0x2F, nil, at: end + 1) { isAddress = true }
      if bytes[end] == 0x40, end > place, CueAutomaton.isWord(bytes[end - 1]), end + 1 < bytes.count,
        CueAutomaton.isWord(bytes[end + 1])
      {
        isAddress = true
      }
      end += 1
    }
    lookedThrough = end
    guard isAddress || end - place > Featuriser.longestStretch else { return false }
    place = end
    previous = nil
    return true
  }

  private func starts(with first: UInt8, _ second: UInt8, _ third: UInt8?, at place: Int) -> Bool {
    place + 2 < bytes.count && bytes[place] == first && bytes[place + 1] == second
      && (third == nil || bytes[place + 2] == third)
  }
}
