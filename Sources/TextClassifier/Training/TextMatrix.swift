/// The features of many texts: a row a text, a column a bucket that one of them has. Every column of a row counts the
/// same (``FeatureSet/share(of:)``).
struct TextMatrix {
  /// By column.
  private(set) var buckets: [UInt32] = []
  private var columns: [Int32] = []
  private var starts: [Int] = [0]
  private var shares: [Double] = []

  var rowCount: Int { shares.count }
  var columnCount: Int { buckets.count }

  /// - Parameters:
  ///   - rows: the buckets of each text, each once.
  ///   - leastTexts: buckets of fewer texts have no column; they count in n all the same.
  init(_ rows: [[UInt32]], leastTexts: Int = 1) {
    var texts: [UInt32: Int] = [:]
    if leastTexts > 1 { for row in rows { for bucket in row { texts[bucket, default: 0] += 1 } } }
    var columnOf: [UInt32: Int32] = [:]
    for row in rows {
      for bucket in row where leastTexts <= 1 || texts[bucket, default: 0] >= leastTexts {
        if let column = columnOf[bucket] {
          columns.append(column)
        } else {
          columnOf[bucket] = Int32(buckets.count)
          columns.append(Int32(buckets.count))
          buckets.append(bucket)
        }
      }
      starts.append(columns.count)
      shares.append(FeatureSet.share(of: row.count))
    }
  }

  /// `share · Σ weights` of a row.
  @inline(__always)
  func product(_ row: Int, _ weights: UnsafeBufferPointer<Logits>) -> Logits {
    columns.withUnsafeBufferPointer { columns in
      var sum = Logits.zero
      for place in starts[row]..<starts[row + 1] { sum += weights[Int(columns[place])] }
      return sum * shares[row]
    }
  }

  /// Adds `share · value` to each column of a row.
  @inline(__always)
  func spread(_ row: Int, _ value: Logits, to sums: UnsafeMutableBufferPointer<Logits>) {
    columns.withUnsafeBufferPointer { columns in
      let value = value * shares[row]
      for place in starts[row]..<starts[row + 1] { sums[Int(columns[place])] += value }
    }
  }
}
