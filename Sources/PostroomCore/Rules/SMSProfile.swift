/// How a gateway counts, signs and words SMS. Settings may change any of it; the named ones are starting points.
package struct SMSProfile: Sendable, Equatable {
  package enum Counting: Sendable {
    /// GSM 03.38 where the text allows it, else UCS-2.
    case alphabet
    /// Mainland China: every character counts as one of 70, or of 67 in a longer message, Latin ones too.
    case characters
  }

  package enum SignaturePlace: Sendable {
    case front, end
    /// The vendor sets it in front; it is counted but must not be in what we hand in.
    case vendor
  }

  package var counting: Counting
  package var signaturePlace: SignaturePlace
  /// What marketing ends with, as the vendor or the law wants it.
  package var optOut: Localized
  /// Most UTF-16 units of a whole message; nil when the vendor states none.
  package var longest: Int?

  package init(
    counting: Counting = .alphabet, signaturePlace: SignaturePlace = .front, optOut: Localized = usualOptOut,
    longest: Int? = nil
  ) {
    self.counting = counting
    self.signaturePlace = signaturePlace
    self.optOut = optOut
    self.longest = longest
  }

  /// By the kind that a gateway's file names. Vendors of mainland China check the wording of an opt-out when they approve
  /// a template; Twilio's servers understand STOP only.
  package static let named: [String: SMSProfile] = [
    "kannel": SMSProfile(),
    "http": SMSProfile(),
    "android": SMSProfile(),
    "sns": SMSProfile(longest: 1600),
    "vonage": SMSProfile(),
    "twilio": SMSProfile(
      optOut: Localized(chinese: "退订请回复STOP", english: "Reply STOP to opt out"), longest: 1600),
    "aliyun": mainland(replyR),
    "tencent": mainland(replyR),
    "huawei": mainland(replyR),
    "qiniu": mainland(Localized(chinese: "回T退订", english: "Reply T to opt out")),
    "upyun": mainland(Localized(chinese: "退订回T", english: "Reply T to opt out")),
  ]

  package static let usualOptOut = Localized(chinese: "拒收请回复R", english: "Reply STOP to opt out")
  private static let replyR = Localized(chinese: "拒收请回复R", english: "Reply R to opt out")

  private static func mainland(_ optOut: Localized) -> SMSProfile {
    SMSProfile(counting: .characters, signaturePlace: .vendor, optOut: optOut, longest: 500)
  }
}
