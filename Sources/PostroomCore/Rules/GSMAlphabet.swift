/// The default alphabet of GSM 03.38 (3GPP TS 23.038 §6.2.1) and its extension table.
enum GSMAlphabet {
  private static let basic =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1B}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    + "abcdefghijklmnopqrstuvwxyzäöñüà"
  /// Each is sent as an escape and one more septet.
  private static let extended = "\u{0C}^{}\\[~]|"
  private static let euro: Unicode.Scalar = "€"

  /// By scalar value, up to Ω.
  private static let widths: [UInt8] = {
    var widths = [UInt8](repeating: 0, count: 0x3AA)
    for scalar in basic.unicodeScalars { widths[Int(scalar.value)] = 1 }
    for scalar in extended.unicodeScalars { widths[Int(scalar.value)] = 2 }
    return widths
  }()

  /// 1 or 2; 0 when the alphabet does not have the character.
  static func septets(of scalar: Unicode.Scalar) -> Int {
    let value = Int(scalar.value)
    return value < widths.count ? Int(widths[value]) : scalar == euro ? 2 : 0
  }

  /// What could stand instead of a character that the alphabet does not have.
  static func remedy(for scalar: Unicode.Scalar) -> SMSObstacle.Remedy {
    if let text = replacements[scalar] { return .replace(text) }
    switch scalar.value {
    // Full-width forms of ASCII.
    case 0xFF01...0xFF5E:
      return .replace(Unicode.Scalar(scalar.value - 0xFEE0).map { String(Character($0)) } ?? "")
    case 0xC0...0x24F where scalar.properties.isAlphabetic: return .respell
    default:
      if scalar.properties.isWhitespace { return .replace(" ") }
      switch scalar.properties.generalCategory {
      case .otherSymbol, .mathSymbol, .modifierSymbol, .currencySymbol, .format, .control, .nonspacingMark,
        .enclosingMark, .otherPunctuation, .privateUse, .unassigned, .surrogate:
        return .leaveOut
      default: return .none
      }
    }
  }

  /// What word processors and Chinese keyboards put in the place of ASCII.
  private static let replacements: [Unicode.Scalar: String] = {
    let groups: [(characters: String, text: String)] = [
      ("‘’‚‛′ʼ`´", "'"), ("“”„‟″«»", "\""), ("‐‑‒–—―−", "-"), ("•·", "-"), ("…", "..."), ("、", ","), ("。", "."),
      ("×", "x"), ("©", "(c)"), ("®", "(r)"), ("™", "TM"), ("【〔", "["), ("】〕", "]"), ("《", "<"), ("》", ">"),
    ]
    return groups.reduce(into: [:]) { table, group in
      for scalar in group.characters.unicodeScalars { table[scalar] = group.text }
    }
  }()
}
