/// What a column of a customer list holds.
enum CustomerField: Hashable, Sendable {
  case reference, name, mail, phone, language, zone, tier, birthday, satisfaction
  /// One column per channel and purpose; without a purpose for all of the channel.
  case consent(Channel, Purpose?)
  /// Named so in `--map`, or the reason in a list of faulty rows.
  case ignored

  /// How `--map` names it.
  var name: String {
    switch self {
    case .reference: "reference"
    case .name: "name"
    case .mail: "email"
    case .phone: "phone"
    case .language: "language"
    case .zone: "zone"
    case .tier: "tier"
    case .birthday: "birthday"
    case .satisfaction: "satisfaction"
    case .consent(let channel, let purpose):
      (["consent", channel.rawValue] + (purpose.map { [$0.rawValue] } ?? [])).joined(separator: "_")
    case .ignored: "ignore"
    }
  }

  /// Whether several columns may hold one each.
  var isList: Bool { self == .mail || self == .phone || self == .ignored }

  /// By a column's title in Chinese or English, whatever its case, spaces and punctuation. A number behind it
  /// (`手机2`) or words in brackets (`手机（必填）`) say nothing more, except of what somebody consents to.
  init?(title: String) {
    let key = Self.key(title)
    if let field = Self.titles[key] {
      self = field
      return
    }
    let withoutNumber = String(key.reversed().drop { $0.isASCII && $0.isNumber }.reversed())
    if let field = Self.titles[withoutNumber], field.isList {
      self = field
      return
    }
    let withoutBrackets = Self.key(String(title.prefix { !"([（【".contains($0) }))
    guard let field = Self.titles[withoutBrackets] else { return nil }
    if case .consent = field { return nil }
    self = field
  }

  /// A known title that may have been meant.
  static func nearest(_ title: String) -> String? {
    let key = key(title)
    return SettingsReader.nearest(key, titles.keys.sorted()).map { near in
      titles[near].map { near.utf8.allSatisfy { $0 < 0x80 } ? $0.name : near } ?? near
    }
  }

  /// Letters and digits alone, in lower case and half width.
  static func key(_ title: String) -> String {
    FullWidth.folded(title.clipped(bytes: 200)).lowercased().filter { $0.isLetter || $0.isNumber }
  }

  private static let titles: [String: CustomerField] = {
    var table: [String: CustomerField] = [:]
    func add(_ field: CustomerField, _ words: String) {
      for word in words.split(separator: " ") { table[String(word)] = field }
    }
    add(.reference, "客户编号 客户号 客户代码 会员编号 会员号 reference ref customerreference customerid")
    add(.reference, "customernumber customerno customercode memberid")
    add(.name, "姓名 名字 名称 客户 客户姓名 客户名称 客户名 联系人 name fullname customername customer contactname")
    add(.mail, "邮箱 邮箱地址 电子邮箱 邮件 电子邮件 邮件地址 电邮 email mail emailaddress mailaddress emails")
    add(.phone, "手机 手机号 手机号码 移动电话 电话 电话号码 联系电话 phone phonenumber mobile mobilephone mobilenumber")
    add(.phone, "cell cellphone telephone tel")
    add(.language, "语言 语种 language lang locale")
    add(.zone, "时区 zone timezone")
    add(.tier, "等级 级别 客户等级 会员等级 客户级别 会员级别 tier level customertier")
    add(.birthday, "生日 出生日期 出生年月日 birthday birthdate dateofbirth dob")
    add(.satisfaction, "满意度 满意度评分 满意度得分 satisfaction satisfactionscore csat")
    add(.ignored, "原因 reason 忽略 ignore")
    addConsents(add)
    return table
  }()

  private static func addConsents(_ add: (CustomerField, String) -> Void) {
    let channels: [(Channel, String)] = [
      (.sms, "短信 手机短信 sms"), (.mail, "邮件 邮箱 电子邮件 mail email"),
    ]
    let purposes: [(Purpose?, String)] = [
      (nil, ""), (.greeting, "祝福 问候 greeting greetings"), (.promotion, "推广 促销 营销 promotion promotions"),
      (.survey, "调查 问卷 survey surveys"),
    ]
    for (channel, channelWords) in channels {
      for (purpose, purposeWords) in purposes {
        for channelWord in channelWords.split(separator: " ") {
          let ends = purpose == nil ? [""] : purposeWords.split(separator: " ").map(String.init)
          for end in ends {
            for start in ["同意", "同意接收", "consent"] { add(.consent(channel, purpose), start + channelWord + end) }
          }
        }
      }
    }
  }
}
