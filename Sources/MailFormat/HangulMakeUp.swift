/// Syllables that KS X 1001 has no code for are spelled in EUC-KR as a filler and three letters, the last of which may be
/// the filler again (KS X 1001:1998, annex 3); iconv(3) hands the letters out one by one.
enum HangulMakeUp {
  private static let filler: UInt32 = 0x3164
  private static let initials = Array("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ".unicodeScalars).map(\.value)
  /// The first place is no final letter at all.
  private static let finals = [filler] + Array("ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ".unicodeScalars).map(\.value)

  /// The text with such spellings put together.
  static func composed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard var place = scalars.firstIndex(where: { $0.value == filler }) else { return text }
    var out = String.UnicodeScalarView(scalars[..<place])
    while place < scalars.endIndex {
      if scalars[place].value == filler, let (syllable, end) = syllable(in: scalars, at: place) {
        out.append(syllable)
        place = end
      } else {
        out.append(scalars[place])
        scalars.formIndex(after: &place)
      }
    }
    return String(out)
  }

  /// Unicode §3.12: 21 vowels, 28 finals with none among them.
  private static func syllable(
    in scalars: String.UnicodeScalarView, at place: String.Index
  ) -> (Unicode.Scalar, end: String.Index)? {
    var place = scalars.index(after: place)
    func next() -> UInt32? {
      guard place < scalars.endIndex else { return nil }
      defer { scalars.formIndex(after: &place) }
      return scalars[place].value
    }
    guard let first = next(), let initial = initials.firstIndex(of: first), let vowel = next(),
      (0x314F...0x3163).contains(vowel), let third = next(), let last = finals.firstIndex(of: third),
      let syllable = Unicode.Scalar(0xAC00 + (UInt32(initial) * 21 + vowel - 0x314F) * 28 + UInt32(last))
    else { return nil }
    return (syllable, place)
  }
}
