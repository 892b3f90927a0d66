/// Country codes of telephone numbers (ITU-T E.164, list of assigned codes).
enum CallingCodes {
  /// ISO 3166 by code; empty where several countries share one.
  static let countries: [String: String] = {
    var table = ["1": "", "7": ""]
    for entry in assigned.split(whereSeparator: \.isWhitespace) {
      let digits = entry.prefix { $0.isNumber }
      table[String(digits)] = String(entry.dropFirst(digits.count))
    }
    return table
  }()

  /// Digits behind the code, where all numbers of a country that receive SMS have the same.
  static let nationalLengths = ["1": 10, "7": 10, "65": 8, "852": 8, "853": 8]

  /// Codes behind which a number may begin with 0: Italy and its neighbours, and West African plans that were lengthened.
  static let withZeros: Set<String> = ["39", "378", "379", "225", "226", "229", "241", "242"]

  /// The code that a number without its plus begins with; none is the beginning of another.
  static func code(of digits: String) -> String? {
    var value = 0
    for (place, digit) in digits.utf8.prefix(3).enumerated() {
      value = value * 10 + Int(digit) - 0x30
      guard isAssigned.indices.contains(value), value > 0 else { return nil }
      if isAssigned[value] { return String(Substring(digits.utf8.prefix(place + 1))) }
    }
    return nil
  }

  /// By code: a list of customers has a number in each row.
  private static let isAssigned: [Bool] = {
    let codes = Set(countries.keys.compactMap { Int($0) })
    return (0...999).map { codes.contains($0) }
  }()

  private static let assigned = """
    20EG 27ZA 30GR 31NL 32BE 33FR 34ES 36HU 39IT 40RO 41CH 43AT 44GB 45DK 46SE 47NO 48PL 49DE 51PE 52MX 53CU 54AR 55BR
    56CL 57CO 58VE 60MY 61AU 62ID 63PH 64NZ 65SG 66TH 81JP 82KR 84VN 86CN 90TR 91IN 92PK 93AF 94LK 95MM 98IR
    211SS 212MA 213DZ 216TN 218LY 220GM 221SN 222MR 223ML 224GN 225CI 226BF 227NE 228TG 229BJ 230MU 231LR 232SL 233GH
    234NG 235TD 236CF 237CM 238CV 239ST 240GQ 241GA 242CG 243CD 244AO 245GW 246IO 247AC 248SC 249SD 250RW 251ET 252SO
    253DJ 254KE 255TZ 256UG 257BI 258MZ 260ZM 261MG 262RE 263ZW 264NA 265MW 266LS 267BW 268SZ 269KM 290SH 291ER 297AW
    298FO 299GL 350GI 351PT 352LU 353IE 354IS 355AL 356MT 357CY 358FI 359BG 370LT 371LV 372EE 373MD 374AM 375BY 376AD
    377MC 378SM 379VA 380UA 381RS 382ME 383XK 385HR 386SI 387BA 389MK 420CZ 421SK 423LI 500FK 501BZ 502GT 503SV 504HN
    505NI 506CR 507PA 508PM 509HT 590GP 591BO 592GY 593EC 594GF 595PY 596MQ 597SR 598UY 599CW 670TL 672NF 673BN 674NR
    675PG 676TO 677SB 678VU 679FJ 680PW 681WF 682CK 683NU 685WS 686KI 687NC 688TV 689PF 690TK 691FM 692MH 850KP 852HK
    853MO 855KH 856LA 880BD 886TW 960MV 961LB 962JO 963SY 964IQ 965KW 966SA 967YE 968OM 970PS 971AE 972IL 973BH 974QA
    975BT 976MN 977NP 992TJ 993TM 994AZ 995GE 996KG 998UZ
    """
}
