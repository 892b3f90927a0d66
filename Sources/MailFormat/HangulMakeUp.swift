/// Syllables that KS X 1001 has no code for are spelled in EUC-KR as a filler and three letters, the last of which may be
/// the filler again (KS X 1001:1998, annex 3); iconv(3) hands the letters out one by one.
enum HangulMakeUp {
  private static let filler: UInt32 = 0x3164
  private static let initials = Array("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ".unicodeScalars).map(\.value)
  /// The first place is no final letter at all.
  private static let finals = [filler] + Array("ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ".unicodeScalars).map(\.value)

  /// The text with such spellings put together.
  static func composed(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value == filler }) else { return text }
    let scalars = Array(text.unicodeScalars)
    var out = String.UnicodeScalarView()
    var i = 0
    while i < scalars.count {
      if let syllable = syllable(scalars[i...].prefix(4)) {
        out.append(syllable)
        i += 4
      } else {
        out.append(scalars[i])
        i += 1
      }
    }
    return String(out)
  }

  /// Unicode §3.12: 21 vowels, 28 finals with none among them.
  private static func syllable(_ spelling: ArraySlice<Unicode.Scalar>) -> Unicode.Scalar? {
    let values = spelling.map(\.value)
    guard values.count == 4, values[0] == filler, let initial = initials.firstIndex(of: values[1]),
      (0x314F...0x3163).contains(values[2]), let last = finals.firstIndex(of: values[3])
    else { return nil }
    return Unicode.Scalar(0xAC00 + (UInt32(initial) * 21 + values[2] - 0x314F) * 28 + UInt32(last))
  }
}
