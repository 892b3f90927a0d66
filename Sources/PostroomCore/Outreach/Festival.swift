internal import Foundation

/// A day on which customers are greeted.
package enum Festival: String, Sendable, CaseIterable {
  case newYear = "new-year"
  case springFestival = "spring-festival"
  case lantern
  case dragonBoat = "dragon-boat"
  case midAutumn = "mid-autumn"
  case nationalDay = "national-day"
  case christmas

  package var name: Localized {
    switch self {
    case .newYear: Localized(chinese: "元旦", english: "New Year")
    case .springFestival: Localized(chinese: "春节", english: "Spring Festival")
    case .lantern: Localized(chinese: "元宵", english: "Lantern Festival")
    case .dragonBoat: Localized(chinese: "端午", english: "Dragon Boat Festival")
    case .midAutumn: Localized(chinese: "中秋", english: "Mid-Autumn Festival")
    case .nationalDay: Localized(chinese: "国庆", english: "National Day")
    case .christmas: Localized(chinese: "圣诞", english: "Christmas")
    }
  }

  private enum Rule {
    case fixed(month: Int, day: Int)
    /// Of the Chinese calendar. `from` is a day of the Gregorian year before which it never falls.
    case lunar(month: Int, day: Int, from: (month: Int, day: Int))
  }

  private var rule: Rule {
    switch self {
    case .newYear: .fixed(month: 1, day: 1)
    case .springFestival: .lunar(month: 1, day: 1, from: (1, 15))
    case .lantern: .lunar(month: 1, day: 15, from: (1, 29))
    case .dragonBoat: .lunar(month: 5, day: 5, from: (5, 20))
    case .midAutumn: .lunar(month: 8, day: 15, from: (9, 1))
    case .nationalDay: .fixed(month: 10, day: 1)
    case .christmas: .fixed(month: 12, day: 25)
    }
  }

  /// Its day in a Gregorian year.
  package func date(in year: Int) -> CivilDate? {
    switch rule {
    case .fixed(let month, let day): return CivilDate(year: year, month: month, day: day)
    case .lunar(let month, let day, let from):
      guard let first = CivilDate(year: year, month: from.month, day: from.day) else { return nil }
      // A leap month follows the month that it doubles, so the first of two is the festival. They differ by 45 days at
      // most from year to year.
      return (0..<60).lazy.map { first.adding(days: $0) }.first { LunarDay($0) == LunarDay(month: month, day: day) }
    }
  }

  /// The next one, today's included.
  package func next(from today: CivilDate) -> CivilDate? {
    (today.year...today.year + 1).lazy.compactMap(date).first { $0 >= today }
  }
}

/// A day of the Chinese calendar within its year.
private struct LunarDay: Equatable {
  var month: Int
  var day: Int

  init(month: Int, day: Int) {
    self.month = month
    self.day = day
  }

  init(_ date: CivilDate) {
    // Noon in China, whose meridian the calendar is reckoned for (GB/T 33661).
    let noon = Date(timeIntervalSince1970: Double(date.daysSinceEpoch) * 86_400 + 4 * 3600)
    let parts = Self.calendar.dateComponents([.month, .day], from: noon)
    month = parts.isLeapMonth == true ? 0 : parts.month ?? 0
    day = parts.day ?? 0
  }

  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .chinese)
    calendar.timeZone = TimeZone(identifier: "Asia/Shanghai") ?? .gmt
    return calendar
  }()
}

/// What a greeting is for.
package enum Occasion: Sendable, Equatable {
  case birthday
  case festival(Festival)

  /// `birthday`, a festival's key, or its Chinese name.
  package init(_ text: String) throws(SettingsError) {
    let name = text.lowercased()
    if name == "birthday" || name == "生日" {
      self = .birthday
    } else if ["qingming", "清明", "清明节"].contains(name) {
      throw SettingsError("Qingming is a day of mourning, on which no greeting is sent (清明节不宜发送节日问候)")
    } else if let festival = Festival.allCases.first(where: { $0.matches(name) }) {
      self = .festival(festival)
    } else {
      let known = ["birthday"] + Festival.allCases.map(\.rawValue)
      throw SettingsError(
        "\"\(text)\" is no occasion; "
          + (SettingsReader.nearest(name, known).map { "did you mean \($0)?" }
            ?? "known are \(known.joined(separator: ", "))"))
    }
  }

  package var name: Localized {
    switch self {
    case .birthday: Localized(chinese: "生日", english: "birthday")
    case .festival(let festival): festival.name
    }
  }

  var key: String {
    switch self {
    case .birthday: "birthday"
    case .festival(let festival): festival.rawValue
    }
  }
}

extension Festival {
  fileprivate func matches(_ text: String) -> Bool {
    text == rawValue || text == name.chinese || text == name.chinese + "节"
  }
}
