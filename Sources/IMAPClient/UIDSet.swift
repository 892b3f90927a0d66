/// `uids` as IMAP sequence sets (RFC 9051 §9, sequence-set), runs joined, in ascending order without doubles.
/// Each set has at most 200 ranges, so that a command stays below the 8,192 bytes of RFC 7162 §4.
func sequenceSets(_ uids: [UInt32]) -> [String] {
  var ranges: [ClosedRange<UInt32>] = []
  for uid in uids.sorted() where uid > 0 {
    if let last = ranges.last, uid <= last.upperBound || uid - 1 == last.upperBound {
      ranges[ranges.count - 1] = last.lowerBound...max(uid, last.upperBound)
    } else {
      ranges.append(uid...uid)
    }
  }
  return stride(from: 0, to: ranges.count, by: 200).map { start in
    ranges[start..<min(start + 200, ranges.count)].map {
      $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)"
    }.joined(separator: ",")
  }
}
