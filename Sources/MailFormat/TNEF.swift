/// Outlook's Transport Neutral Encapsulation Format ([MS-OXTNEF]), as far as the names of the files in it.
enum TNEF {
  private static let signature: [UInt8] = [0x78, 0x9F, 0x3E, 0x22]
  /// idAttachRendData: a new file begins.
  private static let beginsFile: UInt32 = 0x0006_9002
  /// idAttachTitle: its short name.
  private static let title: UInt32 = 0x0001_8010
  /// idAttachment: MAPI properties, the long name among them.
  private static let properties: UInt32 = 0x0006_9005
  /// PidTagAttachLongFilename as UTF-16 and as bytes of a code page.
  private static let longName: (wide: UInt32, narrow: UInt32) = (0x3707_001F, 0x3707_001E)
  /// Files beyond are not named.
  private static let limit = 100

  /// The names in order; none when the bytes are no TNEF.
  static func fileNames(_ bytes: [UInt8]) -> [String] {
    guard bytes.starts(with: signature) else { return [] }
    var names: [String] = []
    // Signature and key, then attributes: level, tag, length, data, checksum.
    var place = 6
    while place + 9 <= bytes.count, names.count <= limit {
      let tag = number(bytes, at: place + 1)
      let start = place + 9
      let end = start + Int(number(bytes, at: place + 5))
      guard end + 2 <= bytes.count else { break }
      let data = bytes[start..<end]
      switch tag {
      case beginsFile: names.append("")
      case title: if !names.isEmpty, names[names.count - 1].isEmpty { names[names.count - 1] = narrow(data) }
      case properties: if !names.isEmpty, let name = longFileName(data) { names[names.count - 1] = name }
      default: break
      }
      place = end + 2
    }
    return names.filter { !$0.isEmpty }
  }

  private static func number(_ bytes: [UInt8], at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
  }

  /// Looks for the property's tag at the places where properties begin, in steps of four bytes: tag, count 1, length,
  /// text.
  private static func longFileName(_ data: ArraySlice<UInt8>) -> String? {
    let bytes = Array(data)
    for place in stride(from: 4, to: bytes.count - 12, by: 4) {
      let tag = number(bytes, at: place)
      guard tag == longName.wide || tag == longName.narrow, number(bytes, at: place + 4) == 1 else { continue }
      let length = Int(number(bytes, at: place + 8))
      guard length <= bytes.count - place - 12 else { continue }
      let text = bytes[(place + 12)..<(place + 12 + length)]
      return tag == longName.wide ? wide(text) : narrow(text)
    }
    return nil
  }

  private static func wide(_ bytes: ArraySlice<UInt8>) -> String {
    let text = Array(bytes).withUnsafeBufferPointer { Charset.decode($0, label: "utf-16le").text }
    return String(text.prefix { $0 != "\0" })
  }

  private static func narrow(_ bytes: ArraySlice<UInt8>) -> String {
    Array(bytes.prefix { $0 != 0 }).withUnsafeBufferPointer { Charset.decode($0, label: nil).text }
  }
}
