/// The attributes that may stay, and which values they may have.
enum SafeAttribute {
  /// Bytes of a text for people.
  static let longestText = 1_000

  /// The value to write; nil when the attribute is left out.
  static func value(_ name: HTMLAttribute, _ value: Bytes, of element: HTMLElement) -> [UInt8]? {
    let value = value.trimmed
    switch name {
    case .title: return value.count <= longestText ? Array(value) : nil
    case .alt: return element == .img && value.count <= longestText ? Array(value) : nil
    case .width, .height, .border, .cellpadding, .cellspacing, .colspan, .rowspan, .size: return number(value)
    case .start: return element == .ol ? number(value) : nil
    case .bgcolor, .color: return color(value)
    case .face: return words(value, longest: 200)
    case .align, .valign, .dir, .lang: return words(value, longest: 35)
    case .type: return element == .ol || element == .ul || element == .li ? words(value, longest: 10) : nil
    case .nowrap: return []
    default: return nil
    }
  }

  /// The whole pixels of a size, nil for a percentage or what is out of bounds.
  static func pixels(_ value: Bytes) -> Int? {
    let digits = value.trimmed.prefix(while: ASCII.isDigit)
    guard !digits.isEmpty, digits.count <= 4, value.index(of: ASCII.percent, from: 0) == nil else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private static func number(_ value: Bytes) -> [UInt8]? {
    guard value.count <= 8, value.contains(where: ASCII.isDigit) else { return nil }
    let isNumber = value.allSatisfy { byte in
      ASCII.isDigit(byte) || ASCII.isLetter(byte) || byte == ASCII.percent || byte == ASCII.dot || byte == ASCII.plus
        || byte == ASCII.dash
    }
    return isNumber ? Array(value) : nil
  }

  private static func color(_ value: Bytes) -> [UInt8]? {
    guard !value.isEmpty, value.count <= 30 else { return nil }
    let isColor = value.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == ASCII.hash }
    return isColor ? Array(value) : nil
  }

  private static func words(_ value: Bytes, longest: Int) -> [UInt8]? {
    guard !value.isEmpty, value.count <= longest else { return nil }
    let isWords = value.allSatisfy { byte in
      ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte >= 128 || byte == ASCII.space || byte == ASCII.comma
        || byte == ASCII.dash || byte == ASCII.apostrophe
    }
    return isWords ? Array(value) : nil
  }
}
