/// Weights by bucket for the few buckets that have one: open addressing in a table at most half full.
struct BucketTable: Sendable, Equatable {
  struct Entry: Sendable, Equatable {
    /// By label.
    var weights = SIMD4<Float>(repeating: 0)
    /// The sum of the squared slopes so far: what AdaGrad divides by.
    var squares = SIMD4<Float>(repeating: 0)
  }

  /// 0 is free, else the bucket and 1.
  private var keys: [UInt32] = []
  private var entries: [Entry] = []
  private(set) var count = 0

  subscript(bucket: UInt32) -> Entry? {
    guard let slot = slot(of: bucket), keys[slot] != 0 else { return nil }
    return entries[slot]
  }

  /// Gives the entry of the bucket to `change`, a new one if there is none.
  mutating func change(_ bucket: UInt32, _ change: (inout Entry) -> Void) {
    if count * 2 >= keys.count { grow() }
    guard let slot = slot(of: bucket) else { return }
    if keys[slot] == 0 {
      keys[slot] = bucket + 1
      count += 1
    }
    change(&entries[slot])
  }

  /// In the order of the buckets.
  var sorted: [(bucket: UInt32, entry: Entry)] {
    keys.indices.filter { keys[$0] != 0 }
      .map { (bucket: keys[$0] - 1, entry: entries[$0]) }
      .sorted { $0.bucket < $1.bucket }
  }

  static func == (one: Self, other: Self) -> Bool {
    one.count == other.count && one.sorted.elementsEqual(other.sorted) { $0 == $1 }
  }

  /// Where the bucket is, or would be put.
  private func slot(of bucket: UInt32) -> Int? {
    if keys.isEmpty { return nil }
    let mask = keys.count - 1
    // Buckets were spread by their hash, so their low bits will do.
    var slot = Int(bucket) & mask
    while keys[slot] != 0 && keys[slot] != bucket + 1 { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = (keys, entries)
    let size = max(64, keys.count * 2)
    keys = Array(repeating: 0, count: size)
    entries = Array(repeating: Entry(), count: size)
    for (key, entry) in zip(old.0, old.1) where key != 0 {
      guard let slot = slot(of: key - 1) else { continue }
      keys[slot] = key
      entries[slot] = entry
    }
  }
}
