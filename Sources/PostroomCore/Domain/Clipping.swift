extension StringProtocol {
  /// The beginning, at most `bytes` long in UTF-8 and whole characters of Unicode. Counted in bytes because a single
  /// visible character can be a megabyte of combining marks, and the database's indexes count bytes, too.
  package func clipped(bytes: Int) -> String {
    guard utf8.count > bytes else { return String(self) }
    var end = utf8.index(utf8.startIndex, offsetBy: bytes)
    while end > utf8.startIndex, utf8[end] & 0b1100_0000 == 0b1000_0000 { end = utf8.index(end, offsetBy: -1) }
    return String(self[..<end])
  }
}
