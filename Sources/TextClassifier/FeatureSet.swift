/// The distinct buckets of one text, in memory lent for one call.
struct FeatureSet: FeatureSink {
  /// Open addressing; 0 is free, else the bucket and 1.
  private let table: UnsafeMutableBufferPointer<UInt32>
  private let mask: Int
  private let list: UnsafeMutableBufferPointer<UInt32>
  private(set) var count = 0

  private init(table: UnsafeMutableBufferPointer<UInt32>, list: UnsafeMutableBufferPointer<UInt32>) {
    self.table = table
    self.list = list
    mask = table.count - 1
  }

  /// In the order of their first place in the text.
  var buckets: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(rebasing: list[..<count]) }

  /// What each bucket of a text counts: 1/√n, so that long texts do not weigh more; of very short ones less, since a
  /// word or two tell little.
  @inline(__always)
  static func share(of count: Int) -> Double { 1 / Double(max(count, 8)).squareRoot() }

  var share: Double { Self.share(of: count) }

  @inline(__always)
  mutating func add(_ hash: UInt64, _ start: Int, _ end: Int) { _ = insert(Featuriser.bucket(hash)) }

  /// Whether the bucket is new.
  @inline(__always)
  mutating func insert(_ bucket: UInt32) -> Bool {
    var slot = Int(bucket) & mask
    while table[slot] != 0 {
      if table[slot] == bucket + 1 { return false }
      slot = (slot + 1) & mask
    }
    table[slot] = bucket + 1
    list[count] = bucket
    count += 1
    return true
  }

  /// An empty set with room for all features of `text`.
  static func with<Result>(roomFor text: FoldedText, _ body: (inout FeatureSet) -> Result) -> Result {
    let most = Featuriser.mostFeatures(of: text)
    let slots = 1 << (Int.bitWidth - (most + most / 2).leadingZeroBitCount)
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: slots + most) { memory in
      let table = UnsafeMutableBufferPointer(rebasing: memory[..<slots])
      table.initialize(repeating: 0)
      var set = FeatureSet(table: table, list: UnsafeMutableBufferPointer(rebasing: memory[slots...]))
      return body(&set)
    }
  }

  /// Where a bucket stands first, in bytes of the folded text.
  typealias Span = (start: Int32, end: Int32)

  /// The filled set of `text`, and where each of its buckets stands first.
  static func withSpans<Result>(
    of text: FoldedText, _ body: (FeatureSet, UnsafeBufferPointer<Span>) -> Result
  ) -> Result {
    with(roomFor: text) { set in
      withUnsafeTemporaryAllocation(of: Span.self, capacity: Featuriser.mostFeatures(of: text)) { memory in
        var sink = SpanSink(set: set, spans: memory)
        Featuriser.walk(text, into: &sink)
        return body(sink.set, UnsafeBufferPointer(rebasing: memory[..<sink.set.count]))
      }
    }
  }

  private struct SpanSink: FeatureSink {
    var set: FeatureSet
    let spans: UnsafeMutableBufferPointer<Span>

    @inline(__always)
    mutating func add(_ hash: UInt64, _ start: Int, _ end: Int) {
      let place = set.count
      if set.insert(Featuriser.bucket(hash)) { spans[place] = (Int32(start), Int32(end)) }
    }
  }

  /// The buckets of `text`, each once.
  static func buckets(of text: FoldedText) -> [UInt32] {
    with(roomFor: text) { set in
      Featuriser.walk(text, into: &set)
      return Array(set.buckets)
    }
  }
}
