internal import Glibc
internal import Synchronization

/// iconv(3) with U+FFFD for what it cannot convert. Descriptors are kept, since opening one costs more than a short
/// text.
enum Iconv {
  private static let keptPerName = 8
  /// Free descriptors by name, as bit patterns: a descriptor is used by one caller at a time.
  private static let pool = Mutex<[String: [UInt]]>([:])

  /// The text, or nil when this system does not know the character set.
  static func decode(_ bytes: Bytes, from name: String) -> Charset.Decoded? {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return Charset.Decoded(text: "") }
    guard let descriptor = take(name) else { return nil }
    defer { give(descriptor, name) }
    _ = iconv(descriptor, nil, nil, nil, nil)

    var damaged = false
    var out = [UInt8](repeating: 0, count: bytes.count * 3 / 2 + 32)
    var used = 0
    var input: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(
      to: CChar.self)
    var left = bytes.count
    var isFlushing = false
    while true {
      let (result, code, written) = out.withUnsafeMutableBytes { buffer -> (Int, Int32, Int) in
        var target = buffer.baseAddress.map { ($0 + used).assumingMemoryBound(to: CChar.self) }
        let room = buffer.count - used
        var free = room
        let result =
          isFlushing ? iconv(descriptor, nil, nil, &target, &free) : iconv(descriptor, &input, &left, &target, &free)
        return (Int(truncatingIfNeeded: result), errno, room - free)
      }
      used += written
      if result != -1 {
        if isFlushing { break }
        isFlushing = true
        continue
      }
      if code == E2BIG || out.count - used < 3 {
        out.append(contentsOf: repeatElement(0, count: out.count / 2 + 32))
        if code == E2BIG { continue }
      }
      damaged = true
      out[used] = 0xEF
      out[used + 1] = 0xBF
      out[used + 2] = 0xBD
      used += 3
      // EINVAL: the text ends within a character.
      guard code == EILSEQ, left > 0 else {
        isFlushing = true
        if code == EINVAL { continue } else { break }
      }
      input = input.map { $0 + 1 }
      left -= 1
    }
    var text = out[..<used]
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    return Charset.Decoded(text: String(decoding: text, as: UTF8.self), damaged: damaged)
  }

  private static func take(_ name: String) -> iconv_t? {
    if let kept = pool.withLock({ $0[name]?.popLast() }) { return iconv_t(bitPattern: kept) }
    let descriptor = iconv_open("UTF-8", name)
    return UInt(bitPattern: descriptor) == UInt.max ? nil : descriptor
  }

  private static func give(_ descriptor: iconv_t, _ name: String) {
    let pattern = UInt(bitPattern: descriptor)
    let isKept = pool.withLock { pool in
      guard pool[name, default: []].count < keptPerName else { return false }
      pool[name, default: []].append(pattern)
      return true
    }
    if !isKept { iconv_close(descriptor) }
  }
}
